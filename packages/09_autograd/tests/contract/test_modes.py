"""`no_grad`, `enable_grad` and `set_grad_enabled`: where calls are recorded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
from tinytorch.tensor import Tensor, get_recorder


def recorded() -> bool:
    """Whether a call made now is recorded; and that all who are asked say the same."""
    result = Tensor(np.ones(1), requires_grad=True) * 2
    assert result.requires_grad == ag.is_grad_enabled()
    assert (result.grad_fn is not None) == ag.is_grad_enabled()
    return result.requires_grad


def test_recording_is_on() -> None:
    assert recorded()


def test_contexts_and_what_holds_behind_them() -> None:
    with ag.no_grad():
        assert not recorded()
        with ag.enable_grad():
            assert recorded()
            with ag.no_grad():
                assert not recorded()
            assert recorded()
        assert not recorded()
    assert recorded()
    with ag.enable_grad():
        assert recorded()
    assert recorded()


def test_a_pause_that_who_has_no_autograd_asks_the_recorder_for() -> None:
    recorder = get_recorder()
    assert recorder is not None
    with recorder.pause():
        assert not recorded()
        with recorder.pause():
            assert not recorded()
        assert not recorded()
    assert recorded()


@pytest.mark.parametrize("mode", ["no_grad", "enable_grad"])
def test_one_object_inside_itself(mode: str) -> None:
    context, wanted = getattr(ag, mode)(), mode == "enable_grad"
    for _ in range(2):
        with context:
            with context:
                with ag.set_grad_enabled(not wanted):
                    with context:
                        assert recorded() == wanted
                    assert recorded() != wanted
                assert recorded() == wanted
            assert recorded() == wanted
        assert recorded()


def test_an_error_ends_a_context() -> None:
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError("on the way")
    assert recorded()


def test_set_grad_enabled_takes_effect_at_once() -> None:
    ag.set_grad_enabled(False)
    assert not recorded()
    ag.set_grad_enabled(True)
    assert recorded()


def test_set_grad_enabled_as_a_context() -> None:
    for mode in (False, True, 0, 1):
        with ag.set_grad_enabled(mode):
            assert recorded() == bool(mode)
        assert recorded()
    with ag.no_grad():
        with ag.set_grad_enabled(True):
            assert recorded()
        assert not recorded()
    context = ag.set_grad_enabled(False)
    assert not recorded()
    with context:
        assert not recorded()
        with context:
            assert not recorded()
        assert not recorded()
    assert recorded()
    with context:
        assert not recorded()
    assert recorded()


@pytest.mark.parametrize(
    ("decorate", "inside"),
    [
        (lambda f: ag.no_grad()(f), False),
        (lambda f: ag.no_grad(f), False),
        (lambda f: ag.enable_grad()(f), True),
        (lambda f: ag.enable_grad(f), True),
        (lambda f: ag.set_grad_enabled(False)(f), False),
        (lambda f: ag.set_grad_enabled(True)(f), True),
    ],
    ids=["no_grad()", "no_grad", "enable_grad()", "enable_grad", "set(False)", "set(True)"],
)
@pytest.mark.parametrize("around", [True, False])
def test_decorators(decorate: Any, inside: bool, around: bool) -> None:
    with ag.set_grad_enabled(around):

        @decorate
        def work(a: int, *, b: int) -> tuple[bool, int]:
            """What it does."""
            return recorded(), a + b

        assert recorded() == around, "decorating changes nothing by itself"
        assert tuple(work(1, b=2)) == (inside, 3)
        assert recorded() == around
        assert (work.__name__, work.__doc__) == ("work", "What it does.")


def test_a_function_that_calls_itself() -> None:
    @ag.no_grad()
    def down(n: int) -> list[bool]:
        return [recorded(), *(down(n - 1) if n else [])]

    assert list(down(3)) == [False] * 4
    assert recorded()


def test_a_decorated_function_that_fails() -> None:
    @ag.no_grad()
    def fails() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError):
        fails()
    assert recorded()


@pytest.mark.in_process("a generator of the check cannot be run by another process")
class TestGenerators:
    def test_each_step_is_inside_and_what_is_between_is_not(self) -> None:
        @ag.no_grad()
        def steps() -> Iterator[bool]:
            yield recorded()
            with ag.enable_grad():
                pass
            yield recorded()

        found = []
        for inside in steps():
            found.append((inside, recorded()))
        assert found == [(False, True), (False, True)]

    def test_two_at_a_time(self) -> None:
        @ag.no_grad()
        def off() -> Iterator[bool]:
            while True:
                yield recorded()

        @ag.enable_grad()
        def on() -> Iterator[bool]:
            while True:
                yield recorded()

        a, b = off(), on()
        with ag.no_grad():
            assert [next(a), next(b), next(a), next(b)] == [False, True, False, True]
            assert not recorded()
        assert [next(b), next(a)] == [True, False]
        assert recorded()

    def test_what_is_sent_thrown_and_returned(self) -> None:
        @ag.no_grad()
        def talks() -> Any:
            got = yield "begin"
            try:
                yield got, recorded()
            except KeyError as error:
                yield error.args[0], recorded()
            return "end"

        generator = talks()
        assert next(generator) == "begin"
        assert generator.send("hello") == ("hello", False)
        assert generator.throw(KeyError("thrown")) == ("thrown", False)
        with pytest.raises(StopIteration) as stop:
            next(generator)
        assert stop.value.value == "end"
        assert recorded()

    def test_closing(self) -> None:
        seen = []

        @ag.no_grad()
        def cleans_up() -> Iterator[int]:
            try:
                yield 1
            finally:
                seen.append(recorded())

        generator = cleans_up()
        next(generator)
        generator.close()
        assert seen == [False]
        assert recorded()

    def test_an_error_inside(self) -> None:
        @ag.no_grad()
        def fails() -> Iterator[int]:
            yield 1
            raise KeyError("inside")

        with pytest.raises(KeyError):
            list(fails())
        assert recorded()


@pytest.mark.in_process("threads and tasks of the check cannot run in another process")
class TestThreadsAndTasks:
    def test_a_new_thread_records(self) -> None:
        with ag.no_grad():
            assert in_thread(recorded) is True
            assert not recorded()

    def test_threads_do_not_mind_one_another(self) -> None:
        ready, go_on = threading.Event(), threading.Event()

        def quiet() -> bool:
            with ag.no_grad():
                ready.set()
                go_on.wait(30)
                return recorded()

        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(quiet()))
        thread.start()
        assert ready.wait(30)
        assert recorded()
        go_on.set()
        thread.join()
        assert found == [False]
        assert in_thread(lambda: ag.set_grad_enabled(False).mode) is False
        assert recorded()

    def test_one_object_in_two_threads(self) -> None:
        """Each gets back what held with it before, however they come and go."""
        context = ag.no_grad()
        entered, left = threading.Event(), threading.Event()

        def other() -> list[bool]:
            found = []
            with ag.no_grad():
                with context:
                    entered.set()
                    assert left.wait(30)
                found.append(recorded())
            return [*found, recorded()]

        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(other()))
        with context:
            thread.start()
            assert entered.wait(30)
        assert recorded()
        left.set()
        thread.join()
        assert found == [[False, True]]

    def test_tasks_do_not_mind_one_another(self) -> None:
        context = ag.no_grad()

        async def quiet(a: asyncio.Event, b: asyncio.Event) -> list[bool]:
            with context:
                a.set()
                await b.wait()
                inside = recorded()
            return [inside, recorded()]

        async def loud(a: asyncio.Event, b: asyncio.Event) -> list[bool]:
            await a.wait()
            before = recorded()
            with ag.enable_grad():
                b.set()
                await asyncio.sleep(0)
                return [before, recorded()]

        async def both() -> Any:
            a, b = asyncio.Event(), asyncio.Event()
            return await asyncio.gather(quiet(a, b), loud(a, b))

        assert asyncio.run(both()) == [[False, True], [True, True]]

    def test_a_task_begins_as_its_maker_is(self) -> None:
        async def asks() -> bool:
            await asyncio.sleep(0)
            return recorded()

        async def makes() -> list[bool]:
            with ag.no_grad():
                task = asyncio.create_task(asks())
            return [await task, await asyncio.create_task(asks()), recorded()]

        assert asyncio.run(makes()) == [False, True, True]

    def test_a_decorated_coroutine(self) -> None:
        for decorate in (ag.no_grad(), ag.no_grad, lambda f: ag.set_grad_enabled(False)(f)):

            @decorate
            async def waits(a: asyncio.Event) -> list[bool]:
                first = recorded()
                a.set()
                await asyncio.sleep(0)
                return [first, recorded()]

            async def both(waits: Any = waits) -> list[Any]:
                a = asyncio.Event()
                task = asyncio.create_task(waits(a))
                await a.wait()
                return [recorded(), await task, recorded()]

            assert asyncio.run(both()) == [True, [False, False], True]

    def test_an_asynchronous_generator_is_refused(self, refused: Any) -> None:
        with refused(TypeError, "no_grad", "streams"):

            @ag.no_grad()
            async def streams() -> Any:
                yield 1


def in_thread(function: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


# What nothing is recorded of


def test_results_inside_require_no_gradient_and_keep_nothing() -> None:
    x = Tensor(np.ones(2), requires_grad=True)
    with ag.no_grad():
        y = (x * x).sum()
        z = y * x
    assert (y.requires_grad, y.is_leaf, z.requires_grad) == (False, True, False)
    assert (z * x).requires_grad, "outside, calls with x are recorded again"


def test_a_leaf_made_inside_may_require_one() -> None:
    with ag.no_grad():
        x = Tensor(np.ones(1), requires_grad=True)
        assert x.requires_grad
    (x * 3).backward()
    assert x.grad.tolist() == [3.0]


def test_parameters_can_be_written_to_only_inside(refused: Any) -> None:
    x = Tensor(np.ones(2), requires_grad=True)
    with refused(RuntimeError, "add_", "no_grad"):
        x.add_(1)
    with ag.no_grad():
        x.add_(1)
    assert x.tolist() == [2.0, 2.0]


def test_a_way_back_can_be_gone_inside() -> None:
    x = Tensor(np.ones(2), requires_grad=True)
    y = (x * x * x).sum()
    with ag.no_grad():
        (first,) = ag.grad(y, x, create_graph=True)
        assert not ag.is_grad_enabled()
    assert first.requires_grad
    (second,) = ag.grad(first.sum(), x)
    assert second.tolist() == [6.0, 6.0]


def test_recording_is_off_on_a_plain_way_back() -> None:
    import tinytorch.tensor as tt

    seen = []

    @tt.operation
    def watched(x: Any) -> Any:
        return x * 2

    def rule(g: Any) -> Any:
        seen.append(ag.is_grad_enabled())
        return g * 2

    watched.define_rule(x=rule)
    x = Tensor(np.ones(1), requires_grad=True)
    watched(x).backward()
    watched(x).backward(create_graph=True)
    assert seen == [False, True]
    assert recorded()
