"""A failure in words that somebody learning can act on."""

from __future__ import annotations

import re

from tinytorch_course.checking.failure import Failure, Place
from tinytorch_course.checking.result import UNWRITTEN, TaskResult, unwritten
from tinytorch_course.material import Task

MOST_LINES = 14
HELPFUL_PRINTED = 8
SAYS_NOTHING = ("assert", "@", "pytest.fail(", "raise ")
"""How lines of checks begin that only tell of a failure."""
UNLIKE = "Regex pattern did not match.\n  Expected regex:"

GAVE_NONE = re.compile(r"gave (?:a )?None(?:Type)?\b|^(?:assert )?None (?:==|is not) ", re.M)
NUMPY_SCALAR = re.compile(r"\bnp\.(?:float|int|uint|complex|bool)\w*\(([^()]*)\)")
ARRAY = re.compile(r"\barray\((\[[^()]*\]|[^()\[\],]+)(?:,\s*dtype=(\w+))?\)")


def summary(result: TaskResult) -> str:
    """One line."""
    if not result.total:
        return "this task has no checks yet"
    if result.first_wrong is None:
        return "its checks did not run"
    return explain(result.first_wrong[1], result.task)[0]


def explain(failure: Failure, task: Task | None = None) -> list[str]:
    """What is wrong, where, and what the check had called. task: the one that is judged."""
    if unwritten(failure):
        return _unwritten(failure, task)
    lines = _what(failure)[:MOST_LINES]
    lines += _on_none(failure)
    lines += _tried(failure)
    place = _place(failure, task)
    if place:
        lines += _shown(place)
    examples = (note for note in failure.notes if note.startswith("Falsifying"))
    lines += [f"with {each}" for each in examples]
    return [*map(_plain, lines), *_printed(failure.printed)]


def _unwritten(failure: Failure, task: Task | None) -> list[str]:
    found = UNWRITTEN.match(failure.message)
    assert found is not None
    owner, function = found.groups()
    if task is not None and task.id != owner:
        return [f"{function} is needed here, and is not written yet: it is task {owner}"]
    where = f" ({_spot(failure.theirs)})" if failure.theirs else ""
    return [f"{function} is not written yet{where}"]


def _what(failure: Failure) -> list[str]:
    match failure.error:
        case "AssertionError":
            return _assertion(failure.message)
        case "Failed":
            return [_missing_error(failure)]
        case "timeout" | "crash":
            return [failure.message]
        case "elsewhere":
            return [f"Python imports the module from {failure.message}, not from your project"]
    return f"{failure.error}: {failure.message}".rstrip(": ").splitlines()


def _assertion(message: str) -> list[str]:
    """What the check says itself; what pytest adds to it, only where the check says nothing."""
    if message.startswith(UNLIKE):
        wanted, _, said = message.removeprefix(UNLIKE).partition("Actual message:")
        return [f"the error should say {wanted.strip()}, but it says {said.strip()}"]
    told, _, compared = message.partition("\nassert ")
    if told.startswith("assert "):
        told, compared = "", message.removeprefix("assert ")
    if told.strip():
        return told.strip().splitlines()
    return [line for line in f"should hold, and does not: {compared}".splitlines() if line.strip()]


def _on_none(failure: Failure) -> list[str]:
    """A word on the commonest reason for a None."""
    if failure.error in ("AttributeError", "TypeError") and "NoneType" in failure.message:
        if failure.theirs is None:
            return ["it returned None: is a `return` missing?"]
        return ["something in this line is None: what a function without `return` gave, perhaps"]
    if failure.error == "AssertionError" and GAVE_NONE.search(failure.message):
        return ["it returned None: is a `return` missing?"]
    return []


def _plain(line: str) -> str:
    """Numbers without the names that NumPy 2 wraps them in; a dtype only if it is not the usual."""
    line = NUMPY_SCALAR.sub(r"\1", line).replace("np.True_", "True").replace("np.False_", "False")
    return ARRAY.sub(_plain_array, line)


def _plain_array(found: re.Match[str]) -> str:
    numbers, dtype = found.groups()
    return numbers if dtype in (None, "float32") else f"{numbers} in {dtype}"


def _missing_error(failure: Failure) -> str:
    found = re.match(r"DID NOT RAISE (?:any of )?(.+)", failure.message)
    words = re.findall(r"[\w.]+", found[1].replace("<class ", "")) if found else []
    names = [name for word in words if (name := word.rpartition(".")[2])]
    if not names:
        return failure.message
    return f"this should raise {_either(names)}, and raises nothing"


def _tried(failure: Failure) -> list[str]:
    """What the check called, with what, and which error it waits for."""
    tried = failure.tried
    if tried is None or tried.code.startswith(SAYS_NOTHING):
        return []
    lines = [f"in the check: {tried.code}"]
    if tried.values:
        lines.append(f"where {', '.join(tried.values)}")
    if tried.awaited and failure.error not in ("Failed", "AssertionError"):
        lines.append(f"which should raise {_either(tried.awaited.split(' or '))}")
    return lines


def _either(errors: list[str]) -> str:
    article = "an" if errors[0][:1] in tuple("AEIOU") else "a"
    return f"{article} {' or '.join(errors)}"


def _place(failure: Failure, task: Task | None) -> Place | None:
    """The line of theirs that led there: of the task's own functions rather than of what is given,
    where an error is often raised.
    """
    if task is None:
        return failure.theirs
    names = {name for each in task.functions for name in (each, each.partition(".")[2])}
    own = (place for place in failure.through if place.function in names)
    return next(own, failure.theirs)


def _shown(place: Place) -> list[str]:
    inside = f" in {place.function}" if place.function and place.function != "<module>" else ""
    return [f"{_spot(place)}{inside}", *([f"    {place.text}"] if place.text else [])]


def _spot(place: Place) -> str:
    return f"src/{place.file}, line {place.line}"


def _printed(text: str) -> list[str]:
    """The end of what the code printed meanwhile: people look for mistakes that way."""
    lines = text.rstrip().splitlines()
    if not lines:
        return []
    shown = lines[-HELPFUL_PRINTED:]
    title = "printed meanwhile:" if len(shown) == len(lines) else "printed last:"
    return [title, *(f"    {line[:200]}" for line in shown)]
