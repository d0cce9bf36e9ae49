"""Writes series of the graph down as instructions of the series machine.

Nodes come in the order of evaluation, each for its clock; a clock's instructions stand together. A node's value has a
register; what a node keeps between bars (the ring of `hist`, the cells of a `state`) has registers too, and an
indicator's kernels are those of its incremental form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lingua.backends import machine_codes as codes
from lingua.backends import machine_trace
from lingua.backends.machine import JUMPS, SeriesMachine
from lingua.backends.machine_cells import Cell, FormCell, PointwiseCell, nothing_of
from lingua.backends.scan import StateSteps
from lingua.indicators.declare import Form
from lingua.indicators.kernel import Kernel
from lingua.indicators.memory import with_state
from lingua.indicators.registry import lookup
from lingua.ir.nodes import FALSE, TRUE, Constancy, Kind, Node
from lingua.ir.warmup import call_parameters

BINARY = {"add": codes.ADD, "sub": codes.SUB, "mul": codes.MUL, "div": codes.DIV, "pow": codes.POW, "neg": codes.NEG}
COMPARE = {"gt": codes.GT, "ge": codes.GE, "lt": codes.LT, "le": codes.LE, "eq": codes.EQ, "ne": codes.NE}
LOGIC = {"and": codes.AND, "or": codes.OR, "not": codes.NOT}
FUNCTIONS = {
    "abs": codes.ABS, "exp": codes.EXP, "log": codes.LOG, "sqrt": codes.SQRT, "sign": codes.SIGN,
    "floor": codes.FLOOR, "ceil": codes.CEIL, "round": codes.ROUND, "trunc": codes.TRUNC, "min": codes.MIN,
    "max": codes.MAX, "mod": codes.MOD, "nearest": codes.NEAREST,
}  # fmt: skip
NEVER = math.inf
"""First bar of a state of which it is not known yet."""
NOTHING = 0
"""A register that nothing reads."""

Instruction = tuple[int, int, int, int, int, int]


@dataclass(slots=True)
class CallPart:
    """One indicator call: its form, and the register in which its lookback runs down when the machine steps it."""

    form: Any
    left: int = NOTHING

    def settle(self, machine: SeriesMachine) -> Any:
        """The form as it stands now."""
        if self.left:
            self.form._left = int(machine.value(self.left))
        return self.form

    def take_back(self, machine: SeriesMachine, state: Any) -> None:
        """Let the form stand as `state_of` wrote it."""
        with_state(self.form, state)
        if self.left:
            machine.set_value(self.left, float(self.form._left))


@dataclass(slots=True)
class Section:
    """The instructions of one clock (or of one state)."""

    code: list[Instruction] = field(default_factory=list)
    start: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    states: list[tuple[Node, int]] = field(default_factory=list)
    """With the register of the first bar on which each may start."""


class Lowering(machine_trace.Writer):
    """`static` gives the value of a constant or parameter, `outside` the cell of a node that reads what stands outside
    the graph's values (the bar, another clock); `traces`: formulas of indicators become instructions."""

    def __init__(
        self, static: Callable[[Node], Any], outside: Callable[[Node], Cell | None], *, traces: bool = True
    ) -> None:
        self.registers: list[float] = [math.nan]
        self.wires: list[int] = []
        self.kernels: list[Any] = []
        self.cells: list[Cell] = []
        self.slots: dict[int, int] = {}
        self.calls: dict[Hashable, CallPart] = {}
        self.kept: list[tuple[int, int]] = []
        """Registers kept between bars besides the nodes' own: (first, how many)."""
        self.strings: list[str] = []
        self._static = static
        self._outside = outside
        self._traces = traces
        self._constants: dict[str, int] = {}
        self._outputs: dict[Hashable, int] = {}
        self._sections: list[Section] = []
        self._code: list[Instruction] = []

    # --- what a stream asks ----------------------------------------------------------------------

    def section(self) -> Section:
        self._sections.append(Section())
        return self._sections[-1]

    def node(self, node: Node, section: Section) -> None:
        """Write down a node whose arguments have been."""
        self._code = section.code
        if node.constancy <= Constancy.PARAM:
            self._constant_node(node)
        elif node.op == "call":
            self._call(node)
        elif node.op == "field":
            self._field(node, section)
        elif node.op == "hist":
            self._history(node)
        elif (cell := self._outside(node)) is not None:
            self._cell(node, cell)
        elif node.op == "sample":
            self._emit(codes.MOVE, self._own(node), self.slots[node.args[0].index])
        else:
            self._pointwise(node)

    def given(self, node: Node) -> int:
        """The register of a node whose values are fed."""
        return self._own(node)

    def numbers(self, node: Node, column: Any) -> Any:
        """A column as registers hold it: strings by their numbers."""
        return [self._interned(text) for text in column] if node.kind is Kind.STRING else column

    def state(self, node: Node, steps: StateSteps, section: Section, first: float = NEVER) -> None:
        """Write down a state, and the states inside it, which start when it has."""
        self._code = section.code
        target = self._own(node)
        is_truth = node.kind is Kind.BOOL
        cells = self._block(0.0, first, nothing_of(node))
        self.kept.append((cells, 3))
        section.states.append((node, cells + 1))
        for index in steps.previous:
            self.slots[index] = cells + 2
        for constant in (*node.args, *(arg for each in steps.body for arg in each.args)):
            if constant.constancy <= Constancy.PARAM:
                self._constant_node(constant)
        place = len(self._code)
        self._emit(codes.STATE_BEGIN, target, self.slots[node.args[0].index], cells, int(is_truth), 0)
        for each in steps.body:
            if each.op == "state":
                self.state(each, steps.inner[each.index], section, 0.0)
            elif each.op in ("hist", "sample"):
                self._emit(codes.MOVE, self._own(each), self.slots[each.args[0].index])
            else:
                self._pointwise(each)
        self._emit(codes.STATE_END, target, self.slots[node.args[1].index], cells, int(is_truth), 0)
        self._land(place)

    def machine(self) -> SeriesMachine:
        """All sections one behind the other."""
        code: list[Instruction] = []
        for section in self._sections:
            section.start = len(code)
            for op, target, a, b, c, d in section.code:
                code.append((op, target, a, b, c, d + section.start if op in JUMPS else d))
        return SeriesMachine(code, self.wires, self.registers, self.kernels, self.cells)

    def number(self) -> int:
        """A register that counts bars, from 0."""
        return self._block(-1.0)

    def text(self, code: float) -> Any:
        return self.strings[int(code)] if code == code else math.nan

    # --- nodes -----------------------------------------------------------------------------------

    def _own(self, node: Node) -> int:
        self.slots[node.index] = self._block(nothing_of(node))
        return self.slots[node.index]

    def _constant_node(self, node: Node) -> None:
        if node.index not in self.slots:
            value = self._static(node)
            if node.kind is Kind.STRING:
                value = self._interned(str(value))
            elif node.kind is Kind.BOOL:
                value = {True: TRUE, False: FALSE}.get(value, value) if isinstance(value, bool) else value
            self.slots[node.index] = self.constant(float(value))

    def _interned(self, text: str) -> int:
        if text not in self.strings:
            self.strings.append(text)
        return self.strings.index(text)

    def _field(self, node: Node, section: Section) -> None:
        name = str(node.attrs[0])
        if name in section.fields:
            self.slots[node.index] = section.fields[name]
        elif name == "symbol":
            self.slots[node.index] = self.constant(self._interned(str(self._static(node))))
        else:
            section.fields[name] = self._own(node)

    def _history(self, node: Node) -> None:
        source, bars = self.slots[node.args[0].index], int(self._static(node.args[1]))
        target = self._own(node)
        if bars == 0:
            self._emit(codes.MOVE, target, source)
            return
        ring = self._block(*([nothing_of(node)] * bars), 0.0)
        self.kept.append((ring, bars + 1))
        self._emit(codes.HISTORY, target, source, ring, bars, ring + bars)

    def _cell(self, node: Node, cell: Cell) -> None:
        # A series of another clock that is constant there has no register to be read.
        inputs = [self.slots[arg.index] for arg in node.args if node.op != "developing" and node.op != "inner"]
        self.cells.append(cell)
        self._emit(codes.CELL, self._own(node), 1, self._wired(inputs), len(inputs), len(self.cells) - 1)

    def _pointwise(self, node: Node) -> None:
        op, args = node.op, [self.slots[arg.index] for arg in node.args]
        is_truth = bool(node.args) and node.args[0].kind is Kind.BOOL
        target = self._own(node)
        code = None
        if op in COMPARE:
            code = COMPARE[op]
            if node.args[0].kind is Kind.STRING:
                code = codes.SAME if op == "eq" else codes.DIFFERENT
            elif is_truth:
                code = codes.TRUTH_EQ if op == "eq" else codes.TRUTH_NE
        elif op in BINARY or op in LOGIC:
            code = BINARY.get(op) or LOGIC.get(op)
        elif op == "is_na":
            code = codes.IS_UNKNOWN if is_truth else codes.IS_NA
        elif op == "coalesce":
            code = codes.COALESCE_TRUTH if is_truth else codes.COALESCE
        elif op == "select":
            code = codes.SELECT_TRUTH if node.kind is Kind.BOOL else codes.SELECT
        elif op in ("fn1", "fnN"):
            name = str(node.attrs[0])
            if name == "clamp":
                self._emit(codes.MAX, target, args[0], args[1])
                code, args = codes.MIN, [target, args[2]]
            else:
                code = FUNCTIONS.get(name)
        if code is None:
            self._cell(node, PointwiseCell(node))
            return
        self._emit(code, target, *args)
        if node.kind is Kind.INT and op in (*BINARY, "fn1", "fnN") and op != "neg":
            self._emit(codes.AS_INT, target, target)

    # --- indicators ------------------------------------------------------------------------------

    def _call(self, node: Node) -> None:
        key = call_key(node)
        spec = lookup(str(node.attrs[0]))
        if spec is None:
            raise RuntimeError(f"no indicator is called {node.attrs[0]!r}")
        if key not in self._outputs:
            form = spec.incremental(**call_parameters(node, self._static))
            self.calls[key] = CallPart(form)
            self._outputs[key] = self._form(self.calls[key], node.args[: len(spec.inputs)], len(spec.outputs))
        outputs = [output.name for output in spec.outputs]
        chosen = str(node.attrs[1]) if len(node.attrs) > 1 and node.attrs[1] else outputs[0]
        found = self._outputs[key] + outputs.index(chosen)
        if node.kind is Kind.BOOL:
            self._emit(codes.TRUTH, self._own(node), found)
        else:
            self.slots[node.index] = found

    def _form(self, part: CallPart, nodes: tuple[Node, ...], width: int) -> int:
        """Its instructions; the first register of its outputs."""
        inputs = [self.slots[node.index] for node in nodes]
        first = self._block(*([math.nan] * width))
        form = part.form
        if self._traces and isinstance(form, Form):
            part.left = self._block(float(form._left))
            calculation = form._calculation
            is_alone = machine_trace.is_kernel(calculation) and isinstance(calculation, Kernel)
            if is_alone and len(nodes) == width == 1 == calculation.arity and nodes[0].kind is not Kind.BOOL:
                self.kernels.append(calculation)
                self._emit(codes.LINE, first, inputs[0], part.left, 0, len(self.kernels) - 1)
                return first
        place = len(self._code)
        if len(nodes) == 1 and nodes[0].kind is not Kind.BOOL:
            self._emit(codes.NEED, first, inputs[0], 0, width)
        else:
            gate = [-1 - slot if node.kind is Kind.BOOL else slot for node, slot in zip(nodes, inputs, strict=True)]
            self._emit(codes.GATE, first, width, self._wired(gate), len(gate))
        if not (part.left and self._traced(part, inputs, first)):
            part.left = NOTHING
            self.cells.append(FormCell(form))
            self._emit(codes.CELL, first, width, self._wired(inputs), len(inputs), len(self.cells) - 1)
        self._land(place)
        return first

    def _traced(self, part: CallPart, inputs: list[int], first: int) -> bool:
        """Whether the formula could be written down; if not, nothing is."""
        lists: tuple[list[Any], ...] = (self.registers, self.wires, self.kernels, self._code)
        lengths, constants = [len(each) for each in lists], dict(self._constants)
        try:
            outputs = machine_trace.trace(part.form._calculation, inputs, self)
        except Exception:  # whatever a formula raises that does not know what to do with a symbol
            for each, size in zip(lists, lengths, strict=True):
                del each[size:]
            self._constants = constants
            return False
        if len(outputs) == 1:
            self._emit(codes.SHOW, first, outputs[0], part.left)
        else:
            self._emit(codes.SHOWN, first, 0, self._wired(outputs), len(outputs), part.left)
        return True

    # --- the writer of a trace -------------------------------------------------------------------

    def constant(self, value: float) -> int:
        name = repr(float(value))
        if name not in self._constants:
            self._constants[name] = self._block(float(value))
        return self._constants[name]

    def operation(self, op: int, a: int, b: int = 0, c: int = 0) -> int:
        target = self._block(math.nan)
        self._emit(op, target, a, b, c)
        return target

    def kernel(self, kernel: Any, inputs: list[int], op: int) -> int:
        target = self._block(*([math.nan] * int(kernel.width)))
        self.kernels.append(kernel)
        self._emit(op, target, 0, self._wired(inputs), len(inputs), len(self.kernels) - 1)
        return target

    # --- lists -----------------------------------------------------------------------------------

    def _block(self, *values: float) -> int:
        self.registers.extend(values)
        return len(self.registers) - len(values)

    def _wired(self, slots: list[int]) -> int:
        self.wires.extend(slots)
        return len(self.wires) - len(slots)

    def _emit(self, op: int, target: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> None:
        self._code.append((op, target, a, b, c, d))

    def _land(self, place: int) -> None:
        """Let the instruction at `place` jump to here."""
        op, target, a, b, c, _ = self._code[place]
        self._code[place] = (op, target, a, b, c, len(self._code))


def call_key(node: Node) -> tuple[object, ...]:
    """Calls that differ only in the output asked for share one form."""
    return (node.attrs[0], *(arg.index for arg in node.args))


def constant_value(node: Node, params: Mapping[str, Any], args: list[Any]) -> Any:
    """The value of a constant or parameter expression from those of its arguments."""
    from lingua.backends.pointwise import evaluate_scalar

    if node.op in ("const", "param"):
        value = node.attrs[0] if node.op == "const" else params[str(node.attrs[0])]
        return (TRUE if value else FALSE) if node.kind is Kind.BOOL else value
    return evaluate_scalar(node, args)
