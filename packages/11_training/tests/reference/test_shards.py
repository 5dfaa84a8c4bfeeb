"""Batches on threads: the same gradients, in every run the same to the bit, and the same memory."""

import threading
import traceback
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from tinytorch.activations import ReLU
from tinytorch.autograd import no_grad
from tinytorch.layers import Linear, Module
from tinytorch.networks import MLP, Sequential
from tinytorch.normalization import BatchNorm2d
from tinytorch.optimizers import SGD, AdamW
from tinytorch.spatial import Conv2d, Flatten
from tinytorch.tensor import Tensor, default_generator, manual_seed, randn
from tinytorch.training import (
    CrossEntropyLoss,
    LossNotFinite,
    Shards,
    backward,
    counted_targets,
    in_parts,
    mse_loss,
    train_step,
)

Gradients = dict[str, Any]


def network(seed: int = 0) -> Module:
    model = Sequential(
        Conv2d(2, 4, 3, padding=1), BatchNorm2d(4), ReLU(), Flatten(), Linear(64, 3)
    ).double()
    draws = np.random.default_rng(seed)
    for parameter in model.parameters():
        parameter.detach().copy_(0.3 * draws.standard_normal(parameter.shape))
    return model


def batch(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    draws = np.random.default_rng(seed)
    return Tensor(draws.standard_normal((count, 2, 4, 4))), Tensor(draws.integers(3, size=count))


def gradients(model: Module) -> Gradients:
    return {
        name: None if p.grad is None else p.grad.numpy().copy()
        for name, p in model.named_parameters()
    }


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 4), st.lists(st.booleans(), min_size=9, max_size=9))
def test_the_gradients_of_the_whole_batch(count: int, shards: int, ignored: list[bool]) -> None:
    """In evaluation mode, where an example does not see the others."""
    model = network().eval()
    x, y = batch(count)
    y = Tensor(np.where(ignored[:count], -100, y.numpy()))
    loss_fn = CrossEntropyLoss(Tensor(np.array([1.0, 4.0, 0.5])))
    with Shards(model, loss_fn, shards) as sharded:
        loss = sharded.backward(x, y)
    found = gradients(model)
    model.zero_grad()
    if not counted_targets(loss_fn, y):
        assert np.isnan(loss)
        assert all(gradient is None for gradient in found.values())
        return
    assert loss == pytest.approx(backward(model, loss_fn, x, y), rel=1e-12)
    for name, expected in gradients(model).items():
        np.testing.assert_allclose(found[name], expected, 1e-9, 1e-12, err_msg=name)


def test_in_training_each_part_by_its_own_statistics() -> None:
    """As if two models had each had a half; the running statistics are those of the first."""
    x, y = batch(9)
    loss_fn = CrossEntropyLoss()
    model = network()
    with Shards(model, loss_fn, 2) as sharded:
        loss = sharded.backward(x, y)
    halves = [network(), network()]
    parts = in_parts((x, y), 2)
    losses = [
        backward(half, loss_fn, *part, share=len(part[1]) / 9)
        for half, part in zip(halves, parts, strict=True)
    ]
    assert [len(part[1]) for part in parts] == [4, 5]
    assert loss == 4 / 9 * losses[0] + 5 / 9 * losses[1]
    first, second = map(gradients, halves)
    for name, found in gradients(model).items():
        np.testing.assert_array_equal(found, first[name] + second[name], err_msg=name)
    for (name, found), (_, expected) in zip(
        model.named_buffers(), halves[0].named_buffers(), strict=True
    ):
        np.testing.assert_array_equal(found.numpy(), expected.numpy(), err_msg=name)


def train(shards: int, steps: int, rebuilt: bool = False) -> dict[str, Any]:
    model = network()
    optimizer = AdamW(model.parameters(), lr=0.01)
    sharded = Shards(model, CrossEntropyLoss(), shards)
    for step in range(steps):
        if rebuilt:
            sharded = Shards(model, CrossEntropyLoss(), shards)
        x, y = batch(8, seed=step)
        train_step(optimizer, lambda: sharded.backward(x, y), clip_norm=1.0)  # noqa: B023
    return {name: values.numpy() for name, values in model.state_dict().items()}


def test_every_run_is_the_same_to_the_bit() -> None:
    first = train(2, 12)
    for _ in range(4):
        for name, values in train(2, 12).items():
            assert values.tobytes() == first[name].tobytes(), name


def test_nothing_is_remembered_but_in_the_model() -> None:
    """New replicas at each step, as after resuming, make no difference."""
    first = train(3, 6)
    for name, values in train(3, 6, rebuilt=True).items():
        assert values.tobytes() == first[name].tobytes(), name


def test_one_shard_is_no_shards() -> None:
    model, plain = network(), network()
    x, y = batch(6)
    with Shards(model, CrossEntropyLoss(), 1) as sharded:
        assert sharded.backward(x, y) == backward(plain, CrossEntropyLoss(), x, y)
    for name, expected in gradients(plain).items():
        np.testing.assert_array_equal(gradients(model)[name], expected)


