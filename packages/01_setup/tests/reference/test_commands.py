"""The commands that are recommended."""

import importlib.util

import pytest

from tinytorch.setup import commands


@pytest.fixture
def with_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


@pytest.mark.usefixtures("with_pip")
def test_pip_where_there_is_pip() -> None:
    assert commands.install(["a", "b>=1,<2"]) == 'python -m pip install a "b>=1,<2"'
    assert commands.uninstall("a") == "python -m pip uninstall a"


@pytest.mark.usefixtures("with_pip")
def test_the_reference_is_reinstalled_by_its_own_version() -> None:
    command = "python -m pip install --force-reinstall --no-deps"
    assert commands.reinstall("a", "0.1.0+student") == f'{command} "a==0.1.0"'
    assert commands.reinstall("a") == f"{command} a"


def test_uv_where_there_is_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert commands.install(["a"]) == "uv pip install a"
