"""TinyGPT, the capstone of Part III: a GPT that learns to write."""

from .model_folder import TrainedModel, load_model, save_model
from .recipe import Recipe
from .texts import Corpus, load_corpus
from .training import evaluate_loss, loss_of, make_model, train
from .writing import grammatical_share, write

__all__ = [
    "Corpus",
    "Recipe",
    "TrainedModel",
    "evaluate_loss",
    "grammatical_share",
    "load_corpus",
    "load_model",
    "loss_of",
    "make_model",
    "save_model",
    "train",
    "write",
]
