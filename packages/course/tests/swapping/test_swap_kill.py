"""A swap that is cut off at any step, or cannot do one, leaves the old or the new, never neither.

`cut_off.py` does the cutting.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tinytorch_course.swapping import exchange, interrupted, storage
from tinytorch_course.swapping.refusal import Refusal

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("cut_off", HERE / "cut_off.py")
cut_off = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cut_off)
OLD, NEW = "reference 0.1.0", "mine 0.1.0+student"
FAR = 10_000


class Bench:
    """An exchange of the reference for a student's, to be tried again and again."""

    def __init__(self, place, how: str) -> None:
        project = place.project()
        self.place = place
        self.site = place.site
        self._leave_only_tensor()
        self.before = place.files()
        self.start = self.before
        self.found = None
        self.backup = shutil.copytree(place.site, place.home.parent / "backup", symlinks=True)
        assert place.swap(project, how).exit_code == 0
        self.after = place.files()
        self.first = [str(project / "src")] if how == "--editable" else []
        self.new = place.home.parent / "new"
        names = [each for each in self.after if each not in self.before or self._is_changed(each)]
        for name in names:
            (self.new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.site / name, self.new / name)
        self.count = place.home.parent / "count"
        self.reset()

    def _leave_only_tensor(self) -> None:
        """All else would only be copied again and again."""
        for each in [*self.site.glob("tinytorch*/*"), *self.site.glob("tinytorch*")]:
            if each.is_dir() and "tensor" not in each.name and each.name != "tinytorch":
                shutil.rmtree(each)
        for each in self.site.rglob("__pycache__"):
            shutil.rmtree(each)

    def _is_changed(self, name: str) -> bool:
        return self.after[name] != self.before[name] or name.startswith("tinytorch/tensor/")

    def reset(self) -> None:
        if self.found == self.start:
            return
        shutil.rmtree(self.site)
        shutil.copytree(self.backup, self.site, symlinks=True)
        self.found = None

    def run(self, how: str, chosen: int, resume: bool = False, event: str = "") -> int | None:
        """The exit code; None if it was killed."""
        return cut_off.run(
            {
                "how": how,
                "event": event,
                "chosen": chosen,
                "site": str(self.site),
                "new": "" if resume else str(self.new),
                "old": ["tinytorch/tensor", "tinytorch_tensor-0.1.0.dist-info"],
                "first": self.first,
                "count": str(self.count),
            }
        )

    def steps(self, resume: bool = False) -> int:
        """How many changes there are in all."""
        assert self.run("kill", FAR, resume) == cut_off.DONE
        return int(self.count.read_text())

    def runs(self) -> str:
        """Whose it is: seen by the files, where they are all old or all new, else asked."""
        files = self.place.files()
        seen = {each: files[each] for each in files if not each.startswith(".tinytorch-swap-")}
        if seen in (self.before, self.after):
            return OLD if seen == self.before else NEW
        return self.place.runs()

    def recover(self) -> str:
        """Ends what was cut off; says which of the two is there now, with nothing beside it."""
        for each in exchange.unfinished([str(self.site)]):
            exchange.resume(each)
        assert not [each for each in self.site.iterdir() if "swap" in each.name]
        self.found = self.place.files()
        assert self.found in (self.before, self.after)
        return OLD if self.found == self.before else NEW


@pytest.fixture(params=["--editable", "--no-editable"])
def bench(request, place) -> Bench:
    return Bench(place, request.param)


def test_a_kill_at_every_step(bench):
    total = bench.steps()
    assert bench.place.files() == bench.after
    assert total > 20
    seen = []
    for step in range(1, total + 1):
        bench.reset()
        assert bench.run("kill", step) is None, step
        looks = bench.runs()
        assert looks in (OLD, NEW), (step, looks)
        assert bench.recover() == looks, step
        seen.append(looks)
    turn = seen.index(NEW)
    assert seen == [OLD] * turn + [NEW] * (total - turn)
    assert 0 < turn < total


def test_a_kill_at_every_step_of_the_recovery(place):
    """After a kill in the middle of the moves: one folder is out, nothing is in."""
    bench = Bench(place, "--no-editable")
    assert bench.run("kill", 3, event="os.rename") is None
    assert not (bench.site / "tinytorch" / "tensor").exists()
    bench.backup = shutil.copytree(bench.site, bench.backup.with_name("middle"), symlinks=True)
    bench.start = place.files()
    total = bench.steps(resume=True)
    assert place.files() == bench.after
    assert total > 10
    for step in range(1, total + 1):
        bench.reset()
        assert bench.run("kill", step, resume=True) is None, step
        assert bench.runs() == NEW, step
        assert bench.recover() == NEW, step


def test_a_failure_of_every_step_leaves_the_old_one(place):
    bench = Bench(place, "--no-editable")
    total = bench.steps()
    said = []
    for step in range(1, total + 1):
        bench.reset()
        said.append(bench.run("fail", step))
        if said[-1] == cut_off.NOT_EXCHANGED:
            assert exchange.unfinished([str(bench.site)]) == [], step
            assert bench.recover() == OLD, step
        else:  # only what came after the last move: cleaning up
            assert bench.recover() == NEW, step
    assert said.count(cut_off.NOT_EXCHANGED) >= 10
    assert said[-1] != cut_off.NOT_EXCHANGED


