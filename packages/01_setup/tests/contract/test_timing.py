"""Task 1.1: time a piece of code honestly."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.setup import best_seconds, measure_speed, multiply_adds


class Laboratory:
    """A clock that only moves when the action runs, so that every duration is known."""

    def __init__(self, durations: list[float]) -> None:
        self.now = 100.0
        self.calls = 0
        self.durations = durations

    def clock(self) -> float:
        return self.now

    def action(self) -> None:
        self.now += self.durations[self.calls]
        self.calls += 1


def test_the_smallest_duration_is_returned() -> None:
    laboratory = Laboratory([8.0, 4.0, 2.0, 5.0])
    assert best_seconds(laboratory.action, repeats=3, clock=laboratory.clock) == 2.0


def test_the_first_call_is_not_timed() -> None:
    laboratory = Laboratory([1.0, 4.0, 3.0])
    assert best_seconds(laboratory.action, repeats=2, clock=laboratory.clock) == 3.0


@pytest.mark.parametrize("repeats", [1, 2, 7])
def test_the_action_runs_once_more_than_it_is_timed(repeats: int) -> None:
    laboratory = Laboratory([1.0] * 20)
    best_seconds(laboratory.action, repeats=repeats, clock=laboratory.clock)
    assert laboratory.calls == repeats + 1


def test_each_call_is_timed_by_itself() -> None:
    # Eight seconds for four calls is not what one call takes.
    laboratory = Laboratory([2.0] * 5)
    assert best_seconds(laboratory.action, repeats=4, clock=laboratory.clock) == 2.0


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20))
def test_it_is_the_minimum_of_all_but_the_first(durations: list[int]) -> None:
    laboratory = Laboratory([float(duration) for duration in durations])
    found = best_seconds(laboratory.action, len(durations) - 1, laboratory.clock)
    assert found == min(durations[1:])


@pytest.mark.parametrize("repeats", [0, -3])
def test_it_refuses_to_time_nothing(repeats: int) -> None:
    with pytest.raises(ValueError, match=str(repeats)):
        best_seconds(lambda: None, repeats=repeats)


def test_an_error_in_the_action_is_not_hidden() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        best_seconds(fails)


def test_longer_work_takes_longer_on_the_real_clock() -> None:
    def counting(times: int) -> Callable[[], int]:
        return lambda: sum(range(times))

    assert 0 < best_seconds(counting(1_000)) < best_seconds(counting(1_000_000))


@pytest.mark.parametrize(
    ("shapes", "expected"), [((2, 3, 4), 24), ((1, 1, 1), 1), ((5, 1, 7), 35), ((4, 0, 4), 0)]
)
def test_multiply_adds_are_counted(shapes: tuple[int, int, int], expected: int) -> None:
    assert multiply_adds(*shapes) == expected


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_multiply_adds_are_those_of_the_three_loops(m: int, k: int, n: int) -> None:
    count = 0
    for _row in range(m):
        for _column in range(n):
            for _term in range(k):
                count += 1
    assert multiply_adds(m, k, n) == count


def test_a_machine_has_a_speed() -> None:
    speed = measure_speed(size=64, copied_bytes=1 << 16)
    assert speed.threads >= 1
    assert speed.one_thread > 0
    assert speed.all_threads > 0
    assert speed.copy > 0
    assert "multiply-adds" in str(speed)
    assert set(speed.to_dict()) == {"threads", "one_thread", "all_threads", "copy"}
