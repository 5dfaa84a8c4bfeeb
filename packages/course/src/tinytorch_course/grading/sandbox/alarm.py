"""What a guard tells the grader: more can be said at any time, and nothing taken back.

It is a pair of sockets, of which the judged process has one end. A file could be emptied, and the
code might drain a pipe by opening it again; what was sent through a socket is out of its reach.
"""

from __future__ import annotations

import _socket
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

MOST = 50
LONGEST = 500
"""Bytes of one line."""
UNHEARD = 71
"""The exit code of a process whose alarm was cut."""


class Alarm:
    """The grader's side. `inherited` goes to `subprocess.Popen`; a process knows it by `number`."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.number = self.theirs.fileno()

    @property
    def inherited(self) -> dict[str, Any]:
        if sys.platform != "win32":
            return {"pass_fds": [self.number]}
        os.set_handle_inheritable(self.number, True)
        handles = {"handle_list": [self.number]}
        return {"startupinfo": subprocess.STARTUPINFO(lpAttributeList=handles)}

    def heard(self) -> list[str]:
        """The lines that were sent by now; at most as many as a guard sends."""
        found = bytearray()
        with suppress(BlockingIOError, ConnectionError):
            while len(found) < MOST * LONGEST and (part := self.ours.recv(MOST * LONGEST)):
                found += part
        lines = found.decode(errors="replace").splitlines()[:MOST]
        return [line.strip() or "speak in place of the guard" for line in lines]

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


def voice(number: int) -> Callable[[bytes], None]:
    """The judged process's side: sends a line. If it cannot be sent, the process ends.

    It holds all that it needs, so that nothing that the code does to a module changes it.
    """
    sink = socket.socket(fileno=number)
    sink.setblocking(False)
    sink.set_inheritable(False)
    send, full, look, end = _socket.socket.send, BlockingIOError, os.fstat, os._exit
    failed, can_look = OSError, os.name != "nt"
    made = look(number).st_ino if can_look else None

    def tell(line: bytes) -> None:
        try:
            if can_look and look(number).st_ino != made:
                end(UNHEARD)
            send(sink, line)
        except full:
            return  # of something that is no guard's: the grader hears that
        except failed:
            end(UNHEARD)

    return tell
