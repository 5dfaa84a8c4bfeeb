"""Task 16.6: changes of an input that raise the loss the most."""

from typing import Any

import numpy as np
import pytest

from tinytorch.autograd import no_grad
from tinytorch.layers import Linear, Module
from tinytorch.networks import MLP
from tinytorch.regularization import Dropout, fgsm, input_gradient, pgd
from tinytorch.tensor import Tensor, default_generator, manual_seed


def squared(output: Any, target: Any) -> Any:
    return ((output - target) ** 2).mean()


def linear(weight: Any, bias: Any) -> Linear:
    layer = Linear(weight.shape[1], weight.shape[0], dtype=str(weight.dtype))
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


def a_case(dtype: str = "float64", seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """A linear layer, an input within 0 and 1, a target, and ∂L/∂x for the squared error."""
    draws = np.random.default_rng(seed)
    weight, bias = draws.standard_normal((3, 5)), draws.standard_normal(3)
    x, target = draws.uniform(0.05, 0.95, (8, 5)), draws.standard_normal((8, 3))
    weight, bias, x, target = (each.astype(dtype) for each in (weight, bias, x, target))
    wide = x.astype(np.float64) @ weight.T.astype(np.float64) + bias - target
    gradient = 2 / wide.size * wide @ weight.astype(np.float64)
    return linear(weight, bias), x, target, gradient


# The gradient of the input


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_of_the_input(dtype: str, assert_close: Any) -> None:
    model, x, target, expected = a_case(dtype)
    found = input_gradient(model, x, Tensor(target), squared)
    assert_close(found, expected, "the gradient of a squared error", dtype=dtype)


# One step


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("eps", [0.0, 0.01, 0.2])
@pytest.mark.parametrize("targeted", [False, True])
def test_fgsm_moves_each_number_to_where_the_loss_rises(
    dtype: str, eps: float, targeted: bool, assert_close: Any
) -> None:
    model, x, target, gradient = a_case(dtype)
    found = fgsm(model, Tensor(x), Tensor(target), squared, eps, targeted=targeted)
    up = -np.sign(gradient) if targeted else np.sign(gradient)
    expected = np.clip(x.astype(np.float64) + eps * up, 0, 1)
    clear = np.abs(gradient) > 1e-5  # others may have another sign in float32
    expected = np.where(clear, expected, found.numpy())
    assert_close(found, expected, f"fgsm, eps={eps}, targeted={targeted}", dtype=dtype)
    assert not found.requires_grad


def test_float16_stays_float16(assert_close: Any) -> None:
    x = np.full((2, 3), 0.5, np.float16)
    model = linear(np.array([[1.0, -1.0, 2.0]], np.float16), np.zeros(1, np.float16))
    expected = x + np.float16(0.125) * np.array([1, -1, 1], np.float16)
    for attack in (fgsm, pgd):
        found = attack(model, Tensor(x), None, lambda output, _: output.sum(), 0.125)
        assert_close(found, expected, "an attack in float16")


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-0.5, 1.25), (0.04, 0.96), None])
def test_within_the_bounds(bounds: Any, assert_close: Any) -> None:
    model, x, target, gradient = a_case()
    found = fgsm(model, Tensor(x), Tensor(target), squared, 0.3, bounds)
    expected = x + 0.3 * np.sign(gradient)
    expected = expected if bounds is None else np.clip(expected, *bounds)
    assert_close(found, expected, f"fgsm, eps=0.3, bounds={bounds}")
    found = pgd(model, Tensor(x), Tensor(target), squared, 0.3, bounds=bounds)
    low, high = (-np.inf, np.inf) if bounds is None else bounds
    assert found.numpy().min() >= low
    assert found.numpy().max() <= high


def test_where_the_gradient_is_0_nothing_moves() -> None:
    x = Tensor(np.full((2, 3), 0.5))
    model = linear(np.array([[1.0, 0.0, -1.0]]), np.zeros(1))
    given = (model, x, None, lambda output, _: output.sum(), 0.25)
    for found in (fgsm(*given), pgd(*given, random_start=False)):
        assert found.tolist() == [[0.75, 0.5, 0.25]] * 2


def test_an_eps_above_1(assert_close: Any) -> None:
    """As for an input that is not kept within 0 and 1."""
    model, x, target, gradient = a_case()
    found = fgsm(model, Tensor(x), Tensor(target), squared, 3.0, None)
    assert_close(found, x + 3 * np.sign(gradient), "fgsm, eps=3, no bounds")


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_an_eps_of_numpys_makes_no_other_type(dtype: str) -> None:
    """Nor do bounds."""
    model, x, target, _ = a_case(dtype)
    bounds = (np.float64(0), np.float64(1))
    for attack in (fgsm, pgd):
        found = attack(model, Tensor(x), Tensor(target), squared, np.float64(0.1), bounds=bounds)
        assert found.dtype == np.dtype(dtype)


