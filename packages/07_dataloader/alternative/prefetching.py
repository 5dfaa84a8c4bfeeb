"""Task 7.5 by another way: threads of its own, and a slot for each result that is awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Any


def prefetched(
    work: Callable[[Any], Any], jobs: Iterable[Any], num_workers: int, ahead: int
) -> Iterator[Any]:
    remaining = iter(jobs)
    orders: SimpleQueue[Any] = SimpleQueue()
    slots: list[SimpleQueue[Any]] = []
    stopped: list[bool] = []

    def serve() -> None:
        while (order := orders.get()) is not None:
            slot, context, job = order
            if not stopped:
                slot.put(outcome(context, work, job))
            del order, slot, context, job

    def begin_one_more() -> None:
        for job in remaining:
            slots.append(SimpleQueue())
            orders.put((slots[-1], copy_context(), job))
            return

    crew = [Thread(target=serve) for _ in range(num_workers)]
    for each in crew:
        each.start()
    try:
        for _ in range(ahead):
            begin_one_more()
        while slots:
            result, error = slots.pop(0).get()
            if error is not None:
                raise error
            begin_one_more()
            yield result
    finally:
        stopped.append(True)
        for _ in crew:
            orders.put(None)
        for each in crew:
            each.join()


def outcome(context: Any, work: Callable[[Any], Any], job: Any) -> tuple[Any, Any]:
    try:
        return context.run(work, job), None
    except BaseException as error:  # noqa: BLE001  the reader raises it
        return None, error
