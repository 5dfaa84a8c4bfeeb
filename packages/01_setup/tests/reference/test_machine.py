"""Corners of the machine's report that this machine may not have."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy
import psutil
import pytest
import threadpoolctl

from tinytorch.setup import Blas, Memory, environment
from tinytorch.setup import machine as machine_file


def test_numpy_s_own_blas_is_reported_and_not_another_s(monkeypatch: pytest.MonkeyPatch) -> None:
    def pool(filepath: str, threads: int) -> dict[str, object]:
        name = {"user_api": "blas", "internal_api": "openblas", "version": "0.3"}
        return {**name, "num_threads": threads, "filepath": filepath, "architecture": "Zen"}

    pools = [
        {"user_api": "openmp", "filepath": "numpy.libs/libgomp.so"},
        pool("/x/scipy.libs/libopenblas.so", 3),
        pool("/x/numpy.libs/libopenblas.so", 5),
    ]
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools)
    assert environment().blas == Blas("openblas", "0.3", 5, "Zen")


def test_a_blas_that_cannot_be_asked_is_known_from_numpy_s_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built = {"Build Dependencies": {"blas": {"name": "accelerate", "version": "unknown"}}}
    monkeypatch.setattr(threadpoolctl, "threadpool_info", list)
    monkeypatch.setattr(numpy, "show_config", lambda mode: built)
    assert environment().blas == Blas("accelerate", "unknown", None, None)
    monkeypatch.setattr(numpy, "show_config", lambda mode: {})
    assert environment().blas is None
    assert "unknown" in str(environment())


def test_a_numpy_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert environment().blas is None


def test_a_system_without_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "Process", SimpleNamespace)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 6 if logical else None)
    monkeypatch.setattr(machine_file, "cpu_quotas", lambda: ["max 100000", "250000 100000"])
    cores = environment().cores
    assert (cores.physical, cores.logical, cores.usable) == (None, 6, 3)
    assert str(cores) == "? physical, 6 logical, 3 usable by this process"


def test_a_conda_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert environment().virtual_environment is None
    (tmp_path / "conda-meta").mkdir()
    assert environment().virtual_environment == str(tmp_path)


def test_memory_in_words() -> None:
    text = str(Memory(total=2**34, available=2**33, limit=2**32))
    assert text == "16.0 GiB in all, 8.0 GiB available, limited to 4.0 GiB"
