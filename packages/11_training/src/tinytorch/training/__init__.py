"""Training: module 11 of TinyTorch.

Losses say how wrong a network is, in a number that has a gradient; metrics say it in numbers that
people understand. The trainer turns batches into steps and epochs, and what it needs for that can
be used in a loop of your own: gradients of batches, in pieces or on threads, patience, checkpoints.
"""

from .accumulation import accumulate_gradients
from .accuracy import Accuracy, TopKAccuracy, accuracy
from .allocator import keep_memory
from .batches import as_batch, in_groups, in_parts
from .binary_cross_entropy import binary_cross_entropy, binary_cross_entropy_with_logits
from .callback import Callback
from .checkpoint import Checkpoint, latest_checkpoint, load_model
from .confusion import (
    ConfusionMatrix,
    PrecisionRecallF1,
    confusion_matrix,
    precision_recall_f1,
)
from .counted_targets import counted_targets
from .cross_entropy import cross_entropy, nll_loss
from .csv_logger import CSVLogger
from .divergence import kl_div
from .early_stopping import EarlyStopping, Patience, is_better
from .evaluation import evaluate, predict
from .history import History
from .learning_rate_monitor import LearningRateMonitor
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
from .plots import plot_history
from .progress import Progress
from .progress_bar import ProgressBar
from .regression_losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from .regression_metrics import MeanAbsoluteError, R2Score, mean_absolute_error, r2_score
from .shards import Shards
from .state_files import load_state, save_state
from .tensorboard_logger import TensorBoardLogger
from .trainer import Trainer
from .training_state import check_fits, check_state, restore_training_state, training_state
from .training_step import (
    LossNotFinite,
    backward,
    check_loss,
    parameters_of,
    train_epoch,
    train_step,
)
from .weighted_mean import WeightedMean
from .writing_aside import sync_folder, write_aside

__all__ = [
    "Accuracy",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "ConfusionMatrix",
    "CrossEntropyLoss",
    "EarlyStopping",
    "History",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LearningRateMonitor",
    "LossNotFinite",
    "MSELoss",
    "MeanAbsoluteError",
    "MeanLoss",
    "Metric",
    "NLLLoss",
    "Patience",
    "Perplexity",
    "PrecisionRecallF1",
    "Progress",
    "ProgressBar",
    "R2Score",
    "Shards",
    "SmoothL1Loss",
    "TensorBoardLogger",
    "TopKAccuracy",
    "Trainer",
    "WeightedMean",
    "accumulate_gradients",
    "accuracy",
    "as_batch",
    "backward",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_fits",
    "check_loss",
    "check_state",
    "confusion_matrix",
    "counted_targets",
    "cross_entropy",
    "evaluate",
    "huber_loss",
    "in_groups",
    "in_parts",
    "is_better",
    "keep_memory",
    "kl_div",
    "l1_loss",
    "latest_checkpoint",
    "load_model",
    "load_state",
    "mean_absolute_error",
    "mse_loss",
    "nll_loss",
    "parameters_of",
    "plot_history",
    "precision_recall_f1",
    "predict",
    "r2_score",
    "restore_training_state",
    "save_state",
    "smooth_l1_loss",
    "sync_folder",
    "train_epoch",
    "train_step",
    "training_state",
    "write_aside",
]
