"""What the contract's checks say of wrong code: the call, what came, what was expected."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor


def told(call: Callable[[], object]) -> str:
    """What a check says when it fails."""
    with pytest.raises((AssertionError, pytest.fail.Exception)) as caught:
        call()
    return str(caught.value)


def doubled(x: Tensor, *, beta: float = 1.0) -> Tensor:
    return Tensor(x.array * x.dtype.type(2 * beta))


def widened(x: Tensor) -> Tensor:
    return Tensor(x.array * np.sqrt(2))


def logarithm_of_sum(x: Tensor, *, dim: int) -> Tensor:
    return Tensor(x.array - np.log(np.sum(x.array, axis=dim, keepdims=True)))


def test_one_wrong_result(contract: Any) -> None:
    x = np.array([1.0, 2.0], np.float32)
    message = told(lambda: contract.Judge(doubled).agrees(x, [2.0, 5.0], eps=8, beta=1.0))
    assert message == (
        "doubled(x, beta=1.0) in float32, shape (2,): 1 of 2 results is wrong. At index 1, for "
        "x = 2.0, came 4.0, expected 5.0: a relative error of 0.2, where 9.5e-07 is allowed"
    )


def test_several_wrong_results(contract: Any) -> None:
    x = np.array([[1.0, 2.0]])
    message = told(lambda: contract.Judge(doubled).agrees(x, [[0.0, np.inf]]))
    assert message == (
        "doubled(x) in float64, shape (1, 2): 2 of 2 results are wrong. At index (0, 0), for "
        "x = 1.0, came 2.0, expected 0.0: 2 too far from it, where 2.2e-308 is allowed"
    )


def test_an_infinite_result_has_no_relative_error(contract: Any) -> None:
    message = told(lambda: contract.Judge(doubled).agrees(np.array([1.0]), [np.inf]))
    assert message.endswith("came 2.0, expected inf")


def test_a_report_names_the_entries_that_bring_it(contract: Any) -> None:
    x = np.array([*range(20), 3e38, 4, -2.9e38], np.float32)
    message = told(lambda: contract.Judge(doubled).call(x))
    assert "'overflow encountered in multiply' for x = 3e+38, -2.9e+38. " in message
    assert 'np.errstate(over="ignore")' in message
    message = told(
        lambda: contract.Judge(doubled).call(np.arange(5, dtype=np.float32) * 1e37 + 3e38)
    )
    assert "3.2e+38 and 2 more. " in message


def test_a_report_without_entries_tells_of_the_empty_sum(contract: Any) -> None:
    message = told(lambda: contract.Judge(logarithm_of_sum).call(np.zeros((2, 0)), dim=1))
    assert "'divide by zero encountered in log'. There are no entries, so their sum is 0" in message
    message = told(lambda: contract.Judge(logarithm_of_sum).call(np.zeros((2, 2)), dim=1))
    assert "find what is 0 in a quotient or a logarithm" in message


def test_float64_by_a_number_of_numpy(contract: Any) -> None:
    message = told(lambda: contract.Judge(widened).call(np.ones(2, np.float32)))
    assert "widened([1., 1.]) in float32 gave float64, expected float32. A number of" in message
    assert "math.sqrt(2)" in message


def refuse(words: str, error: type[Exception] = ValueError) -> Any:
    raise error(words)


def test_a_refusal_passes(contract: Any) -> None:
    contract._refused(ValueError, "f(3)", lambda: refuse("f: got 3"), "f", "3")


def test_no_refusal(contract: Any) -> None:
    message = told(lambda: contract._refused(IndexError, "f(3)", lambda: 1.5, "f"))
    assert message == "f(3) should raise an IndexError, but raised nothing and gave 1.5"


def test_another_error(contract: Any) -> None:
    message = told(lambda: contract._refused(ValueError, "f(3)", lambda: refuse("oh", KeyError)))
    assert message == "f(3) should raise a ValueError, but raised a KeyError: 'oh'"


def test_another_message(contract: Any) -> None:
    message = told(
        lambda: contract._refused(ValueError, "f(3)", lambda: refuse("f"), "f", "3", "x")
    )
    assert message == "f(3) raises a ValueError, but its message should say 3 and x. It says: f"


def test_what_is_not_written_yet_says_so_itself(contract: Any) -> None:
    def unwritten() -> Any:
        raise NotImplementedError("task 3.1: relu")

    with pytest.raises(NotImplementedError):
        contract._refused(TypeError, "relu(1)", unwritten)
