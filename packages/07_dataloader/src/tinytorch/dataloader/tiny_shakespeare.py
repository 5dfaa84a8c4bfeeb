"""Tiny Shakespeare: 40,000 lines of his plays, 1.1 million characters.

From A. Karpathy, char-rnn, https://github.com/karpathy/char-rnn.
"""

from __future__ import annotations

import os
from pathlib import Path

from pooch import file_hash

from .downloading import by_hand, data_folder, fetch
from .text import Text

URL = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
CHECKSUM = "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
NAME = "tinyshakespeare.txt"


class TinyShakespeare(Text):
    """The text, whole and cut in two: see `Text`.

    root: a folder with `tinyshakespeare.txt`. Without one, the environment variable TINYTORCH_DATA
    names the folder, else it is one for caches. download: whether to fetch the file (1.1 MB) into
    it if it is not there. url, checksum: of the file.

    Raises FileNotFoundError if there is nothing and download is False, ConnectionError if it cannot
    be downloaded, ValueError if the file is not the expected one.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        download: bool = True,
        url: str = URL,
        checksum: str = CHECKSUM,
    ) -> None:
        path = data_folder(root) / NAME
        if not path.exists() and not download:
            raise FileNotFoundError(
                f"Tiny Shakespeare is not here: there is no {path}. Let it be downloaded "
                f"(download=True). {by_hand(url, path)}"
            )
        refuse_other(fetch(url, path, checksum), checksum)
        super().__init__(path.read_bytes().decode("utf-8"))


def refuse_other(path: Path, checksum: str) -> None:
    """Raise ValueError if the file has another checksum: it need not have come from `fetch`."""
    algorithm, expected = checksum.split(":")
    found = file_hash(path, algorithm)
    if found != expected:
        raise ValueError(
            f"{path} is damaged, or another text: its {algorithm} is {found}, expected is "
            f"{expected} (it has {path.stat().st_size:,} bytes). Delete it, and it will be "
            "downloaded again"
        )
