"""CIFAR-10, the capstone of Part II: a convolutional network that learns to see."""

from .data import as_input, evaluation_loader, load_images, training_loader
from .model_file import TrainedModel, load_model, save_model
from .network import Residual, make_network
from .recipe import Recipe
from .results import Results, results_of, results_on
from .training import train

__all__ = [
    "Recipe",
    "Residual",
    "Results",
    "TrainedModel",
    "as_input",
    "evaluation_loader",
    "load_images",
    "load_model",
    "make_network",
    "results_of",
    "results_on",
    "save_model",
    "train",
    "training_loader",
]
