"""What grows with the size of a text, and what is kept."""

import threading
import tracemalloc
from pydoc_data.topics import topics

import numpy as np
import pytest

from tinytorch.embeddings import (
    BPETokenizer,
    Embedding,
    RotaryPositions,
    SinusoidalPositions,
    bpe,
)
from tinytorch.embeddings.bpe import spell
from tinytorch.embeddings.byte_names import ID_OF_BYTE
from tinytorch.embeddings.learning import Vocabulary, learn_by_recounting, learn_merges
from tinytorch.embeddings.rotary import turns_from_0
from tinytorch.embeddings.row_sums import FEW_ROWS, LARGEST_ONE_HOT, sum_rows
from tinytorch.tensor import Tensor

ENGLISH = "\n\n".join(topics[name] for name in sorted(topics))


def test_both_learners_agree_on_real_text() -> None:
    words: dict[tuple[int, ...], int] = {}
    for word in ENGLISH[:60_000].split(" "):
        spelled = spell(word, ID_OF_BYTE)
        words[spelled] = words.get(spelled, 0) + 1
    one, other = Vocabulary(), Vocabulary()
    assert learn_merges(words, one, 330) == learn_by_recounting(words, other, 330)
    assert one.tokens == other.tokens


def test_a_word_of_200_kilobytes() -> None:
    """Without the heap this would take many minutes."""
    tokenizer = BPETokenizer.train(ENGLISH[:20_000], 600)
    word = "thequeenoftheforest" * 10_000
    ids = tokenizer.encode(word)
    assert tokenizer.decode(ids) == word


def test_a_word_of_one_letter() -> None:
    """A single pair that fills a word, many times over."""
    tokenizer = BPETokenizer.train("a" * 4096 + " " + "a" * 4096, 270)
    assert [len(token) for token in tokenizer.tokens[256:]] == [2**k for k in range(1, 13)]
    assert len(tokenizer.encode("a" * 4096)) == 1


def test_remembered_words_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpe, "CACHED_WORDS", 10)
    tokenizer = BPETokenizer.train("", 256)
    for number in range(100):
        text = f" w{number}" + chr(ord("a") + number % 26)
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert len(tokenizer._cache) <= 10


def test_long_words_are_not_remembered() -> None:
    tokenizer = BPETokenizer.train("", 256)
    tokenizer.encode("x" * 1000)
    assert tokenizer._cache == {}


@pytest.mark.parametrize("rows", [FEW_ROWS, FEW_ROWS + 1])
def test_a_large_sum_keeps_its_memory_small(rows: int) -> None:
    """A one-hot matrix of 128 rows and 100,000 columns would have 51 MB in float32."""
    count = 100_000
    assert rows * count > LARGEST_ONE_HOT
    g = np.ones((count, 4), np.float32)
    indices = np.arange(count) % rows
    tracemalloc.start()
    out = sum_rows(Tensor(g), indices=indices, rows=rows).numpy()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert out.sum() == 4 * count
    assert peak < 20e6, f"{peak / 1e6:.0f} MB"


def test_the_kept_turns_and_patterns_cannot_be_written_to() -> None:
    x = Tensor(np.ones((3, 4), np.float32))
    added = SinusoidalPositions(4).patterns(x, None, 0)
    assert not added.array.flags.writeable
    cos, sin = turns_from_0(3, 4, 10000.0, x.dtype)
    assert not cos.flags.writeable
    assert not sin.flags.writeable


def test_threads_share_the_modules() -> None:
    """Shards of a batch run on threads: what is kept between calls must not mix."""
    turn, add, table = RotaryPositions(8), SinusoidalPositions(8), Embedding(9, 8)
    expected = {}
    for length in range(1, 9):
        x = Tensor(np.ones((length, 8), np.float32))
        expected[length] = (turn(x).numpy(), add(x).numpy())
    wrong: list[int] = []

    def work(seed: int) -> None:
        draws = np.random.default_rng(seed)
        for _ in range(200):
            length = int(draws.integers(1, 9))
            x = Tensor(np.ones((length, 8), np.float32))
            table(draws.integers(0, 9, length))
            turned, added = turn(x).numpy(), add(x).numpy()
            if (turned != expected[length][0]).any() or (added != expected[length][1]).any():
                wrong.append(length)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
