# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""Steps the series of a strategy: one call a bar into compiled code.

`lingua.backends.machine_lower` writes the instructions (`machine_codes`); registers are float64, one file for all
clocks of a stream. What each operation means is defined in `lingua.backends.scalar` and `lingua.indicators.pointwise`;
indicators are the kernels of `lingua.indicators`, called in C. Compiled where a compiler was present, else run as it
stands, with the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.backends import machine_codes as codes
from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import ceil, exp, floor, fabs, log, rint, sqrt
        from cython.cimports.libc.math import pow as power
        from cython.cimports.lingua.backends.machine_codes import *
        from cython.cimports.lingua.indicators.kernel import Kernel
        from cython.cimports.lingua.indicators.kernels_structure import Machine
else:
    from lingua.backends.machine_codes import (
        ABOVE, ABS, ADD, AND, AS_INT, AT_LEAST, AT_MOST, BELOW, BOTH, CEIL, CELL, CHOOSE, COALESCE,
        COALESCE_TRUTH, DIFFERENT, DIV, EITHER, EQ, EQUAL, EXP, FLOOR, GATE, GE, GT, HISTORY, IS_NA, IS_UNKNOWN,
        KERNEL, LE, LINE, LOG, LT, MAX, MIN, MINUS, MOD, MOVE, MUL, NE, NEAREST, NEED, NEG, NOT, OR, PLUS,
        POW, RATIO, ROUND, SAME, SELECT, SELECT_TRUTH, SHAPE, SHOW, SHOWN, SIGN, SQRT, STATE_BEGIN, STATE_END, SUB,
        TIMES, TRUNC, TRUTH, TRUTH_EQ, TRUTH_NE, UNEQUAL,
    )  # fmt: skip
    from lingua.indicators.kernel import Kernel
    from lingua.indicators.kernels_structure import Machine
    from lingua.trading.shim import ceil, exp, fabs, floor, log, power, rint, sqrt

