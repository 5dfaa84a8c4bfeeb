"""Putting one set of files in the place of another; a kill at any moment leaves one of them.

Several folders cannot change at one moment. So the new files are first laid out twice in a folder
on the same file system, `site-packages/.tinytorch-swap-<module>/`:

    new/      what will be moved into place
    shield/   the same again
    old/      empty; what is there now will be moved here
    journal.json   what goes where

Then one file is renamed into site-packages: a `.pth` that puts `shield/` first on the path of every
Python that starts. That moment is the exchange. From then on code and metadata are the new ones,
whatever lies below, and below them the files are moved one after another. When all is in place the
`.pth` goes, and then the folder.

Whoever finds the `.pth` goes on from there; whoever finds only the folder removes it. Both can be
interrupted and begun again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course.swapping import bytecode

WORKSHOP = ".tinytorch-swap-{}"
SWITCH = "_tinytorch_swap_{}.pth"


@dataclass(frozen=True)
class Exchange:
    site: Path
    module: str

    @property
    def folder(self) -> Path:
        return self.site / WORKSHOP.format(self.module)

    @property
    def switch(self) -> Path:
        return self.site / SWITCH.format(self.module)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.json"

    def place(self, unit: str) -> Path:
        return self.site / unit

    def taken_out(self, number: int) -> Path:
        return self.folder / "old" / str(number)

    def coming_in(self, unit: str) -> Path:
        return self.folder / "new" / unit


class NotExchanged(Exception):
    """Files could not be moved; the old ones are in place."""


class HalfExchanged(Exception):
    """The new ones are in effect, but not all is in its place yet: `resume` ends it."""


def perform(
    site: Path,
    module: str,
    old: Sequence[str],
    lay_out: Callable[[Path], None],
    first_on_path: Sequence[Path] = (),
) -> None:
    """Takes `old` (paths relative to `site`) out and puts in what `lay_out` writes into a folder.

    `first_on_path` are folders that the new files put on the path: a project that is installed in
    editable mode. Raises `NotExchanged` when it is not done.
    """
    exchange = Exchange(site, module)
    try:
        exchange.folder.mkdir()
    except OSError as error:
        raise NotExchanged(str(error)) from error
    try:
        _prepare(exchange, old, lay_out)
        _turn_on(exchange, first_on_path)
    except BaseException as error:
        exchange.switch.unlink(missing_ok=True)
        _discard(exchange)
        raise _told(error) from error
    try:
        _move(exchange)
    except BaseException as error:
        _take_back(exchange)
        raise _told(error) from error
    try:
        _finish(exchange)
    except OSError as error:
        raise HalfExchanged(str(error)) from error


def _told(error: BaseException) -> BaseException:
    return NotExchanged(str(error)) if isinstance(error, OSError) else error


def _take_back(exchange: Exchange) -> None:
    try:
        _move_back(exchange)
        _turn_off(exchange)
    except OSError as error:
        raise HalfExchanged(str(error)) from error
    _discard(exchange)


def unfinished(path: Iterable[str]) -> list[Exchange]:
    """Exchanges that were interrupted, in the folders of a `sys.path`."""
    return [each for site in dict.fromkeys(path) for each in _unfinished_in(Path(site))]


def _unfinished_in(site: Path) -> list[Exchange]:
    names = {name for pattern in (WORKSHOP, SWITCH) for name in _named(site, pattern)}
    return [Exchange(site, name) for name in sorted(names)]


def _named(site: Path, pattern: str) -> Iterator[str]:
    before, after = pattern.split("{}")
    for each in site.glob(pattern.format("*")):
        yield each.name.removeprefix(before).removesuffix(after)


def resume(exchange: Exchange) -> bool:
    """Ends an interrupted exchange: True if it put the new files in place.

    False if it only removed what was left: the old files were never touched, or the new ones all
    in place already.
    """
    if not exchange.switch.exists():
        _discard(exchange)
        return False
    if exchange.journal.exists():
        _move(exchange)
        _finish(exchange)
        return True
    _turn_off(exchange)  # somebody removed the folder by hand
    return False


def _prepare(exchange: Exchange, old: Sequence[str], lay_out: Callable[[Path], None]) -> None:
    new, shield = exchange.folder / "new", exchange.folder / "shield"
    (exchange.folder / "old").mkdir()
    new.mkdir()
    lay_out(new)
    shutil.copytree(new, shield, copy_function=_link)
    table = {"old": list(old), "new": list(_units(new))}
    exchange.journal.write_text(json.dumps(table, indent=2), encoding="utf-8")
    for each in (exchange.folder, *exchange.folder.rglob("*")):
        if not each.is_relative_to(shield) or each.is_dir():  # its files are those of `new`
            _make_durable(each)


def _link(file: str, twin: str) -> None:
    try:
        os.link(file, twin)
    except OSError:  # not every file system can
        shutil.copyfile(file, twin)


def _units(folder: Path) -> Iterator[str]:
    """What can be moved as a whole. `tinytorch/` itself is shared by all modules."""
    for each in sorted(folder.iterdir()):
        if each.name == "tinytorch":
            yield from (f"tinytorch/{inner.name}" for inner in sorted(each.iterdir()))
        else:
            yield each.name


def _turn_on(exchange: Exchange, first_on_path: Sequence[Path]) -> None:
    folders = [str(each) for each in (exchange.folder / "shield", *first_on_path)]
    spelled = ", ".join(ascii(each) for each in folders)
    aside = exchange.folder / "switch"
    aside.write_text(f"import sys; sys.path[:0] = [{spelled}]\n", encoding="ascii")
    _make_durable(aside)
    os.replace(aside, exchange.switch)
    _make_durable(exchange.site)


def _turn_off(exchange: Exchange) -> None:
    exchange.switch.unlink()
    _make_durable(exchange.site)


def _units_of(exchange: Exchange) -> tuple[list[str], list[str]]:
    table = json.loads(exchange.journal.read_text(encoding="utf-8"))
    return table["old"], table["new"]


def _move(exchange: Exchange) -> None:
    """Each file and folder is moved once, however often this is begun."""
    old, new = _units_of(exchange)
    for number, unit in enumerate(old):
        if not os.path.lexists(exchange.taken_out(number)) and os.path.lexists(
            exchange.place(unit)
        ):
            os.replace(exchange.place(unit), exchange.taken_out(number))
    for unit in new:
        if exchange.coming_in(unit).exists():
            exchange.place(unit).parent.mkdir(exist_ok=True)
            os.replace(exchange.coming_in(unit), exchange.place(unit))


def _move_back(exchange: Exchange) -> None:
    old, new = _units_of(exchange)
    for unit in reversed(new):
        if not exchange.coming_in(unit).exists():
            os.replace(exchange.place(unit), exchange.coming_in(unit))
    for number, unit in reversed(list(enumerate(old))):
        if os.path.lexists(exchange.taken_out(number)):
            os.replace(exchange.taken_out(number), exchange.place(unit))


def _finish(exchange: Exchange) -> None:
    _forget_bytecode(exchange)
    namespace = exchange.site / "tinytorch"
    _remove_empty(namespace)
    if namespace.is_dir():
        _make_durable(namespace)
    _turn_off(exchange)
    _discard(exchange)


def _forget_bytecode(exchange: Exchange) -> None:
    old, _ = _units_of(exchange)
    for number, unit in enumerate(old):
        taken, place = exchange.taken_out(number), exchange.place(unit)
        files = taken.rglob("*.py") if taken.is_dir() else [taken]
        bytecode.remove(place / each.relative_to(taken) for each in files)


def _discard(exchange: Exchange) -> None:
    """What cannot be removed now (a file in use on Windows) is removed by the next command."""
    shutil.rmtree(exchange.folder, ignore_errors=True)


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # not empty, or not there
        return


def _make_durable(path: Path) -> None:
    """On the disk, where a power cut does not reach it. Windows flushes no folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
