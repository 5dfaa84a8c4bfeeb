"""Attention: module 13 of TinyTorch.

Each position of a sequence asks all the others, and takes the mean of what they answer, by how well
their keys fit its query.
"""

from . import exponentials
from .cache import KVCache
from .fused import attention, scaled_dot_product_attention
from .masks import causal_mask, padding_mask, sliding_window_mask
from .multi_head import MultiHeadAttention
from .packed import packed_attention
from .step import cached_attention
from .weights import attention_weights, composed_attention

__all__ = [
    "KVCache",
    "MultiHeadAttention",
    "attention",
    "attention_weights",
    "cached_attention",
    "causal_mask",
    "composed_attention",
    "exponentials",
    "packed_attention",
    "padding_mask",
    "scaled_dot_product_attention",
    "sliding_window_mask",
]
