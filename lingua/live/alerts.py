"""The `alert` lines of a program: told when their condition becomes true, with the values they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lingua.ir.nodes import FALSE, TRUE, Constancy, Kind, Node
from lingua.ir.program import Program
from lingua.live.decisions import Alert

if TYPE_CHECKING:
    from lingua.live.strategy import LiveStrategy


class AlertWatch:
    """Remembers which conditions were true. One that is `na` for a while neither ends nor begins."""

    def __init__(self, program: Program, symbols: int) -> None:
        self.plans = program.alerts
        self.nodes: list[Node] = [
            node
            for plan in program.alerts
            for node in (plan.condition, *(node for _, node in plan.holes))
            if node is not None
        ]
        self.was_true = [[False] * len(self.plans) for _ in range(symbols)]

    def __bool__(self) -> bool:
        return bool(self.plans)

    def at(self, symbols: Sequence[int], live: LiveStrategy) -> tuple[Alert, ...]:
        """The alerts of this instant, of the symbols that have a bar now."""
        told = []
        for symbol in symbols:
            registers = live.registers(symbol)
            for number, plan in enumerate(self.plans):
                truth = self._value(plan.condition, symbol, live, registers)
                if truth == TRUE and not self.was_true[symbol][number]:
                    message = plan.message
                    for hole, node in plan.holes:
                        value = None if node is None else self._value(node, symbol, live, registers)
                        message = message.replace("{" + hole + "}", _shown(value, node))
                    told.append(Alert(live.names[symbol], plan.name, message))
                if truth in (TRUE, FALSE):
                    self.was_true[symbol][number] = truth == TRUE
        return tuple(told)

    def _value(self, node: Node, symbol: int, live: LiveStrategy, registers: Sequence[float]) -> Any:
        if node.uses_fills and node.constancy >= Constancy.SERIES:
            return registers[live.series[symbol].decision.slot_of(node)]
        return live.value(symbol, node)


def _shown(value: Any, node: Node | None) -> str:
    """A value as a message tells it: eight digits at most, times in UTC, `na` for what is missing."""
    if node is None or value is None:
        return "na"
    if node.kind is Kind.STRING:
        return str(value)
    if node.kind is Kind.BOOL:
        return {TRUE: "true", FALSE: "false"}.get(int(value), "na")
    if value != value:
        return "na"
    if node.kind is Kind.TIME:
        from lingua.backtest.times import iso

        return iso(round(value * 1e9))
    return f"{value:.8g}"
