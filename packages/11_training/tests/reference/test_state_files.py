"""States in files: what goes in comes out, and nothing else can be in them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load_file, save_file

from tinytorch.layers import Linear
from tinytorch.tensor import Tensor
from tinytorch.training import load_state, save_state

DTYPES = ["float16", "float32", "float64", "int8", "int64", "uint8", "uint32", "bool"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
KEYS = st.one_of(st.text("ab/#.0", max_size=4))
STATES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), ARRAYS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


def same(found: Any, given: Any) -> bool:
    if isinstance(given, np.ndarray):
        return (
            isinstance(found, np.ndarray)
            and (found.shape, found.dtype) == (given.shape, given.dtype)
            and found.tobytes() == given.tobytes()
        )
    if isinstance(given, dict):
        return found.keys() == given.keys() and all(same(found[k], given[k]) for k in given)
    if isinstance(given, list):
        return len(found) == len(given) and all(map(same, found, given))
    if isinstance(given, float) and given != given:
        return bool(found != found)
    return type(found) is type(given) and found == given


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, STATES, max_size=4))
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("state") / "state"
    save_state(path, state)
    assert same(load_state(path), state)


def test_tensors_tuples_and_numbers_of_numpy(tmp_path: Path) -> None:
    state = {"a": Tensor([1.5, 2.5]), 3: (1, np.float32(0.5), np.int64(7)), "t": Tensor(2.0)}
    save_state(tmp_path / "new" / "state", state)
    found = load_state(tmp_path / "new" / "state")
    assert found["a"].tolist() == [1.5, 2.5]
    assert found["a"].dtype == np.float32
    assert found["3"] == [1, 0.5, 7]
    assert found["t"].shape == ()


def test_arrays_that_lie_in_memory_in_another_way(tmp_path: Path) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    views = {"t": array.T, "s": array[:, ::2], "b": array[::-1], "f": np.asfortranarray(array)}
    save_state(tmp_path / "state", views)
    for name, values in load_state(tmp_path / "state").items():
        np.testing.assert_array_equal(values, views[name])


def test_other_programs_can_read_it(tmp_path: Path) -> None:
    layer = Linear(3, 2)
    save_state(tmp_path / "state.safetensors", {"model": layer.state_dict(), "epoch": 3})
    found = load_file(tmp_path / "state.safetensors")
    assert set(found) == {"model/weight", "model/bias"}
    np.testing.assert_array_equal(found["model/weight"], layer.weight.detach().numpy())
    length = int.from_bytes((tmp_path / "state.safetensors").read_bytes()[:8], "little")
    header = json.loads((tmp_path / "state.safetensors").read_bytes()[8 : 8 + length])
    assert json.loads(header["__metadata__"]["tinytorch"])["epoch"] == 3


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"a": {"b": [1, object()]}}, ["a/b/1", "object"]),
        ({"a": np.array(["text"])}, ["a", "<U4"]),
        ({"a": {(1, 2): 3}}, ["(1, 2)", "key"]),
        ({"$array": "a"}, ["$array"]),
        ({"a": 1j}, ["a", "complex"]),
    ],
    ids=["object", "texts", "key", "marker", "complex"],
)
def test_what_cannot_be_saved(state: Any, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(TypeError) as caught:
        save_state(tmp_path / "state", state)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert not list(tmp_path.iterdir())


def test_keys_that_are_the_same_as_texts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same as texts"):
        save_state(tmp_path / "state", {"a": {1: 2, "1": 3}})


def test_files_that_hold_no_state(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        load_state(tmp_path / "nothing")
    save_state(tmp_path / "state", {"a": np.arange(1000)})
    data = (tmp_path / "state").read_bytes()
    for number, damaged in enumerate((b"", data[:5], data[:-1], data[:300], b"\x80\x04N." * 30)):
        (tmp_path / f"damaged{number}").write_bytes(damaged)
        with pytest.raises(ValueError, match=f"damaged{number}"):
            load_state(tmp_path / f"damaged{number}")
    save_file({"a": np.arange(3)}, tmp_path / "other")
    with pytest.raises(ValueError, match="no state"):
        load_state(tmp_path / "other")