COMPILED = cython.compiled
NAN = cython.declare(cython.double, float("nan"))
LARGEST_INT = cython.declare(cython.double, 2.0**53)
WIRED = frozenset({codes.KERNEL, codes.SHAPE, codes.GATE, codes.SHOWN, codes.CELL})
JUMPS = frozenset({codes.GATE, codes.NEED, codes.STATE_BEGIN})
FIELDS = ("open", "high", "low", "close", "volume", "time", "open_time", "bar")
"""What `update` sets, in the order of its slots."""


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class SeriesMachine:
    """`code` is (instructions, 6) ints, `registers` the file before the first bar; `kernels` and `cells` are what the
    instructions call.

    Raises ValueError when an instruction names what is not there, so that no program can reach outside.
    """

    store: object
    rows: list
    kernels: list
    cells: list
    count: cython.Py_ssize_t
    size: cython.Py_ssize_t
    registers: cython.p_double
    code: cython.p_int
    wires: cython.p_int
    steps: cython.pointer(cython.p_void)
    bar: object
    first: cython.Py_ssize_t
    last: cython.Py_ssize_t
    slots: cython.Py_ssize_t[8]
    watched: list

    def __init__(self, code: Any, wires: Any, registers: Any, kernels: list[Any], cells: list[Any]) -> None:
        code = np.array(code, dtype=np.int32, order="C").reshape(-1, 6)
        wires = np.array(wires, dtype=np.int32, order="C").reshape(-1)
        registers = np.array(registers, dtype=np.float64, order="C").reshape(-1)
        check(code, wires, len(registers), kernels, cells)
        addresses = np.array([id(kernel) for kernel in kernels] or [0], dtype=np.uintp)
        self.store = (code, wires, registers, addresses)
        self.kernels = list(kernels)
        self.cells = list(cells)
        self.count = len(code)
        self.size = len(registers)
        self.bar = None
        self.first = 0
        self.last = 0
        self.watched = []
        if not cython.compiled:
            self.rows = [tuple(row) for row in code.tolist()]
            self.wires = wires.tolist()
            self.registers = registers.tolist()
            self.slots = [0] * 8
        else:
            code_at: cython.size_t = code.ctypes.data
            wires_at: cython.size_t = wires.ctypes.data
            registers_at: cython.size_t = registers.ctypes.data
            addresses_at: cython.size_t = addresses.ctypes.data
            self.code = cython.cast(cython.p_int, code_at)
            self.wires = cython.cast(cython.p_int, wires_at)
            self.registers = cython.cast(cython.p_double, registers_at)
            # The list holds the kernels, this is the way to them without counting references at each call.
            self.steps = cython.cast(cython.pointer(cython.p_void), addresses_at)

    # --- stepping --------------------------------------------------------------------------------

    def advance(
        self, start: cython.Py_ssize_t, stop: cython.Py_ssize_t, names: tuple, slots: tuple, fields: dict, bar: object,
        number: cython.Py_ssize_t,
    ) -> None:  # fmt: skip
        """Run the instructions `start … stop` for one more bar, counted in register `number`: `fields` named `names` go
        to the registers `slots`, NaN where one is not there; Python cells see `bar`."""
        k: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        if start < 0 or stop > self.count or len(slots) != len(names) or number < 0 or number >= self.size:
            raise ValueError(f"no instructions {start} to {stop}")
        for k in range(len(names)):
            slot = slots[k]
            if slot < 0 or slot >= self.size:
                raise ValueError(f"no register {slot}")
            value = fields.get(names[k])
            self.registers[slot] = NAN if value is None else float(value)
        self.bar = bar
        self.registers[number] = self.registers[number] + 1.0
        self.run(start, stop, self.registers[number])

    def prepare(self, start: int, stop: int, slots: Any, watched: Any) -> None:
        """Let `update` run the instructions `start … stop`: `slots` for FIELDS, and truths to be told."""
        k: cython.Py_ssize_t
        if not 0 <= start <= stop <= self.count or len(slots) != 8 or len(watched) > 62:
            raise ValueError(f"no instructions {start} to {stop}")
        within([*slots, *watched], self.size)
        self.first = start
        self.last = stop
        for k in range(8):
            self.slots[k] = slots[k]
        self.watched = list(watched)

    def update(
        self, open_ts: cython.longlong, ts: cython.longlong, open: cython.double, high: cython.double,
        low: cython.double, close: cython.double, volume: cython.double,
    ) -> cython.longlong:  # fmt: skip
        """One closed bar; bit k of the answer: the k-th of the watched truths holds."""
        k: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        found: cython.longlong = 0
        r = self.registers
        r[self.slots[0]] = open
        r[self.slots[1]] = high
        r[self.slots[2]] = low
        r[self.slots[3]] = close
        r[self.slots[4]] = volume
        r[self.slots[5]] = ts / 1e9
        r[self.slots[6]] = open_ts / 1e9
        r[self.slots[7]] = r[self.slots[7]] + 1.0
        self.run(self.first, self.last, r[self.slots[7]])
        for k in range(len(self.watched)):
            slot = self.watched[k]
            if r[slot] == 2.0:
                found |= cython.cast(cython.longlong, 1) << k
        return found

    def scan(self, start: int, stop: int, slots: Any, columns: Any, target: int) -> Any:
        """(bars,) values of the register `target` when `columns`, (len(slots), bars), are fed bar by bar."""
        k: cython.Py_ssize_t
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        columns = np.ascontiguousarray(columns, dtype=np.float64)
        if not 0 <= start <= stop <= self.count or len(slots) != len(columns):
            raise ValueError(f"no instructions {start} to {stop}")
        within([*slots, target], self.size)
        bars: cython.Py_ssize_t = columns.shape[1]
        width: cython.Py_ssize_t = len(columns)
        chosen: cython.Py_ssize_t = target
        places: list = list(slots)
        found = np.empty(bars)
        if cython.compiled:
            table: cython.double[:, ::1] = columns
            out: cython.double[::1] = found
        else:
            table = columns.tolist()
            out = found
        for i in range(bars):
            for k in range(width):
                slot = places[k]
                self.registers[slot] = table[k, i] if cython.compiled else table[k][i]
            self.run(start, stop, i)
            out[i] = self.registers[chosen]
        return found

    @cython.cfunc
    def run(self, start: cython.Py_ssize_t, stop: cython.Py_ssize_t, number: cython.double) -> cython.int:
        p: cython.Py_ssize_t = start
        op: cython.int
        target: cython.Py_ssize_t
        a: cython.Py_ssize_t
        b: cython.Py_ssize_t
        c: cython.Py_ssize_t
        d: cython.Py_ssize_t
        k: cython.Py_ssize_t
        x: cython.double
        r = self.registers
        wires = self.wires
        if cython.compiled:
            code = self.code
            steps = self.steps
        else:
            steps = self.kernels
        while p < stop:
            if cython.compiled:
                op = code[6 * p]
                target = code[6 * p + 1]
                a = code[6 * p + 2]
                b = code[6 * p + 3]
                c = code[6 * p + 4]
                d = code[6 * p + 5]
            else:
                op, target, a, b, c, d = self.rows[p]
            p += 1
            # One chain of equalities, which becomes a jump table; interpreted it is walked, the most used first.
            if op == LINE:
                x = r[a]
                if x == x:
                    x = cython.cast(Kernel, steps[d]).take(x, 0.0, 0.0, 0.0)
                    if r[b] > 0.0:
                        r[b] = r[b] - 1.0
                        x = NAN
                r[target] = finite(x)
            elif op == KERNEL:
                if c == 1:
                    r[target] = cython.cast(Kernel, steps[d]).take(r[wires[b]], 0.0, 0.0, 0.0)
                else:
                    r[target] = cython.cast(Kernel, steps[d]).take(
                        r[wires[b]],
                        r[wires[b + 1]],
                        r[wires[b + 2]] if c > 2 else 0.0,
                        r[wires[b + 3]] if c > 3 else 0.0,
                    )
                if cython.cast(Kernel, steps[d]).width > 1:
                    r[target + 1] = cython.cast(Kernel, steps[d]).second
                    if cython.cast(Kernel, steps[d]).width > 2:
                        r[target + 2] = cython.cast(Kernel, steps[d]).third
            elif op == SHOW:
                x = r[a]
                if r[b] > 0.0:
                    r[b] = r[b] - 1.0
                    x = NAN
                r[target] = finite(x)
            elif op == SHOWN:
                for k in range(c):
                    r[target + k] = NAN if r[d] > 0.0 else finite(r[wires[b + k]])
                if r[d] > 0.0:
                    r[d] = r[d] - 1.0
            elif op == NEED:
                if r[a] != r[a]:
                    p = d
                    for k in range(target, target + c):
                        r[k] = NAN
            elif op == PLUS:
                r[target] = r[a] + r[b]
            elif op == MINUS:
                r[target] = r[a] - r[b]
            elif op == TIMES:
                r[target] = r[a] * r[b]
            elif op == GATE:
                for k in range(b, b + c):
                    if (r[wires[k]] != r[wires[k]]) if wires[k] >= 0 else (r[-1 - wires[k]] == 1.0):
                        p = d
                        break
                if p == d:
                    for k in range(target, target + a):
                        r[k] = NAN
            elif op == GT:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] > r[b] else 0.0)
            elif op == LT:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] < r[b] else 0.0)
            elif op == ADD:
                r[target] = finite(r[a] + r[b])
            elif op == SUB:
                r[target] = finite(r[a] - r[b])
            elif op == MUL:
                r[target] = finite(r[a] * r[b])
            elif op == DIV:
                r[target] = NAN if r[b] == 0.0 else finite(r[a] / r[b])
            elif op == RATIO:
                r[target] = NAN if r[b] == 0.0 else r[a] / r[b]
            elif op == CHOOSE:
                r[target] = r[b] if r[a] != 0.0 else r[c]
            elif op == AND:
                r[target] = r[a] if r[a] < r[b] else r[b]
            elif op == OR:
                r[target] = r[a] if r[a] > r[b] else r[b]
            elif op == HISTORY:
                k = place(r[d], c)
                r[target] = r[b + k]
                r[b + k] = r[a]
                r[d] = k + 1 if k + 1 < c else 0.0
            elif op == MOVE:
                r[target] = r[a]
            elif op == STATE_BEGIN:
                if r[b] == 0.0:
                    p = d
                    x = r[a]
                    if number >= r[b + 1] and (x != 1.0 if c == 1 else x == x):
                        r[b] = 1.0
                        r[b + 2] = x
                    else:
                        x = 1.0 if c == 1 else NAN
                    r[target] = x
            elif op == STATE_END:
                x = r[a]
                if x != 1.0 if c == 1 else x == x:
                    r[b + 2] = x
                r[target] = x
            elif op == CELL:
                self.call(target, a, b, c, d)
            elif op == SHAPE:
                self.shape(cython.cast(Machine, steps[d]), target, b)
            elif op == GE:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] >= r[b] else 0.0)
            elif op == LE:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] <= r[b] else 0.0)
            elif op == EQ:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] == r[b] else 0.0)
            elif op == NE:
                r[target] = 1.0 if r[a] != r[a] or r[b] != r[b] else (2.0 if r[a] != r[b] else 0.0)
            elif op == NOT:
                r[target] = 2.0 - r[a]
            elif op == SELECT:
                r[target] = NAN if r[a] == 1.0 else (r[b] if r[a] == 2.0 else r[c])
            elif op == SELECT_TRUTH:
                r[target] = 1.0 if r[a] == 1.0 else (r[b] if r[a] == 2.0 else r[c])
            elif op == IS_NA:
                r[target] = 2.0 if r[a] != r[a] else 0.0
            elif op == IS_UNKNOWN:
                r[target] = 2.0 if r[a] == 1.0 else 0.0
            elif op == COALESCE:
                r[target] = r[b] if r[a] != r[a] else r[a]
            elif op == COALESCE_TRUTH:
                r[target] = r[b] if r[a] == 1.0 else r[a]
            elif op == NEG:
                r[target] = -r[a]
            elif op == ABS:
                r[target] = fabs(r[a])
            elif op == MIN:
                r[target] = NAN if r[a] != r[a] or r[b] != r[b] else (r[a] if r[a] < r[b] else r[b])
            elif op == MAX:
                r[target] = NAN if r[a] != r[a] or r[b] != r[b] else (r[a] if r[a] > r[b] else r[b])
            elif op == ABOVE:
                r[target] = 1.0 if r[a] > r[b] else 0.0
            elif op == AT_LEAST:
                r[target] = 1.0 if r[a] >= r[b] else 0.0
            elif op == BELOW:
                r[target] = 1.0 if r[a] < r[b] else 0.0
            elif op == AT_MOST:
                r[target] = 1.0 if r[a] <= r[b] else 0.0
            elif op == EQUAL:
                r[target] = 1.0 if r[a] == r[b] else 0.0
            elif op == UNEQUAL:
                r[target] = 1.0 if r[a] != r[b] else 0.0
            elif op == BOTH:
                r[target] = 1.0 if r[a] != 0.0 and r[b] != 0.0 else 0.0
            elif op == EITHER:
                r[target] = 1.0 if r[a] != 0.0 or r[b] != 0.0 else 0.0
            elif op == SQRT:
                r[target] = sqrt(r[a]) if r[a] >= 0.0 else NAN
            elif op == LOG:
                r[target] = log(r[a]) if r[a] > 0.0 else NAN
            elif op == TRUTH:
                r[target] = 1.0 if r[a] != r[a] else (2.0 if r[a] > 0.5 else 0.0)
            elif op == TRUTH_EQ:
                r[target] = 1.0 if r[a] == 1.0 or r[b] == 1.0 else (2.0 if r[a] == r[b] else 0.0)
            elif op == TRUTH_NE:
                r[target] = 1.0 if r[a] == 1.0 or r[b] == 1.0 else (2.0 if r[a] != r[b] else 0.0)
            elif op == SAME:
                r[target] = 2.0 if r[a] == r[b] else 0.0
            elif op == DIFFERENT:
                r[target] = 2.0 if r[a] != r[b] else 0.0
            elif op == AS_INT:
                r[target] = r[a] if fabs(r[a]) <= LARGEST_INT else NAN
            elif op == POW:
                r[target] = NAN if r[a] != r[a] or r[b] != r[b] else finite(power(r[a], r[b]))
            elif op == EXP:
                r[target] = finite(exp(r[a]))
            elif op == SIGN:
                r[target] = NAN if r[a] != r[a] else (1.0 if r[a] > 0.0 else (-1.0 if r[a] < 0.0 else 0.0))
            elif op == FLOOR:
                r[target] = whole(floor(r[a]))
            elif op == CEIL:
                r[target] = whole(ceil(r[a]))
            elif op == ROUND:
                r[target] = whole(rint(r[a]))
            elif op == TRUNC:
                r[target] = whole(ceil(r[a]) if r[a] < 0.0 else floor(r[a]))
            elif op == MOD:
                x = NAN if r[b] == 0.0 else finite(r[a] / r[b])
                r[target] = NAN if x != x else finite(r[a] - r[b] * (floor(x) + 0.0))
            elif op == NEAREST:
                x = NAN if r[b] == 0.0 else finite(r[a] / r[b])
                r[target] = NAN if x != x else finite((rint(x) + 0.0) * r[b])
        return 0

    @cython.cfunc
    def shape(self, kernel: Machine, target: cython.Py_ssize_t, wire: cython.Py_ssize_t) -> cython.int:
        k: cython.Py_ssize_t
        for k in range(kernel.arity):
            kernel.given[k] = self.registers[self.wires[wire + k]]
        kernel.take()
        for k in range(kernel.width):
            self.registers[target + k] = kernel.out[k]
        return 0

    @cython.cfunc
    def call(
        self, target: cython.Py_ssize_t, width: cython.Py_ssize_t, wire: cython.Py_ssize_t, inputs: cython.Py_ssize_t,
        cell: cython.Py_ssize_t,
    ) -> cython.int:  # fmt: skip
        k: cython.Py_ssize_t
        given: list = [self.registers[self.wires[wire + k]] for k in range(inputs)]
        found = self.cells[cell].take(self.bar, given)
        if len(found) != width:
            raise ValueError(f"a cell of {width} values gave {len(found)}")
        for k in range(width):
            self.registers[target + k] = float(found[k])
        return 0

    # --- registers -------------------------------------------------------------------------------

    def value(self, slot: cython.Py_ssize_t) -> cython.double:
        if slot < 0 or slot >= self.size:
            raise IndexError("no such register")
        return self.registers[slot]

    def set_value(self, slot: cython.Py_ssize_t, value: cython.double) -> None:
        if slot < 0 or slot >= self.size:
            raise IndexError("no such register")
        self.registers[slot] = value

    def read(self, slots: list) -> list:
        """The registers named, in that order."""
        found: list = []
        slot: cython.Py_ssize_t
        for slot in slots:
            if slot < 0 or slot >= self.size:
                raise IndexError("no such register")
            found.append(self.registers[slot])
        return found

    def twin(self, start: int, stop: int) -> SeriesMachine:
        """A machine that stands where this one does: what its instructions `start … stop` step is its own, all else is
        shared."""
        code, wires, registers, _ = self.store
        kept = registers if cython.compiled else self.registers
        kernels, cells = list(self.kernels), list(self.cells)
        for op, _, _, _, _, number in code[start:stop].tolist():
            if op == codes.CELL:
                cells[number] = self.cells[number].copy()
            elif op in (codes.LINE, codes.KERNEL, codes.SHAPE):
                kernels[number] = self.kernels[number].copy()
        return SeriesMachine(code, wires, kept, kernels, cells)


