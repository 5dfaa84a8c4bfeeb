"""Learning merges: join the most frequent pair, again and again, until there are enough tokens.

Written twice: as it is defined, and as it is done in practice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

from .byte_names import ORDER
from .pairs import Pair, Word, count_pairs, merge_pair, most_frequent, pairs_of


class Vocabulary:
    """The tokens known so far, as bytes by id: at first the 256 bytes, in GPT-2's order.

    tokens: a list of them.
    """

    def __init__(self) -> None:
        self.tokens = [bytes([byte]) for byte in ORDER]
        self._ids = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def join(self, pair: Pair) -> int:
        """The id of the token that both tokens of the pair make together.

        It is added unless it is there: another pair may have made the same bytes before.
        """
        token = self.tokens[pair[0]] + self.tokens[pair[1]]
        if token not in self._ids:
            self._ids[token] = len(self.tokens)
            self.tokens.append(token)
        return self._ids[token]


def learn_by_recounting(
    words: Mapping[Word, int], vocabulary: Vocabulary, vocab_size: int, min_frequency: int = 2
) -> list[Pair]:
    """The definition. The pairs that were joined, in order; their tokens are in the vocabulary.

    words: the different words of a text as ids of bytes, and how often each occurs. It goes on
    until there are vocab_size tokens, or no pair occurs min_frequency times (at least once).
    Sennrich, Haddow & Birch 2016, section 3.2.
    """
    merges: list[Pair] = []
    while len(vocabulary) < vocab_size:
        counts = count_pairs(words)
        pair = most_frequent(counts) if counts else None
        if pair is None or counts[pair] < min_frequency:
            break
        new = vocabulary.join(pair)
        words = {tuple(merge_pair(word, pair, new)): times for word, times in words.items()}
        merges.append(pair)
    return merges


def learn_merges(
    words: Mapping[Word, int], vocabulary: Vocabulary, vocab_size: int, min_frequency: int = 2
) -> list[Pair]:
    """What `learn_by_recounting` finds, without counting all again after every merge.

    A merge changes only the words that hold its pair. So it is remembered which words those are,
    and only their pairs are counted anew. The most frequent pair comes from a heap whose entries
    may be out of date: a count that has grown is entered again, one that has fallen is corrected
    when its entry comes up.
    """
    spelled = [list(word) for word in words]
    times = list(words.values())
    counts: dict[Pair, int] = dict(count_pairs(words))
    holders: defaultdict[Pair, set[int]] = defaultdict(set)
    for number, word in enumerate(spelled):
        for pair in pairs_of(word):
            holders[pair].add(number)
    heap = [(-count, pair) for pair, count in counts.items()]
    heapify(heap)

    merges: list[Pair] = []
    while heap and len(vocabulary) < vocab_size:
        claimed, pair = heappop(heap)
        count = counts.get(pair, 0)
        if -claimed != count:
            if 0 < count < -claimed:
                heappush(heap, (-count, pair))
            continue
        if count < max(1, min_frequency):
            break
        new = vocabulary.join(pair)
        merges.append(pair)
        grown: set[Pair] = set()
        for number in holders.pop(pair):
            before = spelled[number]
            after = merge_pair(before, pair, new)
            if len(after) == len(before):
                continue  # an earlier merge has taken this word's pair apart
            spelled[number] = after
            _move(counts, before, -times[number])
            _move(counts, after, times[number])
            created = {each for each in pairs_of(after) if new in each}
            for each in created:
                holders[each].add(number)
            grown |= created
        for each in grown:
            heappush(heap, (-counts[each], each))
    return merges


def _move(counts: dict[Pair, int], word: Iterable[int], by: int) -> None:
    """Add `by` to the count of each of the word's pairs."""
    for pair in pairs_of(word):
        counts[pair] = counts.get(pair, 0) + by
