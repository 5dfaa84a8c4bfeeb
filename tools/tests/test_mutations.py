"""Faults are made in bodies alone, one at a time, and stay where they are put."""

from __future__ import annotations

import ast
import textwrap

import pytest

from mutations import mutations


def faults(body: str, signature: str = "f(x, y)") -> dict[str, set[str]]:
    """From each line of a function's body to what it may become."""
    text = f"def {signature}:\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    found: dict[str, set[str]] = {}
    for mutation in mutations(text, "f"):
        found.setdefault(mutation.before, set()).add(mutation.after)
    return found


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("return x < y", {"return x <= y", "return x >= y", "return None", "return x"}),
        ("return x == y", {"return x != y", "return None", "return x"}),
        ("return x is None", {"return x is not None", "return None", "return x"}),
        ("return 0", {"return 1", "return -1", "return None", "return x"}),
        ("return True", {"return False", "return None", "return x"}),
        ("return 0.5", {"return 0.55", "return None", "return x"}),
        ("return -y", {"return y", "return None", "return x"}),
        ("return not y", {"return y", "return None", "return x"}),
        ("return min(y, x)", {"return max(y, x)", "return None", "return x"}),
        ("return g(y, x)", {"return g(x, y)", "return None", "return x"}),
        ("return tuple(y)", {"return y", "return None", "return x"}),
        ("return y.copy()", {"return y", "return None", "return x"}),
        ("return g(a=y, b=x)", {"return g(b=x)", "return g(a=y)", "return None", "return x"}),
        ("return y, x", {"return (x, y)", "return None", "return x"}),
        ("return y if x else x", {"return y", "return x", "return None"} | {
            "return y if not x else x"}),
        ("return y and x", {"return y or x", "return y", "return x", "return None"}),
        ("return y['a']", {"return y['a_']", "return None", "return x"}),
        ("return y[x:]", {"return y[:]", "return y[x + 1:]", "return y[x - 1:]"} | {
            "return None", "return x"}),
        ("return [i for i in y if i]", {"return [i for i in y]"} | {
            "return [i for i in y if not i]", "return None", "return x"}),
        ("y += x", {"y -= x", "y = x", "pass"}),
        ("y.a = x", {"pass"}),
        ("g(y)", {"pass", "y"}),
        ("del y", {"pass"}),
        ("raise ValueError(f'{x + 1}')", {"pass", "raise TypeError(f'{x + 1}')"}),
    ],
)  # fmt: skip
def test_what_a_line_becomes(line: str, becomes: set[str]) -> None:
    assert faults(line) == {line: becomes}


def test_a_condition_goes_the_wrong_way_or_always_one_way() -> None:
    found = faults("if x or y:\n    return 'yes'\nreturn 'no'")
    assert found["if x or y:"] == {
        "if x and y:", "if x:", "if y:", "if not (x or y):", "if True:", "if False:"
    }  # fmt: skip


def test_arithmetic() -> None:
    assert faults("return y - x * 2")["return y - x * 2"] == {
        "return y + x * 2", "return x * 2 - y", "return y", "return x * 2", "return y - x / 2",
        "return y - x", "return y - 2", "return y - x * 3", "return y - x * 1", "return None",
        "return x",
    }  # fmt: skip


def test_a_statement_that_runs_under_a_context_runs_without_it() -> None:
    assert "g(y)" in faults("with x:\n    g(y)")["with x: …"]


def test_a_first_assignment_is_not_left_out() -> None:
    """Anybody would see that NameError: such a fault would say nothing of the checks."""
    found = faults("z = g(x, y)\nz = g(z, y)\nreturn z")
    assert "pass" not in found["z = g(x, y)"]
    assert "pass" in found["z = g(z, y)"]


def test_what_is_only_read_by_people_stays() -> None:
    body = '"""One."""\nz: int = y\nif x:\n    raise ValueError("one" + str(1 + 1))\nreturn z'
    found = faults(body)
    assert '"""One."""' not in found
    assert "z: int = y" not in found
    assert found['raise ValueError("one" + str(1 + 1))'] == {
        "pass", "raise TypeError('one' + str(1 + 1))"
    }  # fmt: skip


TEXT = '''
"""A file with × and é before what changes."""

LIMIT = 1


def other(x=1):
    return x + 1


class Thing:
    @property
    def f(self, factor=2):
        """Twice."""
        # why
        é = self.x * (  # ×
            factor + 1
        )
        return é  # the result
'''


def test_all_else_keeps_its_place() -> None:
    for mutation in mutations(TEXT, "Thing.f"):
        head, tail = TEXT.split("        # why\n")[0], "  # the result\n"
        assert mutation.text.startswith(head)
        assert mutation.text.endswith(tail)
        assert 16 <= mutation.line <= 19


def test_a_line_is_told_without_its_comments() -> None:
    found = {mutation.before for mutation in mutations(TEXT, "Thing.f")}
    assert {"é = self.x * ( factor + 1 )", "return é"} <= found
    assert not any("#" in before for before in found)


def test_brackets_where_they_are_needed() -> None:
    assert "return (x or y) * 2" in {
        mutation.after for mutation in mutations("def f(x, y):\n    return (x and y) * 2\n", "f")
    }


def test_every_fault_is_another_program_and_there_once() -> None:
    trees = [ast.dump(ast.parse(mutation.text)) for mutation in mutations(TEXT, "Thing.f")]
    assert len(trees) > 5
    assert len({*trees, ast.dump(ast.parse(TEXT))}) == len(trees) + 1
