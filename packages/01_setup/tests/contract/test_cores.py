"""Task 1.2: how many cores are yours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytorch.setup import parse_quota, usable_cores


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("200000 100000", 2.0),
        ("150000 100000", 1.5),
        ("50000 100000", 0.5),
        ("100000 50000", 2.0),
        ("25000 100000\n", 0.25),
    ],
)
def test_a_quota_is_granted_time_over_the_period(text: str, cores: float) -> None:
    assert parse_quota(text) == pytest.approx(cores)


@pytest.mark.parametrize("text", ["max 100000", "max 50000\n"])
def test_max_is_no_limit(text: str) -> None:
    assert parse_quota(text) is None


@given(st.integers(1, 10**7), st.integers(1000, 10**6))
def test_any_quota(granted: int, period: int) -> None:
    assert parse_quota(f"{granted} {period}") == pytest.approx(granted / period)


@pytest.mark.parametrize(
    ("logical", "allowed", "quota", "expected"),
    [
        (8, None, None, 8),
        (8, 4, None, 4),
        (8, None, 2.0, 2),
        (8, 4, 2.0, 2),
        (8, 2, 4.0, 2),
        (2, 8, 16.0, 2),
    ],
)
def test_the_smallest_known_limit_counts(
    logical: int, allowed: int | None, quota: float | None, expected: int
) -> None:
    assert usable_cores(logical, allowed, quota) == expected


@pytest.mark.parametrize(("quota", "expected"), [(1.5, 2), (2.01, 3), (3.0, 3), (0.1, 1)])
def test_a_part_of_a_core_counts_as_one(quota: float, expected: int) -> None:
    assert usable_cores(8, quota=quota) == expected


def test_there_is_always_at_least_one() -> None:
    assert usable_cores(0) == 1
    assert usable_cores(4, allowed=0) == 1
    assert usable_cores(4, quota=0.0) == 1


@given(
    st.integers(1, 256),
    st.none() | st.integers(1, 256),
    st.none() | st.floats(0.01, 256, allow_nan=False),
)
def test_no_limit_is_exceeded_by_a_whole_core(
    logical: int, allowed: int | None, quota: float | None
) -> None:
    cores = usable_cores(logical, allowed, quota)
    assert isinstance(cores, int)
    assert 1 <= cores <= logical
    assert allowed is None or cores <= allowed
    assert quota is None or cores < quota + 1
