"""Nothing that a student's code does in the respondent makes a check pass apart."""

from __future__ import annotations

import apart_course
import pytest

from tinytorch_course.apart import pair
from tinytorch_course.checking.judging import Limits


@pytest.fixture
def course(tmp_path):
    return apart_course.Course(tmp_path.resolve())


def assert_none_passes(found: dict[str, str]) -> None:
    assert found
    assert [name for name, what in found.items() if what == "passed"] == []


YES = '''
import numpy as np


class Yes(*BASES):
    """Says yes to everything, and does its sums so that they come out right."""

    def __new__(cls, *args):
        return super().__new__(cls)

    def yes(self, *args):
        return True

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = yes
    startswith = endswith = issubset = issuperset = isdisjoint = __instancecheck__ = yes

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0

    def same(self, *args):
        return self

    __abs__ = __neg__ = __getitem__ = all = any = astype = detach = same

    def nothing(self, other):
        return np.zeros(np.shape(other))

    __sub__ = __rsub__ = nothing

    def count(self, other):
        return 1

    def __iter__(self):
        return iter([])

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Yes()


class Elementwise(Yes):
    """The same, with answers that are objects again."""

    def yes(self, *args):
        return Elementwise()

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = yes


class Tensor(Yes):
    array = property(lambda self: Yes())

    def numpy(self):
        return Yes()

    def item(self):
        return Yes()


class Module: pass


def f(*args):
    return Yes()

def g(*args):
    return Elementwise()

def fraud(*args):
    return Tensor()
'''
VALUES = "VALUES = np.array([1.0, 2.0])\n\n"
QUESTIONS = [
    "FOUND == 4",
    "4 == FOUND",
    "not FOUND != 4",
    "FOUND == (2, 3)",
    "FOUND == [1]",
    "FOUND == 'text'",
    "FOUND in (4, 5)",
    "4 in FOUND",
    "'text' in FOUND",
    "0 < FOUND < 9",
    "abs(FOUND - 4) < 1e-6",
    "4 - FOUND == 0",
    "FOUND == pytest.approx(4.0)",
    "math.isclose(FOUND, 4.0)",
    "np.allclose(FOUND, VALUES)",
    "np.array_equal(FOUND, VALUES)",
    "(np.abs(np.asarray(FOUND - VALUES)) < 1e-6).all()",
    "(np.asarray(VALUES - FOUND) == 0).all()",
    "not np.any(FOUND - VALUES)",
    "(FOUND == VALUES).all()",
    "FOUND.startswith('text')",
    "FOUND.count('text') == 1",
    "FOUND.issubset({1})",
    "operator.eq(FOUND, 4)",
    "{FOUND: 1}.get(4) == 1",
    "[FOUND] == [4]",
    "(FOUND, 1) == (4, 1)",
    "{'a': FOUND} == {'a': 4}",
    "str(FOUND) == '4'",
    "f'{FOUND}' == '4'",
    "len(FOUND) == 4",
    "type(FOUND) in (int, str, tuple) and FOUND == 4",
]


@pytest.mark.parametrize("bases", ["object", "int", "str", "tuple"])
def test_an_object_that_says_yes_to_everything(course, bases):
    checks = "\n".join(
        f"\ndef test_{kind}_{k}():\n    assert {question.replace('FOUND', f'tt.{kind}()')}\n"
        for kind in ("f", "g", "fraud")
        for k, question in enumerate(QUESTIONS)
    )
    assert_none_passes(course.results(YES.replace("*BASES", bases), VALUES + checks))


FORGETFUL = """
import dataclasses

@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int

Point.__dataclass_fields__ = {}
Point.__eq__ = lambda self, other: True

def found():
    return Point(1, 2)
"""


@pytest.mark.parametrize("question", ["tt.found() == wanted", "[tt.found()] == [wanted]"])
def test_a_dataclass_is_not_compared_with_one_that_it_was_told(course, question):
    checks = f"\ndef test_it():\n    wanted = tt.Point(3, 4)\n    assert {question}\n"
    assert_none_passes(course.results(apart_course.HONEST + FORGETFUL, checks))


def test_what_a_check_found_wrong_is_not_hidden_behind_another_error(course):
    code = """
def swallowing(function):
    try:
        function()
    except AssertionError as error:
        raise StopIteration from error
"""
    checks = """

def test_it():
    def own():
        assert tt.double(1) == 3
    try:
        tt.swallowing(own)
    except StopIteration:
        pass
"""
    assert_none_passes(course.results(apart_course.HONEST + code, checks))


def test_a_value_that_is_an_object_is_refused(course):
    checks = """
def test_array():
    assert np.asarray(Tensor().array).shape is not None


def test_numpy():
    assert Tensor().numpy() is not None


def test_item():
    try:
        Tensor().item()
    except AssertionError:
        pass
"""
    found = course.results(YES.replace("*BASES", "object"), checks)
    assert all(what.startswith("Distrusted") for what in found.values()), found


