"""The machine: Python, cores, memory, and the library that multiplies its matrices."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import importlib_metadata
import psutil  # type: ignore[import-untyped, import-not-found, unused-ignore]

from tinytorch.setup.cgroups import cpu_quotas, memory_limit
from tinytorch.setup.cores import parse_quota, usable_cores
from tinytorch.setup.rendering import Result, table


@dataclass(frozen=True)
class Cores(Result):
    """physical: None where the system does not say. usable: what this process may use."""

    physical: int | None
    logical: int
    usable: int

    def __str__(self) -> str:
        physical = "?" if self.physical is None else self.physical
        return f"{physical} physical, {self.logical} logical, {self.usable} usable by this process"


@dataclass(frozen=True)
class Memory(Result):
    """Bytes. limit: what a container grants, None where there is none."""

    total: int
    available: int
    limit: int | None

    def __str__(self) -> str:
        text = f"{_gib(self.total)} in all, {_gib(self.available)} available"
        return text if self.limit is None else f"{text}, limited to {_gib(self.limit)}"


@dataclass(frozen=True)
class Blas(Result):
    """The library behind `@`. threads and architecture: None where it does not tell."""

    name: str
    version: str | None
    threads: int | None
    architecture: str | None

    def __str__(self) -> str:
        words = [self.name]
        if self.version is not None:
            words.append(self.version)
        if self.architecture is not None:
            words.append(f"for {self.architecture}")
        if self.threads is not None:
            words.append(f"on {self.threads} thread(s)")
        return " ".join(words)


@dataclass(frozen=True)
class Environment(Result):
    """What this Python runs on. virtual_environment: its folder, None outside one."""

    python: str
    implementation: str
    executable: str
    platform: str
    machine: str
    virtual_environment: str | None
    cores: Cores
    memory: Memory
    numpy: str | None
    blas: Blas | None

    def __str__(self) -> str:
        rows = [
            ("Python", f"{self.python} ({self.implementation}), {self.executable}"),
            ("Environment", self.virtual_environment or "not a virtual environment"),
            ("Platform", f"{self.platform} ({self.machine})"),
            ("Cores", str(self.cores)),
            ("Memory", str(self.memory)),
            ("NumPy", self.numpy or "not installed"),
            ("BLAS", "unknown" if self.blas is None else str(self.blas)),
        ]
        return table(rows)


def environment() -> Environment:
    """This machine and this Python, as they are now."""
    return Environment(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        executable=sys.executable,
        platform=platform.platform(),
        machine=platform.machine(),
        virtual_environment=_virtual_environment(),
        cores=_cores(),
        memory=_memory(),
        numpy=_numpy_version(),
        blas=_blas(),
    )


def _virtual_environment() -> str | None:
    conda = (Path(sys.prefix) / "conda-meta").is_dir()
    return sys.prefix if conda or sys.prefix != sys.base_prefix else None


def _cores() -> Cores:
    logical = psutil.cpu_count() or os.cpu_count() or 1
    quotas = [quota for text in cpu_quotas() if (quota := parse_quota(text)) is not None]
    return Cores(
        physical=psutil.cpu_count(logical=False),
        logical=logical,
        usable=usable_cores(logical, _allowed_cores(), min(quotas, default=None)),
    )


def _allowed_cores() -> int | None:
    process = psutil.Process()
    # macOS has no affinity, and psutil no such method there.
    return len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else None


def _memory() -> Memory:
    memory = psutil.virtual_memory()
    return Memory(total=memory.total, available=memory.available, limit=memory_limit())


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _numpy_version() -> str | None:
    try:
        return importlib_metadata.version("numpy")
    except importlib_metadata.PackageNotFoundError:
        return None


def _blas() -> Blas | None:
    """The BLAS that NumPy has loaded; when it cannot be asked (Accelerate), what it was built with.

    NumPy is imported here and not above: that is most of what importing this module would cost.
    """
    try:
        import numpy as np
        from threadpoolctl import (  # type: ignore[import-untyped, import-not-found, unused-ignore]
            threadpool_info,
        )
    except ImportError:
        return None
    loaded = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # SciPy and PyTorch bring their own; NumPy's lies in `numpy.libs` or `numpy/.dylibs`.
    loaded.sort(key=lambda pool: "numpy" not in pool["filepath"])
    if loaded:
        return Blas(
            name=loaded[0]["internal_api"],
            version=loaded[0]["version"],
            threads=loaded[0]["num_threads"],
            architecture=loaded[0].get("architecture"),
        )
    config: Any = np.show_config(mode="dicts")
    built_with = config.get("Build Dependencies", {}).get("blas", {})
    if "name" not in built_with:
        return None
    return Blas(built_with["name"], built_with.get("version"), None, None)
