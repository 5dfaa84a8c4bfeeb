"""What the process that runs a student's code may use, where the platform can hold it to that."""

from __future__ import annotations

import sys

GIB = 2**30
MIB = 2**20
LARGEST_MEMORY = 8 * GIB
"""Of addresses: a BLAS maps some for each thread, so this is far above what a check needs."""
LARGEST_FILE = 64 * MIB
"""What is printed goes into a file, too."""
MOST_OPEN_FILES = 256


def limit_this_process() -> None:
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _lower(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":  # macOS accepts this limit and does not keep it
        _lower(resource.RLIMIT_AS, LARGEST_MEMORY)


def _lower(which: int, wanted: int) -> None:
    """The hard limit, too: the soft one alone could be raised again from within."""
    import resource

    _, hard = resource.getrlimit(which)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (limit, limit))
