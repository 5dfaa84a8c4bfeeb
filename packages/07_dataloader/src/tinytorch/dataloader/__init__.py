"""Data loading: module 07 of TinyTorch.

Datasets, the order in which they are read, batches made ahead by threads, and transforms of images.
"""

from .augmentation import RandomCrop, RandomErasing, RandomHorizontalFlip
from .collating import default_collate, default_convert
from .data_loader import DataLoader
from .dataset import ConcatDataset, Dataset, Subset, TensorDataset
from .randomness import current_generator
from .samplers import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from .splitting import random_split
from .transforms import Compose, Normalize, ToFloat, Transform

__all__ = [
    "BatchSampler",
    "Compose",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Normalize",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "ToFloat",
    "Transform",
    "WeightedRandomSampler",
    "current_generator",
    "default_collate",
    "default_convert",
    "random_split",
]
