"""Task 16.4: examples between two examples.

Example i has a 1 at place i, and class i: so the mixed examples and the mixed targets must be the
same numbers, and both show who was mixed with whom, and how much.
"""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import mixup
from tinytorch.tensor import Tensor, default_generator, manual_seed


def mixed(count: int, alpha: float, generator: Any = None) -> tuple[Any, Any]:
    x, classes = Tensor(np.eye(count)), Tensor(np.arange(count))
    found, targets = mixup(x, classes, alpha, num_classes=count, generator=generator)
    return found.numpy(), targets.numpy()


def partners(rows: Any) -> Any:
    """Who is mixed into each example: the place of the other number, or its own."""
    others = rows.copy()
    np.fill_diagonal(others, 0)
    return np.where(others.any(axis=1), others.argmax(axis=1), np.arange(len(rows)))


def share_of(rows: Any) -> float | None:
    """How much of each example is its own; None if all were mixed with themselves."""
    own = np.diagonal(rows)[partners(rows) != np.arange(len(rows))]
    if not own.size:
        return None
    assert np.ptp(own) < 1e-6, f"one share for the whole batch, but there are {own}"
    return float(own[0])


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_inputs_and_targets_alike(alpha: float, assert_close: Any) -> None:
    for _ in range(10):
        rows, targets = mixed(8, alpha)
        assert_close(targets, rows, f"targets of mixup, alpha={alpha}", dtype="float32")
        assert sorted(partners(rows)) == list(range(8)), "the partners are a permutation"
        share = share_of(rows)
        if share is not None:
            assert 0 <= share <= 1
            expected = share * np.eye(8) + (1 - share) * np.eye(8)[partners(rows)]
            assert_close(rows, expected, f"mixup with a share of {share:.4f}")


@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_the_share_is_drawn_from_a_beta_distribution(alpha: float, assert_mean: Any) -> None:
    """Its mean is ½, its variance 1 / (4 (2α + 1)). Shares lie within 0 and 1, and squares of their
    distances from ½ within 0 and ¼: so the deviations are ½ and ⅛ at most."""
    found = [share for share in (share_of(mixed(8, alpha)[0]) for _ in range(400)) if share]
    shares = np.array(found)
    assert len(shares) > 390
    assert_mean(shares, 0.5, 0.5, f"the share, alpha={alpha}")
    variance = 1 / (4 * (2 * alpha + 1))
    assert_mean((shares - 0.5) ** 2, variance, 0.125, f"its variance, alpha={alpha}")


def test_every_order_of_partners_is_drawn() -> None:
    orders = {tuple(partners(mixed(3, 50.0)[0])) for _ in range(150)}
    assert len(orders) == 6, f"of the 6 permutations of 3 examples, {len(orders)} came"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(6,), (6, 4), (6, 3, 4, 2), (1, 3), (0, 3)])
def test_any_inputs(dtype: str, shape: tuple[int, ...], drawn: Any, assert_close: Any) -> None:
    x = drawn(*shape, dtype=dtype)
    count = len(x)
    classes = Tensor(np.arange(count))
    found, targets = mixup(Tensor(x), classes, 1.0, num_classes=max(1, count))
    assert targets.shape == (count, max(1, count))
    expected = np.einsum("ij,j...->i...", targets.numpy()[:, :count], x.astype(np.float64))
    assert_close(
        found,
        expected,
        f"mixup of {shape}: blended as the targets are",
        dtype=dtype,
        tolerance={"float16": 4e-3}.get(dtype, 1e-5),
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_targets_may_be_distributions(dtype: str, assert_close: Any) -> None:
    given = np.random.default_rng(0).random((6, 3)).astype(dtype)
    x = Tensor(np.eye(6, dtype=dtype))
    for options in ({}, {"num_classes": 3}):
        rows, targets = mixup(x, Tensor(given), 1.0, **options)
        expected = rows.numpy().astype(np.float64) @ given.astype(np.float64)
        assert_close(targets, expected, "targets that are distributions", dtype=dtype)


def test_alpha_0_mixes_nothing() -> None:
    rows, targets = mixed(5, 0.0)
    assert rows.tolist() == targets.tolist() == np.eye(5).tolist()


def test_alpha_is_1_if_it_is_not_given() -> None:
    x, classes = Tensor(np.eye(5)), Tensor(np.arange(5))
    first, second = (
        mixup(x, classes, *alpha, num_classes=5, generator=np.random.default_rng(3))[0].tolist()
        for alpha in ((), (1.0,))
    )
    assert first == second


def test_the_same_seed_gives_the_same_batch() -> None:
    first, second, other = (
        mixed(9, 1.0, np.random.default_rng(seed))[0].tolist() for seed in (3, 3, 4)
    )
    assert first == second != other
    manual_seed(5)
    first = mixed(9, 1.0)[0].tolist()
    assert mixed(9, 1.0)[0].tolist() != first
    manual_seed(5)
    assert mixed(9, 1.0)[0].tolist() == first
    state = default_generator().bit_generator.state
    mixed(9, 1.0, np.random.default_rng(3))
    assert default_generator().bit_generator.state == state


def test_what_was_given_is_left_alone() -> None:
    x, targets = np.eye(5), np.eye(5)
    for alpha in (0.0, 1.0):
        for found in mixup(Tensor(x), Tensor(targets), alpha):
            found.fill_(9)
    assert x.tolist() == targets.tolist() == np.eye(5).tolist()


@pytest.mark.parametrize("alpha", [-1.0, float("inf"), float("nan")])
def test_alphas_that_make_no_sense(alpha: float, refused: Any) -> None:
    with refused(ValueError, "mixup", str(alpha)):
        mixed(3, alpha)


def test_what_does_not_fit(refused: Any) -> None:
    x, classes = Tensor(np.ones((4, 2))), Tensor(np.arange(4))
    with refused(ValueError, "mixup", "num_classes"):
        mixup(x, classes)
    with refused(ValueError, "mixup", "(4, 2)", "(3,)"):
        mixup(x, Tensor(np.arange(3)), num_classes=4)
    with refused(ValueError, "mixup", "()"):
        mixup(Tensor(np.array(1.0)), Tensor(np.array(1)), num_classes=2)
    with refused(IndexError, "mixup", "3"):
        mixup(x, classes, num_classes=3)
    with refused(ValueError, "mixup", "(4, 3)", "5"):
        mixup(x, Tensor(np.ones((4, 3))), num_classes=5)
    with refused(TypeError, "mixup", "uint8"):
        mixup(Tensor(np.ones((4, 2), np.uint8)), classes, num_classes=4)
    with refused(TypeError, "mixup", "ndarray"):
        mixup(np.ones((4, 2)), classes, num_classes=4)
