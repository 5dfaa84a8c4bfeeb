"""Optimizers: module 10 of TinyTorch.

Rules by which parameters move along their gradients, schedules for the learning rate, and clipping.
"""

from . import norms, schedules
from .adagrad import Adagrad, adagrad_step
from .adam import Adam, AdamW, adam_step, decay
from .by_a_factor import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LinearWarmup,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from .clipping import clip_grad_norm_, clip_grad_value_
from .cycles import CosineAnnealingWarmRestarts, LinearWarmupCosine, OneCycleLR
from .optimizer import Optimizer
from .penalty import penalised_gradient
from .plateau import ReduceLROnPlateau
from .rmsprop import RMSprop, rmsprop_step
from .scheduler import LRScheduler
from .sequence import SequentialLR
from .sgd import SGD, sgd_step

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "LinearWarmup",
    "LinearWarmupCosine",
    "MultiStepLR",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RMSprop",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "adagrad_step",
    "adam_step",
    "clip_grad_norm_",
    "clip_grad_value_",
    "decay",
    "norms",
    "penalised_gradient",
    "rmsprop_step",
    "schedules",
    "sgd_step",
]
