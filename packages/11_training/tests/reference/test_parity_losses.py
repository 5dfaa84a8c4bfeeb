"""The same losses in PyTorch: their values and their gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import tinytorch.training as ours
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import gradients_of

REDUCTIONS = ["mean", "sum", "none"]
DTYPES = ["float16", "float32", "float64"]
TOLERANCE = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-11}
SHAPES = [(5, 4), (4,), (2, 4, 3), (2, 4, 3, 2), (0, 4), (2, 4, 0)]


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    return (3 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def classes_for(shape: tuple[int, ...], seed: int = 7) -> np.ndarray:
    places = shape[:1] + shape[2:] if len(shape) > 1 else ()
    return np.asarray(np.random.default_rng(seed).integers(0, 4, places))


def assert_same(found: Any, expected: torch.Tensor, what: str) -> None:
    wanted = expected.detach().numpy()
    found = np.asarray(found)
    assert found.dtype == wanted.dtype, what
    assert found.shape == wanted.shape, what
    bound = TOLERANCE[str(wanted.dtype)]
    np.testing.assert_allclose(found, wanted, rtol=bound, atol=bound, err_msg=what)


def as_torch(options: dict[str, Any]) -> dict[str, Any]:
    return {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}


def compare(
    name: str, x: np.ndarray, y: np.ndarray, *, gradients: bool = True, **options: Any
) -> None:
    """Values, and for a g drawn at random the gradients of whatever can have one."""
    operation: Any = getattr(ours, name)
    theirs: Callable[..., torch.Tensor] = getattr(F, name)
    needs = (True, y.dtype.kind == "f")
    tx = torch.from_numpy(x.copy()).requires_grad_()
    ty = torch.from_numpy(y.copy()).requires_grad_(needs[1])
    expected = theirs(tx, ty, **as_torch(options))
    assert_same(operation(Tensor(x), Tensor(y), **options).numpy(), expected, name)
    if not gradients:
        return

    g = drawn(*expected.shape, seed=9, dtype=str(expected.detach().numpy().dtype))
    g = np.asarray(g)
    expected.backward(torch.from_numpy(g))
    arrays = [x, y]
    if operation.promote:
        common = np.result_type(x, y)
        arrays = [x.astype(common), y.astype(common)]
    out, *saved = operation.forward(*arrays, **options)
    found = gradients_of(operation, needs, arrays, options, [np.asarray(out)], tuple(saved), g)
    for what, gradient, tensor in zip(("input", "target"), found, (tx, ty), strict=True):
        if tensor.requires_grad:
            assert tensor.grad is not None
            assert_same(gradient.astype(tensor.grad.numpy().dtype), tensor.grad, f"{name}, {what}")


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"])
@pytest.mark.parametrize("shape", [(), (4, 1), (2, 3, 4), (0, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_regression(name: str, shape: tuple[int, ...], dtype: str, reduction: str) -> None:
    x, y = np.asarray(drawn(*shape, dtype=dtype)), np.asarray(drawn(*shape, seed=1, dtype=dtype))
    compare(name, x, y, reduction=reduction)


@pytest.mark.parametrize("width", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_where_the_bend_is(width: float, reduction: str) -> None:
    x, y = np.array([0.0, 0.5, -0.5, 1, -1, 3, -3, 4, -4]), np.zeros(9)
    compare("huber_loss", x, y, reduction=reduction, delta=width)
    compare("smooth_l1_loss", x, y, reduction=reduction, beta=width)
    compare("smooth_l1_loss", x, y, reduction=reduction, beta=0.0)


@pytest.mark.filterwarnings("ignore:.*shapes:UserWarning", "ignore:Using a target size:UserWarning")
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"])
def test_broadcasting(name: str) -> None:
    compare(name, drawn(4, 1), drawn(4, seed=1))
    compare(name, drawn(3, seed=1), drawn(2, 3))


def test_types_that_meet() -> None:
    x = drawn(4, 3, dtype="float32")
    compare("mse_loss", x, drawn(4, 3, seed=1))
    compare("mse_loss", x, np.ones((4, 3), np.int64))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [-100, 1])
def test_cross_entropy_of_classes(
    shape: tuple[int, ...],
    dtype: str,
    reduction: str,
    smoothing: float,
    weighted: bool,
    ignored: int,
) -> None:
    options: dict[str, Any] = {"ignore_index": ignored} if ignored != -100 else {}
    if weighted:
        options["weight"] = np.array([0.5, 1, 2, 3], dtype)
    x, y = drawn(*shape, dtype=dtype), classes_for(shape)
    compare("cross_entropy", x, y, reduction=reduction, label_smoothing=smoothing, **options)
    if not smoothing:
        compare("nll_loss", -np.abs(x), y, reduction=reduction, **options)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_of_probabilities(
    shape: tuple[int, ...], dtype: str, reduction: str, smoothing: float, weighted: bool
) -> None:
    options: dict[str, Any] = {"weight": np.array([0.5, 1, 2, 3], dtype)} if weighted else {}
    x = drawn(*shape, dtype=dtype)
    q = np.random.default_rng(4).uniform(0.1, 1, shape)
    q = (q / q.sum(axis=1 if len(shape) > 1 else 0, keepdims=True)).astype(dtype)
    compare("cross_entropy", x, q, reduction=reduction, label_smoothing=smoothing, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_all_ignored(reduction: str, smoothing: float) -> None:
    x, y = drawn(3, 4), np.full(3, -100)
    compare("cross_entropy", x, y, reduction=reduction, label_smoothing=smoothing)
    compare("nll_loss", x, y, reduction=reduction)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_logits(dtype: str) -> None:
    x = np.array([[1e4, 0, -1e4, 5], [-1e4, -1e4, 1e4, 1e4]], dtype)
    for y in ([0, 2], [1, 1], [3, 0]):
        compare("cross_entropy", x, np.array(y), reduction="none")
    targets = np.array([[0, 1, 0, 1], [1, 0, 1, 0]], dtype)
    compare("binary_cross_entropy_with_logits", x, targets, reduction="none")


def test_infinite_scores() -> None:
    x = np.array([[0.0, -np.inf, 1.0, 2.0]] * 2)
    compare("cross_entropy", x, np.array([0, 1]), reduction="none")
    compare("cross_entropy", x, np.array([0, 2]), label_smoothing=0.1, gradients=False)


@pytest.mark.parametrize("shape", [(), (5,), (4, 1), (2, 3), (0, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_logits(
    shape: tuple[int, ...], dtype: str, reduction: str, weighted: bool, positive: bool
) -> None:
    options: dict[str, Any] = {}
    if weighted:
        options["weight"] = np.random.default_rng(2).uniform(0.5, 2, shape[-1:]).astype(dtype)
    if positive:
        options["pos_weight"] = np.random.default_rng(3).uniform(0.5, 5, shape[-1:]).astype(dtype)
    if shape == () and options:
        options = {name: value.reshape(()) for name, value in options.items()}
    x = np.asarray(drawn(*shape, dtype=dtype))
    y = np.asarray(np.random.default_rng(4).uniform(0, 1, shape).astype(dtype))
    compare("binary_cross_entropy_with_logits", x, y, reduction=reduction, **options)


@pytest.mark.parametrize("shape", [(), (5,), (4, 1), (2, 3), (0, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities(shape: tuple[int, ...], dtype: str, reduction: str, weighted: bool) -> None:
    options: dict[str, Any] = {}
    if weighted:
        options["weight"] = np.random.default_rng(2).uniform(0.5, 2, shape[-1:]).astype(dtype)
        options["weight"] = options["weight"].reshape(shape[-1:])
    x, y = np.random.default_rng(4).uniform(0.1, 0.9, (2, *shape)).astype(dtype)
    compare("binary_cross_entropy", np.asarray(x), np.asarray(y), reduction=reduction, **options)


def test_certain_probabilities() -> None:
    x, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    compare("binary_cross_entropy", x, y, reduction="none", gradients=False)


@pytest.mark.filterwarnings("ignore:reduction:UserWarning")
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div(shape: tuple[int, ...], dtype: str, reduction: str, log_target: bool) -> None:
    x, y = np.random.default_rng(4).uniform(0.1, 0.9, (2, *shape)).astype(dtype)
    target = np.log(y) if log_target else y
    compare("kl_div", np.log(x), target, reduction=reduction, log_target=log_target)


@pytest.mark.filterwarnings("ignore:reduction:UserWarning")
def test_kl_div_of_what_never_happens() -> None:
    x, y = np.log(np.array([0.2, 0.3, 0.5])), np.array([0.0, 0.4, 0.6])
    compare("kl_div", x, y, reduction="none", gradients=False)


MODULES: list[tuple[str, dict[str, Any]]] = [
    ("CrossEntropyLoss", {"weight": [1.0, 2.0, 3.0, 4.0], "label_smoothing": 0.1}),
    ("CrossEntropyLoss", {"ignore_index": 1}),
    ("NLLLoss", {"weight": [1.0, 2.0, 3.0, 4.0]}),
    ("BCELoss", {"weight": [1.0, 2.0, 3.0, 4.0]}),
    ("BCEWithLogitsLoss", {"pos_weight": [1.0, 2.0, 3.0, 4.0]}),
    ("MSELoss", {}),
    ("L1Loss", {}),
    ("SmoothL1Loss", {"beta": 0.5}),
    ("HuberLoss", {"delta": 0.5}),
    ("KLDivLoss", {"log_target": True}),
]


@pytest.mark.filterwarnings("ignore:reduction:UserWarning")
@pytest.mark.parametrize(("name", "options"), MODULES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_modules(name: str, options: dict[str, Any], reduction: str) -> None:
    x, y = np.random.default_rng(4).uniform(0.1, 0.9, (2, 5, 4)).astype("float32")
    target = classes_for((5, 4)) if name in ("CrossEntropyLoss", "NLLLoss") else y
    lists = {k: np.array(v, "float32") for k, v in options.items() if isinstance(v, list)}
    rest = {k: v for k, v in options.items() if k not in lists} | {"reduction": reduction}
    mine = getattr(ours, name)(**{k: Tensor(v) for k, v in lists.items()}, **rest)
    theirs = getattr(torch.nn, name)(**{k: torch.from_numpy(v) for k, v in lists.items()}, **rest)
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    expected = theirs(torch.from_numpy(x), torch.from_numpy(target))
    assert_same(mine(Tensor(x), Tensor(target)).numpy(), expected, name)