@cython.cfunc
@cython.inline
def place(x: cython.double, size: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """A place in a ring, whatever a register was set to."""
    k: cython.Py_ssize_t = int(x) if 0.0 <= x < size else 0
    return k


@cython.cfunc
@cython.inline
def finite(x: cython.double) -> cython.double:
    return x if x - x == 0.0 else NAN


@cython.cfunc
@cython.inline
def whole(x: cython.double) -> cython.double:
    """Integers are exact up to 2^53; an integer has no negative zero."""
    return x + 0.0 if fabs(x) <= LARGEST_INT else NAN


def within(slots: Any, size: int) -> None:
    """Raises ValueError for a register that is not there."""
    for slot in slots:
        if not 0 <= slot < size:
            raise ValueError(f"no register {slot} in a file of {size}")


def check(code: Any, wires: Any, size: int, kernels: list[Any], cells: list[Any]) -> None:
    """Raises ValueError for an instruction that is unknown or names a register, wire, kernel or cell that is not
    there."""
    wired = wires.tolist()
    if wired and (max(wired) >= size or min(wired) < -size):
        raise ValueError(f"a wire leads outside the file of {size} registers")
    for p, (op, target, a, b, c, d) in enumerate(code.tolist()):
        used = [target]
        if op <= codes.LAST_POINTWISE:
            used += [a, b, c]
        elif op == codes.LINE or op == codes.SHOW:
            used += [a, b]
        elif op == codes.HISTORY:
            used += [a, b, b + c - 1, d]
        elif op == codes.STATE_BEGIN or op == codes.STATE_END:
            used += [a, b, b + 2]
        elif op in (codes.KERNEL, codes.SHAPE):
            used += [target + int(kernels[d].width) - 1 if 0 <= d < len(kernels) else -1]
        elif op in (codes.GATE, codes.CELL):
            used += [target + a - 1]
        elif op == codes.NEED:
            used += [a, target + c - 1]
        elif op == codes.SHOWN:
            used += [target + c - 1, d]
        else:
            raise ValueError(f"instruction {p}: no operation {op}")
        if op in (codes.KERNEL, codes.LINE, codes.SHAPE):
            kind = Machine if op == codes.SHAPE else Kernel
            if not (0 <= d < len(kernels) and isinstance(kernels[d], kind)):
                raise ValueError(f"instruction {p}: no kernel {d}")
        if (op == codes.SHAPE and c != kernels[d].arity) or (op == codes.KERNEL and not 1 <= c <= 4):
            raise ValueError(f"instruction {p}: {c} inputs do not fit its kernel")
        if op in WIRED and not 0 <= b <= b + c <= len(wired):
            raise ValueError(f"instruction {p}: no wires {b} to {b + c}")
        if op in WIRED and op != codes.GATE and c and min(wired[b : b + c]) < 0:
            raise ValueError(f"instruction {p} names a truth where a number is read")
        if op in JUMPS and not p + 1 < d <= len(code):
            raise ValueError(f"instruction {p} jumps outside the code")
        if op == codes.CELL and not 0 <= d < len(cells):
            raise ValueError(f"instruction {p}: no cell {d}")
        if op == codes.HISTORY and c < 1:
            raise ValueError(f"instruction {p}: a ring of {c}")
        if min(used) < 0 or max(used) >= size:
            raise ValueError(f"instruction {p} names a register outside the file of {size}")
