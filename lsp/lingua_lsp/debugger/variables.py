"""What is shown of a bar: its prices, every series, what each rule says, orders, the account. A value that has parts is
known by a number until the run moves on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lingua.backtest.tables import time_cells
from lingua.ir.nodes import Kind
from lingua.report.explain import MARKS, SAYING
from lingua.trading.records import OrderEvent
from lingua_lsp.debugger.breakpoints import told
from lingua_lsp.debugger.recording import NotAnswered, Recording, Watched, cell

Variable = dict[str, Any]
Maker = Callable[[int, int], list[Variable]]
"""Parts from one on, so many (0: all)."""
PRICES = ("open", "high", "low", "close", "volume")
PAGE = 100
ENDED = ("filled", "canceled", "expired", "rejected", "denied")


class Variables:
    """Of one place of a run: symbol and bar."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._makers: list[Maker] = []

    def clear(self) -> None:
        self._makers.clear()

    def get(self, reference: int, start: int, count: int) -> list[Variable]:
        """Raises NotAnswered for a number of another stop."""
        if not 0 < reference <= len(self._makers):
            raise NotAnswered("the run has moved on")
        return self._makers[reference - 1](start, count)

    def _kept(self, maker: Maker) -> int:
        self._makers.append(maker)
        return len(self._makers)

    def _group(self, parts: Callable[[], list[Variable]]) -> int:
        def some(start: int, count: int) -> list[Variable]:
            found = parts()
            return found[start : start + count] if count else found[start:]

        return self._kept(some)

    # --- scopes ------------------------------------------------------------------------------------

    def scopes(self, symbol: int, bar: int) -> list[Variable]:
        made = (
            ("Series", lambda: self._series(symbol, bar)),
            ("Rules", lambda: self._rules(symbol, bar)),
            ("Bar", lambda: self._bar(symbol, bar)),
            ("Orders", lambda: self._orders(symbol, bar)),
            ("Account", lambda: self._account(symbol, bar)),
            ("Parameters", self._parameters),
        )
        return [
            {
                "name": name, "variablesReference": self._group(parts), "expensive": name == "Rules",
                "presentationHint": "locals" if name == "Series" else "arguments",
            }
            for name, parts in made
        ]  # fmt: skip

    def _series(self, symbol: int, bar: int) -> list[Variable]:
        return [self.of(name, each, symbol, bar) for name, each in self.recording.series.items()]

    def of(self, name: str, value: Watched, symbol: int, bar: int) -> Variable:
        """A series at a bar, its earlier bars within: `[0]` is this bar, as in the language."""

        def history(start: int, count: int) -> list[Variable]:
            last = min(bar + 1, start + (count or PAGE))
            return [plain(f"[{back}]", value.cell(symbol, bar - back)) for back in range(start, last)]

        return {
            "name": name, "value": value.cell(symbol, bar), "type": value.type, "evaluateName": name,
            "variablesReference": self._kept(history), "indexedVariables": bar + 1,
        }  # fmt: skip

    def _bar(self, symbol: int, bar: int) -> list[Variable]:
        bars = self.recording.bars[symbol]
        ready = self.recording.result.ready[symbol]
        live = "live" if bar >= ready else f"rules act from bar {ready} on"
        head = [plain("time", time_cells(bars.ts[bar : bar + 1])[0]), plain("bar", str(bar)), plain("rules", live)]
        names = [*PRICES, *bars.columns]
        columns = {name: getattr(bars, name) if name in PRICES else bars.columns[name] for name in names}
        return head + [
            self.of(name, Watched(self._padded(symbol, columns[name]), Kind.NUM, ""), symbol, bar) for name in names
        ]

    def _padded(self, symbol: int, column: Any) -> tuple[Any, ...]:
        return tuple(column if number == symbol else column[:0] for number in range(len(self.recording.bars)))

    def _rules(self, symbol: int, bar: int) -> list[Variable]:
        return [self.rule(plan.name, symbol, bar) for plan in self.recording.program.rules]

    def rule(self, name: str, symbol: int, bar: int) -> Variable:
        """What a rule says at a bar, with each comparison and what became of its orders."""
        explainer = self.recording.explainer
        one = explainer.explain(explainer.rule(name), bar, symbol)

        def parts() -> list[Variable]:
            leaves = [plain(leaf.text, f"{MARKS[leaf.truth]} {leaf.value}") for leaf in one.leaves]
            why = [plain("why", one.blocker)] if one.blocker else []
            return leaves + why + [plain("order", order) for order in one.orders]

        said = SAYING[one.verdict]
        return {"name": name, "value": said, "type": "rule", "variablesReference": self._group(parts)}

    def _parameters(self) -> list[Variable]:
        found = self.recording.result.parameters
        return [
            plain(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in found.items()
        ]

    # --- orders and account -----------------------------------------------------------------------

    def _orders(self, symbol: int, bar: int) -> list[Variable]:
        """What happened at this bar, then orders that still work."""
        now: list[OrderEvent] = []
        working: dict[int, OrderEvent] = {}
        for event in self.recording.result.ledger.events:
            if event.symbol != symbol or event.bar > bar:
                continue
            if event.bar == bar:
                now.append(event)
            if event.kind in ("submitted", "accepted"):
                working[event.order_id] = event
            elif event.kind in ENDED:
                working.pop(event.order_id, None)
        return [plain("now", told(event)) for event in now] + [
            plain("works", told(event).replace(event.kind, "waits", 1)) for event in working.values()
        ]

    def _account(self, symbol: int, bar: int) -> list[Variable]:
        """After the fills of this bar, at its close."""
        result = self.recording.result
        bars = self.recording.bars[symbol]
        at = self.recording.at_clock(int(bars.ts[bar]))
        if at < 0 or not len(result.clock):
            return []
        curve, ledger = result.curve, result.ledger
        found = [
            plain("position", cell(np.asarray(result.positions[symbol], dtype=np.float64), at)),
            plain("equity", cell(np.asarray(curve.values), at)),
            plain("cash", cell(np.asarray(ledger.cash, dtype=np.float64), at)),
            plain("exposure", cell(np.asarray(ledger.exposure, dtype=np.float64), at)),
        ]
        if len(result.bars) > 1:
            found += [
                plain(f"position of {each.symbol}", cell(np.asarray(held, dtype=np.float64), at))
                for number, (each, held) in enumerate(zip(result.bars, result.positions, strict=True))
                if number != symbol
            ]
        for trade in ledger.trades:
            is_open = trade.entry_bar <= bar and (trade.exit_bar is None or trade.exit_bar > bar)
            if trade.symbol == bars.symbol and is_open:
                since = time_cells([trade.entry_ts])[0]
                held = f"{trade.side} {trade.quantity:.10g} at {trade.entry_price:.10g}"
                found.append(plain(f"trade {trade.trade_id}", f"{held} since {since}, by {trade.entry_rule}"))
        return found


def plain(name: str, value: str) -> Variable:
    return {"name": name, "value": value, "variablesReference": 0}
