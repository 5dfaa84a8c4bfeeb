"""A GPT in nanoGPT's setting for a CPU: 4 blocks, 4 heads, 128 wide, context 64, batch 12.

A step of training: forward, back, gradients clipped, AdamW. The steps are all but zero, for the
reason that `cnn` gives. And writing a hundred tokens, with a cache and without.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

BATCH, CONTEXT, VOCABULARY, LAYERS, HEADS, WIDTH = 12, 64, 65, 4, 4, 128
LR = 1e-6
NEW_TOKENS = 100
PROMPT = [1, 2, 3]


def tokens() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    drawn = rng.integers(VOCABULARY, size=(2, BATCH, CONTEXT))
    return drawn[0], drawn[1]


def pytorch_model(context: int) -> Any:
    """The same model in PyTorch: its own layers, and its own fused attention."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.c_attn, self.c_out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.c_fc, self.c_proj = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x: Any, cache: list[Any] | None = None) -> Any:
            batch, length, _ = x.shape
            parts = self.c_attn(self.ln_1(x)).split(WIDTH, dim=2)
            q, k, v = (p.view(batch, length, HEADS, -1).transpose(1, 2) for p in parts)
            if cache is not None:
                if cache:
                    k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
                cache[:] = [k, v]
            y = F.scaled_dot_product_attention(q, k, v, is_causal=length > 1)
            x = x + self.c_out(y.transpose(1, 2).reshape(batch, length, WIDTH))
            return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(context, WIDTH)
            self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
            self.ln_f = nn.LayerNorm(WIDTH)

        def forward(self, idx: Any, caches: list[Any] | None = None, start: int = 0) -> Any:
            x = self.wte(idx) + self.wpe.weight[start : start + idx.shape[1]]
            for i, block in enumerate(self.blocks):
                x = block(x, None if caches is None else caches[i])
            return F.linear(self.ln_f(x), self.wte.weight)

    return GPT()


def pytorch_step() -> Work:
    import torch

    torch.set_num_threads(2)
    model = pytorch_model(CONTEXT)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, betas=(0.9, 0.99), weight_decay=0.1)
    x, y = map(torch.from_numpy, tokens())

    def step() -> None:
        optimizer.zero_grad()
        scores = model(x)
        torch.nn.functional.cross_entropy(scores.view(-1, VOCABULARY), y.view(-1)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def tinytorch_model(context: int) -> Any:
    from tinytorch.transformers import GPT, GPTConfig

    return GPT(GPTConfig(VOCABULARY, context, LAYERS, HEADS, WIDTH))


def tinytorch_step(shards: int = 1) -> Work:
    from threadpoolctl import threadpool_limits

    import tinytorch.autograd  # noqa: F401 - backward
    from tinytorch.optimizers import AdamW, clip_grad_norm_
    from tinytorch.tensor import Tensor
    from tinytorch.training import Shards, cross_entropy, keep_memory

    keep_memory()
    threadpool_limits(2)
    model = tinytorch_model(CONTEXT)
    optimizer = AdamW(model.parameters(), lr=LR, betas=(0.9, 0.99), weight_decay=0.1)
    x, y = map(Tensor, tokens())

    def loss_of(scores: Any, targets: Any) -> Any:
        return cross_entropy(scores.reshape(-1, VOCABULARY), targets.reshape(-1))

    if shards > 1:
        shared = Shards(model, loss_of, shards)

    def step() -> None:
        optimizer.zero_grad()
        if shards > 1:
            shared.backward(x, y)
        else:
            loss_of(model(x), y).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def products() -> Work:
    """The matrix products of the step alone, at their shapes, with nothing copied."""
    rows, size = BATCH * CONTEXT, WIDTH // HEADS
    sizes = [(WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, 4 * WIDTH), (4 * WIDTH, WIDTH)] * LAYERS
    shapes: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for inner, outer in [*sizes, (WIDTH, VOCABULARY)]:
        shapes += [((rows, inner), (inner, outer)), ((rows, outer), (outer, inner))]
        shapes += [((inner, rows), (rows, outer))]
    heads = (BATCH, HEADS)
    for _ in range(LAYERS):
        square, flat = (*heads, CONTEXT, CONTEXT), (*heads, CONTEXT, size)
        shapes += [(flat, (*heads, size, CONTEXT))] * 2 + [(square, flat)] * 4
    pairs = [(np.ones(a, np.float32), np.ones(b, np.float32)) for a, b in shapes]
    places = [np.empty_like(a @ b) for a, b in pairs]

    def step() -> None:
        for (a, b), out in zip(pairs, places, strict=True):
            np.matmul(a, b, out=out)

    return step


def pytorch_writing(cache: bool) -> Work:
    """A hundred tokens, each drawn from all: a temperature of 0.8, as nanoGPT's `generate`."""
    import torch

    torch.set_num_threads(2)
    model = pytorch_model(len(PROMPT) + NEW_TOKENS).eval()

    def work() -> None:
        with torch.no_grad():
            write()

    def write() -> None:
        idx = torch.tensor([PROMPT])
        caches: list[Any] = [[] for _ in range(LAYERS)]
        new = idx
        for _ in range(NEW_TOKENS):
            start = idx.shape[1] - new.shape[1]
            scores = model(new, caches, start) if cache else model(idx)
            weights = torch.softmax(scores[:, -1] / 0.8, dim=-1)
            new = torch.multinomial(weights, 1)
            idx = torch.cat([idx, new], dim=1)

    return work


def tinytorch_writing(cache: bool) -> Work:
    from tinytorch.generation import generate

    model = tinytorch_model(len(PROMPT) + NEW_TOKENS).eval()
    draws = np.random.default_rng(0)

    def work() -> None:
        generate(model, PROMPT, NEW_TOKENS, temperature=0.8, generator=draws, use_cache=cache)

    return work


CASES = [
    Case(
        "GPT step",
        {
            "PyTorch": pytorch_step,
            "TinyTorch": tinytorch_step,
            "TinyTorch, 2 shards": partial(tinytorch_step, 2),
            "products alone": products,
        },
        memory=True,
    ),
    Case(
        "writing 100 tokens",
        {
            "PyTorch, no cache": partial(pytorch_writing, False),
            "PyTorch, cache": partial(pytorch_writing, True),
            "TinyTorch, no cache": partial(tinytorch_writing, False),
            "TinyTorch, cache": partial(tinytorch_writing, True),
        },
    ),
]
