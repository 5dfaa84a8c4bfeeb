"""The gradients of a whole GPT, on the modules that are installed, hold."""

import numpy as np
from tinytorch_tinygpt import Recipe, loss_of, make_model

from tinytorch.tensor import Tensor

EPS = 1e-6


def test_gradients_agree_with_central_differences():
    rng = np.random.default_rng(2)
    model = make_model(Recipe(layers=2, heads=2, width=8, context=5, seed=1), vocabulary=7).double()
    for parameter in model.parameters():  # larger than at first, so that nothing hides
        parameter.detach().copy_(Tensor(0.4 * rng.standard_normal(parameter.shape)))
    x, y = (Tensor(rng.integers(7, size=(3, 5))) for _ in range(2))

    def loss():
        return loss_of(model(x), y)

    loss().backward()
    worst = 0.0
    for parameter in model.parameters():
        gradient = np.array(parameter.grad.tolist())
        for _ in range(4):
            place = tuple(int(rng.integers(n)) for n in gradient.shape)
            expected = central_difference(loss, parameter, place)
            error = abs(gradient[place] - expected) / max(1e-3, np.abs(gradient).max())
            worst = max(worst, error)
    assert worst < 1e-5, f"a gradient is off by {worst:.1e} of its largest entry"


def central_difference(function, parameter, place):
    memory = parameter.detach()
    before = memory[place].item()
    sides = []
    for step in (EPS, -EPS):
        memory[place] = before + step
        sides.append(function().item())
    memory[place] = before
    return (sides[0] - sides[1]) / (2 * EPS)
