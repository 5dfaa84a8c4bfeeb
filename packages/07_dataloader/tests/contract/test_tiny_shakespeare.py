"""Tiny Shakespeare, from a file that is there."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tinytorch.dataloader import TinyShakespeare


def save(text: str, folder: Path) -> str:
    """Write the text where the data set's is looked for, and return its checksum."""
    raw = text.encode()
    (folder / "tinyshakespeare.txt").write_bytes(raw)
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def drawn_text(seed: int, length: int) -> str:
    letters = list("abc ABC\n\r,:")
    return "".join(np.random.default_rng(seed).choice(letters, length).tolist())


@pytest.mark.parametrize("length", [1, 9, 10, 1234])
def test_a_file_that_is_there(length: int, tmp_path: Path) -> None:
    text = drawn_text(length, length)
    data = TinyShakespeare(str(tmp_path), download=False, checksum=save(text, tmp_path))
    assert data.text == text, "to the letter, ends of lines as well"
    assert len(data) == length
    cut = length * 9 // 10
    assert data.train_text == text[:cut]
    assert data.val_text == text[cut:]
    assert "".join(data.characters) == "".join(sorted(set(text)))


def test_another_text_is_refused(tmp_path: Path) -> None:
    save("Once more unto the breach", tmp_path)
    with pytest.raises(ValueError) as caught:
        TinyShakespeare(str(tmp_path))
    told = str(caught.value)
    expected = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
    for word in ("tinyshakespeare.txt", expected, "25"):
        assert word in told, f"the message should name {word}; it says: {told}"


def test_nothing_there_and_nothing_to_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        TinyShakespeare(str(tmp_path), download=False)
    told = str(caught.value)
    for word in (str(tmp_path), "tinyshakespeare.txt", "https://", "download=True"):
        assert word in told, f"the message should name {word}; it says: {told}"
