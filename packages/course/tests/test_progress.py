"""What was earned outlives the project, and moves to another machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import made_up
import pytest

from tinytorch_course import history


@pytest.fixture
def earned(writer, project):
    """40 of 100 points, then 100."""
    made_up.solve(project, halve=made_up.HALVE)
    writer.json("check", "tensor")
    made_up.solve(project)
    writer.json("check", "tensor")
    return writer


def test_nothing_yet(writer):
    assert "Nothing was checked yet" in writer.invoke("progress").stdout
    assert writer.json("progress").modules == []


def test_points_by_task_and_when(earned):
    (module,) = earned.json("progress").modules
    assert (module.points, module.possible, module.in_use) == (100, 100, False)
    assert [task.points for task in module.tasks] == [40, 60]
    assert module.tasks[0].since <= module.tasks[1].since
    shown = earned.invoke("progress").stdout
    assert "100 of 100" in shown
    assert str(history.file()) in shown


def test_the_best_counts_whatever_becomes_of_the_project(earned, project):
    made_up.solve(project, double="    return 7\n")
    earned.json("check", "tensor")
    shutil.rmtree(project)
    assert earned.json("progress").modules[0].points == 100


def test_a_check_that_changes_nothing_adds_nothing(earned):
    before = history.file().read_bytes()
    earned.json("check", "tensor")
    assert history.file().read_bytes() == before


def test_one_task_alone_keeps_the_others(earned, project):
    made_up.solve(project, halve="    return 7\n")
    earned.json("check", "tensor", "--task", "2.1")
    assert earned.json("progress").modules[0].points == 100


def test_broken_lines_are_passed_by_and_stay(earned):
    with history.file().open("ab") as file:
        file.write(b'{"at": "2026", "module"\n\xff\xfe\n[]\n{"points": 3}\n')
    before = history.file().read_bytes()
    assert earned.json("progress").modules[0].points == 100
    assert history.file().read_bytes() == before


def test_it_moves_to_another_machine_and_merges(earned, monkeypatch, tmp_path):
    assert earned.invoke("progress", "--export", "mine.jsonl").exit_code == 0
    assert "is there already" in earned.invoke("progress", "--export", "mine.jsonl").output
    monkeypatch.setenv("TINYTORCH_HOME", str(tmp_path / "other"))
    made_up.write(
        history.file(),
        json.dumps(
            {
                "at": "2020-01-01T00:00:00+00:00",
                "module": "tensor",
                "version": "0.1.0",
                "project": "/elsewhere",
                "points": {"2.1": 40},
            }
        )
        + "\n",
    )
    for new in ("2 entries are new", "0 entries are new"):
        result = earned.invoke("progress", "--import", "mine.jsonl")
        assert new in result.stderr
    (module,) = earned.json("progress").modules
    assert module.points == 100
    assert module.tasks[0].since == "2020-01-01T00:00:00+00:00"


def test_an_export_of_nothing(writer):
    result = writer.invoke("progress", "--export", "mine.jsonl")
    assert "There is no history yet" in result.output
    assert not Path("mine.jsonl").exists()