def test_any_function_can_be_attacked(assert_close: Any) -> None:
    """The loss is 3x, or −3x, whose sign is all that counts."""
    x = np.random.default_rng(0).uniform(0.3, 0.7, (4, 2, 3))
    for factor in (3.0, -3.0):
        found = fgsm(lambda x, k=factor: k * x, Tensor(x), None, lambda y, _: y.sum(), 0.1)
        assert_close(found, x + 0.1 * np.sign(factor), f"fgsm of the function {factor} x")


# Several steps


def down_to(centre: float) -> Any:
    """A loss that is least at `centre`."""
    return lambda output, _: ((output - centre) ** 2).sum()


def itself(x: Any) -> Any:
    return x


def walk(eps: float, steps: int, size: float | None, centre: float = 9.0, **options: Any) -> Any:
    """Where pgd leads from ½, towards `centre`, without a random start."""
    x = Tensor(np.full((1, 1), 0.5))
    options = {"random_start": False, "targeted": True} | options
    found = pgd(itself, x, None, down_to(centre), eps, steps, size, None, **options)
    return found.item()


def test_steps_of_one_size() -> None:
    assert walk(0.5, 3, 0.1) == pytest.approx(0.8), "three steps of 0.1"
    assert walk(0.5, 4, 0.1) == pytest.approx(0.9), "four steps of 0.1"
    assert walk(0.25, 4, 0.1) == pytest.approx(0.75), "four of 0.1, but no further than 0.25"
    assert walk(0.5, 3, 0.1, targeted=False) == pytest.approx(0.2), "away from it"


def test_each_step_follows_the_gradient_where_it_is() -> None:
    """Towards 0.57 in steps of 0.1, the second step turns around."""
    assert walk(0.5, 1, 0.1, centre=0.57) == pytest.approx(0.6)
    assert walk(0.5, 2, 0.1, centre=0.57) == pytest.approx(0.5)
    assert walk(0.5, 3, 0.1, centre=0.57) == pytest.approx(0.6)


def test_the_size_of_steps_if_none_is_given() -> None:
    """2.5 · eps / steps. After an odd number of steps around a centre nearby, one of them shows."""
    assert walk(0.4, 5, None, centre=0.501) == pytest.approx(0.7), "2.5 · 0.4 / 5 = 0.2"
    assert walk(0.2, 25, None, centre=0.501) == pytest.approx(0.52), "2.5 · 0.2 / 25 = 0.02"


