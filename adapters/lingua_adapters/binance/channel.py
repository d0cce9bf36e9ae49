"""What is told on one channel: bars of the exchange, or longer ones that are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from lingua.live.bars import ClosedBar
from lingua_runtime.aggregate import LongerBars
from lingua_runtime.ports import BarEvent, MarketEvent


@dataclass(slots=True)
class Channel:
    """`longer` where the exchange itself has no bars of the timeframe that is `wanted`, and those of `interval` make
    them. `last_ts` is the close of the last bar of `interval` that was told."""

    symbol: str
    wanted: str
    interval: str
    last_ts: int = 0
    longer: LongerBars | None = None

    def told(self, bar: ClosedBar, *, is_repaired: bool) -> list[MarketEvent]:
        """The events of a bar of the exchange, which is the next one."""
        self.last_ts = bar.ts
        made = [bar] if self.longer is None else [*self.longer.push(bar), *self.longer.advance(bar.ts)]
        return [BarEvent(self.symbol, self.wanted, each, is_repaired) for each in made]
