"""Task 12.2: the words and their counts in two lists."""

from __future__ import annotations

from collections.abc import Mapping

from .learning import Vocabulary
from .pairs import Pair, Word, count_pairs, merge_pair, most_frequent


def learn_by_recounting(
    words: Mapping[Word, int], vocabulary: Vocabulary, vocab_size: int, min_frequency: int = 2
) -> list[Pair]:
    spelled, times = list(words), list(words.values())
    learnt: list[Pair] = []
    for _ in range(10**9):
        counts = count_pairs(dict(zip(spelled, times, strict=True)))
        if len(vocabulary) >= vocab_size or not counts:
            return learnt
        best = most_frequent(counts)
        if counts[best] < min_frequency:
            return learnt
        learnt.append(best)
        joined = vocabulary.join(best)
        spelled = [tuple(merge_pair(word, best, joined)) for word in spelled]
    return learnt
