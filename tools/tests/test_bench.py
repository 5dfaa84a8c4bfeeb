"""The bench: what is compared with what, and how its figures come about. No figure is judged."""

import json
from pathlib import Path

import pytest

from bench.case import WORKLOADS, Case, cases_of
from bench.contest import Contender, Result, compete, result_of
from bench.table import markdown, write_json

BY_HAND = "NumPy by hand"


def by_hand_alone() -> Case:
    [case] = cases_of("xor")
    return Case(case.name, {BY_HAND: case.contenders[BY_HAND]}, memory=True)


def test_every_case_has_a_name_of_its_own_and_somebody_to_compare_with() -> None:
    cases = [case for workload in WORKLOADS for case in cases_of(workload)]
    assert len({case.name for case in cases}) == len(cases)
    assert all(len(case.contenders) > 1 for case in cases)


def test_a_ratio_is_of_times_of_the_same_round() -> None:
    """Each round is half as fast as the one before, for both: the ratio stays."""
    case = Case("work", {"first": lambda: lambda: None, "other": lambda: lambda: None})
    times = {"first": [4.0, 8.0, 16.0], "other": [2.0, 4.0, 8.0]}
    result = result_of("none", case, "other", times)
    assert (result.low, result.ratio, result.high) == (2, 2, 2)
    assert result.seconds == 4


def test_one_disturbed_round_does_not_count() -> None:
    case = Case("work", {"first": lambda: lambda: None, "other": lambda: lambda: None})
    times = {"first": [3.0] * 5, "other": [1.0, 1.0, 60.0, 1.0, 1.0]}
    assert result_of("none", case, "other", times).ratio == 3


def test_a_contender_works_in_a_process_of_its_own() -> None:
    contender = Contender("xor", BY_HAND)
    try:
        told = contender.run("XOR step", 3)
    finally:
        contender.close()
    assert len(told["seconds"]) == 3
    assert min(told["seconds"]) > 0
    assert told["peak_bytes"] > 2**20


def test_a_contest_from_beginning_to_end() -> None:
    [[result]] = list(compete("xor", [by_hand_alone()], rounds=2))
    assert result.ratio == 1
    assert result.peak_mib is not None
    assert result.peak_mib > 1


def test_a_contender_that_ends_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    contender = Contender("xor", "nobody")
    with pytest.raises(RuntimeError, match="nobody ended in 'XOR step'"):
        contender.run("XOR step", 1)
    contender.close()
    assert "KeyError" in capfd.readouterr().err


def test_the_table_and_the_json_say_the_same(tmp_path: Path) -> None:
    results = [
        Result("work", "PyTorch", 1, 1, 1, 0.25, 400.0),
        Result("work", "TinyTorch", 1.5, 1.25, 1.75, 0.375, 100.0),
    ]
    row = markdown(results).splitlines()[-1]
    assert row.startswith("| work | PyTorch | TinyTorch 1.50 (1.25-1.75) |")
    assert "TinyTorch 100 MiB" in row
    write_json(results, tmp_path / "bench.json")
    told = json.loads((tmp_path / "bench.json").read_text())
    assert [each["ratio"] for each in told["results"]] == [1, 1.5]
    assert "numpy" in told["surroundings"]
