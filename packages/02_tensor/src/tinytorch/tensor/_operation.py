"""Operations: functions on NumPy arrays, lifted to tensors. Everything else stands on this seam.

    @operation
    def scale(x, *, by):
        return x * by

`scale` now takes tensors and gives a tensor. The function itself has learnt nothing new: it still
sees arrays and knows nothing of gradients. What surrounds it, the same for all operations, is this
file:

- what stands before the star are **inputs** (tensors); what stands after it are **attributes**
  (sizes, dimensions, options), which callers may also pass by position. A function of `*tensors`
  takes a list of tensors.
- inputs are brought to one dtype where the operation asks for it;
- an error of NumPy is told in the operation's terms: its name, the shapes that met, and the fix;
- a result that is a **view** shares its version count with the tensor that it looks into;
- if a **recorder** is there and an input requires a gradient, the call is shown to it.

Nothing in this package ever installs a recorder or writes a gradient rule. `tinytorch.autograd`
does both, and that is how tensors become differentiable without a line changed here. The idea of
one interpreter slot is JAX's (autodidax); rules that stand beside operations, not inside them, are
HIPS autograd's.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any, Generic, Literal, Protocol, TypeVar, overload

import numpy as np
from numpy import ndarray

from .dtypes import Array, agreed_dtype, promote
from .errors import explain, refuse_input
from .rule import Rule

R_co = TypeVar("R_co", covariant=True)
Promotion = Literal["common", "floating"]


class Recorder(Protocol):
    """What watches operations run and can go back over them. `tinytorch.autograd` provides it."""

    def record(
        self,
        operation: Operation[Any],
        needs: int,
        inputs: Sequence[Any],
        arrays: Sequence[Any],
        attributes: Mapping[str, Any],
        results: Sequence[Tensor],
        saved: tuple[Any, ...],
    ) -> None:
        """Remember one call, if this thread records.

        needs: which inputs require a gradient, at least one: bit i is for input i.
        inputs: as they were passed, tensors and numbers.
        arrays: what the function saw of them, after promotion.
        results: the tensors made from what it returned; their `grad_fn` and `requires_grad` are
            the recorder's to set.
        saved: what the function kept for its rule (see `Operation.saves`).
        """

    def backward(
        self, tensor: Tensor, gradient: Tensor | None, *, retain_graph: bool, create_graph: bool
    ) -> None:
        """Add the gradient of `tensor` to the `.grad` of every leaf that it was computed from."""

    def is_recording(self) -> bool:
        """Whether calls made now in this thread are remembered."""

    def pause(self) -> AbstractContextManager[None]:
        """A context in which calls made in this thread are not remembered."""


_recorder: Recorder | None = None
_registry: dict[str, Operation[Any]] = {}


def set_recorder(recorder: Recorder | None) -> None:
    """Let `recorder` watch every operation from now on, in every thread; None lets nobody watch."""
    global _recorder
    _recorder = recorder


def get_recorder() -> Recorder | None:
    """The recorder in place, or None as long as `tinytorch.autograd` is not imported."""
    return _recorder


def operations() -> MappingProxyType[str, Operation[Any]]:
    """Every operation that exists so far, by name. Packages add theirs when they are imported."""
    return MappingProxyType(_registry)


class Operation(Generic[R_co]):
    """A function on arrays, lifted to tensors.

    Called with at least one tensor it gives tensors; called with arrays alone it is the plain
    function and gives arrays, so that a gradient rule written with operations serves both.

    name: what it is called, in graphs and tables. called: what its users call it, in errors.
    inputs: the names of its tensor inputs, in order; `variadic` if they are one list.
    attributes: the names of its keyword attributes.
    views: whether its results may share memory with its first input.
    differentiable: whether gradients can flow through it at all (comparisons: no).
    saves: names of what the function returns behind its results, kept for the gradient rule.
    rule: its gradient rule, or None: see `define_rule` and `define_fused_rule`.
    kernels: its implementations by name; `kernel` is the one that runs.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        promote: Promotion | None = None,
        views: bool = False,
        differentiable: bool = True,
        saves: tuple[str, ...] = (),
        kernel: str = "numpy",
        called: str | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.name: str = function.__name__
        self.called = called or self.name
        self.promote = promote
        self._floating = promote == "floating"
        self.views = views
        self.differentiable = differentiable
        self.saves = saves
        self.rule: Rule | None = None
        self.kernels: dict[str, Callable[..., Any]] = {kernel: function}
        self.kernel = kernel
        self.forward = function

        self.signature = inspect.signature(function)
        parameters = self.signature.parameters.values()
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.inputs = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
        self.attributes = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        self._arity = -1 if self.variadic else len(self.inputs)
        self._defaults = tuple(self.signature.parameters[name].default for name in self.inputs)
        _registry[self.name] = self

    def __repr__(self) -> str:
        return f"<operation {self.name}({', '.join((*self.inputs, *self.attributes))})>"

    def __copy__(self) -> Operation[R_co]:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Operation[R_co]:
        """Itself, as for a function: a copied network must see a rule that is defined later."""
        return self

    def __call__(self, *args: Any, **attributes: Any) -> R_co:
        if len(args) != self._arity:
            args, attributes = self._bind(args, attributes)
        if attributes:
            for name, value in attributes.items():
                if isinstance(value, Tensor):
                    attributes[name] = self._attribute_array(name, value)

        arrays: Any = []
        lifted, needs, bit = False, 0, 1
        for x in args:
            if isinstance(x, Tensor):
                lifted = True
                if x._requires_grad:
                    needs |= bit
                arrays.append(x.array)
            else:
                arrays.append(x)
            bit += bit
        if not lifted:
            return self._on_arrays(args, attributes)

        try:
            if self.promote is not None:
                arrays = self._promoted(arrays)
            returned = self.forward(*arrays, **attributes)
        except (ValueError, IndexError, TypeError, AttributeError, OverflowError) as error:
            refuse_input(self.called, args)
            explained = explain(self.called, args, error)
            if explained is error:
                raise
            raise explained from error
        if returned is None:
            raise TypeError(f"{self.called}: its function returned None: is a `return` missing?")

        saved: tuple[Any, ...] = ()
        if self.saves:
            cut = len(returned) - len(self.saves)
            saved = returned[cut:]
            returned = returned[0] if cut == 1 else returned[:cut]
        several = type(returned) is tuple
        results = tuple(map(_wrap, returned)) if several else (_wrap(returned),)
        if self.views:
            for view in results:
                _share_version(view, args[0])
        if needs and _recorder is not None and self.differentiable:
            _recorder.record(self, needs, args, arrays, attributes, results, saved)
        result: Any = results if several else results[0]
        return result

    def define_rule(self, **functions: Callable[..., Any]) -> None:
        """Give the operation a gradient rule: how the gradient of each input is found.

            mul.define_rule(a=lambda g, b: g * b, b=lambda g, a: g * a)

        A function's parameters name what it needs, and only that is kept until the way back: `g`,
        the gradient of the result; `out`, the result; an input; `<input>_shape`; an attribute; what
        the operation saves. Write it with operators and operations: it is run on arrays, and on
        tensors when gradients of gradients are asked for. What was broadcast is summed back by
        whoever runs the rule.
        """
        self.rule = Rule.per_input(self, functions)

    def define_fused_rule(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give the operation a rule on arrays, for all inputs at once. A decorator.

            @layer_norm.define_fused_rule
            def _(g, needs, normalized, scale, weight): ...

        It names what it needs as in `define_rule`, and may ask for `needs`, a tuple of one bool an
        input; it returns one gradient an input, None where none is needed. Being written on arrays,
        it has no second order.
        """
        self.rule = Rule.fused(self, function)
        return function

    def add_kernel(self, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Add another implementation of the same operation, under a name. A decorator."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.kernels[name] = function
            return function

        return add

    def use(self, kernel: str) -> None:
        """Run `kernel` from now on, in every thread.

        Raises ValueError for a name that it does not have.
        """
        if kernel not in self.kernels:
            raise ValueError(
                f"{self.name} has no kernel {kernel!r}; it has {', '.join(self.kernels)}"
            )
        self.kernel = kernel
        self.forward = self.kernels[kernel]

    @contextmanager
    def using(self, kernel: str) -> Iterator[None]:
        """Run `kernel` inside a with-block, in every thread."""
        before = self.kernel
        self.use(kernel)
        try:
            yield
        finally:
            self.use(before)

    def _bind(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort a call's arguments into inputs and attributes, as if there were no star."""
        if self.variadic:
            if args and isinstance(args[0], Tensor):
                raise TypeError(f"{self.called}: expected a list of tensors: {self.called}([a, b])")
            if len(args) == 1:
                return tuple(args[0]), kwargs
        elif not kwargs and self._arity < len(args) <= self._arity + len(self.attributes):
            named = zip(self.attributes, args[self._arity :], strict=False)
            return args[: self._arity], dict(named)
        elif not kwargs and len(args) < self._arity:
            rest = self._defaults[len(args) :]
            if inspect._empty not in rest:
                return (*args, *rest), kwargs
        names = (*self.inputs, *self.attributes)
        if len(args) > len(names):
            raise TypeError(
                f"{self.name} takes {', '.join(names)}, but {len(args)} values were given"
            )
        given = dict(zip(names, args, strict=False))
        twice = given.keys() & kwargs.keys()
        if twice:
            raise TypeError(f"{self.name} was given {', '.join(sorted(twice))} twice")
        given |= kwargs
        if self.variadic:
            inputs = tuple(given.pop(self.inputs[0], ()))
            return inputs, given
        inputs = tuple(map(given.pop, self.inputs, self._defaults))
        missing = [n for n, x in zip(self.inputs, inputs, strict=True) if x is inspect._empty]
        if missing:
            raise TypeError(f"{self.name} is missing {', '.join(missing)}")
        return inputs, given

    def _attribute_array(self, name: str, value: Tensor) -> Array:
        """The array of a tensor that is an attribute: an index, a mask."""
        if value._requires_grad:
            raise TypeError(
                f"{self.name}: no gradient flows into {name}, but the tensor given for it "
                "requires one; pass it with .detach()"
            )
        return value.array

    def _promoted(self, arrays: list[Any]) -> list[Any]:
        """The arrays in one dtype. Most calls need no work, and find that out quickly."""
        dtype = agreed_dtype(arrays)
        if dtype is None or (self._floating and dtype.kind != "f"):
            return promote(arrays, self._floating)
        return arrays

    def _on_arrays(self, args: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
        """A call without a tensor: of arrays, among them NumPy's scalars, it is the function."""
        refuse_input(self.called, args)
        arrays: Any = [np.asarray(x) if isinstance(x, np.generic) else x for x in args]
        if arrays and not any(isinstance(x, ndarray) for x in arrays):
            given = ", ".join(map(repr, args))
            raise TypeError(f"{self.called}: expected a tensor, but got {given}")
        if arrays and self.promote is not None:
            arrays = self._promoted(arrays)
        returned = self.forward(*arrays, **attributes)
        if not self.saves:
            return returned
        cut = len(returned) - len(self.saves)
        return returned[0] if cut == 1 else returned[:cut]


@overload
def operation(function: Callable[..., Array], /) -> Operation[Tensor]: ...
@overload
def operation(function: Callable[..., tuple[Array, ...]], /) -> Operation[tuple[Tensor, ...]]: ...
@overload
def operation(
    *,
    promote: Promotion | None = None,
    views: bool = False,
    differentiable: bool = True,
    saves: tuple[str, ...],
    kernel: str = "numpy",
    called: str | None = None,
) -> Callable[[Callable[..., tuple[Array, ...]]], Operation[Tensor]]: ...
@overload
def operation(
    *,
    promote: Promotion | None = None,
    views: bool = False,
    differentiable: bool = True,
    kernel: str = "numpy",
    called: str | None = None,
) -> _Lift: ...
def operation(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Lift a function on arrays to tensors: `@operation`, or `@operation(views=True, …)`.

    promote: "common" brings the inputs to one dtype first; "floating" makes that a floating one.
    views, differentiable, saves, called: see `Operation`. Types take what saves to have one result.
    kernel: the name of this implementation.
    """
    if function is not None:
        return Operation(function)
    return functools.partial(Operation, **options)


class _Lift(Protocol):
    @overload
    def __call__(self, function: Callable[..., Array], /) -> Operation[Tensor]: ...
    @overload
    def __call__(
        self, function: Callable[..., tuple[Array, ...]], /
    ) -> Operation[tuple[Tensor, ...]]: ...
    def __call__(self, function: Any, /) -> Any: ...


def _wrap(array: Any) -> Tensor:
    """A tensor around what a function returned, made without the checks of `Tensor(…)`."""
    tensor = _new(Tensor)
    tensor.array = array if type(array) is ndarray else np.asarray(array)
    tensor._requires_grad = False
    tensor._grad = tensor.grad_fn = None
    tensor.version = [0]
    return tensor


_new = object.__new__


def _share_version(result: Tensor, source: Tensor) -> None:
    """Let `result` count writes together with `source`, if it looks into its memory."""
    array, base = source.array, result.array.base
    if (
        base is array
        or (base is not None and base is array.base)
        or result.array is array
        or (base is not None and np.may_share_memory(result.array, array))
    ):
        result.version = source.version


# The circle closes here: operations make tensors, and a tensor's methods are operations.
from ._tensor import Tensor  # noqa: E402
