"""What is measured: cases, each with contenders that do the same work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

Work = Callable[[], object]
Factory = Callable[[], Work]

WORKLOADS = (
    "xor",
    "cnn",
    "gpt",
    "attention",
    "tokenizer",
    "convolution",
    "batch_norm",
    "optimizer",
    "data_loading",
    "scaling",
)
"""The modules of this package that have a list of `CASES`, in the order of the table."""


@dataclass(frozen=True)
class Case:
    """Work that several contenders do, each in its own way.

    name: as in the table. contenders: for each name a function that prepares everything and gives
    the one that does the work once. The first is what the others are compared with.
    memory: whether the peak memory of a process that does nothing else is of interest.
    """

    name: str
    contenders: Mapping[str, Factory] = field(compare=False)
    memory: bool = False


def cases_of(workload: str) -> list[Case]:
    """The cases of one of `WORKLOADS`."""
    cases: list[Case] = import_module(f"bench.{workload}").CASES
    return cases
