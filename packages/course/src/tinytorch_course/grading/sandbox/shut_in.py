"""The first thing that runs in a judged process: the guard, then the program itself.

    python -S -P -m tinytorch_course.grading.sandbox.shut_in RULES PROGRAM FOLDER

RULES is JSON: what may be read and written, whether Python may be started, and the number of the
socket that alarms go to.
"""

from __future__ import annotations

import builtins
import importlib.util
import json
import os
import runpy
import stat
import sys
from types import CodeType, SimpleNamespace
from typing import Any, cast

from tinytorch_course.grading.sandbox.alarm import voice
from tinytorch_course.grading.sandbox.keyring import leave_keyring


def main() -> None:
    rules, program, name = sys.argv[1:4]
    sys.argv[1:] = [name]
    sys.dont_write_bytecode = True
    leave_keyring()
    sys.addaudithook(_hook(json.loads(rules)))
    runpy.run_module(program, run_name="__main__", alter_sys=True)


def _hook(rules: dict[str, Any]) -> Any:
    """Of a guard whose module, and all that it calls, nobody else has: what the code does to the
    modules that it imports changes nothing of it."""
    paths = SimpleNamespace(**_own_copy(os.path.__name__, os=_still(os), stat=_still(stat)))
    own_os = SimpleNamespace(**{**vars(os), "path": paths})
    guard = _own_copy("tinytorch_course.grading.sandbox.guard", os=own_os)
    tell = voice(rules.pop("alarm"))
    return guard["Guard"](**rules, tell=tell).ask


def _own_copy(module: str, **given: SimpleNamespace) -> dict[str, Any]:
    """The names of a module that is run once more. given: what it has in place of its imports."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    code = cast("Any", spec.loader).get_code(module)
    assert isinstance(code, CodeType)
    names: dict[str, Any] = {"__name__": module, "__builtins__": dict(vars(builtins))}
    exec(code, names)
    names.update(given)
    return names


def _still(module: Any) -> SimpleNamespace:
    return SimpleNamespace(**vars(module))


if __name__ == "__main__":
    main()
