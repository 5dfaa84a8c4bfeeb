"""The contract's own tools, to be tried themselves."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

CONFTEST = Path(__file__).parents[1] / "contract" / "conftest.py"


@pytest.fixture(scope="session")
def contract() -> Any:
    """What the contract tests share, as a module."""
    spec = importlib.util.spec_from_file_location("contract_of_activations", CONFTEST)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
