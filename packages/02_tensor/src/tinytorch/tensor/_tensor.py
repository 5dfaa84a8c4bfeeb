"""The tensor: an array with a place in a computation.

A `Tensor` holds a NumPy array and four things that NumPy has no word for: whether it wants a
gradient, the gradient, where it came from, and how often it was written to. All that it can do is
done by operations, which live in the files beside this one; a method here says no more than which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from . import (
    arithmetic,
    broadcasting,
    elementwise,
    indexing,
    matrix_product,
    memory,
    reductions,
    shapes,
)
from ._operation import get_recorder
from .dtypes import (
    DEFAULT_FLOAT,
    DEFAULT_INT,
    DTYPES,
    Array,
    DTypeLike,
    as_dtype,
    bool_,
    category,
    float16,
    float32,
    float64,
    int32,
    int64,
    is_floating_point,
)
from .errors import check_dim


def as_array(data: Any, dtype: DTypeLike = None) -> Array:
    """`data` as an array that a tensor can hold; copied only where it must be.

    Python floats become float32, integers int64; arrays keep their dtype.
    """
    if dtype is None and type(data) is np.ndarray and data.dtype in DTYPES:
        return data
    if isinstance(data, Tensor):
        return as_array(data.array, dtype)
    if dtype is not None:
        try:
            return np.asarray(_plain(data), dtype=as_dtype(dtype))
        except OverflowError as error:
            raise ValueError(f"tensor: {error}") from error
    if isinstance(data, np.ndarray | np.generic):
        return np.asarray(data, dtype=as_dtype(data.dtype))
    try:
        array = np.asarray(_plain(data))
    except ValueError as error:
        raise ValueError(f"tensor: lists in lists must be equally long ({error})") from error
    if array.dtype.kind == "O":
        raise TypeError(
            f"tensor: {data!r:.60} cannot be held: a tensor is made of numbers of up to 64 bits"
        )
    if array.dtype.kind == "f" or array.size == 0:
        return array.astype(DEFAULT_FLOAT)
    if array.dtype.kind == "i":
        return array.astype(DEFAULT_INT)
    return np.asarray(array, dtype=as_dtype(array.dtype))


def _plain(data: Any) -> Any:
    """`data` with the tensors in its lists turned into plain lists."""
    if isinstance(data, Tensor):
        return data.tolist()
    return [_plain(part) for part in data] if isinstance(data, list | tuple) else data


def as_tuple(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sizes or dimensions given one by one, or as one sequence."""
    return tuple(args[0]) if len(args) == 1 and not isinstance(args[0], int | np.integer) else args


# Inside the class, bool, int and float are methods.
_bool: TypeAlias = bool
_int: TypeAlias = int
_float: TypeAlias = float


