"""XORNet, the capstone of Part I: a network that learns XOR by gradients derived by hand."""

from .by_hand import loss_and_gradients, loss_of, worst_error
from .problem import count_correct, xor_problem
from .training import Training, best_of_random_lines, make_network, train, train_linear

__all__ = [
    "Training",
    "best_of_random_lines",
    "count_correct",
    "loss_and_gradients",
    "loss_of",
    "make_network",
    "train",
    "train_linear",
    "worst_error",
    "xor_problem",
]