def test_gradients_are_added_and_shared_out() -> None:
    model, once = network().eval(), network().eval()
    x, y = batch(6)
    backward(once, CrossEntropyLoss(), x, y)
    with Shards(model, CrossEntropyLoss(), 2) as sharded:
        loss = sharded.backward(x, y, share=0.25)
        assert sharded.backward(x, y, share=0.75) == loss
    for name, expected in gradients(once).items():
        np.testing.assert_allclose(gradients(model)[name], expected, 1e-9, 1e-12)


def test_replicas_share_memory_wherever_it_lies() -> None:
    """Making an optimizer moves the parameters; so does `p.data = …`."""
    model = network()
    x, y = batch(6)
    with Shards(model, CrossEntropyLoss(), 3) as sharded:
        for move in (None, "optimizer", "data"):
            if move == "optimizer":
                SGD(model.parameters(), lr=0.1)
            if move == "data":
                for p in model.parameters():
                    p.data = p.detach().clone()
            sharded.backward(x, y)
            for replica in sharded.replicas:
                for p, twin in zip(model.parameters(), replica.model.parameters(), strict=True):
                    assert twin is not p
                    assert twin.array is p.array
                    assert twin.grad is None


def test_replicas_follow_modes_freezing_and_new_parts() -> None:
    model = network()
    x, y = batch(6)
    with Shards(model, CrossEntropyLoss(), 2) as sharded:
        sharded.backward(x, y)
        model.zero_grad()
        model.eval()
        model[1].running_mean.fill_(3.0)
        model[0].requires_grad_(False)
        model[4] = Linear(64, 3, bias=False, dtype="float64")
        sharded.backward(x, y)
        found = gradients(model)
    model.zero_grad()
    backward(model, CrossEntropyLoss(), x, y)
    for name, expected in gradients(model).items():
        if expected is None:
            assert found[name] is None, name
        else:
            np.testing.assert_allclose(found[name], expected, 1e-9, 1e-12, err_msg=name)


def test_a_parameter_that_is_used_twice() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = Linear(3, 3, dtype="float64")
            self.b = Linear(3, 3, dtype="float64")
            self.b.weight = self.a.weight

        def forward(self, x: Any) -> Any:
            return self.b(self.a(x))

    model = Tied()
    draws = np.random.default_rng(0)
    x, t = Tensor(draws.standard_normal((4, 3))), Tensor(draws.standard_normal((4, 3)))
    with Shards(model, mse_loss, 2) as sharded:
        sharded.backward(x, t)
        twin: Any = sharded.replicas[0].model
        assert twin.a.weight is twin.b.weight
    found = gradients(model)
    model.zero_grad()
    backward(model, mse_loss, x, t)
    for name, expected in gradients(model).items():
        np.testing.assert_allclose(found[name], expected, 1e-9, 1e-12)


class Watching(Module):
    """Notes the thread, how many threads BLAS has, and fails for what is marked with nan."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = MLP(3, [4], 1)
        self.threads: list[int] = WATCHED
        self.blas: list[int] = BLAS

    def forward(self, x: Any) -> Any:
        WATCHED.append(threading.get_ident())
        BLAS.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        if np.isnan(x.numpy()).any():
            raise ZeroDivisionError("marked")
        return self.inner(x)


WATCHED: list[int] = []
BLAS: list[int] = []


@pytest.fixture
def watching() -> Watching:
    WATCHED.clear()
    BLAS.clear()
    return Watching()


def threads_of_blas() -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_threads_stay_and_blas_has_one_meanwhile(watching: Watching) -> None:
    x, t = Tensor(np.ones((6, 3), np.float32)), Tensor(np.ones((6, 1), np.float32))
    before = threads_of_blas()
    with Shards(watching, mse_loss, 2) as sharded:
        for _ in range(5):
            sharded.backward(x, t)
    assert len(WATCHED) == 10
    assert len(set(WATCHED)) == 2, "two threads, for all batches"
    assert threading.get_ident() in WATCHED
    assert set(BLAS) == {1}
    assert threads_of_blas() == before


@pytest.mark.parametrize("where", [0, 5])
def test_an_exception_arrives_with_its_traceback(watching: Watching, where: int) -> None:
    x = np.ones((6, 3), np.float32)
    x[where] = np.nan
    t = Tensor(np.ones((6, 1), np.float32))
    before = threads_of_blas()
    with Shards(watching, mse_loss, 2) as sharded:
        with pytest.raises(ZeroDivisionError, match="marked") as caught:
            sharded.backward(Tensor(x), t)
        told = "".join(traceback.format_exception(caught.value))
        assert 'raise ZeroDivisionError("marked")' in told, "the line where it was raised"
        assert f"shard {where // 3} of 2" in told
        assert threads_of_blas() == before
        watching.zero_grad()
        sharded.backward(Tensor(np.ones((6, 3), np.float32)), t)


def test_a_loss_that_is_no_number_in_one_shard() -> None:
    model = MLP(3, [4], 1)
    x = np.ones((6, 3), np.float32)
    x[5] = np.nan
    with Shards(model, mse_loss, 2) as sharded, pytest.raises(LossNotFinite):
        sharded.backward(Tensor(x), Tensor(np.ones((6, 1), np.float32)))


def test_the_context_goes_along() -> None:
    """What is said of NumPy's errors here holds in all shards; and so does no_grad."""
    model = MLP(3, [4], 1)
    x, t = np.ones((6, 3), np.float32), Tensor(np.ones((6, 1), np.float32))
    x[5] = 3e38
    with Shards(model, mse_loss, 2) as sharded:
        with np.errstate(all="raise"), pytest.raises(FloatingPointError):
            sharded.backward(Tensor(x), t)
        with no_grad(), pytest.raises(RuntimeError):
            sharded.backward(Tensor(np.ones((6, 3), np.float32)), t)


