"""Data loading: module 07 of TinyTorch.

Datasets, the order in which they are read, batches made ahead by threads, transforms of images,
and four datasets to train on: `CIFAR10`, `TinyShakespeare`, `Shapes`, `Stories`.
"""

from .augmentation import RandomCrop, RandomErasing, RandomHorizontalFlip
from .cifar10 import CIFAR10, decode_records
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
from .shapes import Shapes
from .splitting import random_split
from .stories import Stories
from .tiny_shakespeare import TinyShakespeare
from .transforms import Compose, Normalize, ToFloat, Transform
from .windows import Windows

__all__ = [
    "CIFAR10",
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
    "Shapes",
    "Stories",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "TinyShakespeare",
    "ToFloat",
    "Transform",
    "WeightedRandomSampler",
    "Windows",
    "current_generator",
    "decode_records",
    "default_collate",
    "default_convert",
    "random_split",
]
