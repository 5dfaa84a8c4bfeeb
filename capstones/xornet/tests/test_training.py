"""XOR is learnt from any seed, and not by a line."""

import subprocess
import sys
from math import log

import pytest

from tinytorch.tensor import get_recorder, set_recorder, tensor
from tinytorch_xornet import (
    best_of_random_lines,
    count_correct,
    make_network,
    train,
    train_linear,
    xor_problem,
)


def test_a_hundred_of_a_hundred_seeds_learn_xor():
    x, y = xor_problem()
    failed = [seed for seed in range(100) if train(make_network(seed=seed), x, y).correct < 4]
    assert failed == []


def test_the_loss_falls_and_every_step_is_noted():
    x, y = xor_problem()
    noted = []
    result = train(
        make_network(), x, y, steps=50, note=lambda step, loss: noted.append((step, loss))
    )
    assert noted == list(enumerate(result.losses))
    assert result.final_loss < result.losses[-1] < result.losses[0]


def test_same_seed_same_losses():
    x, y = xor_problem()
    first, second = (train(make_network(seed=3), x, y, steps=20).losses for _ in range(2))
    assert first == second
    assert first != train(make_network(seed=4), x, y, steps=20).losses


def test_no_steps_leave_the_network_alone():
    x, y = xor_problem()
    network = make_network()
    before = network(x).tolist()
    result = train(network, x, y, steps=0)
    assert result.losses == []
    assert network(x).tolist() == before


@pytest.mark.parametrize("seed", range(5))
def test_a_linear_model_ends_at_log_two(seed):
    x, y = xor_problem()
    result = train_linear(x, y, steps=2000, seed=seed)
    assert result.final_loss == pytest.approx(log(2), abs=1e-5)
    assert result.correct < 4


def test_no_line_has_more_than_three_points_right():
    x, y = xor_problem()
    assert best_of_random_lines(x, y) == 3
    assert best_of_random_lines(x, y, tries=1, seed=5) <= 3


def test_a_line_finds_what_a_line_can():
    x, _ = xor_problem()
    either = tensor([[0.0], [1.0], [1.0], [1.0]])
    assert best_of_random_lines(x, either) == 4
    assert train_linear(x, either).correct == 4


def test_a_logit_of_zero_decides_nothing():
    _, y = xor_problem()
    assert count_correct(tensor([[0.0], [0.0], [0.0], [0.0]]), y) == 0
    assert count_correct(tensor([[-1.0], [2.0], [0.0], [3.0]]), y) == 2


def test_autograd_is_not_needed():
    program = "import sys, tinytorch_xornet.__main__; print('tinytorch.autograd' in sys.modules)"
    told = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, check=True)
    assert told.stdout.split() == [b"False"]


def test_a_recorder_has_nothing_to_record():
    class Recorder:
        def record(self, *args):
            raise AssertionError("a call was recorded")

        def is_recording(self):
            return True

    x, y = xor_problem()
    before = get_recorder()
    set_recorder(Recorder())
    try:
        assert train(make_network(), x, y, steps=5).losses
    finally:
        set_recorder(before)