def test_ten_steps_if_no_number_is_given() -> None:
    x = Tensor(np.full((1, 1), 0.5))
    found = pgd(
        itself, x, None, down_to(9.0), 0.4, step_size=0.01, random_start=False, targeted=True
    )
    assert found.item() == pytest.approx(0.6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_step_of_eps_is_fgsm(dtype: str, assert_close: Any) -> None:
    model, x, target, _ = a_case(dtype)
    given = (model, Tensor(x), Tensor(target), squared, 0.2)
    found = pgd(*given, 1, 0.2, random_start=False)
    assert_close(found, fgsm(*given).numpy(), "pgd of one step, beside fgsm", dtype=dtype)


def test_from_any_start_to_the_corner(assert_close: Any) -> None:
    """Where the gradient is the same everywhere, ten steps lead to it."""
    draws = np.random.default_rng(0)
    weight, x = draws.standard_normal((1, 6)), draws.uniform(0, 1, (20, 6))
    model = linear(weight, np.zeros(1))
    found = pgd(model, Tensor(x), None, lambda output, _: output.sum(), 0.25)
    expected = np.clip(x + 0.25 * np.sign(weight), 0, 1)
    assert_close(found, expected, "pgd of a linear function")


@pytest.mark.parametrize("eps", [0.05, 0.5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_never_further_than_eps(eps: float, dtype: str) -> None:
    manual_seed(0)
    model = MLP(5, [16], 3).double() if dtype == "float64" else MLP(5, [16], 3)
    _, x, target, _ = a_case(dtype)
    for options in ({"step_size": 10.0}, {"steps": 3}, {"targeted": True}):
        found = pgd(model, Tensor(x), Tensor(target), squared, eps, **options).numpy()
        assert found.dtype == x.dtype
        assert np.abs(found - x).max() <= eps * (1 + 1e-5), f"pgd, eps={eps}, {options}"
        assert found.min() >= 0
        assert found.max() <= 1


def test_the_start_is_drawn_evenly(assert_mean: Any) -> None:
    x = np.full((100, 100), 0.5)
    given = (itself, Tensor(x), None, down_to(9.0), 0.25, 1, 1e-9)
    away = pgd(*given).numpy() - x
    assert np.abs(away).max() <= 0.25 + 1e-8
    assert_mean(away, 0.0, 0.25 / 3**0.5, "the start of pgd, eps=0.25, less x")
    assert_mean(away**2, 0.25**2 / 3, 0.25**2 * (4 / 45) ** 0.5, "its square")
    assert_mean(away[:, ::2] * away[:, 1::2], 0.0, 0.25**2 / 3, "its product with its neighbour")


def test_what_the_start_is_drawn_from() -> None:
    given = (itself, Tensor(np.full((4, 5), 0.5)), None, down_to(9.0), 0.25, 1, 0.01)
    first, second, other = (
        pgd(*given, generator=np.random.default_rng(seed)).tolist() for seed in (3, 3, 4)
    )
    assert first == second != other
    manual_seed(5)
    first = pgd(*given).tolist()
    assert pgd(*given).tolist() != first
    manual_seed(5)
    assert pgd(*given).tolist() == first
    state = default_generator().bit_generator.state
    pgd(*given, generator=np.random.default_rng(3))
    pgd(*given, random_start=False)
    assert default_generator().bit_generator.state == state


# What is left alone

ATTACKS = {"fgsm": fgsm, "pgd": pgd}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_gradient_of_a_parameter_changes(name: str) -> None:
    model, x, target, _ = a_case()
    given = Tensor(x.copy())
    ATTACKS[name](model, given, Tensor(target), squared, 0.1)
    for p in model.parameters():
        assert p.grad is None, "where there was none there is none"
        assert p.requires_grad
    for p in model.parameters():
        p.grad = Tensor(np.ones(p.shape))
    ATTACKS[name](model, given, Tensor(target), squared, 0.1)
    for p in model.parameters():
        assert p.grad.tolist() == np.ones(p.shape).tolist(), "where there was one it stays"
    assert given.tolist() == x.tolist(), "the input was written to"
    assert given.grad is None
    assert not given.requires_grad


SEEN: list[tuple[bool, bool, bool]] = []


class Watching(Module):
    """Notes in which mode it is called, and drops half of what comes in training."""

    def __init__(self, fails: bool = False) -> None:
        super().__init__()
        self.drop = Dropout(0.5)
        self.inner = Linear(5, 3, dtype="float64")
        self.fails = fails

    def forward(self, x: Any) -> Any:
        SEEN.append((self.training, self.drop.training, self.inner.training))
        if self.fails:
            raise ZeroDivisionError
        return self.inner(self.drop(x))


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_model_is_in_evaluation_and_then_as_it_was(
    name: str, training: bool, fails: bool
) -> None:
    _, x, target, _ = a_case()
    SEEN.clear()
    model = Watching(fails)
    model.train(training)
    model.inner.train(not training)
    if fails:
        with pytest.raises(ZeroDivisionError):
            ATTACKS[name](model, Tensor(x), Tensor(target), squared, 0.1)
    else:
        ATTACKS[name](model, Tensor(x), Tensor(target), squared, 0.1)
    assert len(SEEN) == (10 if name == "pgd" and not fails else 1)
    assert set(SEEN) == {(False, False, False)}, "all modules in evaluation meanwhile"
    found = (model.training, model.drop.training, model.inner.training)
    assert found == (training, training, not training), "each in its own mode again"


@pytest.mark.parametrize("name", ATTACKS)
def test_also_where_nothing_is_recorded(name: str) -> None:
    model, x, target, _ = a_case()
    given = (model, Tensor(x), Tensor(target), squared, 0.1)
    options = {"random_start": False} if name == "pgd" else {}
    expected = ATTACKS[name](*given, **options).tolist()
    with no_grad():
        assert ATTACKS[name](*given, **options).tolist() == expected


# What does not fit


@pytest.mark.parametrize("name", ATTACKS)
def test_what_cannot_be_attacked(name: str, refused: Any) -> None:
    attack = ATTACKS[name]
    model, x, target, _ = a_case()
    for eps in (-0.1, float("nan"), float("inf")):
        with refused(ValueError, name, str(eps)):
            attack(model, Tensor(x), Tensor(target), squared, eps)
    for outside in (x + 1, x - 1, np.full((1, 5), np.nan)):
        with refused(ValueError, name, "bounds"):
            attack(model, Tensor(outside), Tensor(target), squared, 0.1)
    with refused(TypeError, name, "int64"):
        attack(model, Tensor(np.ones((2, 5), np.int64)), Tensor(target), squared, 0.1)
    with refused(TypeError, name, "ndarray"):
        attack(model, x, Tensor(target), squared, 0.1)


def test_steps_that_make_no_sense(refused: Any) -> None:
    model, x, target, _ = a_case()
    given = (model, Tensor(x), Tensor(target), squared, 0.1)
    with refused(ValueError, "pgd", "0"):
        pgd(*given, 0)
    for size in (0.0, -0.5, float("nan")):
        with refused(ValueError, "pgd", str(size)):
            pgd(*given, 3, size)
