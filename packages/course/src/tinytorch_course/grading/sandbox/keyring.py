"""Keys that the kernel keeps for a login: no namespace hides them."""

from __future__ import annotations

import ctypes
import platform
import sys

KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
"""The number of the system call, by machine. The C library has no function for it."""
JOIN_SESSION_KEYRING = 1


def leave_keyring() -> None:
    """Begin a session keyring of one's own, new and empty, in the place of the grader's.

    Nothing happens where the system has none, or does not let this process have one.
    """
    number = KEYCTL.get(platform.machine())
    if sys.platform == "linux" and number is not None:
        ctypes.CDLL(None).syscall(number, JOIN_SESSION_KEYRING, None)
