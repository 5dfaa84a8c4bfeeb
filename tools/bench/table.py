"""The results as a table to read, in Markdown, and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path

import numpy as np

from .contest import Result


def markdown(results: Sequence[Result]) -> str:
    """A row for each case, and in it each contender's speed relative to the first."""
    lines = ["| work | relative to | speed (quartiles) | peak memory |", "|---|---|---|---|"]
    for case, group in groupby(results, key=lambda result: result.case):
        first, *others = group
        peaks = memory((first, *others))
        speeds = [f"{r.contender} {r.ratio:.2f} ({r.low:.2f}-{r.high:.2f})" for r in others]
        lines.append(f"| {case} | {first.contender} | {', '.join(speeds)} | {peaks} |")
    return "\n".join(lines)


def memory(results: Iterable[Result]) -> str:
    """Peak memory of each contender that has one."""
    return ", ".join(f"{r.contender} {r.peak_mib:.0f} MiB" for r in results if r.peak_mib)


def surroundings() -> dict[str, object]:
    """What a figure depends on: machine and versions."""
    return {
        "processor": processor(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
        "torch": installed("torch"),
        "load": os.getloadavg(),
    }


def processor() -> str:
    """Its name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def write_json(results: Sequence[Result], path: Path) -> None:
    told = {"surroundings": surroundings(), "results": [asdict(result) for result in results]}
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
