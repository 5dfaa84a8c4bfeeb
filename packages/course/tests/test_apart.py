"""Checks judged apart see the module as they would beside it."""

from __future__ import annotations

import apart_course
import pytest

from tinytorch_course.checking.judging import Limits


@pytest.fixture
def course(tmp_path):
    return apart_course.Course(tmp_path.resolve())


def assert_all_pass(found: dict[str, str]) -> None:
    assert found
    assert found == dict.fromkeys(found, "passed")


def test_objects_and_values(course):
    assert_all_pass(course.results(apart_course.HONEST, OBJECTS))


OBJECTS = """
def test_no_file_of_the_course_is_imported_here():
    ours = [m for name, m in sys.modules.items() if name.startswith("tinytorch.")]
    assert ours
    assert not [m for m in ours if getattr(m, "__file__", None)]
    with pytest.raises(ModuleNotFoundError):
        import tinytorch.no_such_module


def test_no_judge_is_there():
    loaded = tt.loaded()
    assert {"numpy", "tinytorch"} <= loaded
    assert loaded.isdisjoint({"pytest", "_pytest", "hypothesis", "click", "rich"})


def test_classes_are_classes():
    x = Tensor([1, 2])
    assert type(x) is Tensor is tt.Tensor
    assert isinstance(x, Tensor) and not isinstance(x, Module)
    assert issubclass(tt.Double, Module)
    assert (Tensor.__name__, Tensor.__doc__) == ("Tensor", "Some numbers.")
    assert Tensor.__module__ == "tinytorch.tensor"
    assert {x: 1}[x] == 1


def test_values_come_by_value():
    x = Tensor([[1, 2], [3, 4]])
    assert x.shape == (2, 2)
    assert type(x.numpy()) is np.ndarray and x.numpy().dtype == np.float32
    assert x.numpy() is x.array
    assert len(x) == 2
    assert repr(x[0]) == "Tensor([1.0, 2.0])"
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])
    assert x.array.flags.writeable and not x.array.T.flags.c_contiguous


def test_layouts_in_memory_cross():
    for made in (
        np.arange(24.0, dtype=np.float32).reshape(2, 3, 4).transpose(2, 0, 1),
        np.arange(10, dtype=np.float32)[::-2],
        np.broadcast_to(np.float32([[1], [2]]), (2, 3)),
        np.zeros((0, 3), np.float32),
        np.array(2.5, np.float32),
        np.asfortranarray(np.ones((2, 3), np.float32)),
    ):
        came = Tensor(made).array
        np.testing.assert_array_equal(came, made)
        if made.size:
            assert (came.strides, came.flags.writeable) == (made.strides, made.flags.writeable)


def test_operators_on_both_sides():
    x = Tensor([1, 2])
    np.testing.assert_array_equal(x + 1, [2, 3])
    np.testing.assert_array_equal(5 - x, [4, 3])
    np.testing.assert_array_equal(np.float32([5, 5]) - x, [4, 3])
    np.testing.assert_array_equal(x == Tensor([1, 3]), [True, False])
    assert (x == "text") is False
    assert x in [x]


def test_what_is_handed_over_comes_back_itself():
    for value in ([1, 2], {"a": [1]}, object(), len, Tensor, np.ones(2), "text", None, np.int8):
        holder = Module()
        holder.value = value
        assert holder.value is value
    assert tt.call(lambda: math.nan) is not None


def test_attributes_come_and_go():
    module = Module()
    module.width = 3
    assert module.width == 3 and "width" in dir(module) and vars(module)["width"] == 3
    del module.width
    assert not hasattr(module, "width")
    with pytest.raises(AttributeError, match="width"):
        module.width


def test_errors_have_class_message_and_cause():
    with pytest.raises(ValueError, match="out of range: 7") as caught:
        tt.refuse(7)
    assert type(caught.value) is tt.Range
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(TypeError, match="double"):
        tt.double()


def test_tuples_with_names():
    found = tt.pair(3)
    assert isinstance(found, tuple) and isinstance(found, tt.Pair)
    first, second = found
    assert found.second == second == 3 and isinstance(found.first, Tensor)
    assert repr(found) == "a pair"


def test_dataclasses_compare_their_fields():
    point = tt.Point(1, 2)
    assert point == tt.Point(x=1, y=2) != tt.Point(1, 3)
    assert len({point, tt.Point(1, 2)}) == 1
    with pytest.raises(Exception, match="x"):
        point.x = 3


def test_iterators():
    module = Module()
    module.a, module.b = Module(), tt.Double()
    children = module.children()
    assert next(children) is module.a
    assert list(children) == [module.b]
    assert list(module.children()) == [module.a, module.b]
"""


