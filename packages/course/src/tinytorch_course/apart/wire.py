"""Messages between judge and respondent: a line of JSON and the bytes of arrays, behind a length.

What arrives may come from somebody hostile: its size is bounded, and nothing of it is executed.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

LARGEST_TEXT = 16 * 2**20
LARGEST_BLOB = 256 * 2**20
HEADER = struct.Struct("<II")
CHUNK = 1 << 20
RESPONDENT_ENDED = 70
"""The exit code of a judge whose respondent has ended, or sends what makes no sense."""


class Closed(BaseException):
    """The other process has ended. No check may catch this."""


class Malformed(BaseException):
    """The other process sent what is no message. No check may catch this."""


class Channel:
    """Two pipes to the other process, one in each direction, read and written as they are."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink

    def send(self, message: Any, blob: bytes | bytearray = b"") -> None:
        """Raises ValueError, having sent nothing, for a message that is too large."""
        text = json.dumps(message, separators=(",", ":"), check_circular=False).encode()
        if len(text) > LARGEST_TEXT or len(blob) > LARGEST_BLOB:
            raise ValueError("too much to be handed to another process at once")
        left = memoryview(HEADER.pack(len(text), len(blob)) + text + blob)
        try:
            while left:
                left = left[os.write(self.sink, left) :]
        except OSError as error:
            raise Closed from error

    def receive(self) -> tuple[Any, bytearray]:
        text_size, blob_size = HEADER.unpack(self._exactly(HEADER.size))
        if text_size > LARGEST_TEXT or blob_size > LARGEST_BLOB:
            raise Malformed("a message that is too large")
        text = self._exactly(text_size)
        blob = self._exactly(blob_size)
        return well_formed(lambda: json.loads(text)), blob

    def _exactly(self, size: int) -> bytearray:
        """Grows as bytes arrive: who announces much and sends little fills no memory."""
        found = bytearray()
        while len(found) < size:
            try:
                part = os.read(self.source, min(size - len(found), CHUNK))
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            found += part
        return found


def demand(condition: bool) -> None:
    """Raises TypeError, by which `well_formed` knows a malformed message."""
    if not condition:
        raise TypeError("something else was expected here")


def well_formed(read: Callable[[], Any]) -> Any:
    """What `read` finds in a message; whatever it trips over, the message is malformed."""
    try:
        return read()
    except (ArithmeticError, AttributeError, LookupError, MemoryError) as error:
        raise Malformed(f"what is no message: {error!r:.200}") from error
    except (RecursionError, TypeError, ValueError) as error:
        raise Malformed(f"what is no message: {error!r:.200}") from error
