"""Task 1.2 at work: the report on this machine."""

import json
import os
import platform
import sys

import numpy
import pytest

from tinytorch.setup import Environment, environment


@pytest.fixture(scope="module")
def here() -> Environment:
    return environment()


@pytest.mark.in_process("of the Python that runs it")
def test_it_names_this_python(here: Environment) -> None:
    assert here.python == platform.python_version()
    assert here.implementation == platform.python_implementation()
    assert here.executable == sys.executable


def test_it_names_this_platform(here: Environment) -> None:
    assert platform.system() in here.platform or sys.platform == "darwin"
    assert here.machine == platform.machine()


@pytest.mark.in_process("of the Python that runs it")
def test_a_virtual_environment_is_its_folder(here: Environment) -> None:
    if sys.prefix != sys.base_prefix:
        assert here.virtual_environment == sys.prefix
    else:
        assert here.virtual_environment in (None, sys.prefix)


def test_the_cores_are_plausible(here: Environment) -> None:
    assert here.cores.logical == os.cpu_count()
    assert 1 <= here.cores.usable <= here.cores.logical
    assert here.cores.physical is None or 1 <= here.cores.physical <= here.cores.logical


def test_affinity_is_a_limit(here: Environment) -> None:
    if hasattr(os, "sched_getaffinity"):
        assert here.cores.usable <= len(os.sched_getaffinity(0))


def test_the_memory_is_in_bytes(here: Environment) -> None:
    assert 2**26 < here.memory.total < 2**50
    assert 0 < here.memory.available <= here.memory.total
    assert here.memory.limit is None or here.memory.limit > 0


def test_numpy_and_its_blas_are_named(here: Environment) -> None:
    assert here.numpy == numpy.__version__
    assert here.blas is not None
    assert here.blas.name
    assert here.blas.threads is None or here.blas.threads >= 1


def test_the_text_says_it_all(here: Environment) -> None:
    text = str(here)
    for word in (here.python, here.implementation, here.numpy, "GiB", "logical"):
        assert str(word) in text


def test_the_json_says_it_all(here: Environment) -> None:
    plain = json.loads(here.to_json())
    assert plain == here.to_dict()
    assert plain["python"] == here.python
    assert plain["cores"]["usable"] == here.cores.usable
    assert plain["memory"]["total"] == here.memory.total
    assert plain["blas"]["name"] == here.blas.name if here.blas else plain["blas"] is None


def test_a_result_cannot_be_changed(here: Environment) -> None:
    with pytest.raises(AttributeError):
        here.python = "2.7"  # type: ignore[misc]
