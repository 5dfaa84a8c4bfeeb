"""Generation: module 15 of TinyTorch.

How text comes out of a language model: a token drawn from what it thinks likely, put behind the
others, and the same again.
"""

from .beam_search import beam_search
from .decoder import Decoder
from .finished import Beam
from .generate import Options, generate, stream
from .min_p import min_p
from .repetition_penalty import repetition_penalty
from .sampler import Sampler, occurrences
from .sampling import most_likely, probabilities, sample
from .temperature import temperature
from .text import Tokenizer, generate_text, stream_text
from .top_k import top_k
from .top_p import top_p

__all__ = [
    "Beam",
    "beam_search",
    "Decoder",
    "generate",
    "generate_text",
    "min_p",
    "most_likely",
    "occurrences",
    "Options",
    "probabilities",
    "repetition_penalty",
    "sample",
    "Sampler",
    "stream",
    "stream_text",
    "temperature",
    "Tokenizer",
    "top_k",
    "top_p",
]
