"""The network learns XOR; its loss is what its answers say."""

import numpy as np
import pytest

from tinytorch_xornet import make_network, train, xor_problem

SEEDS = np.random.default_rng(0).integers(0, 1_000_000, 10)


@pytest.mark.parametrize("k", range(len(SEEDS)))
def test_all_four_points_are_learnt(k):
    x, y = xor_problem()
    network = make_network(seed=int(SEEDS[k]))
    result = train(network, x, y)
    z = np.asarray(network(x).tolist()).reshape(-1)
    targets = np.asarray(y.tolist()).reshape(-1)
    right = int(np.sum((z > 0) == (targets == 1)))
    assert right == 4, f"from seed {SEEDS[k]}, {right} of 4 points are right: the logits are {z}"
    loss = float(np.mean(np.logaddexp(0, np.where(targets == 1, -z, z))))
    assert result.final_loss == pytest.approx(loss, rel=1e-3, abs=1e-6)
    assert result.final_loss < 0.05, f"from seed {SEEDS[k]}, the loss ends at {result.final_loss}"
