"""Memory that is kept is not asked for again: counted in page faults, which the kernel counts."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from tinytorch.training import keep_memory

def faults():
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    for _ in range(20):
        arrays = [np.ones(2**18, np.float32) for _ in range(20)]

worked = keep_memory() if "keep" in sys.argv else None
with ThreadPoolExecutor(1) as pool:
    run = (lambda: pool.submit(work).result()) if "thread" in sys.argv else work
    run()
    before = faults()
    run()
    print(worked, faults() - before)
"""
GLIBC = platform.libc_ver()[0] == "glibc"


def counted(*options: str) -> tuple[str, int]:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *options], capture_output=True, text=True, check=True
    )
    worked, faults = ran.stdout.split()
    return worked, int(faults)


@pytest.mark.parametrize("where", ["main", "thread"])
def test_page_faults_end(where: str) -> None:
    """400 arrays of 1 MiB are 102,400 pages, which without it are asked for again and again."""
    worked, faults = counted("keep", where)
    assert worked == str(GLIBC), "it works with glibc, and says so"
    if GLIBC:
        _, without = counted(where)
        assert without > 5000, f"nothing to be lowered here: {without} page faults"
        assert faults < without / 20, f"{faults} page faults instead of {without}"


def test_where_it_is_no_use_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinytorch.training import keep_memory

    monkeypatch.setattr(platform, "libc_ver", lambda *_: ("", ""))
    assert keep_memory() is False


def test_importing_does_not_call_it() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import ctypes\n"
            "class Refusing:\n    def __getattr__(self, name): raise AssertionError(name)\n"
            "ctypes.CDLL = lambda *_: Refusing()\n"
            "import tinytorch.training.allocator",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
