"""Two numbers that say most about a machine: how fast it multiplies, and how fast it moves."""

from dataclasses import dataclass

from tinytorch.setup.rendering import Result
from tinytorch.setup.timing import best_seconds, multiply_adds


@dataclass(frozen=True)
class Speed(Result):
    """Rates measured on this machine, in float32.

    threads: how many BLAS uses when nobody limits it
    one_thread, all_threads: multiply-adds a second in a square matrix product
    copy: bytes a second, read and written, when copying an array larger than any cache
    """

    threads: int
    one_thread: float
    all_threads: float
    copy: float

    def __str__(self) -> str:
        return (
            f"Matrix product, 1 thread: {self.one_thread / 1e9:.1f} billion multiply-adds/s\n"
            f"Matrix product, {self.threads} thread(s): "
            f"{self.all_threads / 1e9:.1f} billion multiply-adds/s\n"
            f"Copying memory: {self.copy / 1e9:.1f} GB/s"
        )


def measure_speed(size: int = 1024, copied_bytes: int = 1 << 27) -> Speed:
    """Measure it: a product of two (size, size) matrices, and a copy of `copied_bytes` bytes."""
    import numpy as np
    from threadpoolctl import (  # type: ignore[import-untyped, import-not-found, unused-ignore]
        threadpool_info,
        threadpool_limits,
    )

    generator = np.random.default_rng(0)
    a = generator.standard_normal((size, size), dtype=np.float32)
    out = np.empty_like(a)
    source = np.ones(max(copied_bytes // 4, 1), dtype=np.float32)
    target = np.empty_like(source)
    work = multiply_adds(size, size, size)

    all_threads = best_seconds(lambda: np.matmul(a, a, out=out))
    with threadpool_limits(limits=1, user_api="blas"):
        one_thread = best_seconds(lambda: np.matmul(a, a, out=out))
    copy = best_seconds(lambda: np.copyto(target, source))

    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return Speed(
        threads=max(pools, default=1),
        one_thread=work / one_thread,
        all_threads=work / all_threads,
        copy=2 * source.nbytes / copy,
    )