def test_calls_back_and_classes_of_the_checks(course):
    assert_all_pass(course.results(apart_course.HONEST, CALLBACKS))


CALLBACKS = '''
class Twice(Module):
    """Calls what it holds twice."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(self.inner(x))

    @property
    def name(self):
        return f"twice {type(self.inner).__name__}"

    @staticmethod
    def of_double():
        return Twice(tt.Double())


class Louder(Twice):
    limit = 5

    def forward(self, x):
        return super().forward(x) + 1


def test_a_class_of_the_check():
    twice = Twice(tt.Double())
    np.testing.assert_array_equal(twice(Tensor([1.0])), [4])
    assert type(twice) is Twice and isinstance(twice, Module)
    assert twice.name == "twice Double"
    assert type(Twice.of_double().inner) is tt.Double
    assert list(twice.children()) == [twice.inner]
    assert Twice.__doc__ == "Calls what it holds twice."


def test_super_goes_up_and_no_further():
    louder = Louder(Twice(tt.Double()))
    np.testing.assert_array_equal(louder(Tensor([1.0])), [17])
    assert (louder.limit, Louder.limit, Module.limit) == (5, 5, 1)
    louder.limit = 7
    assert (louder.limit, Louder.limit) == (7, 5)


def test_an_instance_overrides_its_class():
    module = tt.Double()
    module.forward = lambda x: x + 10
    np.testing.assert_array_equal(module(Tensor([1.0])), [11])
    np.testing.assert_array_equal(module.forward(Tensor([1.0])), [11])


def test_a_class_may_be_patched(monkeypatch):
    monkeypatch.setattr(tt.Double, "forward", lambda self, x: x + 5)
    np.testing.assert_array_equal(tt.Double()(Tensor([1.0])), [6])
    monkeypatch.undo()
    np.testing.assert_array_equal(tt.Double()(Tensor([1.0])), [2])


def test_a_module_may_be_patched(monkeypatch):
    monkeypatch.setattr(tt, "double", lambda x: 3 * x)
    assert tt.double(2) == 6
    monkeypatch.undo()
    assert tt.double(2) == 4


def test_instances_come_back_to_functions():
    seen = []
    module = Twice(tt.Double())
    assert module.apply(seen.append) is module
    assert seen == [module.inner, module]


def test_callables_and_iterators_of_the_check():
    assert tt.call(lambda *args, by: (args, by), 1, 2, by=3) == ((1, 2), 3)
    assert tt.total(x * x for x in range(4)) == 14
    assert tt.call(operator.itemgetter(1), [1, 2]) == 2


def test_an_error_of_the_check_is_the_same_on_its_way_back():
    class Mine(LookupError):
        pass

    error = Mine("mine")

    def raises():
        raise error

    with pytest.raises(LookupError) as caught:
        tt.call(raises)
    assert caught.value is error
    assert tt.forgive(raises) == "Mine"


def test_calls_may_be_nested():
    def down(n):
        return n if n == 0 else 1 + tt.call(down, n - 1)

    assert tt.call(down, 20) == 20


def test_a_generator_goes_on_where_it_was():
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    first, second = tt.drawn(rng), tt.drawn(rng)
    np.testing.assert_array_equal(first, twin.standard_normal(3))
    np.testing.assert_array_equal(second, twin.standard_normal(3))
'''


def test_errors_of_numpy_are_as_the_check_wants_them(course):
    code = WRONG + "\nimport numpy as np\n\ndef log(x):\n    return np.log(x)\n"
    checks = """
def test_raised():
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        tt.log(np.zeros(2))


def test_not_raised():
    with np.errstate(divide="ignore"):
        assert np.isneginf(tt.log(np.zeros(2))).all()


def test_what_is_printed_is_seen(capsys):
    tt.print = print
    tt.print("hello")
    assert capsys.readouterr().out == "hello\\n"
"""
    assert_all_pass(course.results(code, checks))


