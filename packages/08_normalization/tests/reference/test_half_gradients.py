"""In float16 the gradients are worked out in float32, and come in float16."""

from typing import Any

import numpy as np
import pytest

from tinytorch.normalization import batch_norm, group_norm, layer_norm, rms_norm
from tinytorch.tensor.testing import gradients_of

CASES: dict[str, tuple[Any, tuple[int, ...], dict[str, Any]]] = {
    "batch_norm": (batch_norm, (8,), {"training": True}),
    "layer_norm": (layer_norm, (8,), {"normalized_shape": 8}),
    "group_norm": (group_norm, (8,), {"num_groups": 2}),
    "rms_norm": (rms_norm, (8,), {"normalized_shape": 8}),
}


def gradients(operation: Any, inputs: list[Any], g: Any, options: dict[str, Any]) -> list[Any]:
    out, *saved = operation.forward(*inputs, **options)
    needs = (True,) * len(inputs)
    return gradients_of(operation, needs, inputs, options, [out], tuple(saved), g)


@pytest.mark.parametrize("name", CASES)
def test_they_are_those_of_float64_rounded(name: str) -> None:
    operation, shape, options = CASES[name]
    draws = np.random.default_rng(0)
    parameters = [draws.uniform(0.5, 2, shape) for _ in operation.inputs[1:]]
    inputs = [draws.uniform(-400, 600, (6, 8)), *parameters]
    g = draws.standard_normal((6, 8)).astype(np.float16)
    half = [values.astype(np.float16) for values in inputs]
    found = gradients(operation, half, g, options)
    wide = [values.astype(np.float64) for values in half]
    expected = gradients(operation, wide, g.astype(np.float64), options)
    for ours, exact in zip(found, expected, strict=True):
        assert ours.dtype == np.float16
        np.testing.assert_allclose(ours, exact, rtol=2e-3, atol=1e-6)
