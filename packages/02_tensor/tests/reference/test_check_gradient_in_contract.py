"""The contract's check of gradient rules works: shown with rules that are made here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinytorch.tensor as tt

CONTRACT = Path(__file__).parent.parent / "contract"
X, Y = np.array([[0.5, 1.5], [2.0, 0.7]]), np.array([[1.2, 0.4], [0.9, 1.1]])


@pytest.fixture(scope="module")
def check_gradient():
    spec = importlib.util.spec_from_file_location("contract_conftest", CONTRACT / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module._check_gradient


@pytest.fixture
def mul():
    before = tt.mul.rule
    yield tt.mul
    tt.mul.rule = before


def test_a_right_rule_passes(check_gradient, mul):
    mul.define_rule(a=lambda g, b: g * b, b=lambda g, a: g * a)
    check_gradient("mul", X, Y)
    check_gradient("mul", X, Y[0])


def test_a_wrong_rule_fails(check_gradient, mul):
    mul.define_rule(a=lambda g, b: g * b, b=lambda g, b: g * b)
    with pytest.raises(AssertionError, match="mul: the gradient of b is wrong"):
        check_gradient("mul", X, Y)


def test_without_a_rule_or_an_operation_there_is_nothing_to_check(check_gradient, mul):
    mul.rule = None
    check_gradient("mul", X, Y)
    check_gradient("composed by a student", X)


@pytest.mark.parametrize(("rule", "code"), [("g * b", 0), ("g / b", 1)])
def test_a_contract_test_is_red_when_the_rule_is_wrong(tmp_path, rule, code):
    plugin = (
        "import importlib, importlib.util\n"
        "import tinytorch.tensor as tt\n"
        "if importlib.util.find_spec('tinytorch.autograd'):\n"
        "    importlib.import_module('tinytorch.autograd')  # its rules first, then this one\n"
        f"tt.mul.define_rule(a=lambda g, b: {rule}, b=lambda g, a: g * a)\n"
    )
    (tmp_path / "with_a_rule.py").write_text(plugin, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    judge = "test_gradient_of_two_tensors"
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "with_a_rule", "-p", "no:cacheprovider",
         "--import-mode=importlib", f"{CONTRACT / 'test_arithmetic.py'}::{judge}"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ("the gradient of a is wrong" in ran.stdout) == bool(code)
