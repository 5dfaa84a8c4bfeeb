"""A made-up `tinytorch.tensor` to be judged apart, and a way to judge it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course.apart.judging import judge_apart
from tinytorch_course.checking.judging import Judgement, Limits
from tinytorch_course.checking.launching import AsTheUser

HONEST = '''\
import dataclasses
import typing
import numpy as np

__all__ = ["Tensor", "Module"]


class Tensor:
    """Some numbers."""

    __array_ufunc__ = None

    def __init__(self, data):
        self.array = np.asarray(data, np.float32)

    @property
    def shape(self):
        return self.array.shape

    def numpy(self):
        return self.array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype, copy=copy)

    def __add__(self, other):
        return Tensor(self.array + getattr(other, "array", other))

    def __rsub__(self, other):
        return Tensor(other - self.array)

    def __sub__(self, other):
        return Tensor(self.array - getattr(other, "array", other))

    def __eq__(self, other):
        if not isinstance(other, Tensor | int | float):
            return NotImplemented
        return Tensor(self.array == getattr(other, "array", other))

    __hash__ = object.__hash__

    def __bool__(self):
        return bool(self.array)

    def __len__(self):
        return len(self.array)

    def __getitem__(self, index):
        return Tensor(self.array[index])

    def all(self):
        return Tensor(self.array.all())

    def __repr__(self):
        return f"Tensor({self.array.tolist()})"


class Module:
    limit = 1

    def __init__(self):
        self.parts = {}

    def __setattr__(self, name, value):
        if isinstance(value, Module):
            self.parts[name] = value
        object.__setattr__(self, name, value)

    def forward(self, x):
        raise NotImplementedError(type(self).__name__)

    def __call__(self, x):
        return self.forward(x)

    def children(self):
        yield from self.parts.values()

    def apply(self, function):
        for child in self.children():
            child.apply(function)
        function(self)
        return self


class Double(Module):
    def forward(self, x):
        return x + x


class Range(ValueError):
    def __str__(self):
        return f"out of range: {self.args[0]}"


class Pair(typing.NamedTuple):
    first: object
    second: int

    def __repr__(self):
        return "a pair"


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int


def double(x):
    return 2 * x


def pair(x):
    return Pair(Tensor([x]), x)


def refuse(x):
    try:
        {}[x]
    except KeyError as error:
        raise Range(x) from error


def call(function, *args, **kwargs):
    return function(*args, **kwargs)


def forgive(function):
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return "nothing"


def total(numbers):
    return sum(numbers)


def loaded():
    return {name.partition(".")[0] for name in __import__("sys").modules}


def drawn(generator):
    return generator.standard_normal(3)
'''


AMPLE = Limits(check=20, total=300)


@dataclass(frozen=True)
class Course:
    folder: Path

    def judge(self, code: str, checks: str, limits: Limits = AMPLE, salt: int = 1) -> Judgement:
        """Every check is a group of its own."""
        source = self.folder / "src"
        module = source / "tinytorch" / "tensor" / "__init__.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(code, encoding="utf-8")
        file = self.folder / "checks" / "test_it.py"
        file.parent.mkdir(exist_ok=True)
        preamble = PREAMBLE + (HYPOTHESIS if "@given" in checks else "")
        file.write_text(preamble + checks, encoding="utf-8")
        ids = [f"test_it.py::{name}" for name in re.findall(r"^def (test_\w+)", checks, re.M)]
        return judge_apart(
            *("tinytorch.tensor", source, [source], file.parent),
            *({each: [each] for each in ids}, limits, AsTheUser(), salt),
        )

    def results(self, code: str, checks: str, **options: object) -> dict[str, str]:
        """For each check "passed", or what is wrong."""
        found = self.judge(code, checks, **options)  # type: ignore[arg-type]
        assert found.unimportable is None, found.unimportable
        return {
            name.partition("::test_")[2]: "passed"
            if outcome.passed
            else f"{outcome.failure.error}: {outcome.failure.message}"
            if outcome.failure
            else "not run"
            for name, outcome in found.outcomes.items()
        }


PREAMBLE = """\
import math
import operator
import sys

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.tensor import Module, Tensor

"""
HYPOTHESIS = "from hypothesis import given, settings, strategies as st\n\n"
