"""Regularization: module 16 of TinyTorch.

What narrows the gap between the data that a network was trained on and the data that it will meet:
numbers, channels and blocks that are dropped, weights that are kept small, targets and images that
are mixed and changed; and the inputs that fool a network, and training on them.
"""

from .adversarial import fgsm, input_gradient, pgd
from .augmentation import Augmentation, ColorJitter, GaussianNoise
from .cutmix import cutmix
from .cutout import Cutout
from .decay_groups import decay_groups
from .dropout import Dropout, Dropout2d, dropout, dropout2d
from .masking import masked_scale
from .mixup import mixup
from .penalties import l1_penalty, l2_penalty
from .soft_targets import smooth_labels
from .stochastic_depth import DropPath, depth_rates, drop_path

__all__ = [
    "Augmentation",
    "ColorJitter",
    "Cutout",
    "DropPath",
    "Dropout",
    "Dropout2d",
    "GaussianNoise",
    "cutmix",
    "decay_groups",
    "depth_rates",
    "drop_path",
    "dropout",
    "dropout2d",
    "fgsm",
    "input_gradient",
    "l1_penalty",
    "l2_penalty",
    "masked_scale",
    "mixup",
    "pgd",
    "smooth_labels",
]
