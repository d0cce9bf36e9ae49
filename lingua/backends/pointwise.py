"""One value of a pointwise operation of the graph: constants, the steps of states, and the incremental evaluator."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lingua.backends import clocktime, scalar
from lingua.ir.nodes import TRUE, UNKNOWN, Kind, Node


def evaluate_scalar(node: Node, args: list[Any]) -> Any:
    """One value of a pointwise operation; the same rules as the incremental evaluator."""
    op = node.op
    if op in scalar.BINARY:
        value = scalar.BINARY[op](*args)
        return scalar.as_int(value) if node.kind is Kind.INT else value
    if op in scalar.COMPARE:
        if node.args[0].kind is Kind.STRING:
            return scalar.truth((args[0] == args[1]) == (op == "eq"))
        if node.args[0].kind is Kind.BOOL:
            known = args[0] != UNKNOWN and args[1] != UNKNOWN
            return scalar.truth((args[0] == args[1]) == (op == "eq")) if known else UNKNOWN
        return scalar.COMPARE[op](*args)
    missing = [arg == UNKNOWN if n.kind is Kind.BOOL else arg != arg for n, arg in zip(node.args, args, strict=True)]
    match op:
        case "neg":
            return -args[0]
        case "and":
            return min(args[0], args[1])
        case "or":
            return max(args[0], args[1])
        case "not":
            return TRUE - args[0]
        case "is_na":
            return scalar.truth(missing[0])
        case "coalesce":
            return args[1] if missing[0] else args[0]
        case "select":
            nothing = UNKNOWN if node.kind is Kind.BOOL else math.nan
            return nothing if missing[0] else args[1] if args[0] == TRUE else args[2]
        case "fn1" | "fnN":
            value = scalar.finite(scalar.FUNCTIONS[str(node.attrs[0])](*args))
            return scalar.as_int(value) if node.kind is Kind.INT else value
        case "hist" | "sample":
            return args[0]
        case "time_part":
            zone = str(node.attrs[1]) or "UTC"
            return float(clocktime.part(np.array([args[0]]), str(node.attrs[0]), zone)[0])
        case _:
            raise RuntimeError(f"{op!r} is not an operation on constants")


def reduce_values(values: list[float], reducer: str) -> float:
    """One of first last sum avg min max count stddev (population)."""
    if reducer == "count":
        return float(len(values))
    if not values:
        return math.nan
    match reducer:
        case "first":
            return values[0]
        case "last":
            return values[-1]
        case "sum":
            return scalar.finite(math.fsum(values))
        case "avg":
            return scalar.finite(math.fsum(values) / len(values))
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "stddev":
            mean = math.fsum(values) / len(values)
            return math.sqrt(math.fsum((v - mean) * (v - mean) for v in values) / len(values))
        case _:
            raise RuntimeError(f"no reducer is called {reducer!r}")
