"""Which function elaborates which construct of the syntax tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lingua.semantics import calls, choices, clocks, folds, history, literals, names, operators
from lingua.syntax import nodes as ast

if TYPE_CHECKING:
    from lingua.semantics.expressions import Handler

HANDLERS: Mapping[type[Any], Handler] = {
    ast.Number: literals.number,
    ast.Ratio: literals.ratio,
    ast.RMultiple: literals.r_multiple,
    ast.Duration: literals.duration,
    ast.Quantity: literals.quantity,
    ast.String: literals.text,
    ast.Bool: literals.boolean,
    ast.Na: literals.missing,
    ast.ListExpr: literals.items,
    ast.SetExpr: literals.items,
    ast.Paren: literals.paren,
    ast.Name: names.name,
    ast.Field: names.field,
    ast.Unary: operators.unary,
    ast.Binary: operators.binary,
    ast.Compare: operators.compare,
    ast.In: operators.contains,
    ast.IsNa: operators.is_missing,
    ast.If: choices.if_,
    ast.Match: choices.match,
    ast.Index: history.index,
    ast.At: clocks.at,
    ast.Call: calls.call,
    ast.Fold: folds.fold,
}
