"""The compiled artefact `.lgx`: JSON that says everything about a deployment and can run nothing.

It carries the source itself, so that whoever loads it compiles that source again and compares fingerprints; the graph
is there to be read and compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lingua import __version__
from lingua.compiler import EDITION, Compiled
from lingua.ir.analysis import decision_nodes, reachable
from lingua.ir.nodes import Node
from lingua.ir.program import Program
from lingua.semantics.imports import place_in_project

SCHEMA = 1


def artefact(compiled: Compiled) -> dict[str, Any]:
    """The artefact of a text with one strategy, as plain data. Raises as `Compiled.program` does."""
    program = compiled.program
    return {
        "schema": SCHEMA,
        "lingua": __version__,
        "edition": EDITION,
        "strategy": program.name,
        "fingerprint": compiled.fingerprint,
        "source": {"name": _place(compiled), "text": compiled.source.text},
        "imports": [{"name": each.name, "text": each.text} for each in compiled.imported],
        "parameters": [_parameter(param) for param in program.params],
        "data": data_needs(program),
        "ir": graph_data(program),
    }


def to_json(compiled: Compiled) -> str:
    """The text of the `.lgx` file; the same program gives the same bytes."""
    return json.dumps(artefact(compiled), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _place(compiled: Compiled) -> str:
    """Where the program stands below its project's folder: its imports are named from there."""
    name = compiled.source.name
    return place_in_project(Path(name)) if name.endswith(".lingua") else Path(name).name


def data_needs(program: Program) -> dict[str, Any]:
    """Symbols, timeframes and columns that a run of the program must be given."""
    nodes = reachable([*(output.node for output in program.outputs), *decision_nodes(program)])
    columns = {str(node.attrs[0]) for node in nodes if node.op == "field"}
    clocks = {(node.clock.source, node.clock.timeframe) for node in nodes if node.clock.timeframe}
    return {
        "trade": list(program.symbols),
        "timeframe": program.timeframe,
        "other": [{"name": d.alias, "symbol": d.symbol, "timeframe": d.timeframe} for d in program.data],
        "columns": sorted(columns),
        "timeframes": [{"source": source, "timeframe": timeframe} for source, timeframe in sorted(clocks)],
        "detail": dict(program.execution.options).get("detail", ""),
    }


def graph_data(program: Program) -> dict[str, Any]:
    """The graph as plain data: nodes in evaluation order, outputs and rules by node number."""
    nodes = reachable([*(output.node for output in program.outputs), *decision_nodes(program)])
    return {
        "nodes": [_node(node) for node in nodes],
        "outputs": [{"name": o.name, "role": o.role, "node": o.node.index} for o in program.outputs],
        "rules": [
            {
                "name": rule.name,
                "condition": rule.condition.index,
                "once": rule.once,
                "actions": [action.verb for action in rule.group.actions],
            }
            for rule in program.rules
        ],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.index,
        "op": node.op,
        "args": [arg.index for arg in node.args],
        "attrs": list(node.attrs),
        "kind": str(node.kind),
        "unit": str(node.unit),
        "clock": [node.clock.source, node.clock.timeframe],
        "constancy": node.constancy.name.lower(),
        "uses_fills": node.uses_fills,
    }


def _parameter(param: Any) -> dict[str, Any]:
    return {
        "name": param.name,
        "kind": param.kind,
        "unit": param.unit,
        "default": param.default,
        "value": param.value,
        "low": param.low,
        "high": param.high,
        "step": param.step,
        "values": None if param.values is None else list(param.values),
    }
