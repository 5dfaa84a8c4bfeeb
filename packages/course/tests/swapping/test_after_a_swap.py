"""What the command knows of a module after it was swapped in: its points, and who replaced it."""

from __future__ import annotations

import made_up


def replaced(place) -> list[tuple[str, str]]:
    return [(each.module, each.folder) for each in place.machine.json("status").replaced]


def reinstall(place, wheelhouse) -> None:
    options = ["--force-reinstall", "--no-deps", "--find-links", str(wheelhouse)]
    place.pip("install", *options, "tinytorch-tensor")


def test_status_notices_that_pip_put_the_reference_over_a_swap(place, wheelhouse):
    project = place.project()
    assert place.swap(project).exit_code == 0
    assert replaced(place) == []
    reinstall(place, wheelhouse)
    assert replaced(place) == [("tensor", str(project))]
    told = place.machine.invoke("status").stdout
    assert f"tinytorch swap tensor '{project}'" in told
    assert place.swap(project).exit_code == 0
    assert replaced(place) == []


def test_a_restore_is_no_replacement(place):
    place.swap(place.project())
    place.restore()
    assert replaced(place) == []


def test_a_restore_of_what_pip_replaced_settles_it(place, wheelhouse):
    place.swap(place.project())
    reinstall(place, wheelhouse)
    assert place.restore().exit_code == 0
    assert replaced(place) == []


def test_a_swap_says_that_tasks_do_not_pass_yet(place):
    made_up.write_material(place.machine.root / "material")
    told = place.swap(place.project())
    assert told.exit_code == 0
    assert "Its tasks were not checked yet:  tinytorch check " in told.stdout
    assert "points" not in told.stdout
    told = place.machine.json("swap", "tensor", str(place.project("other")))
    assert (told.outcome, told.points, told.possible) == ("swapped", 0, 100)


def test_a_swap_says_which_tasks_were_not_checked_since_a_change(place, monkeypatch):
    """A file that is no Python fails every task; one task alone is no word on the others."""
    made_up.write_material(place.machine.root / "material")
    project = place.project(files={"numbers.py": made_up.STARTER})
    monkeypatch.chdir(project)
    made_up.solve(project, double="    return (\n")
    place.machine.invoke("check")
    made_up.solve(project)
    place.machine.invoke("check", "--task", "2.2")
    told = place.swap(".").stdout
    assert "  When last checked, 1 of 2 tasks passed: 60 of 100 points.\n" in told
    assert "  Not checked since its files changed: 2.1. Check them:  tinytorch check\n" in told
    made_up.solve(project, halve=made_up.HALVE)
    place.machine.invoke("check")
    told = place.swap(".").stdout
    assert "  When last checked, 1 of 2 tasks passed: 40 of 100 points.\n" in told
    assert "since its files changed" not in told


def test_a_swap_of_what_passes_says_nothing_of_points(place):
    made_up.write_material(place.machine.root / "material")
    project = place.project()
    rows = '"2.1": {"points": 40}, "2.2": {"points": 60}'
    made_up.write(project / ".tinytorch" / "progress.json", f'{{"tasks": {{{rows}}}}}')
    assert "points" not in place.swap(project).stdout