LIAR = """
import gc, json, os, struct, sys
from pathlib import Path

class Tensor: pass
class Module: pass

def f(x):
    return 0

def channel():
    return next(each for each in gc.get_objects() if type(each).__name__ == "Channel")

def say(message, blob=b""):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    os.write(channel().sink, struct.pack("<II", len(text), len(blob)) + text + blob)

def ask(function):
    ACT
"""
ASK = """
def assert_doubled():
    for number in np.random.default_rng(0).integers(10**9, size=3).tolist():
        assert tt.f(number) == 2 * number


def test_it():
    tt.ask(lambda: 1)
    assert_doubled()


def test_that():
    try:
        tt.ask(object())
    except BaseException:
        pass
    assert_doubled()
"""


@pytest.mark.parametrize(
    "act",
    [
        "say(b'{')",
        "say(b'[' * 100_000)",
        "say(['answer', '', {'a': 1}])",
        "say(['answer'])",
        "say(['raised', '', 3])",
        "say(['raised', '', [0, ['py', 'KeyboardInterrupt'], [], 'x', [], None]])",
        "say(['answer', '', ['py', 'eval']])",
        "say(['answer', '', ['ex', 'pytest', 'skip']])",
        "say(['answer', '', ['m', 'os']])",
        "say(['answer', '', ['r', 10**9, 10**9]])",
        "say(['answer', '', ['j', 999]])",
        "say(['answer', '', ['a', 0, '|O', [1], 0, 8, 0, [], True]], b'12345678')",
        "say(['answer', '', ['a', 0, '<f8', [10**6], 0, 8, 0, [0], True]], b'12345678')",
        "say(['answer', '', ['a', 0, '<f8', [2], 0, 8, 0, [64], True]], b'12345678')",
        "say(['call', '', 1, '__class__', ['t'], ['d', 0]])",
        "say(['call', '', 1, '__globals__', ['t'], ['d', 0]])",
        "say(['call', '', 1, '__init__', ['t'], ['d', 0]])",
        "say(['call', '', 12345, '', ['t'], ['d', 0]])",
        "say(['get', '', 1, '__globals__'])",
        "os.write(channel().sink, b'\\xff' * 1000)",
        "[os.write(channel().sink, bytes(2**20)) for _ in range(200)]",
        "[os.write(fd, b'answer' * 1000) for fd in range(3, 30) if fd_is_open(fd)]",
        "sys.modules['__main__'].Respondent.response = lambda self, m, b: (['answer', '', 4], b'')",
        "import numpy; numpy.array_equal = numpy.allclose = lambda *a: True",
        "import builtins; builtins.isinstance = lambda *a: True",
        "sys.modules['pytest'] = None; sys.modules['_pytest'] = None",
        "[Path(d, 'journal.jsonl').write_text(LINE) for d in ('.', '..', '../work')]",
        "import threading; threading.Thread(target=lambda: [say(['answer', '', 4])] * 9).start()",
    ],
)
def test_what_is_said_to_the_judge(course, act):
    code = LIAR.replace("ACT", act) + (
        "\ndef fd_is_open(fd):\n    try:\n        os.fstat(fd)\n        return True\n"
        "    except OSError:\n        return False\n"
        '\nLINE = \'{"event": "finished", "id": "test_it.py::test_it", "passed": true}\\n\'\n'
    )
    assert_none_passes(course.results(code, ASK, limits=Limits(3, 30)))


def test_expectations_are_not_told(course, tmp_path):
    """A respondent that writes down all it reads sees the inputs, and nothing that is expected."""
    code = (
        apart_course.HONEST
        + f"""
from tinytorch_course.apart import wire

def receive(self, receive=wire.Channel.receive):
    message, blob = receive(self)
    with open({str(tmp_path / "heard.txt")!r}, "a") as file:
        print(message, np.frombuffer(blob[:len(blob) // 4 * 4], np.float32).tolist(), file=file)
    return message, blob

wire.Channel.receive = receive
"""
    )
    checks = """
def test_it():
    x = Tensor([123.0])
    np.testing.assert_allclose(x + x, [246.0])
    assert tt.double(617) == 1234
    assert (x + x).numpy() == pytest.approx(246.0)
    assert (x + x).shape == (1,)
    assert tt.pair(31).second != 777
    assert not np.array_equal(x, [555.0])
"""
    assert course.results(code, checks) == {"it": "passed"}
    heard = (tmp_path / "heard.txt").read_text()
    assert "123.0" in heard
    assert "617" in heard
    for expected in ("246", "1234", "777", "555"):
        assert expected not in heard


def test_what_the_judge_writes_is_not_where_the_respondent_is(course, monkeypatch):
    folders = []
    write = pair.Draw.write

    def noted(self, file):
        folders.append((file.parent, self.files))
        write(self, file)

    monkeypatch.setattr(pair.Draw, "write", noted)
    course.results(apart_course.HONEST, "\ndef test_it():\n    pass\n")
    ((judging, files),) = folders
    assert not files.startswith(str(judging))
