"""Tokens, embeddings and positions: module 12 of TinyTorch.

What stands between a text and a network: numbers for its pieces, vectors for the numbers, and where
in the text each of them stands.
"""

from .bpe import BPETokenizer
from .characters import CharTokenizer
from .embedding import Embedding, embedding
from .learned import LearnedPositions
from .rotary import RotaryPositions, rotary
from .sinusoidal import SinusoidalPositions, sinusoidal_positions

__all__ = [
    "BPETokenizer",
    "CharTokenizer",
    "Embedding",
    "LearnedPositions",
    "RotaryPositions",
    "SinusoidalPositions",
    "embedding",
    "rotary",
    "sinusoidal_positions",
]
