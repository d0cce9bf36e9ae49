"""Kinds and units as a reader would say them."""

from __future__ import annotations

from lingua.ir.nodes import Kind, Node
from lingua.ir.units import BARS, DURATION, MONEY, NONE, PRICE, PRICE_PER_BAR, QTY, RATIO, Unit

UNIT_WORDS = {
    NONE: "a plain number",
    RATIO: "a share (ratio)",
    PRICE: "a price",
    QTY: "a quantity",
    MONEY: "an amount of money",
    DURATION: "a length of time",
    BARS: "a number of bars",
    PRICE_PER_BAR: "a price per bar",
}

KIND_WORDS = {Kind.BOOL: "true or false", Kind.TIME: "a time", Kind.STRING: "a text"}


def unit_words(unit: Unit) -> str:
    return UNIT_WORDS.get(unit, f"measured in {unit}")


def kind_words(node: Node) -> str:
    """`a price`, `true or false`, `a time`."""
    return KIND_WORDS.get(node.kind) or unit_words(node.unit)
