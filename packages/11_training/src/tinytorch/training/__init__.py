"""Training: module 11 of TinyTorch.

Losses say how wrong a network is, in a number that has a gradient; metrics say it in numbers that
people understand.
"""

from .accuracy import Accuracy, TopKAccuracy, accuracy
from .binary_cross_entropy import binary_cross_entropy, binary_cross_entropy_with_logits
from .confusion import (
    ConfusionMatrix,
    PrecisionRecallF1,
    confusion_matrix,
    precision_recall_f1,
)
from .cross_entropy import cross_entropy, nll_loss
from .divergence import kl_div
from .loss_modules import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from .mean_loss import MeanLoss, Perplexity
from .metric import Metric
from .regression_losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from .regression_metrics import MeanAbsoluteError, R2Score, mean_absolute_error, r2_score
from .weighted_mean import WeightedMean

__all__ = [
    "Accuracy",
    "BCELoss",
    "BCEWithLogitsLoss",
    "ConfusionMatrix",
    "CrossEntropyLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MeanAbsoluteError",
    "MeanLoss",
    "Metric",
    "NLLLoss",
    "Perplexity",
    "PrecisionRecallF1",
    "R2Score",
    "SmoothL1Loss",
    "TopKAccuracy",
    "WeightedMean",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "confusion_matrix",
    "cross_entropy",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mean_absolute_error",
    "mse_loss",
    "nll_loss",
    "precision_recall_f1",
    "r2_score",
    "smooth_l1_loss",
]
