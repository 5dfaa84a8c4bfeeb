"""The same work in PyTorch. What is drawn cannot be compared, but what is made of it can."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tinytorch.autograd import grad
from tinytorch.layers import Linear
from tinytorch.networks import MLP
from tinytorch.optimizers import SGD
from tinytorch.regularization import (
    Dropout,
    Dropout2d,
    dropout,
    dropout2d,
    fgsm,
    input_gradient,
    l1_penalty,
    l2_penalty,
    masked_scale,
    smooth_labels,
)
from tinytorch.tensor import Tensor
from tinytorch.training import cross_entropy

TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-11}


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_same(ours: Any, theirs: torch.Tensor, what: str = "") -> None:
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    assert found.dtype == expected.dtype, what
    assert found.shape == expected.shape, what
    bound = TOLERANCE[str(expected.dtype)]
    np.testing.assert_allclose(found, expected, rtol=bound, atol=bound, err_msg=what)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_mask_of_theirs(dtype: str, p: float) -> None:
    """PyTorch draws; what it kept is the mask of ours."""
    x = torch.from_numpy(drawn(30, 40, dtype=dtype)).requires_grad_()
    y = F.dropout(x, p)
    g = drawn(30, 40, seed=1, dtype=dtype)
    y.backward(torch.from_numpy(g))
    own = Tensor(x.detach().numpy(), requires_grad=True)
    found = masked_scale(own, mask=(y != 0).numpy(), scale=1 / (1 - p))
    assert_same(found, y, "the result")
    found.backward(Tensor(g))
    assert own.grad is not None
    assert x.grad is not None
    assert_same(own.grad, x.grad, "the gradient")


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("whole", [False, True], ids=["numbers", "channels"])
def test_as_often(p: float, whole: bool) -> None:
    torch.manual_seed(0)
    x = np.ones((60, 50, 4, 4), np.float32)
    ours = (dropout2d if whole else dropout)(Tensor(x), p).numpy()
    theirs = (F.dropout2d if whole else F.dropout)(torch.from_numpy(x), p).numpy()
    assert sorted(set(np.unique(ours))) == pytest.approx(sorted(set(np.unique(theirs))))
    draws = 60 * 50 * (1 if whole else 16)
    off = abs((ours == 0).mean() - (theirs == 0).mean())
    assert off < 6 * (2 * p * (1 - p) / draws) ** 0.5
    channels = (ours == 0).reshape(60, 50, 16)
    their_channels = (theirs == 0).reshape(60, 50, 16)
    assert (channels.any(-1) == channels.all(-1)).all() == whole
    assert (their_channels.any(-1) == their_channels.all(-1)).all() == whole


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("training", [True, False])
def test_at_the_ends(p: float, training: bool) -> None:
    x = drawn(3, 4, 2, 2)
    for ours, theirs in ((dropout, F.dropout), (dropout2d, F.dropout2d)):
        assert_same(ours(Tensor(x), p, training), theirs(torch.from_numpy(x), p, training))


def test_names_and_attributes() -> None:
    for ours, theirs in ((Dropout, torch.nn.Dropout), (Dropout2d, torch.nn.Dropout2d)):
        assert ours().p == theirs().p
        assert repr(ours(0.3))[:-1] == repr(theirs(0.3)).removesuffix(", inplace=False)")
        assert list(ours().state_dict()) == list(theirs().state_dict()) == []
        for p in (-0.1, 1.1):
            for layer in (ours, theirs):
                with pytest.raises(ValueError, match="probability"):
                    layer(p)


def test_penalties() -> None:
    shapes: list[tuple[int, ...]] = [(3, 4), (4,), ()]
    ours = [Tensor(drawn(*s, seed=i), requires_grad=True) for i, s in enumerate(shapes)]
    theirs = [torch.from_numpy(np.asarray(drawn(*s, seed=i))).requires_grad_() for i, s in
              enumerate(shapes)]  # fmt: skip
    found = l1_penalty(ours) + 3 * l2_penalty(ours)
    expected = sum(w.abs().sum() + 1.5 * w.square().sum() for w in theirs)
    assert isinstance(expected, torch.Tensor)
    assert_same(found, expected)
    for a, b in zip(grad(found, ours), torch.autograd.grad(expected, theirs), strict=True):
        assert_same(a, b)


def test_half_of_the_squares_beside_their_weight_decay() -> None:
    start, x = drawn(3, 2), drawn(8, 3, seed=1)
    ours = Tensor(start.copy(), requires_grad=True)
    theirs = torch.from_numpy(start.copy()).requires_grad_()
    mine = SGD([ours], lr=0.1)
    their = torch.optim.SGD([theirs], lr=0.1, weight_decay=0.3)
    for _ in range(6):
        mine.zero_grad()
        ((Tensor(x) @ ours).square().mean() + 0.3 * l2_penalty([ours])).backward()
        mine.step()
        their.zero_grad()
        (torch.from_numpy(x) @ theirs).square().mean().backward()
        their.step()
    assert_same(ours, theirs)


@pytest.mark.parametrize("eps", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("shape", [(6,), (3, 2)])
def test_smooth_labels_in_their_loss(eps: float, shape: tuple[int, ...]) -> None:
    draws = np.random.default_rng(0)
    classes = draws.integers(4, size=shape)
    scores = draws.standard_normal((shape[0], 4, *shape[1:])).astype(np.float32)
    expected = F.cross_entropy(
        torch.from_numpy(scores), torch.from_numpy(classes), label_smoothing=eps
    )
    smooth = smooth_labels(Tensor(classes), 4, eps)
    assert_same(cross_entropy(Tensor(scores), smooth), expected)
    theirs = F.cross_entropy(torch.from_numpy(scores), torch.from_numpy(smooth.numpy()))
    assert_same(cross_entropy(Tensor(scores), smooth), theirs)


def test_fgsm_and_the_gradient_of_the_input() -> None:
    ours = MLP(5, [8], 3).double()
    linears = [layer for layer in ours.modules() if isinstance(layer, Linear)]
    theirs = torch.nn.Sequential(
        torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
    ).double()
    for a, b in zip(linears, (theirs[0], theirs[2]), strict=True):
        b.load_state_dict({k: torch.from_numpy(v.numpy()) for k, v in a.state_dict().items()})
    draws = np.random.default_rng(0)
    x, classes = draws.random((6, 5)), draws.integers(3, size=6)
    leaf = torch.from_numpy(x).requires_grad_()
    loss = F.cross_entropy(theirs(leaf), torch.from_numpy(classes))
    (gradient,) = torch.autograd.grad(loss, leaf)
    found = input_gradient(ours, x, Tensor(classes), cross_entropy)
    assert_same(Tensor(found), gradient)
    expected = (leaf + 0.1 * gradient.sign()).clamp(0, 1)
    assert_same(fgsm(ours, Tensor(x), Tensor(classes), cross_entropy, 0.1), expected)
