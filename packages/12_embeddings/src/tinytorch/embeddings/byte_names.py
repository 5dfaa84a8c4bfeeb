"""The 256 bytes in GPT-2's order, and a visible character for each.

GPT-2's files are text, in which spaces and control characters would get lost. So every byte has a
character as its name there: those that print stand for themselves, the others follow from U+0100
on. A space is Ġ, a line feed Ċ. In this order the bytes have the ids 0 to 255.
"""

from __future__ import annotations

VISIBLE = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
VISIBLE += range(ord("®"), ord("ÿ") + 1)
HIDDEN = [byte for byte in range(256) if byte not in VISIBLE]

ORDER = bytes(VISIBLE + HIDDEN)
"""ORDER[id] is the byte with that id."""

ID_OF_BYTE = [ORDER.index(byte) for byte in range(256)]
"""ID_OF_BYTE[byte] is its id."""

NAMES = [*map(chr, VISIBLE), *(chr(256 + n) for n in range(len(HIDDEN)))]
"""NAMES[id] is the character that stands for that byte in a file."""

_NAME_OF_BYTE = [NAMES[ID_OF_BYTE[byte]] for byte in range(256)]
_BYTE_OF_NAME = dict(zip(NAMES, ORDER, strict=True))


def name_of(token: bytes) -> str:
    """A token as it stands in a file: b" the" is Ġthe."""
    return "".join([_NAME_OF_BYTE[byte] for byte in token])


def bytes_of(name: str) -> bytes:
    """The token with this name. Raises ValueError for a character that stands for no byte."""
    unknown = [character for character in name if character not in _BYTE_OF_NAME]
    if unknown:
        raise ValueError(f"{name!r} is no name of a token: {unknown[0]!r} stands for no byte")
    return bytes([_BYTE_OF_NAME[character] for character in name])
