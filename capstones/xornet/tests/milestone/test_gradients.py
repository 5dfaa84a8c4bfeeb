"""The chain rule written out by hand holds on the modules that are installed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch_xornet import make_network, worst_error, xor_problem


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), hidden=st.integers(1, 12))
def test_gradients_agree_with_central_differences(seed, hidden):
    x, y = xor_problem()
    network = make_network(hidden, seed).double()
    error = worst_error(network, x.double(), y.double())
    assert error < 1e-7, (
        f"with {hidden} hidden units from seed {seed}, the gradients by hand and central "
        f"differences differ by {error:.1e} of the largest entry"
    )