WRONG = """
def swallow(function):
    try:
        function()
    except BaseException:
        pass


class Tensor: pass
class Module: pass
"""


def test_the_standard_output_is_of_the_usual_kind(course):
    code = WRONG + SPEAKING
    checks = """
def test_text_and_bytes(capsys):
    tt.speak()
    assert capsys.readouterr().out == "text\\nbytes\\n\\u00e4\\n"


def test_the_end_of_much(capsys):
    tt.speak_much()
    seen = capsys.readouterr().out
    assert seen.endswith("x end\\n") and len(seen) < 30_000


def test_a_closed_one(capsys):
    tt.close()
    assert tt.loaded_names()
"""
    assert_all_pass(course.results(code, checks))


SPEAKING = """
import sys

sys.stdout.reconfigure(encoding="utf-8", errors="replace")


def speak():
    print("text")
    sys.stdout.buffer.write(b"bytes\\n")
    sys.stdout.reconfigure(write_through=False)
    print("\\u00e4")
    assert isinstance(sys.stdout.fileno(), int)


def speak_much():
    print("x" * 1_000_000, "end")


def close():
    sys.stdout.close()


def loaded_names():
    return sorted(sys.modules)[:3]
"""


def test_a_failure_in_a_callback_is_not_forgiven(course):
    checks = """
def test_swallowed():
    def asserts():
        assert 1 == 2

    tt.swallow(asserts)


def test_failed():
    tt.swallow(lambda: pytest.fail("no"))


def test_afterwards():
    tt.swallow(lambda: None)
"""
    found = course.results(WRONG, checks)
    assert found["swallowed"].startswith("Distrusted")
    assert found["failed"].startswith("Distrusted")
    assert found["afterwards"] == "passed"


def test_inputs_are_drawn_anew_by_salt(course):
    checks = """
def test_numpy():
    assert np.random.default_rng(0).integers(10**9) == np.random.default_rng(0).integers(10**9)
    assert False, str(np.random.default_rng(0).integers(10**9))


@settings(derandomize=True, max_examples=5)
@given(x=st.integers(100, 10**9))
def test_hypothesis(x):
    seen.append(x)


seen = []


def test_what_hypothesis_drew():
    assert False, str(seen)
"""
    several = [course.results(apart_course.HONEST, checks, salt=salt) for salt in (1, 1, 2)]
    for name in ("numpy", "what_hypothesis_drew"):
        first, same, other = (found[name] for found in several)
        assert first.startswith("AssertionError")
        assert first == same != other


def test_a_module_that_cannot_be_imported(course):
    found = course.judge("1 / 0\n", "\ndef test_it():\n    pass\n")
    assert found.unimportable is not None
    assert found.unimportable.error == "ZeroDivisionError"
    assert not any(outcome.passed for outcome in found.outcomes.values())


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("import os; os._exit(3)", "crash: it ended Python, with exit code 3"),
        ("while True: pass", "timeout: it was not done after 2 s"),
        ("import os; os.close(channel().sink); import time; time.sleep(60)", "crash: "),
    ],
)
def test_a_respondent_that_ends_or_hangs_costs_its_own_group(course, ending, said):
    code = f"""
import gc
class Tensor: pass
class Module: pass

def channel():
    return next(each for each in gc.get_objects() if type(each).__name__ == "Channel")

def bad():
    {ending}

def good():
    return 1
"""
    checks = """
def test_before():
    assert tt.good() == 1


def test_bad():
    try:
        tt.bad()
    except BaseException:
        pass


def test_after():
    assert tt.good() == 1
"""
    found = course.results(code, checks, limits=Limits(2, 60))
    assert found["bad"].startswith(said)
    assert (found["before"], found["after"]) == ("passed", "passed")


def test_groups_of_errors(course):
    code = """
class Several(ExceptionGroup, ValueError):
    pass

def several():
    raise Several("two things", [KeyError(1), TypeError("2")])
"""
    checks = """

def test_it():
    with pytest.raises(ValueError, match="two things"):
        tt.several()
"""
    assert course.results(apart_course.HONEST + code, checks) == {"it": "passed"}
