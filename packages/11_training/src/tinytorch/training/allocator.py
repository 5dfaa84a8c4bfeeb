"""Memory that is kept: large arrays without a page fault for each of their pages.

A training step makes arrays of some megabytes and lets go of them, hundreds of times a second. The
allocator of glibc asks the kernel for each, and gives it back at once. The kernel hands out memory
only when it is touched, page by page of 4 KiB, each filled with zeros first and each an interrupted
program: a page fault. In a step of a small GPT these were 13,900, and half of the time.
"""

from __future__ import annotations

import ctypes
import platform

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3

LARGEST_KEPT = 32 * 2**20
"""Bytes. What is larger is always asked of the kernel: glibc allows no higher threshold."""
KEPT_AT_THE_TOP = 2**30
"""Bytes of free memory at the end of the heap that are not given back."""


def keep_memory() -> bool:
    """Let the C library of this process keep memory that is free, for the next arrays.

    Arrays of up to 32 MiB are then taken from what the process has, and up to 1 GiB of free memory
    stays with it until it ends. That is what it costs: the process looks as large as it was at its
    largest, and others cannot have that memory. Call it at the start of a program that trains; a
    library should leave the choice to the program. It cannot be undone.

    Returns whether it worked: on Linux with glibc. Elsewhere nothing happens; there allocators keep
    memory in ways of their own. See mallopt(3).
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    larger = mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
    kept = mallopt(M_TRIM_THRESHOLD, KEPT_AT_THE_TOP)
    return bool(larger and kept)
