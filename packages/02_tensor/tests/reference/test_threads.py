"""Operations, views and the default generator from several threads at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import tinytorch.tensor as tt


def test_operations_in_many_threads():
    def work(seed: int) -> float:
        x = tt.randn(8, 8, generator=np.random.default_rng(seed))
        for _ in range(20):
            x = x @ x.mT / x.norm()
        return x.sum().item()

    alone = [work(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == alone


def test_a_recorder_sees_the_calls_of_every_thread():
    seen = set()

    class Watching:
        def record(self, operation, needs, inputs, arrays, attributes, results, saved):
            seen.add(threading.get_ident())

        def is_recording(self):
            return True

    before = tt.get_recorder()
    tt.set_recorder(Watching())
    try:
        x = tt.ones(2, requires_grad=True)
        started = threading.Barrier(3)

        def work() -> None:
            started.wait()
            _ = x * 2

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        tt.set_recorder(before)
    assert len(seen) == 3


def test_kernels_are_chosen_for_every_thread():
    with tt.matmul.using("rows"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: tt.matmul.kernel).result() == "rows"
    assert tt.matmul.kernel == "blas"


def test_each_thread_may_have_a_default_generator_of_its_own():
    def work(seed: int) -> list[float]:
        with tt.drawing_from(np.random.default_rng(seed)):
            started.wait()
            return [tt.rand(()).item() for _ in range(200)]

    started = threading.Barrier(4)
    state = tt.default_generator().bit_generator.state
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(4)))
    alone = [tt.rand(200, generator=np.random.default_rng(seed)).tolist() for seed in range(4)]
    assert found == alone
    assert tt.default_generator().bit_generator.state == state
