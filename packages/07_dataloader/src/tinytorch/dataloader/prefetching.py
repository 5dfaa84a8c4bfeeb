"""Working ahead: threads make the next results while the reader is busy with this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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

    At most `ahead` results are begun beyond the one that the reader has. What `work` raises is
    raised here, when its turn comes, with its own traceback. When the reader stops, because of that
    or by leaving the loop, work that has not begun is dropped, and the threads end.
    """
    remaining = iter(jobs)
    with threads(num_workers) as pool:
        begun: deque[Future[Result]] = deque()
        for job in islice(remaining, ahead):
            begun.append(begin(pool, work, job))
        while begun:
            result = begun.popleft().result()
            for job in islice(remaining, 1):
                begun.append(begin(pool, work, job))
            yield result


def begin(pool: ThreadPoolExecutor, work: Callable[[Job], Result], job: Job) -> Future[Result]:
    """Have a thread do it, in the reader's context: what `np.errstate` says there holds here."""
    return pool.submit(copy_context().run, work, job)


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that have ended when the block is left, with what they were at.

    An iterator that is part of a cycle may be collected in one of its own threads, which cannot
    wait for itself.
    """
    own: set[int] = set()
    pool = ThreadPoolExecutor(count, "DataLoader", initializer=lambda: own.add(get_ident()))
    try:
        yield pool
    finally:
        pool.shutdown(wait=get_ident() not in own, cancel_futures=True)
