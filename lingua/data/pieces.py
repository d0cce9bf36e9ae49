"""The bars of a program in pieces: what is known of all of them beforehand, and the pieces in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from lingua.data.bars import Bars
from lingua.data.market import Market, selected

COLUMNS = ("ts", "open_ts", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of the bars of one symbol: `bars` has no bar but all their terms (symbol, timeframe, instrument,
    actions). `count` is at least their number, and is it once all have gone by; `first` are open and close of the first
    bar, known when it is there, `last_ts` is the close of the last so far."""

    bars: Bars
    count: int
    first: tuple[int, int] | None = None
    last_ts: int = 0


class Pieces(Protocol):
    """Bars that are read piece after piece, as often as `pieces` is called. Each piece is the market up to an instant,
    from where the piece before ended; `total` counts the bars of the traded symbols."""

    @property
    def traded(self) -> tuple[Head, ...]: ...

    @property
    def data(self) -> Mapping[str, Head]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def pieces(self) -> Iterator[Market]: ...


def head_of(bars: Bars) -> Head:
    """The head of bars that lie in memory."""
    first = (int(bars.open_ts[0]), int(bars.ts[0])) if len(bars) else None
    return Head(span(bars, 0, 0), len(bars), first, int(bars.ts[-1]) if len(bars) else 0)


def span(bars: Bars, first: int, last: int) -> Bars:
    """Bars number `first` to before `last`, without a copy."""
    return selected(bars, slice(first, last))


def joined(first: Bars, second: Bars) -> Bars:
    """Two stretches of the same bars, one after the other."""
    columns: dict[str, Any] = {name: np.concatenate((getattr(first, name), getattr(second, name))) for name in COLUMNS}
    for name, missing in (("is_synthetic", False), ("factor", 1.0), ("rows", 0)):
        parts = [getattr(each, name) for each in (first, second)]
        if any(part is not None for part in parts):
            columns[name] = np.concatenate([
                np.full(len(each), missing) if part is None else part
                for each, part in zip((first, second), parts, strict=True)
            ])  # fmt: skip
    names = dict.fromkeys((*first.columns, *second.columns))
    extra = {
        name: np.concatenate([each.columns.get(name, np.full(len(each), np.nan)) for each in (first, second)])
        for name in names
    }
    return replace(first, columns=extra, **columns)


class CutMarket:
    """A market that lies in memory, in pieces that end at the instants `ends` (UTC ns, rising)."""

    def __init__(self, market: Market, ends: Sequence[int]) -> None:
        self._market = market
        self._ends = list(ends)
        self.traded = tuple(head_of(bars) for bars in market.traded)
        self.data = {alias: head_of(bars) for alias, bars in market.data.items()}
        self.notes = market.notes

    def pieces(self) -> Iterator[Market]:
        """The pieces, those without a bar of a traded symbol left out."""
        market = self._market
        last = max((int(bars.ts[-1]) for bars in market.traded if len(bars)), default=0)
        before: int | None = None
        for end in [*(each for each in self._ends if each < last), None]:
            piece = Market(
                tuple(between(bars, before, end) for bars in market.traded),
                {alias: between(bars, before, end) for alias, bars in market.data.items()},
                {key: between(bars, before, end) for key, bars in market.finer.items()},
                market.notes,
            )
            if any(len(bars) for bars in piece.traded):
                before = end
                yield piece


def between(bars: Bars, after: int | None, until: int | None) -> Bars:
    """Bars that close after one instant and by another; None: no bound."""
    first = 0 if after is None else int(np.searchsorted(bars.ts, after, side="right"))
    last = len(bars) if until is None else int(np.searchsorted(bars.ts, until, side="right"))
    return span(bars, first, max(first, last))


def every_so_many(market: Market, count: int) -> CutMarket:
    """Pieces of about `count` bars of the first symbol of `market`."""
    stamps: Any = market.traded[0].ts
    return CutMarket(market, stamps[count - 1 :: count].tolist())
