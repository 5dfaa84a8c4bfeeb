"""Task 15.2: temperature."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import temperature


@pytest.mark.parametrize("shape", [(5,), (1, 4), (3, 4), (2, 3, 4), (0, 4)])
@pytest.mark.parametrize("t", [0.1, 0.7, 1.0, 2, 100.0])
def test_logits_are_divided(shape: tuple[int, ...], t: float, assert_close: Any) -> None:
    logits = np.random.default_rng(0).standard_normal(shape)
    before = logits.copy()
    assert_close(temperature(logits, t), before / t, f"temperature(logits {shape}, {t})")
    np.testing.assert_array_equal(logits, before, err_msg="the logits were written to")


def test_what_was_removed_stays_removed() -> None:
    assert temperature(np.array([0.0, -np.inf]), 2.0).tolist() == [0.0, -np.inf]


@pytest.mark.parametrize("t", [0.5, np.float64(0.5), 2])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays(t: Any, dtype: str) -> None:
    found = temperature(np.ones((1, 2), dtype), t)
    assert found.dtype == dtype, f"with t={t!r}, {dtype} became {found.dtype}"


def test_a_low_temperature_makes_the_likely_likelier(softmax: Any) -> None:
    logits = np.array([0.0, 1.0])
    shares = [float(softmax(temperature(logits, t))[1]) for t in (0.2, 1.0, 5.0)]
    assert shares[0] > shares[1] > shares[2] > 0.5, f"at 0.2, 1 and 5 the likelier has {shares}"


@pytest.mark.parametrize("t", [0, 0.0, -1.0, np.nan])
def test_what_is_no_temperature(t: float, refused: Any) -> None:
    with refused(ValueError, "temperature", str(t)):
        temperature(np.zeros((1, 3)), t)
