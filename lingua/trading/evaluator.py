# cython: language_level=3
# ruff: noqa: F403, I001, SIM109 (C constants by star; two import forms; plain loops and tests become C)
"""Runs the decision program of one traded symbol over its register file (`opcodes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import opcodes
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING
from lingua.trading.tail import Tail

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import ceil, exp, floor, isnan, log, sqrt
        from cython.cimports.libc.math import pow as power
        from cython.cimports.lingua.trading.opcodes import *
else:
    from lingua.trading.opcodes import (
        ABS, ADD, AND, CEIL, COALESCE, COALESCE_TRUTH, DIV, EQ, EXP, FLOOR, GE, GT, HIGHEST_SINCE_ENTRY, HISTORY,
        HISTORY_TRUTH, IS_NA, IS_UNKNOWN, LE, LOG, LOWEST_SINCE_ENTRY, LT, MAX, MIN, MOD, MOVE, MUL, NE, NEG, NOT,
        OR, POW, PREVIOUS, ROUND, SELECT, SELECT_TRUTH, SIGN, SQRT, STATE, STATE_TRUTH, SUB, TRUNC,
    )  # fmt: skip
    from lingua.trading.shim import ceil, exp, floor, isnan, log, power, sqrt

NAN: float = cython.declare(cython.double, float("nan"))
BINARY = frozenset(
    {opcodes.ADD, opcodes.SUB, opcodes.MUL, opcodes.DIV, opcodes.POW, opcodes.GT, opcodes.GE, opcodes.LT, opcodes.LE,
     opcodes.EQ, opcodes.NE, opcodes.AND, opcodes.OR, opcodes.COALESCE, opcodes.COALESCE_TRUTH, opcodes.MIN,
     opcodes.MAX, opcodes.MOD}
)  # fmt: skip
TERNARY = frozenset({opcodes.SELECT, opcodes.SELECT_TRUTH})
KEEPS = frozenset(
    {opcodes.HISTORY, opcodes.HISTORY_TRUTH, opcodes.STATE, opcodes.STATE_TRUTH, opcodes.HIGHEST_SINCE_ENTRY,
     opcodes.LOWEST_SINCE_ENTRY}
)  # fmt: skip


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Evaluator:
    """`load(bar)` copies the series values in, `run()` executes the code; account values are written by the caller.
    `columns` (columns, bars) float64, or a list of them in which truths may be uint8; they are read where they stand.

    Raises ValueError when a column, an instruction or a register does not fit, so that no program can reach outside.
    """

    def __init__(self, code: Any, registers: Any, columns: Any, offset: int) -> None:
        code = np.array(code, dtype=np.int32, order="C").reshape(-1, 6)
        registers = np.array(registers, dtype=np.float64, order="C").reshape(-1)
        bars = columns.shape[1] if isinstance(columns, np.ndarray) and columns.ndim == 2 else -1
        columns = [column_of(each) for each in columns]
        if bars < 0 and not columns:
            raise ValueError("series columns must be a (columns, bars) array, or columns of one length")
        if any(len(each) != len(columns[0]) for each in columns):
            raise ValueError("the series columns differ in length")
        check(code, len(registers))
        if offset < 0 or offset + len(columns) > len(registers):
            raise ValueError(
                f"{len(columns)} series columns from register {offset} do not fit {len(registers)} registers"
            )
        addresses = np.array([each.ctypes.data for each in columns] or [0], dtype=np.uintp)
        kinds = np.array([each.dtype == np.uint8 for each in columns] or [False], dtype=np.uint8)
        self.store: Any = (code, registers, columns, addresses, kinds)
        self.count = len(code)
        self.size = len(registers)
        self.series = len(columns)
        self.bars = len(columns[0]) if columns else bars
        self.first = 0
        self.offset = offset
        self.is_stateful = bool(set(code[:, 0].tolist()) & KEEPS)
        if not cython.compiled:
            self.code: list[int] = code.reshape(-1).tolist()
            self.registers: list[float] = registers.tolist()
            self.is_truth: list[int] = kinds.tolist()
            self.numbers: list[Any] = [each.tolist() for each in columns]
            self.truths: list[Any] = [each.tolist() for each in columns]
        else:
            code_at: cython.size_t = code.ctypes.data
            registers_at: cython.size_t = registers.ctypes.data
            addresses_at: cython.size_t = addresses.ctypes.data
            kinds_at: cython.size_t = kinds.ctypes.data
            self.code = cython.cast(cython.p_int, code_at)
            self.registers = cython.cast(cython.p_double, registers_at)
            self.is_truth = cython.cast(cython.p_uchar, kinds_at)
            # One table of addresses; the kind of a column says how to read behind its address.
            self.numbers = cython.cast(cython.pp_double, addresses_at)
            self.truths = cython.cast(cython.pp_uchar, addresses_at)

    def slide(self, columns: Any, first: cython.Py_ssize_t, bars: cython.Py_ssize_t) -> None:
        """Read other columns, whose values are those of the `bars` bars from number `first` on. Raises ValueError when
        they are not as many or as long as they have to be."""
        columns = [column_of(each) for each in columns]
        if len(columns) != self.series or any(len(each) != bars for each in columns):
            raise ValueError(f"{self.series} series columns of {bars} bars expected")
        code, registers, _, addresses, kinds = self.store
        for k, each in enumerate(columns):
            kinds[k] = each.dtype == np.uint8
            # Shifted back, so that number `first` stands where the column begins.
            addresses[k] = np.uintp((each.ctypes.data - first * each.itemsize) % 2**64)
        self.store = (code, registers, columns, addresses, kinds)
        self.first = first
        self.bars = first + bars
        if not cython.compiled:
            self.is_truth = kinds.tolist()
            self.numbers = [Tail(each.tolist(), first) for each in columns]
            self.truths = [Tail(each.tolist(), first) for each in columns]

    def feed(self, values: Any) -> None:
        """The series values of one live bar, in place of `load`."""
        if len(values) != self.series:
            raise ValueError(f"{self.series} series values expected, {len(values)} given")
        k: cython.Py_ssize_t
        for k in range(self.series):
            self.registers[self.offset + k] = float(values[k])

    def set_lookback(self, instruction: cython.Py_ssize_t, bars: cython.Py_ssize_t) -> None:
        """Let a state start after `bars` bars: a live run learns that only when the bars of other clocks are there."""
        if not 0 <= instruction < self.count or bars < 0:
            raise ValueError(f"no state at instruction {instruction}")
        if self.code[6 * instruction] != STATE and self.code[6 * instruction] != STATE_TRUTH:
            raise ValueError(f"instruction {instruction} is no state")
        self.code[6 * instruction + 5] = bars

    def lookbacks(self) -> dict[int, int]:
        """The bars after which each state starts, by instruction."""
        return {p: self.code[6 * p + 5] for p in range(self.count) if self.code[6 * p] in (STATE, STATE_TRUTH)}

    def file(self) -> list[float]:
        """All registers, to be kept in a snapshot."""
        return [self.registers[k] for k in range(self.size)]

    def set_file(self, values: list[float]) -> None:
        if len(values) != self.size:
            raise ValueError(f"{self.size} registers expected, {len(values)} given")
        k: cython.Py_ssize_t
        for k in range(self.size):
            self.registers[k] = float(values[k])

    @cython.cfunc
    def value(self, slot: cython.Py_ssize_t) -> cython.double:
        """The register `slot`; NaN for -1, the slot of what was not written."""
        if slot < 0:
            return NAN
        if slot >= self.size:
            raise IndexError("no such register")
        return self.registers[slot]

    @cython.cfunc
    def load(self, bar: cython.Py_ssize_t) -> cython.int:
        if bar < self.first or bar >= self.bars:
            raise IndexError("no such bar in the series columns")
        k: cython.Py_ssize_t
        for k in range(self.series):
            if self.is_truth[k]:
                self.registers[self.offset + k] = self.truths[k][bar]
            else:
                self.registers[self.offset + k] = self.numbers[k][bar]
        return 0

    @cython.cfunc
    def run(self) -> cython.int:
        p: cython.Py_ssize_t
        target: cython.Py_ssize_t
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        n: cython.Py_ssize_t
        k: cython.Py_ssize_t
        op: cython.int
        a: cython.double
        b: cython.double
        v: cython.double
        r = self.registers
        code = self.code
        for p in range(self.count):
            op = code[6 * p]
            target = code[6 * p + 1]
            i = code[6 * p + 2]
            j = code[6 * p + 3]
            n = code[6 * p + 5]
            a = r[i]
            if op == MOVE:
                v = a
            elif op == ADD:
                v = _finite(a + r[j])
            elif op == SUB:
                v = _finite(a - r[j])
            elif op == MUL:
                v = _finite(a * r[j])
            elif op == DIV:
                b = r[j]
                v = NAN if b == 0.0 else _finite(a / b)
            elif op == POW:
                b = r[j]
                v = NAN if isnan(a) or isnan(b) else _finite(power(a, b))
            elif op == NEG:
                v = -a
            elif op == GT:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a > b else 0.0)
            elif op == GE:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a >= b else 0.0)
            elif op == LT:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a < b else 0.0)
            elif op == LE:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a <= b else 0.0)
            elif op == EQ:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a == b else 0.0)
            elif op == NE:
                b = r[j]
                v = 1.0 if isnan(a) or isnan(b) else (2.0 if a != b else 0.0)
            elif op == AND:
                b = r[j]
                v = 0.0 if a == 0.0 or b == 0.0 else (2.0 if a == 2.0 and b == 2.0 else 1.0)
            elif op == OR:
                b = r[j]
                v = 2.0 if a == 2.0 or b == 2.0 else (0.0 if a == 0.0 and b == 0.0 else 1.0)
            elif op == NOT:
                v = 1.0 if isnan(a) else 2.0 - a
            elif op == IS_NA:
                v = 2.0 if isnan(a) else 0.0
            elif op == IS_UNKNOWN:
                v = 0.0 if a == 0.0 or a == 2.0 else 2.0
            elif op == COALESCE:
                v = r[j] if isnan(a) else a
            elif op == COALESCE_TRUTH:
                v = a if a == 0.0 or a == 2.0 else r[j]
            elif op == SELECT:
                v = r[j] if a == 2.0 else (r[code[6 * p + 4]] if a == 0.0 else NAN)
            elif op == SELECT_TRUTH:
                v = r[j] if a == 2.0 else (r[code[6 * p + 4]] if a == 0.0 else 1.0)
            elif op == ABS:
                v = -a if a < 0.0 else a + 0.0
            elif op == EXP:
                v = NAN if isnan(a) else _finite(exp(a))
            elif op == LOG:
                v = log(a) if a > 0.0 else NAN
            elif op == SQRT:
                v = sqrt(a) if a >= 0.0 else NAN
            elif op == SIGN:
                v = 1.0 if a > 0.0 else (-1.0 if a < 0.0 else a)
            elif op == FLOOR:
                v = floor(a)
            elif op == CEIL:
                v = ceil(a)
            elif op == ROUND:
                v = _nearest(a)
            elif op == TRUNC:
                v = ceil(a) if a < 0.0 else floor(a)
            elif op == MIN:
                b = r[j]
                v = NAN if isnan(a) or isnan(b) else (b if b < a else a)
            elif op == MAX:
                b = r[j]
                v = NAN if isnan(a) or isnan(b) else (b if b > a else a)
            elif op == MOD:
                b = r[j]
                v = NAN if b == 0.0 or isnan(a) or isnan(b) else _finite(a - b * floor(a / b))
            elif op == HISTORY or op == HISTORY_TRUTH:
                # cell j counts, cells j + 1 .. j + n are a ring: what stands in the next place is n bars old
                if n == 0:
                    v = a
                else:
                    b = r[j]
                    if not (b >= 0.0 and b <= 2.0 * n):
                        b = 0.0
                    k = j + 1 + _place(b, n)
                    v = r[k] if b >= n else (NAN if op == HISTORY else 1.0)
                    r[k] = a
                    # The count stays small: only its place in the ring and whether it is full matter.
                    r[j] = b + 1.0 if b + 1.0 < 2 * n else float(n)
            elif op == PREVIOUS:
                v = r[i + 2] if r[i] == 1.0 else NAN
            elif op == STATE or op == STATE_TRUTH:
                v = _recur(r, i, j, code[6 * p + 4], n, op == STATE_TRUTH)
            elif op == HIGHEST_SINCE_ENTRY or op == LOWEST_SINCE_ENTRY:
                # registers 0 and 6: position, bars in trade
                if r[0] == 0.0 or isnan(r[0]):
                    v = NAN
                else:
                    v = r[j]
                    if isnan(v) or r[6] == 0.0 or ((a > v) if op == HIGHEST_SINCE_ENTRY else (a < v)):
                        v = a
                r[j] = v
            else:
                v = NAN
            r[target] = v
        return 0


@cython.cfunc
@cython.inline
def _finite(x: cython.double) -> cython.double:
    return x if x - x == 0.0 else NAN


@cython.cfunc
def _nearest(x: cython.double) -> cython.double:
    """The nearest whole number, halves to the even one (as NumPy's rint)."""
    if isnan(x):
        return x
    low: cython.double = floor(x)
    rest: cython.double = x - low
    if rest > 0.5 or (rest == 0.5 and floor(low * 0.5) * 2.0 != low):
        return low + 1.0
    return low


@cython.cfunc
def _place(count: cython.double, size: cython.Py_ssize_t) -> cython.Py_ssize_t:
    number: cython.Py_ssize_t = int(count)
    return number % size


@cython.cfunc
def _recur(
    r: cython.p_double, init: cython.Py_ssize_t, following: cython.Py_ssize_t, cell: cython.Py_ssize_t,
    lookback: cython.Py_ssize_t, is_truth: cython.bint,
) -> cython.double:  # fmt: skip
    """`state s = init => next`: cells [started, age, last valid value]."""
    v: cython.double
    if r[cell] == 1.0:
        v = r[following]
        if is_truth and v != 0.0 and v != 2.0:
            return 1.0
        if isnan(v):
            return v
        r[cell + 2] = v
        return v
    age: cython.double = 0.0 if isnan(r[cell + 1]) else r[cell + 1]
    r[cell + 1] = age + 1.0
    v = r[init]
    if age < lookback or isnan(v) or (is_truth and v != 0.0 and v != 2.0):
        return 1.0 if is_truth else NAN
    r[cell] = 1.0
    r[cell + 2] = v
    return v


def column_of(values: Any) -> Any:
    """A series as the evaluator reads it: truths as bytes 0, 1, 2, all else as float64. Without a copy where it can."""
    kind = np.uint8 if getattr(values, "dtype", None) == np.uint8 else np.float64
    return np.ascontiguousarray(values, dtype=kind)


def check(code: Any, size: int) -> None:
    """Raises ValueError for an instruction that is unknown or names a register outside the file."""
    for p, (op, target, a, b, c, d) in enumerate(code.tolist()):
        if not 0 <= op <= opcodes.LOWEST_SINCE_ENTRY:
            raise ValueError(f"instruction {p}: no operation {op}")
        used = [target, a]
        if op in BINARY:
            used += [b]
        elif op in TERNARY:
            used += [b, c]
        elif op in (opcodes.HISTORY, opcodes.HISTORY_TRUTH):
            used += [b, b + max(d, 0)]
        elif op == opcodes.PREVIOUS:
            used += [a + 2]
        elif op in (opcodes.STATE, opcodes.STATE_TRUTH):
            used += [b, c, c + 2]
        elif op in (opcodes.HIGHEST_SINCE_ENTRY, opcodes.LOWEST_SINCE_ENTRY):
            used += [b, 6]
        if min(used) < 0 or max(used) >= size or d < 0:
            raise ValueError(f"instruction {p} names a register outside the file of {size}")