class Tensor:
    """A NumPy array with a place in a computation.

    data: an array, whose memory is then shared, or numbers or nested lists, converted as `tensor`
    does.
    requires_grad: whether gradients with respect to this tensor are wanted; floating tensors only.

    array: the NumPy array that holds the values. Whoever writes to it directly bypasses the version
    count.
    grad: the gradient that `backward` has found, or None.
    grad_fn: what the recorder remembers of the call that made this tensor; None for a leaf.
    version: a one-element list, shared with all views, that counts the writes.
    """

    __slots__ = (
        "__weakref__",
        "_grad",
        "_requires_grad",
        "array",
        "grad_fn",
        "version",
    )
    array: Array
    _grad: Tensor | None
    grad_fn: Any

    # NumPy leaves `array + tensor` to the tensor.
    __array_ufunc__ = None

    def __init__(self, data: Any, *, requires_grad: _bool = False) -> None:
        self.array = as_array(data)
        self._requires_grad = False
        self._grad = self.grad_fn = None
        self.version = [0]
        if requires_grad:
            self.requires_grad_()

    # What it is

    @property
    def shape(self) -> tuple[_int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    @property
    def ndim(self) -> _int:
        return self.array.ndim

    @property
    def nbytes(self) -> _int:
        """The bytes that its elements need. A view may occupy fewer of its own: none."""
        return self.array.nbytes

    @property
    def itemsize(self) -> _int:
        return self.array.itemsize

    def element_size(self) -> _int:
        """The bytes of one element."""
        return self.array.itemsize

    def size(self, dim: _int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.shape if dim is None else self.shape[check_dim("size", dim, self.ndim)]

    def dim(self) -> _int:
        """The number of dimensions."""
        return self.array.ndim

    def numel(self) -> _int:
        """The number of elements."""
        return self.array.size

    def stride(self, dim: _int | None = None) -> Any:
        """How many elements to walk in memory to the next index, in each dimension or in one."""
        shape = self.array.shape
        if not self.array.size:
            steps = memory.contiguous_strides(shape)
        else:
            steps = tuple(step // self.array.itemsize for step in self.array.strides)
            if 1 in shape:
                steps = _with_steps_of_size_1(shape, steps)
        return steps if dim is None else steps[check_dim("stride", dim, self.ndim)]

    def is_contiguous(self) -> _bool:
        """Whether the elements lie row by row without gaps."""
        return memory.is_contiguous(self.shape, self.stride())

    def data_ptr(self) -> _int:
        """The address of the first element, which a view from the start shares."""
        return self.array.ctypes.data

    def is_floating_point(self) -> _bool:
        return is_floating_point(self.dtype)

    def __len__(self) -> _int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(self.shape[0]))

    def __repr__(self) -> str:
        from .display import render

        return render(self)

    # Out of the tensor world, and between dtypes

    def item(self) -> Any:
        """The value as a Python number. Raises ValueError unless there is exactly one element."""
        if self.array.size != 1:
            raise ValueError(
                f"item() needs a tensor with one element, but this one has the shape {self.shape}"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers; of a 0-d tensor, the number."""
        return self.array.tolist()

    def numpy(self) -> Array:
        """The array that this tensor holds, sharing its memory.

        Raises RuntimeError if it requires a gradient, which a NumPy computation would lose: call
        detach() first.
        """
        if self._requires_grad:
            raise RuntimeError(
                "numpy() of a tensor that requires a gradient would lose it; call detach().numpy()"
            )
        return self.array

    def __array__(self, dtype: DTypeLike = None, copy: _bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __dlpack__(self, **options: Any) -> Any:
        return self.numpy().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[_int, _int]:
        return self.array.__dlpack_device__()

    def __bool__(self) -> _bool:
        if self.array.size != 1:
            raise ValueError(
                f"whether a tensor of shape {self.shape} is true is not clear; use any(), all() "
                "or a comparison"
            )
        return bool(self.array)

    def __float__(self) -> _float:
        return float(self.item())

    def __int__(self) -> _int:
        return int(self.item())

    def __index__(self) -> _int:
        if self.array.size != 1 or self.dtype.kind not in "iub":
            raise TypeError("only an integer tensor with one element can be used as an index")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and not self.ndim else format(str(self), spec)

    def to(self, dtype: DTypeLike) -> Tensor:
        """This tensor with `dtype`: itself if it has it already, else a copy.

        Gradients flow through.
        """
        wanted = as_dtype(dtype)
        return self if wanted == self.dtype else shapes.cast(self, dtype=wanted)

    def type_as(self, other: Tensor) -> Tensor:
        return self.to(other.dtype)

    def float(self) -> Tensor:
        """As float32."""
        return self.to(float32)

    def double(self) -> Tensor:
        """As float64."""
        return self.to(float64)

    def half(self) -> Tensor:
        """As float16."""
        return self.to(float16)

    def int(self) -> Tensor:
        """As int32."""
        return self.to(int32)

    def long(self) -> Tensor:
        """As int64."""
        return self.to(int64)

    def bool(self) -> Tensor:
        """As booleans: whether not zero."""
        return self.to(bool_)

    # Gradients: declared here, found by `tinytorch.autograd`

    @property
    def requires_grad(self) -> _bool:
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: _bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: _bool = True) -> Tensor:
        """Say whether gradients with respect to this tensor are wanted, and return it.

        Raises RuntimeError for an integer or boolean tensor, and for switching it off on a result.
        """
        if requires_grad and not is_floating_point(self.dtype):
            raise RuntimeError(f"only floating tensors can require a gradient, not {self.dtype}")
        if not requires_grad and self.grad_fn is not None:
            raise RuntimeError(
                "requires_grad can be switched off only on leaves; use detach() for a result"
            )
        self._requires_grad = bool(requires_grad)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` has found, or None."""
        return self._grad

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        if gradient is not None and not isinstance(gradient, Tensor):
            raise TypeError(f"grad: expected a Tensor or None, but got {gradient!r:.60}")
        if gradient is not None and gradient.shape != self.shape:
            raise ValueError(
                f"grad: a gradient has its tensor's shape, {self.shape}, not {gradient.shape}"
            )
        self._grad = gradient

    @property
    def is_leaf(self) -> _bool:
        """Whether this tensor was made by the user, not by a recorded operation."""
        return self.grad_fn is None

    @property
    def data(self) -> Tensor:
        """A tensor that shares the memory, takes no part in gradients, and whose writes are not
        counted.

        As in PyTorch, an old way to change parameters; `detach` and `no_grad` are the safe ones.
        """
        return Tensor(self.array)

    @data.setter
    def data(self, value: Tensor) -> None:
        self.array = as_array(value)

    def detach(self) -> Tensor:
        """A view that takes no part in gradients. Writes to it are counted for this tensor too."""
        view = Tensor(self.array)
        view.version = self.version
        return view

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
    ) -> None:
        """Add the gradient of this tensor to the `.grad` of every leaf that it was computed from.

        gradient: what arrives here, of this tensor's shape; may be left out for a single number,
        where it is 1.
        Raises RuntimeError as long as nothing records: `tinytorch.autograd` must be imported before
        the computation.
        """
        recorder = get_recorder()
        if recorder is None:
            raise RuntimeError(
                "backward() needs module 09: pip install tinytorch-autograd, and import "
                "tinytorch.autograd before the computation"
            )
        retain = create_graph if retain_graph is None else retain_graph
        recorder.backward(self, gradient, retain_graph=retain, create_graph=create_graph)

    # Arithmetic and comparison

    def __add__(self, other: Any) -> Tensor:
        return arithmetic.add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return arithmetic.add(other, self)

    def __sub__(self, other: Any) -> Tensor:
        return arithmetic.sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return arithmetic.sub(other, self)

    def __mul__(self, other: Any) -> Tensor:
        return arithmetic.mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return arithmetic.mul(other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return arithmetic.div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return arithmetic.div(other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return arithmetic.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return arithmetic.floor_divide(other, self)

    def __mod__(self, other: Any) -> Tensor:
        return arithmetic.remainder(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return arithmetic.remainder(other, self)

    def __pow__(self, other: Any) -> Tensor:
        return arithmetic.pow(self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return arithmetic.pow(other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return matrix_product.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return matrix_product.matmul(other, self)

    def __neg__(self) -> Tensor:
        return arithmetic.neg(self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return elementwise.abs(self)

    def __invert__(self) -> Tensor:
        return arithmetic.bitwise_not(self)

    def __and__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_and(self, other)

    def __rand__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_and(other, self)

    def __or__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_or(self, other)

    def __ror__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_or(other, self)

    def __xor__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_xor(self, other)

    def __rxor__(self, other: Any) -> Tensor:
        return arithmetic.bitwise_xor(other, self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return arithmetic.eq(self, other) if _comparable(other) else NotImplemented

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return arithmetic.ne(self, other) if _comparable(other) else NotImplemented

    def __lt__(self, other: Any) -> Tensor:
        return arithmetic.lt(self, other)

    def __le__(self, other: Any) -> Tensor:
        return arithmetic.le(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return arithmetic.gt(self, other)

    def __ge__(self, other: Any) -> Tensor:
        return arithmetic.ge(self, other)

    # A tensor is itself, whatever its values: two with equal values are two keys.
    __hash__ = object.__hash__

    add = __add__
    sub = __sub__
    mul = __mul__
    div = __truediv__
    pow = __pow__
    neg = __neg__
    eq = __eq__
    ne = __ne__
    lt = __lt__
    le = __le__
    gt = __gt__
    ge = __ge__

    # Element by element

    def abs(self) -> Tensor:
        return elementwise.abs(self)

    def exp(self) -> Tensor:
        return elementwise.exp(self)

    def log(self) -> Tensor:
        return elementwise.log(self)

    def log1p(self) -> Tensor:
        return elementwise.log1p(self)

    def sqrt(self) -> Tensor:
        return elementwise.sqrt(self)

    def rsqrt(self) -> Tensor:
        return elementwise.rsqrt(self)

    def reciprocal(self) -> Tensor:
        return elementwise.reciprocal(self)

    def square(self) -> Tensor:
        return elementwise.square(self)

    def sin(self) -> Tensor:
        return elementwise.sin(self)

    def cos(self) -> Tensor:
        return elementwise.cos(self)

    def erf(self) -> Tensor:
        return elementwise.erf(self)

    def sign(self) -> Tensor:
        return elementwise.sign(self)

    def floor(self) -> Tensor:
        return elementwise.floor(self)

    def ceil(self) -> Tensor:
        return elementwise.ceil(self)

    def round(self) -> Tensor:
        return elementwise.round(self)

    def isfinite(self) -> Tensor:
        return elementwise.isfinite(self)

    def isnan(self) -> Tensor:
        return elementwise.isnan(self)

    def isinf(self) -> Tensor:
        return elementwise.isinf(self)

    def logical_not(self) -> Tensor:
        return arithmetic.logical_not(self)

    def maximum(self, other: Any) -> Tensor:
        return elementwise.maximum(self, other)

    def minimum(self, other: Any) -> Tensor:
        return elementwise.minimum(self, other)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        return elementwise.clip(self, min, max)

    clamp = clip

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """This tensor where `condition` holds, `other` elsewhere."""
        return elementwise.where(condition, self, other)

    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        result: Tensor = indexing.masked_fill(self, mask, value)
        return result

    # Products

    def matmul(self, other: Any) -> Tensor:
        return matrix_product.matmul(self, other)

    mm = bmm = matmul

    def dot(self, other: Any) -> Any:
        return matrix_product.dot(self, other)

    # Reductions

    def sum(self, dim: Any = None, keepdim: _bool = False, *, dtype: DTypeLike = None) -> Tensor:
        return reductions.sum(self, dim=dim, keepdim=keepdim, dtype=dtype)

    def mean(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.mean(self, dim=dim, keepdim=keepdim)

    def var(self, dim: Any = None, correction: _float = 1, keepdim: _bool = False) -> Tensor:
        return reductions.var(self, dim=dim, correction=correction, keepdim=keepdim)

    def std(self, dim: Any = None, correction: _float = 1, keepdim: _bool = False) -> Any:
        return reductions.std(self, dim, correction, keepdim)

    def prod(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        return reductions.prod(self, dim=dim, keepdim=keepdim)

    def max(self, dim: Any = None, keepdim: _bool = False) -> Any:
        return reductions.max(self, dim, keepdim)

    def min(self, dim: Any = None, keepdim: _bool = False) -> Any:
        return reductions.min(self, dim, keepdim)

    def amax(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.amax(self, dim=dim, keepdim=keepdim)

    def amin(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.amin(self, dim=dim, keepdim=keepdim)

    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        return reductions.argmax(self, dim=dim, keepdim=keepdim)

    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        return reductions.argmin(self, dim=dim, keepdim=keepdim)

    def cumsum(self, dim: _int) -> Tensor:
        return reductions.cumsum(self, dim=dim)

    def logsumexp(self, dim: Any, keepdim: _bool = False) -> Tensor:
        return reductions.logsumexp(self, dim=dim, keepdim=keepdim)

    def any(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.any(self, dim=dim, keepdim=keepdim)

    def all(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.all(self, dim=dim, keepdim=keepdim)

    def norm(self, p: _float = 2, dim: Any = None, keepdim: _bool = False) -> Tensor:
        return reductions.norm(self, p=p, dim=dim, keepdim=keepdim)

    # Shapes

    def reshape(self, *shape: Any) -> Tensor:
        return shapes.reshape(self, shape=as_tuple(shape))

    def view(self, *shape: Any) -> Tensor:
        return shapes.view(self, shape=as_tuple(shape))

    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Any:
        return shapes.flatten(self, start_dim, end_dim)

    def permute(self, *dims: Any) -> Tensor:
        return shapes.permute(self, dims=as_tuple(dims))

    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        return shapes.transpose(self, dim0=dim0, dim1=dim1)

    @property
    def mT(self) -> Tensor:
        """With the last two dimensions exchanged (a view)."""
        return shapes.transpose(self, dim0=-2, dim1=-1)

    @property
    def T(self) -> Tensor:
        """With all dimensions in reverse order (a view)."""
        return shapes.permute(self, dims=tuple(range(self.ndim))[::-1])

    def t(self) -> Tensor:
        """A matrix transposed (a view). Raises ValueError for more than two dimensions."""
        if self.ndim > 2:
            raise ValueError(f"t: expected at most two dimensions, but got {self.shape}; use mT")
        return self.T

    def squeeze(self, dim: Any = None) -> Tensor:
        return shapes.squeeze(self, dim=dim)

    def unsqueeze(self, dim: _int) -> Tensor:
        return shapes.unsqueeze(self, dim=dim)

    def broadcast_to(self, *shape: Any) -> Tensor:
        return broadcasting.broadcast_to(self, shape=as_tuple(shape))

    expand = broadcast_to

    def expand_as(self, other: Tensor) -> Tensor:
        return broadcasting.broadcast_to(self, shape=other.shape)

    def split(self, split_size: Any, dim: _int = 0) -> tuple[Tensor, ...]:
        return shapes.split(self, split_size=split_size, dim=dim)

    def chunk(self, chunks: _int, dim: _int = 0) -> Any:
        return shapes.chunk(self, chunks, dim)

    def flip(self, *dims: Any) -> Tensor:
        return shapes.flip(self, dims=as_tuple(dims))

    def roll(self, shifts: Any, dims: Any = None) -> Tensor:
        return shapes.roll(self, shifts=shifts, dims=dims)

    def tril(self, diagonal: _int = 0) -> Tensor:
        return shapes.tril(self, diagonal=diagonal)

    def triu(self, diagonal: _int = 0) -> Tensor:
        return shapes.triu(self, diagonal=diagonal)

    def contiguous(self) -> Tensor:
        return self if self.is_contiguous() else shapes.contiguous(self)

    def clone(self) -> Tensor:
        return shapes.clone(self)

    # Indexing

    def __getitem__(self, index: Any) -> Tensor:
        first, second = indexing.in_two_steps(indexing.as_index(index))
        picked = indexing.getitem(self, index=first)
        return picked if second is None else indexing.getitem(picked, index=second)

    def take(self, index: Tensor) -> Tensor:
        return indexing.take(self, index=index)

    def gather(self, dim: _int, index: Tensor) -> Tensor:
        return indexing.gather(self, dim=dim, index=index)

    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        return indexing.scatter_add(self, src, dim=dim, index=index)

    def masked_select(self, mask: Tensor) -> Tensor:
        return indexing.masked_select(self, mask=mask)

    def index_select(self, dim: _int, index: Tensor) -> Any:
        return indexing.index_select(self, dim, index)

    def sort(self, dim: _int = -1, descending: _bool = False) -> reductions.ValuesAndIndices:
        return indexing.sort(self, dim, descending)

    def argsort(self, dim: _int = -1, descending: _bool = False) -> Any:
        return indexing.argsort(self, dim, descending)

    def topk(self, k: _int, dim: _int = -1, largest: _bool = True) -> reductions.ValuesAndIndices:
        return indexing.topk(self, k, dim, largest)

    # Writing in place. Every write is counted, so that a gradient never uses values that are gone.

    def __setitem__(self, index: Any, value: Any) -> None:
        self._check_writable("__setitem__", value)
        source = value.array if isinstance(value, Tensor) else value
        first, second = indexing.in_two_steps(indexing.as_index(index))
        target = self.array if second is None else self.array[first]
        place = first if second is None else second
        try:
            target[place] = source
        except ValueError as error:
            raise ValueError(
                f"__setitem__: a value of shape {np.shape(source)} does not fit into x[{index}] "
                f"of shape {target[place].shape} ({error})"
            ) from error
        self.version[0] += 1

    def _check_writable(self, name: str, value: Any = None) -> None:
        """Raise RuntimeError if a write is not possible, or would make a gradient wrong without
        anybody noticing.
        """
        if not self.array.flags.writeable:
            raise RuntimeError(
                f"{name}: this tensor cannot be written to, being stretched by broadcasting or "
                "made of a read-only array; clone() it first"
            )
        recorder = get_recorder()
        if recorder is None or not recorder.is_recording():
            return
        if self._requires_grad:
            raise RuntimeError(
                f"{name}: this tensor requires a gradient, and a write would hide from it what "
                "happened; make a new tensor instead, or write inside no_grad()"
            )
        if isinstance(value, Tensor) and value._requires_grad:
            raise RuntimeError(
                f"{name}: the value requires a gradient, which would end here; use where, cat or "
                "scatter_add, or write value.detach()"
            )

    def _write(self, name: str, result: Array, value: Any = None) -> Tensor:
        """Put `result` in the place of the values, keeping shape, dtype and memory."""
        self._check_writable(name, value)
        if result.shape != self.shape:
            raise ValueError(
                f"{name}: the result has the shape {result.shape}, but is written into {self.shape}"
            )
        if category(result.dtype) > category(self.dtype):
            raise TypeError(
                f"{name}: the result is {result.dtype}, which {self.dtype} in place cannot hold"
            )
        np.copyto(self.array, result, casting="unsafe")
        self.version[0] += 1
        return self

    def add_(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Add alpha · other in place."""
        scaled = other if alpha == 1 else _detached(other) * alpha
        return self._write("add_", (self.detach() + _detached(scaled)).array, other)

    def sub_(self, other: Any, *, alpha: _float = 1) -> Tensor:
        """Subtract alpha · other in place."""
        scaled = other if alpha == 1 else _detached(other) * alpha
        return self._write("sub_", (self.detach() - _detached(scaled)).array, other)

    def mul_(self, other: Any) -> Tensor:
        """Multiply in place."""
        return self._write("mul_", (self.detach() * _detached(other)).array, other)

    def div_(self, other: Any) -> Tensor:
        """Divide in place."""
        return self._write("div_", (self.detach() / _detached(other)).array, other)

    def __iadd__(self, other: Any) -> Tensor:
        return self.add_(other)

    def __isub__(self, other: Any) -> Tensor:
        return self.sub_(other)

    def __imul__(self, other: Any) -> Tensor:
        return self.mul_(other)

    def __itruediv__(self, other: Any) -> Tensor:
        return self.div_(other)

    def copy_(self, source: Any) -> Tensor:
        """Take the values of `source`, broadcast and cast to this tensor's shape and dtype."""
        values = as_array(source).astype(self.dtype, copy=False)
        try:
            stretched = np.broadcast_to(values, self.shape)
        except ValueError as error:
            raise ValueError(
                f"copy_: a source of shape {values.shape} does not fit into {self.shape}"
            ) from error
        return self._write("copy_", stretched, source)

    def fill_(self, value: Any) -> Tensor:
        """Set every element to `value`."""
        self._check_writable("fill_", value)
        number = value.item() if isinstance(value, Tensor) else value
        return self._write("fill_", np.full(self.shape, number, self.dtype))

    def zero_(self) -> Tensor:
        """Set every element to 0."""
        return self._write("zero_", np.zeros(self.shape, self.dtype))

    def clamp_(self, min: Any = None, max: Any = None) -> Tensor:
        """Limit every element in place. See `clip`."""
        return self._write("clamp_", self.detach().clip(min, max).array)

    def masked_fill_(self, mask: Tensor, value: Any) -> Tensor:
        """Set to `value` where `mask` holds."""
        filled = self.detach().masked_fill(mask, _detached(value))
        return self._write("masked_fill_", filled.array, value)

    def uniform_(
        self, low: _float = 0.0, high: _float = 1.0, *, generator: np.random.Generator | None = None
    ) -> Tensor:
        """Draw every element evenly from [low, high)."""
        from .random import rand_like

        drawn = rand_like(self, generator=generator)
        return self._write("uniform_", (drawn * (high - low) + low).array)

    def normal_(
        self, mean: _float = 0.0, std: _float = 1.0, *, generator: np.random.Generator | None = None
    ) -> Tensor:
        """Draw every element from the normal distribution with this mean and standard deviation."""
        from .random import randn_like

        drawn = randn_like(self, generator=generator)
        return self._write("normal_", (drawn * std + mean).array)

    def __deepcopy__(self, memo: dict[_int, Any]) -> Tensor:
        """A leaf with memory of its own.

        Raises RuntimeError for a recorded result, as PyTorch does.
        """
        if self.grad_fn is not None:
            raise RuntimeError("only leaves can be deep-copied; use detach().clone() for a result")
        twin = type(self).__new__(type(self))
        Tensor.__init__(twin, self.array.copy(), requires_grad=self._requires_grad)
        if self.grad is not None:
            twin.grad = self.grad.detach().clone()
        memo[id(self)] = twin
        return twin


def _with_steps_of_size_1(shape: tuple[int, ...], steps: tuple[int, ...]) -> tuple[int, ...]:
    """Strides as PyTorch tells them. NumPy has a 0 for a dimension that was added."""
    told: list[int] = []
    following = 1
    for size, step in zip(reversed(shape), reversed(steps), strict=True):
        told.append(following if size == 1 and step == 0 else step)
        following = size * told[-1]
    return tuple(reversed(told))


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def _comparable(value: object) -> bool:
    return isinstance(value, Tensor | np.ndarray | np.generic | bool | int | float)
