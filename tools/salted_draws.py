"""A pytest plugin: what checks draw at random is drawn anew for each, as when work is graded.

`pytest -p salted_draws --count 100` shows whether a right solution could fail by chance. What the
module under test draws by itself stays as it is, since grading cannot change that, either.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

unsalted: Any = np.random.default_rng


class Salt:
    """Another one for each check; 0 until the first begins."""

    def __init__(self) -> None:
        self.now = 0

    def default_rng(self, seed: Any = None) -> np.random.Generator:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        is_plain = not isinstance(seed, int | np.integer) or caller.startswith("tinytorch.")
        drawn: np.random.Generator = unsalted(seed if is_plain else [int(seed), self.now])
        return drawn

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.now = secrets.randbits(32)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        if report.failed:
            report.sections.append(("salt", str(self.now)))
        return report


def pytest_configure(config: pytest.Config) -> None:
    salt = Salt()
    np.random.default_rng = salt.default_rng
    config.pluginmanager.register(salt)