COMMAND = """\
import sys
sys.path.insert(0, {folder!r})
import cut_off
cut_off.die_on_rename({where!r})
from tinytorch_course.cli import main
main()
"""


def killed_swap(place, where: str) -> None:
    """A real swap that is killed when it moves something to a path with `where` in it."""
    code = COMMAND.format(folder=str(HERE), where=where)
    command = [place.machine.python, "-P", "-c", code, "swap", "tensor", str(place.project())]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode in (-9, 9), done.stderr


def test_the_next_command_finishes_a_swap_that_was_killed(place):
    killed_swap(place, str(Path("old", "1")))
    assert not (place.site / "tinytorch" / "tensor").exists()
    assert place.runs() == NEW
    _, out, err = place.machine.run("status", "--json")
    assert err.split(b"\n")[0].strip() == b"An interrupted swap of tensor was finished."
    assert out.lstrip().startswith(b"{")
    assert not [each for each in place.site.iterdir() if "swap" in each.name]
    assert (place.state(), place.runs()) == ("yours", NEW)
    assert place.machine.run("status")[2] == b""


def test_the_next_command_takes_back_a_swap_that_was_killed_early(place):
    before = place.files()
    killed_swap(place, "_tinytorch_swap_tensor.pth")
    assert place.runs() == OLD
    err = place.machine.run("doctor")[2]
    assert err.strip() == b"What an interrupted swap of tensor had left was removed."
    assert place.files() == before


def test_another_swap_or_restore_ends_it_first(place):
    killed_swap(place, str(Path("old", "0")))
    result = place.restore()
    assert "An interrupted swap of tensor was finished." in result.stderr
    assert result.exit_code == 0
    assert place.runs() == OLD


def test_a_swap_at_work_is_left_alone_by_status(place, tmp_path):
    killed_swap(place, str(Path("old", "0")))
    with storage.one_at_a_time(storage.folder_of(tmp_path / "environment")):
        assert place.machine.run("status")[2] == b""
        assert (place.site / ".tinytorch-swap-tensor").is_dir()
    assert b"finished" in place.machine.run("status")[2]


def test_nobody_waits_for_a_swap_at_work(place, monkeypatch):
    asked: list[float] = []

    @contextmanager
    def busy(_folder: Path, patience: float) -> Iterator[None]:
        asked.append(patience)
        raise Refusal("busy", "another swap is at work", "")
        yield

    killed_swap(place, str(Path("old", "0")))
    monkeypatch.setattr(storage, "one_at_a_time", busy)
    interrupted.tend([str(place.site)], place.home)
    assert asked == [0]
    assert exchange.unfinished([str(place.site)])


def test_a_journal_that_cannot_be_read_does_not_stop_the_commands(place):
    killed_swap(place, str(Path("old", "0")))
    (place.site / ".tinytorch-swap-tensor" / "journal.json").write_text("{")
    code, _, err = place.machine.run("status")
    assert code == 0
    assert b"could not be finished" in err
    assert place.runs() == NEW


def test_a_switch_without_its_folder_is_removed(place):
    (place.site / "_tinytorch_swap_tensor.pth").write_text("import sys\n")
    place.machine.run("status")
    assert not (place.site / "_tinytorch_swap_tensor.pth").exists()
    assert place.runs() == OLD


def test_a_switch_that_cannot_be_made_durable_is_taken_back(place, monkeypatch):
    before = place.files()
    really = exchange._make_durable

    def fail_for_the_site(path: Path) -> None:
        if path == place.site:
            raise OSError("disk error")
        really(path)

    monkeypatch.setattr(exchange, "_make_durable", fail_for_the_site)
    assert "disk error" in place.swap(place.project()).stdout
    assert place.files() == before


def test_files_that_cannot_be_moved_are_told(place, monkeypatch):
    before = place.files()

    def refuse(_exchange: object) -> None:
        raise PermissionError("[WinError 32] used by another process")

    monkeypatch.setattr(exchange, "_move", refuse)
    result = place.swap(place.project())
    assert result.exit_code == 1
    assert "files could not be exchanged" in result.stdout
    assert "[WinError 32] used by another process" in result.stdout
    assert place.files() == before


def test_files_that_can_neither_be_moved_nor_put_back_are_told(place, monkeypatch):
    def refuse(_exchange: object) -> None:
        raise PermissionError("used by another process")

    with monkeypatch.context() as patched:
        patched.setattr(exchange, "_move", refuse)
        patched.setattr(exchange, "_move_back", refuse)
        result = place.swap(place.project())
    assert "The new ones are in effect" in result.stdout
    assert "Nothing was changed" not in result.stdout
    assert place.runs() == NEW
    assert place.machine.run("status")[0] == 0
    assert place.runs() == NEW
    assert not (place.site / ".tinytorch-swap-tensor").exists()
