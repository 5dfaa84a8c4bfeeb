"""The task of cifar10.py, by an array whose items are records."""

from __future__ import annotations

import numpy as np

from .images import Bytes, Labels

OF_RECORD = np.dtype([("label", np.uint8), ("image", np.uint8, (3, 32, 32))])


def decode_records(raw: bytes) -> tuple[Bytes, Labels]:
    records = np.frombuffer(raw, OF_RECORD)
    return np.array(records["image"]), np.array(records["label"], np.int64)
