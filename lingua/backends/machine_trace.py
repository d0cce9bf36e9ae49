"""Formulas of indicators as instructions of the series machine.

A formula is Python that does arithmetic on its inputs and calls kernels. It is run once with values that are not there
yet (`Symbol`): each operation writes an instruction down and gives the register of its result. What looks at a value
(`if x > 0`), keeps something itself between bars, or calls what is not known here cannot be written down: such a
formula is called as it stands, one call from the machine into Python for each bar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lingua.backends import machine_codes as codes
from lingua.indicators import kernels, kernels_structure, kernels_windows
from lingua.indicators.declare import Calculation
from lingua.indicators.kernel import Kernel
from lingua.indicators.kernels_structure import Machine
from lingua.indicators.pointwise import Traced

KERNELS = frozenset(each.__name__ for each in (kernels, kernels_structure, kernels_windows))
"""Modules whose classes the machine steps in C."""


class Untraceable(Exception):
    """The formula asks for a value that is not there yet."""


class Writer:
    """Where a trace is written to: registers, constants, kernels and instructions of the program being lowered."""

    def constant(self, value: float) -> int:
        raise AssertionError("each writer has its own")

    def operation(self, op: int, a: int, b: int = 0, c: int = 0) -> int:
        raise AssertionError("each writer has its own")

    def kernel(self, kernel: Any, inputs: list[int], op: int) -> int:
        raise AssertionError("each writer has its own")


class Symbol(Traced):
    """A register, as the formula sees it: a number, or a condition (1 true, 0 false)."""

    __slots__ = ("slot", "writer")
    __hash__ = None  # type: ignore[assignment]  # equality of symbols is an instruction
    __array_ufunc__ = None

    def __init__(self, writer: Writer, slot: int) -> None:
        self.writer = writer
        self.slot = slot

    def _made(self, op: int, *others: Any) -> Symbol:
        return Symbol(self.writer, self.writer.operation(op, *(slot_of(self.writer, each) for each in others)))

    def choose(self, a: Any, b: Any) -> Symbol:
        return self._made(codes.CHOOSE, self, a, b)

    def dividing(self, a: Any) -> Symbol:
        return self._made(codes.RATIO, a, self)

    def root(self) -> Symbol:
        return self._made(codes.SQRT, self)

    def log(self) -> Symbol:
        return self._made(codes.LOG, self)

    def __add__(self, other: Any) -> Symbol:
        return self._made(codes.PLUS, self, other)

    def __radd__(self, other: Any) -> Symbol:
        return self._made(codes.PLUS, other, self)

    def __sub__(self, other: Any) -> Symbol:
        return self._made(codes.MINUS, self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._made(codes.MINUS, other, self)

    def __mul__(self, other: Any) -> Symbol:
        return self._made(codes.TIMES, self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return self._made(codes.TIMES, other, self)

    def __truediv__(self, other: Any) -> Symbol:
        # By a series that may be 0 columns have an infinity and numbers an error: not ours to choose.
        if isinstance(other, Symbol) or other == 0:
            raise Untraceable("a division that may be by 0")
        return self._made(codes.RATIO, self, other)

    def __neg__(self) -> Symbol:
        return self._made(codes.NEG, self)

    def __abs__(self) -> Symbol:
        return self._made(codes.ABS, self)

    def __gt__(self, other: Any) -> Symbol:
        return self._made(codes.ABOVE, self, other)

    def __ge__(self, other: Any) -> Symbol:
        return self._made(codes.AT_LEAST, self, other)

    def __lt__(self, other: Any) -> Symbol:
        return self._made(codes.BELOW, self, other)

    def __le__(self, other: Any) -> Symbol:
        return self._made(codes.AT_MOST, self, other)

    def __eq__(self, other: object) -> Symbol:  # type: ignore[override]
        return self._made(codes.EQUAL, self, other)

    def __ne__(self, other: object) -> Symbol:  # type: ignore[override]
        return self._made(codes.UNEQUAL, self, other)

    def __and__(self, other: Any) -> Symbol:
        return self._made(codes.BOTH, self, other)

    def __or__(self, other: Any) -> Symbol:
        return self._made(codes.EITHER, self, other)

    __rand__, __ror__ = __and__, __or__

    def __bool__(self) -> bool:
        raise Untraceable("a branch on a value")

    def __float__(self) -> float:
        raise Untraceable("a number is asked for")


def slot_of(writer: Writer, value: Any) -> int:
    if isinstance(value, Symbol):
        return value.slot
    if isinstance(value, bool | int | float):
        return writer.constant(float(value))
    raise Untraceable(f"no number: {type(value).__name__}")


class Recorder:
    """Stands in the place of a kernel while its formula is traced."""

    def __init__(self, writer: Writer, kernel: Any) -> None:
        self.writer = writer
        self.kernel = kernel

    def __call__(self, *inputs: Any) -> Any:
        is_shape = isinstance(self.kernel, Machine)
        arity, width = int(self.kernel.arity), int(self.kernel.width)
        if len(inputs) != arity:
            raise Untraceable(f"a kernel of {arity} inputs called with {len(inputs)}")
        slots = [slot_of(self.writer, each) for each in inputs]
        first = self.writer.kernel(self.kernel, slots, codes.SHAPE if is_shape else codes.KERNEL)
        if width == 1:
            return Symbol(self.writer, first)
        return tuple([Symbol(self.writer, first + k) for k in range(width)])


def trace(calculation: Any, inputs: list[int], writer: Writer) -> list[int]:
    """Write the formula down; the registers of its outputs. Its own kernels are those of the instructions.

    Raises Untraceable, or whatever a formula raises that does not know what to do with a symbol; what was written until
    then is of no use.
    """
    known: dict[int, Any] = {}

    def standing_for(kernel: Any) -> Any:
        return known.setdefault(id(kernel), Recorder(writer, kernel))

    symbols = [Symbol(writer, slot) for slot in inputs]
    if is_kernel(calculation):
        found = standing_for(calculation)(*symbols)
    elif isinstance(calculation, Calculation):
        owners: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = []
        try:
            _replace(calculation, standing_for, owners)
            formula: Any = calculation
            found = formula(*symbols)
            for members, _, put in owners:
                if members.keys() != put.keys() or any(members[name] is not put[name] for name in put):
                    raise Untraceable("the formula keeps something itself")
        finally:
            for members, before, _ in owners:
                members.clear()
                members.update(before)
    else:
        raise Untraceable(f"no formula: {type(calculation).__name__}")
    return [slot_of(writer, each) for each in (found if isinstance(found, tuple) else (found,))]


def is_kernel(part: Any) -> bool:
    """Whether the machine can step it: one of the kernels themselves, not something built on them."""
    return isinstance(part, Kernel | Machine) and type(part).__module__ in KERNELS


def _replace(
    calculation: Any,
    standing_for: Callable[[Any], Any],
    owners: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]],
) -> None:
    """Put recorders in the places of kernels; `owners` tells (members, as they were, as they were put) to undo it."""
    members = vars(calculation)
    before = dict(members)

    def put(part: Any) -> Any:
        if is_kernel(part):
            return standing_for(part)
        if isinstance(part, Calculation):
            _replace(part, standing_for, owners)
            return part
        if isinstance(part, tuple):
            return tuple([put(each) for each in part])
        if isinstance(part, list):
            return [put(each) for each in part]
        if isinstance(part, Kernel | Machine) or hasattr(part, "append") or hasattr(part, "copy"):
            raise Untraceable(f"{type(part).__name__} keeps something itself")
        return part

    found = {name: put(part) for name, part in before.items()}
    owners.append((members, before, found))
    members.update(found)
