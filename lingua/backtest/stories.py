"""The story of each trade: the decision that opened it, and what closed it. Told when it is first asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from lingua.backtest.explain import SENT, Explainer, explainer
from lingua.backtest.explanation import Explanation, Story
from lingua.compiler import Compiled
from lingua.data.bars import Bars
from lingua.data.market import Market
from lingua.ir.program import RulePlan
from lingua.trading.execution import Execution
from lingua.trading.records import Ledger, Trade

LEFT_BY = {
    "stop": "its stop was reached", "target": "its target was reached", "trail": "its trailing stop was reached",
    "expire": "it had been held as long as it may", "unwind": "another leg of its group did not fill",
    "liquidation": "the margin did not suffice any longer", "flatten": "a risk limit flattened the position",
}  # fmt: skip


class TradeStories(Mapping[int, Story]):
    """Stories by `trade_id`. The run is repeated once, with every value its conditions read, on the first question."""

    def __init__(self, compiled: Compiled, market: Market, options: Execution, capital: float, ledger: Ledger) -> None:
        self._run = (compiled, market, options, capital)
        self._ledger = ledger

    def __getitem__(self, trade_id: int) -> Story:
        pieces = self._pieces[trade_id]
        told = [self._decision(pieces[0].entry_rule, pieces[0].symbol, pieces[0].entry_bar)]
        for piece in pieces:
            if piece.exit_bar is not None:
                told.append(self._exit(piece, piece.exit_bar))
        return tuple(dict.fromkeys(part for part in told if part))

    def __iter__(self) -> Iterator[int]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    @cached_property
    def _pieces(self) -> dict[int, list[Trade]]:
        pieces: dict[int, list[Trade]] = {}
        for trade in self._ledger.trades:
            pieces.setdefault(trade.trade_id, []).append(trade)
        return pieces

    @cached_property
    def _explainer(self) -> Explainer:
        return explainer(*self._run)

    @cached_property
    def _rules(self) -> dict[str, RulePlan]:
        return {rule.name: rule for rule in self._run[0].program.rules}

    @cached_property
    def _decided(self) -> dict[tuple[str, int], list[int]]:
        """(rule, instrument) to the bars of the instrument on which the rule sent an order for it, in order."""
        bars: dict[tuple[str, int], list[int]] = {}
        for event in self._explainer.events:
            if event.kind in SENT[:2]:
                bars.setdefault((event.rule, event.symbol), []).append(event.bar)
        return bars

    @cached_property
    def _instruments(self) -> list[Bars]:
        """The traded symbols, then the legs, as events count them."""
        return [*(bound.bars for bound in self._explainer.bound), *self._run[1].data.values()]

    def _decision(self, rule: str, symbol: str, filled: int) -> Explanation | str:
        """The explanation of the last bar before `filled` on which the rule sent an order; "" when there is none."""
        names = [bars.symbol for bars in self._instruments]
        if rule not in self._rules or symbol not in names:
            return ""
        number = names.index(symbol)
        bars = self._decided.get((rule, number), [])
        at = bisect_left(bars, filled) - 1
        if at < 0:
            return ""
        if number < len(self._explainer.bound):
            return self._explainer.explain(self._rules[rule], bars[at], number)
        # The order of a leg was decided on a bar of the traded symbol, at or after the leg's last close.
        closed = int(self._instruments[number].ts[bars[at]])
        own = int(np.searchsorted(self._instruments[0].ts, closed))
        return self._explainer.explain(self._rules[rule], own, 0) if own < len(self._instruments[0]) else ""

    def _exit(self, piece: Trade, bar: int) -> Explanation | str:
        if piece.exit_rule in self._rules:
            return self._decision(piece.exit_rule, piece.symbol, bar)
        why = LEFT_BY.get(piece.exit_rule, piece.exit_rule)
        return f"{piece.quantity:g} left at {piece.exit_price:g}: {why}" if why else ""
