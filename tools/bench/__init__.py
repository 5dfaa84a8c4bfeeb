"""TinyTorch beside PyTorch and plain NumPy: ratios from one interleaved run. `nox -s bench`.

Machines are noisy and differ; so a time alone says little. Every figure here is a ratio of two
times that were taken in turn, each contender in a process of its own, and the median over many
rounds.
"""
