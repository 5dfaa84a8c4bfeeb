"""Task 11.5: a large batch in pieces."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Linear
from tinytorch.tensor import Tensor
from tinytorch.training import CrossEntropyLoss, accumulate_gradients, backward, counted_targets


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 5)), min_size=1, max_size=6))
def test_each_batch_by_its_share(batches: list[tuple[float, int]]) -> None:
    losses, counts = [loss for loss, _ in batches], [float(count) for _, count in batches]
    calls: list[tuple[int, float]] = []

    def record(number: int, share: float = 1.0) -> float:
        calls.append((number, share))
        return losses[number]

    found = accumulate_gradients(record, [(number,) for number in range(len(batches))], counts)
    total = sum(counts)
    tried = f"losses {losses}, each the mean over so many targets: {counts}"
    if not total:
        assert math.isnan(found), f"{tried}: there is nothing to take a mean of, not {found}"
        assert calls == []
        return
    expected = sum(loss * count for loss, count in zip(losses, counts, strict=True)) / total
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), tried
    assert [number for number, _ in calls] == [i for i, count in enumerate(counts) if count], tried
    for number, share in calls:
        assert share == pytest.approx(counts[number] / total, rel=1e-9), f"{tried}: batch {number}"


@pytest.mark.parametrize("weighted", [False, True])
def test_pieces_are_the_whole(weighted: bool) -> None:
    """Pieces of 5, 1 and 3 examples, of which some are ignored and the classes weigh differently,
    against all nine at once."""
    draws = np.random.default_rng(4)
    x, weight = draws.standard_normal((9, 4)), draws.standard_normal((3, 4))
    target = np.array([0, 1, 2, -1, 1, 2, -1, -1, 0])
    of_classes = Tensor(np.array([1.0, 5.0, 0.5])) if weighted else None
    loss_fn = CrossEntropyLoss(of_classes, ignore_index=-1)
    found: list[Any] = []
    for cuts in ([(0, 9)], [(0, 5), (5, 6), (6, 9)]):
        layer = Linear(4, 3, bias=False, dtype="float64")
        layer.load_state_dict({"weight": weight})
        batches = [(Tensor(x[i:j]), Tensor(target[i:j])) for i, j in cuts]
        counts = [counted_targets(loss_fn, t) for _, t in batches]
        loss = accumulate_gradients(partial(backward, layer, loss_fn), batches, counts)
        found.append((loss, layer.weight.grad.numpy()))
    (whole, gradient), (pieces, summed) = found
    assert pieces == pytest.approx(whole, rel=1e-9), "the loss of three pieces and of the whole"
    np.testing.assert_allclose(summed, gradient, 1e-9, 1e-12, err_msg="the gradients")
