"""Working ahead: threads make the next results while the reader is busy with this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from threading import get_ident
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def prefetched(
    work: Callable[[Job], Result], jobs: Iterable[Job], num_workers: int, ahead: int
) -> Iterator[Result]:
    """work(job) of each job, in the order of the jobs, made by `num_workers` threads.

    While the reader is busy with one result, the next `ahead` are made, and no more. What `work`
    raises is raised here, when its turn comes, with its own traceback. When the reader stops,
    because of that or by leaving the loop, work that has not begun is dropped, and the threads end.
    """
    remaining = iter(jobs)
    with Workers(num_workers) as workers:
        begun = deque(workers.begin(work, job) for job in islice(remaining, ahead))
        while begun:
            result = begun.popleft().result()
            begun.extend(workers.begin(work, job) for job in islice(remaining, 1))
            yield result


class Workers:
    """Threads: `with Workers(count) as workers:` ends them, and what they were at, when it is left.

    An iterator that is part of a cycle may be collected in one of its own threads; that one does
    not wait for itself.
    """

    def __init__(self, count: int) -> None:
        self.own: set[int] = set()
        self.pool = ThreadPoolExecutor(
            count, "DataLoader", initializer=lambda: self.own.add(get_ident())
        )

    def begin(self, work: Callable[[Job], Result], job: Job) -> Future[Result]:
        """Have a thread do work(job), or queue it while all are busy.

        `result()` of what is given back waits for it, and gives what it returns or raises what it
        raises. It is done in the context of who asks: what `np.errstate` says here holds there.
        """
        return self.pool.submit(copy_context().run, work, job)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *raised: object) -> None:
        self.pool.shutdown(wait=get_ident() not in self.own, cancel_futures=True)
