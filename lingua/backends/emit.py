"""A program as text to be read: its graph, line by line, and the NumPy kernel it amounts to.

The text is a view for people. What runs are the operations of `lingua.backends.batch`, one for each line shown here.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from lingua.indicators.registry import lookup
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import BASE, Constancy, Kind, Node
from lingua.ir.program import Program
from lingua.syntax.source import Source

INFIX = {
    "add": "+", "sub": "-", "mul": "*", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!=",
    "and": "&", "or": "|",
}  # fmt: skip


def graph_text(program: Program) -> str:
    """One line a node: number, operation, kind, unit, clock, constancy."""
    lines = [f"program {program.name}"]
    for node in reachable(_roots(program)):
        where = "" if node.clock == BASE else f" @{node.clock.source or 'base'}/{node.clock.timeframe or 'own'}"
        part = "decision" if node.uses_fills else node.constancy.name.lower()
        lines.append(f"  {node!r:<60} : {node.kind} {node.unit}{where} [{part}]")
    for output in program.outputs:
        lines.append(f"  {output.role} {output.name} = %{output.node.index}")
    for rule in program.rules:
        verbs = f" {rule.group.joined_by} ".join(action.verb for action in rule.group.actions)
        lines.append(f"  rule {rule.name}: %{rule.condition.index} => {verbs}")
    return "\n".join(lines) + "\n"


def kernel_text(program: Program, source: Source, fingerprint: str, version: str) -> str:
    """The series part as a NumPy kernel: the author's names, one line a node, the line of the source behind it.
    Conditions that read fills stand at the end as comments: they are decided bar by bar."""
    names, comments = _names(program, source)
    lines = [f"# {source.name} {fingerprint[:7]}, lingua {version}", "def kernel(bars: Bars) -> Signals:"]
    later: list[str] = []
    for node in reachable(_roots(program)):
        if node.index not in names:
            continue
        text = f"    {names[node.index]} = {_call(node, names)}"
        comment = comments.get(node.index, "")
        line = f"{text:<64}# {comment}" if comment else text
        if node.uses_fills:
            later.append(f"    # decided bar by bar: {line.strip()}")
        else:
            lines.append(line)
    results = ", ".join(
        f"{_identifier(rule.name)}={_operand(rule.condition, names)}"
        for rule in program.rules
        if not rule.condition.uses_fills
    )
    return "\n".join([*lines, *later, f"    return Signals({results})"]) + "\n"


def _roots(program: Program) -> list[Node]:
    return [*(output.node for output in program.outputs), *decision_nodes(program)]


def _names(program: Program, source: Source) -> tuple[dict[int, str], dict[int, str]]:
    """A variable for each node that is computed, and the line of the source it comes from."""
    names: dict[int, str] = {}
    comments: dict[int, str] = {}
    taken: set[str] = {"bars", "kernel"}

    def give(node: Node, wanted: str, comment: str) -> None:
        if node.index in names or _is_inline(node):
            return
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name)
        names[node.index] = name
        if comment:
            comments[node.index] = comment

    for output in program.outputs:
        line, _ = source.position(output.span.start)
        give(output.node, _identifier(output.name), f"{line}: {source.line(line).strip()[:60]}")
    for rule in program.rules:
        line, _ = source.position(rule.span.start)
        give(rule.condition, _identifier(rule.name), f"{line}: {source.line(line).strip()[:60]}")
    for node in reachable(_roots(program)):
        give(node, f"v{node.index}", "")
    return names, comments


def _is_inline(node: Node) -> bool:
    return node.op in ("const", "param") or (node.op == "field" and node.clock == BASE)


def _identifier(name: str) -> str:
    plain = re.sub(r"\W", "_", name)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _operand(node: Node, names: Mapping[int, str]) -> str:
    if node.index in names:
        return names[node.index]
    if node.op == "field":
        return f"bars.{node.attrs[0]}"
    if node.op == "param":
        return f"params.{node.attrs[0]}"
    value = node.attrs[0]
    if node.kind is Kind.INT and isinstance(value, float):
        return str(int(value))
    return repr(value)


def _call(node: Node, names: Mapping[int, str]) -> str:
    args = [_operand(arg, names) for arg in node.args]
    if node.op in INFIX:
        return f"{args[0]} {INFIX[node.op]} {args[1]}"
    if node.op == "call":
        name = str(node.attrs[0])
        spec = lookup(name)
        count = len(spec.inputs) if spec is not None else len(args)
        given = list(args[count:])
        for k, parameter in enumerate(spec.parameters if spec is not None else ()):
            if k < len(given):
                given[k] = f"{parameter.name}={given[k]}"
        output = f".{node.attrs[1]}" if len(node.attrs) > 1 and node.attrs[1] else ""
        return f"{name}({', '.join([*args[:count], *given])}){output}"
    if node.op in ("fn1", "fnN"):
        return f"{node.attrs[0]}({', '.join(args)})"
    attributes = [repr(attr) for attr in node.attrs]
    if node.constancy >= Constancy.SERIES and node.clock != BASE:
        attributes.append(f"clock={node.clock.source or 'own'}@{node.clock.timeframe or 'own'!s}".replace("'", ""))
    return f"{node.op}({', '.join([*args, *attributes])})"
