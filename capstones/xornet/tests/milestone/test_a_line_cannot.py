"""What a linear model is left with, and that the network starts no better."""

from math import log

import numpy as np
import pytest

from tinytorch_xornet import best_of_random_lines, make_network, train, train_linear, xor_problem


def test_descent_on_a_line_ends_at_log_two():
    x, y = xor_problem()
    seed = int(np.random.default_rng(1).integers(0, 1_000_000))
    result = train_linear(x, y, steps=2000, seed=seed)
    assert result.final_loss == pytest.approx(log(2), abs=1e-5)
    assert result.correct < 4


def test_no_random_line_has_more_than_three_points():
    x, y = xor_problem()
    assert best_of_random_lines(x, y) == 3


def test_training_is_what_helps():
    x, y = xor_problem()
    assert train(make_network(), x, y, steps=0).final_loss > 0.5
