"""Byte-level byte-pair encoding: the tokens of GPT-2 and of most language models since.

A text is cut into words, a word is spelled in bytes, and pairs of tokens are joined in the order in
which they were learnt from a text. Common words become single tokens, rare ones a few pieces, and
whatever has never been seen can still be spelled: there is no unknown token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from . import gpt2_files
from .byte_names import ID_OF_BYTE, bytes_of, name_of
from .learning import Vocabulary, learn_merges
from .merging import LONG, Merge, merge_in_order, merge_long
from .pairs import Pair
from .splitting import as_bytes, split_into_words
from .token_ids import as_ids
from .writing_aside import PathLike, read_json, write_json

KIND = "BPETokenizer"
CACHED_WORDS = 1 << 16


class BPETokenizer:
    """Byte-level byte-pair encoding, as in GPT-2.

    tokens: the bytes of each token, by id; the 256 single bytes must be among them. merges: the
    pairs of ids that are joined, in the order in which they were learnt. special_tokens: texts that
    are never split, such as <|endoftext|>, and their ids. Usually one comes from `train`, `load` or
    `from_gpt2`. Raises ValueError for tokens and merges that do not fit.

    vocab_size: the number of tokens, special ones included.
    """

    def __init__(
        self,
        tokens: Sequence[bytes],
        merges: Iterable[Pair],
        special_tokens: Mapping[str, int] | None = None,
    ) -> None:
        self.tokens = list(tokens)
        self.merges = [(left, right) for left, right in merges]
        self.special_tokens = dict(special_tokens or {})
        ids = self._ids_of_ordinary_tokens()
        self._byte_ids = [ids[bytes([byte])] for byte in range(256)]
        self._merges: dict[Pair, Merge] = {}
        for rank, pair in enumerate(self.merges):
            self._merges.setdefault(pair, Merge(rank, self._joined(pair, ids)))
        self._cache: dict[str, tuple[int, ...]] = {}

    def _ids_of_ordinary_tokens(self) -> dict[bytes, int]:
        for text, i in self.special_tokens.items():
            if not 0 <= i < len(self.tokens) or self.tokens[i] != as_bytes(text) or not text:
                raise ValueError(f"BPETokenizer: the special token {text!r} is not token {i}")
        special = set(self.special_tokens.values())
        ids = {token: i for i, token in enumerate(self.tokens) if i not in special}
        missing = [byte for byte in range(256) if bytes([byte]) not in ids]
        if missing:
            raise ValueError(
                f"BPETokenizer: {len(missing)} of the 256 bytes are no tokens, the first of them "
                f"{missing[0]:#04x}; without them not every text can be encoded"
            )
        return ids

    def _joined(self, pair: Pair, ids: Mapping[bytes, int]) -> int:
        size = self.vocab_size
        if not all(0 <= i < size for i in pair):
            raise ValueError(f"BPETokenizer: a merge of {pair}, but there are {size} tokens")
        token = self.tokens[pair[0]] + self.tokens[pair[1]]
        if token not in ids:
            raise ValueError(f"BPETokenizer: a merge of {pair} makes {token!r}, which is no token")
        return ids[token]

    @property
    def vocab_size(self) -> int:
        return len(self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    # Learning

    @classmethod
    def train(
        cls,
        text: str | Iterable[str],
        vocab_size: int,
        special_tokens: Iterable[str] = (),
        *,
        min_frequency: int = 2,
    ) -> BPETokenizer:
        """Learn from a text, or from several.

        vocab_size: how many tokens there should be: the 256 bytes, in GPT-2's order, those that are
        learnt, and the special ones at the end. There may be fewer, since pairs that occur less
        often than min_frequency are not joined. Special tokens that occur in the text are not
        learnt from. Of pairs that are equally frequent the one with the smaller ids is joined,
        as in the library `tokenizers`.

        Raises ValueError if vocab_size is too small for the bytes and the special tokens.
        """
        named = [special_tokens] if isinstance(special_tokens, str) else special_tokens
        special = list(dict.fromkeys(named))
        if vocab_size < 256 + len(special):
            raise ValueError(
                f"train: a vocabulary of {vocab_size} is too small: it holds the 256 bytes and "
                f"{len(special)} special tokens"
            )
        texts = [text] if isinstance(text, str) else text
        words: Counter[str] = Counter()
        for each in texts:
            for piece in _pieces(each, special):
                if piece not in special:
                    words.update(split_into_words(piece))
        spelled = {spell(word, ID_OF_BYTE): times for word, times in words.items()}
        vocabulary = Vocabulary()
        merges = learn_merges(spelled, vocabulary, vocab_size - len(special), min_frequency)
        first = len(vocabulary)
        return cls(
            [*vocabulary.tokens, *map(as_bytes, special)],
            merges,
            {text: first + i for i, text in enumerate(special)},
        )

    # Encoding and decoding

    def encode(
        self, text: str, allowed_special: Collection[str] | Literal["all"] = ()
    ) -> list[int]:
        """The ids of a text.

        allowed_special: the special tokens that are recognised in it, or "all". Others are text
        like any other: who writes <|endoftext|> to a model does not end its text, unless you allow
        it. Raises ValueError for a name that is no special token.
        """
        allowed = self._allowed(allowed_special)
        if not allowed:
            return self.encode_ordinary(text)
        ids: list[int] = []
        for piece in _pieces(text, allowed):
            if piece in allowed:
                ids.append(self.special_tokens[piece])
            else:
                ids += self.encode_ordinary(piece)
        return ids

    def _allowed(self, allowed_special: Collection[str]) -> Collection[str]:
        if allowed_special == "all":
            return self.special_tokens
        names = [allowed_special] if isinstance(allowed_special, str) else allowed_special
        for name in names:
            if name not in self.special_tokens:
                known = ", ".join(self.special_tokens) or "none"
                raise ValueError(f"encode: {name!r} is no special token; there are: {known}")
        return names

    def encode_ordinary(self, text: str) -> list[int]:
        """The ids of a text, in which nothing is a special token."""
        ids: list[int] = []
        for word in split_into_words(text):
            ids += self.encode_word(word)
        return ids

    def encode_word(self, word: str) -> tuple[int, ...]:
        """The ids of one word, as `split_into_words` gives them; short words are remembered."""
        found = self._cache.get(word)
        if found is not None:
            return found
        spelled = spell(word, self._byte_ids)
        if len(spelled) >= LONG:
            return tuple(merge_long(spelled, self._merges))
        if len(self._cache) >= CACHED_WORDS:
            self._cache.clear()
        self._cache[word] = ids = tuple(merge_in_order(spelled, self._merges))
        return ids

    def decode(self, ids: Iterable[Any]) -> str:
        """The text that these ids, in a list, an array or a tensor, stand for.

        Their bytes, one behind another, are read as UTF-8. Bytes that are no characters, such as
        half of one, become U+FFFD. Raises IndexError for an id that no token has.
        """
        return self.text_of(as_ids(ids, self.vocab_size))

    def text_of(self, ids: list[int]) -> str:
        """What `decode` returns, for ids that have been looked at."""
        return b"".join([self.tokens[each] for each in ids]).decode("utf-8", errors="replace")

    # Files

    def save(self, path: PathLike) -> None:
        """Write the tokenizer to a JSON file, aside and renamed."""
        special = set(self.special_tokens.values())
        names = ["" if i in special else name_of(t) for i, t in enumerate(self.tokens)]
        content = {
            "kind": KIND,
            "tokens": names,
            "merges": self.merges,
            "special_tokens": self.special_tokens,
        }
        write_json(path, content)

    @classmethod
    def load(cls, path: PathLike) -> BPETokenizer:
        """The tokenizer that `save` wrote. Raises ValueError for another file."""
        content = read_json(path, KIND)
        try:
            tokens = [bytes_of(name) for name in content["tokens"]]
            special = dict(content["special_tokens"])
            for text, i in special.items():
                tokens[i] = as_bytes(text)
            merges = [(left, right) for left, right in content["merges"]]
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"{path} is damaged: {error!r}") from error
        return cls(tokens, merges, special)

    @classmethod
    def from_gpt2(cls, vocab_path: PathLike, merges_path: PathLike) -> BPETokenizer:
        """The tokenizer in a vocabulary and a file of merges, as they come with GPT-2.

        Also called vocab.json and merges.txt, or encoder.json and vocab.bpe. What is neither a byte
        nor made by a merge is a special token. Raises ValueError for files that do not fit.
        """
        return cls(*gpt2_files.read(vocab_path, merges_path))

    def save_gpt2(self, vocab_path: PathLike, merges_path: PathLike) -> None:
        """Write the tokenizer to two files as `from_gpt2` reads them."""
        gpt2_files.write(vocab_path, merges_path, self.tokens, self.merges, self.special_tokens)

    def __repr__(self) -> str:
        return (
            f"BPETokenizer(vocab_size={self.vocab_size}, "
            f"special_tokens={list(self.special_tokens)})"
        )


def spell(word: str, byte_ids: Sequence[int]) -> tuple[int, ...]:
    """The ids of a word's bytes. byte_ids[b]: the id of byte b."""
    return tuple([byte_ids[byte] for byte in as_bytes(word)])


def _pieces(text: str, special: Collection[str]) -> Iterator[str]:
    """The text cut at special tokens, which are pieces by themselves. Of two that begin at one
    place the longer counts."""
    if not special:
        yield text
        return
    longest_first = sorted(special, key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first))
    yield from filter(None, re.split(f"({pattern})", text))