class Noisy(Module):
    """Draws as dropout does: from a generator of its own, or from the default one."""

    def __init__(self, generator: np.random.Generator | None = None) -> None:
        super().__init__()
        self.inner = Linear(300, 4)
        self.inner.load_state_dict({"weight": np.ones((4, 300)), "bias": np.zeros(4)})
        self.generator = generator

    def forward(self, x: Any) -> Any:
        for _ in range(4):
            noise = randn(x.shape, generator=self.generator)
            NOISE[threading.get_ident()] = noise.numpy()
            x = x + noise
        return self.inner(x)


NOISE: dict[int, Any] = {}
OWN = pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])


def noisy_steps(own: bool, shards: int, steps: int, rebuilt: bool = False) -> bytes:
    """Sums of gradients over some batches, of which one is too small for all shards."""
    generator = manual_seed(3)
    model = Noisy(np.random.default_rng(3) if own else None)
    sharded = Shards(model, mse_loss, shards)
    for step in range(steps):
        if rebuilt:
            sharded = Shards(model, mse_loss, shards)
        examples = 2 if step == 1 else 41
        x = Tensor(np.ones((examples, 300), np.float32))
        sharded.backward(x, Tensor(np.ones((examples, 4), np.float32)))
    assert generator is default_generator()
    return b"".join(p.grad.numpy().tobytes() for p in model.parameters() if p.grad is not None)


@OWN
def test_draws_are_the_same_in_every_run(own: bool) -> None:
    first = noisy_steps(own, 3, 6)
    for _ in range(5):
        assert noisy_steps(own, 3, 6) == first


@OWN
def test_draws_depend_on_the_models_generators_alone(own: bool) -> None:
    """New replicas at each step, as after resuming, make no difference."""
    assert noisy_steps(own, 3, 6, rebuilt=True) == noisy_steps(own, 3, 6)


@OWN
def test_every_shard_draws_numbers_of_its_own_at_every_step(own: bool) -> None:
    model = Noisy(np.random.default_rng(3) if own else None)
    x, t = Tensor(np.ones((6, 300), np.float32)), Tensor(np.ones((6, 4), np.float32))
    drawn = []
    with Shards(model, mse_loss, 3) as sharded:
        for _ in range(3):
            NOISE.clear()
            sharded.backward(x, t)
            drawn += [tuple(noise.ravel()[:4].tolist()) for noise in NOISE.values()]
    # A thread may have done the work of two shards; what it drew last is what is seen then.
    assert len(set(drawn)) == len(drawn) >= 6


def test_a_model_that_draws_nothing_leaves_the_generators_alone() -> None:
    x, t = Tensor(np.ones((6, 3), np.float32)), Tensor(np.ones((6, 1), np.float32))
    with Shards(MLP(3, [4], 1), mse_loss, 2) as sharded:
        state = default_generator().bit_generator.state
        sharded.backward(x, t)
    assert default_generator().bit_generator.state == state


def test_modules_that_share_a_generator_share_it_in_each_replica() -> None:
    generator = np.random.Generator(np.random.Philox(3))
    model = Sequential(Noisy(generator), Linear(4, 4), Noisy(generator))
    sharded = Shards(model, mse_loss, 2)
    sharded._follow_the_model()
    twin: Any = sharded.replicas[0].model
    assert twin[0].generator is twin[2].generator is not generator
    assert type(twin[0].generator.bit_generator) is np.random.Philox
    assert twin[0].generator.random() != generator.random()


def test_what_cannot_be_shared_out() -> None:
    model = MLP(3, [4], 1)
    with pytest.raises(ValueError, match="1 or more"):
        Shards(model, mse_loss, 0)
    with pytest.raises(ValueError, match="loss with parameters"):
        Shards(model, Linear(2, 2), 2)  # type: ignore[arg-type]
    with Shards(model, mse_loss, 2) as sharded, pytest.raises(ValueError, match=r"\[6, 5\]"):
        sharded.backward(Tensor(np.ones((6, 3))), Tensor(np.ones((5, 1))))
