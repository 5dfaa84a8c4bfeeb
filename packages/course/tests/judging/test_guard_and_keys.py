"""What the guard answers, asked directly; and that a login's keys are left behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tinytorch_course.grading.sandbox.guard import Guard


@pytest.fixture
def guard() -> Guard:
    return Guard([], [], [], may_start_python=False, tell=lambda line: None)


def test_of_other_processes_nothing_can_be_read(guard):
    assert not guard.is_readable(f"/proc/{os.getppid()}/environ")
    assert not guard.is_readable("/proc/1/mem")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")
def test_of_this_process_and_of_the_machine_it_can(guard):
    for path in ("/proc/self/status", "/proc/meminfo", "/proc/stat"):
        assert guard.is_readable(os.path.realpath(path))


def test_limits_of_other_processes_stay(guard):
    limits = (0, (0, 0))
    assert guard.is_allowed("resource.prlimit", (os.getpid(), *limits))
    assert not guard.is_allowed("resource.prlimit", (os.getppid(), *limits))


def test_a_class_that_is_only_called_random_does_not_open_the_insides(guard):
    named = type("Random", (), {})()
    assert not guard.is_allowed("gc.get_referrers", ((named,),))


KEYS = """
import ctypes, sys
from tinytorch_course.grading.sandbox.keyring import KEYCTL, leave_keyring
import platform
number, libc = KEYCTL[platform.machine()], ctypes.CDLL(None)
add_key = {"x86_64": 248}.get(platform.machine(), 217)
session = ctypes.c_int(-3)

def is_found():
    return libc.syscall(number, 10, session, b"user", b"tinytorch", 0) > 0

libc.syscall(number, 1, b"tinytorch-test")
libc.syscall(add_key, b"user", b"tinytorch", b"secret", 6, session)
before = is_found()
leave_keyring()
print(before, is_found())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such keys")
def test_keys_of_the_login_are_left_behind():
    """The kernel forgets the key with the session that this process made."""
    done = subprocess.run([sys.executable, "-c", KEYS], capture_output=True, text=True, check=True)
    before, after = done.stdout.split()
    if before == "False":
        pytest.skip("this kernel keeps no keys")
    assert after == "False"
