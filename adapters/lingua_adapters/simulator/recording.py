"""What a simulated exchange plays: recorded bars or trades of each symbol, and the terms its markets are listed with.

Prices and volumes become exact decimals with as many digits as the recording has, so that what a client reads from the
exchange is, as a float, what the file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lingua.data.bars import Bars
from lingua.data.errors import DataError
from lingua.data.finder import Finder, parsed
from lingua.data.names import guess_symbol
from lingua.data.project import FILE_NAME, Project, find_project, read_project
from lingua.data.roles import is_ticks
from lingua.data.table import Table, is_bars_file, read_table
from lingua.data.ticks import bars_from_ticks, read_ticks
from lingua_adapters.simulator.matching import Market

MS = 1_000_000
QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "BTC", "XBT", "ETH", "EUR", "GBP", "JPY", "TRY")
LEAST_NOTIONAL = {"BTC": 0.0001, "XBT": 0.0001, "ETH": 0.001}
MOST_DIGITS = 8
STEPS = (4, 4, 3)
SHARES = 1 + sum(STEPS)
"""Trades along a bar: a client sees its path, and not four prices."""


class Tick(NamedTuple):
    """A trade of others. `time` in ms; `is_sell`: the seller took."""

    time: int
    price: Decimal
    quantity: Decimal
    is_sell: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """One symbol: its bars, or its trades and the bars that they make."""

    market: Market
    bars: Bars
    ticks: tuple[Tick, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def symbol(self) -> str:
        return self.market.symbol

    def moved(self, by_ms: int) -> Recording:
        """The same, so much later."""
        by = by_ms * MS
        bars = replace(self.bars, ts=self.bars.ts + by, open_ts=self.bars.open_ts + by)
        ticks = tuple(tick._replace(time=tick.time + by_ms) for tick in self.ticks)
        return replace(self, bars=bars, ticks=ticks)

    def price(self, value: float) -> Decimal:
        return Decimal(repr(float(value))).quantize(self.market.tick)

    def first_price(self, k: int) -> Decimal:
        return self.price(self.bars.open[k])

    def times(self, k: int) -> list[int]:
        """When the trades of bar `k` happen, in ms: the first when it opens, the last before it closes."""
        begin, end = int(self.bars.open_ts[k]) // MS, int(self.bars.ts[k]) // MS
        return [begin + (end - begin) * j // SHARES for j in range(SHARES)]

    def path(self, k: int, low_first: Callable[[], bool]) -> Iterator[Tick]:
        """Trades that make bar `k`: its open, both extremes, its close, and steps between them. Their quantities add
        up to its volume. `low_first` is asked when the open has been traded."""
        bars, tick, times = self.bars, self.market.tick, self.times(k)
        open_, low, high, close = (self.price(column[k]) for column in (bars.open, bars.low, bars.high, bars.close))
        volume = volume_of(float(bars.volume[k]))
        share = (volume / SHARES).quantize(Decimal(1).scaleb(-MOST_DIGITS)) if volume else volume
        yield Tick(times[0], open_, share, False)
        before, count = open_, 1
        for to, steps in zip((low, high, close) if low_first() else (high, low, close), STEPS, strict=True):
            start = before
            for j in range(1, steps + 1):
                price = (start + (to - start) * j / steps).quantize(tick) if j < steps else to
                quantity = share if count + 1 < SHARES else volume - share * (SHARES - 1)
                yield Tick(times[count], price, quantity, price < before)
                before, count = price, count + 1


def volume_of(value: float) -> Decimal:
    """The exact decimal of a volume; 0 where it is not known."""
    return Decimal(repr(value)) if value > 0.0 else Decimal(0)


def read_recordings(data: str | Path, *, symbols: Sequence[str] = (), timeframe: str = "") -> list[Recording]:
    """The recordings of a file, of a folder with a file per symbol, or of the symbols of a `lingua.toml`.

    Raises DataError with file, rows, cause and mend.
    """
    path = Path(data)
    if not path.exists():
        raise DataError("there is no such file or folder", file=str(path), mend="give a file of bars, or a folder")
    if path.is_dir() and (path / FILE_NAME).is_file() and not any(is_bars_file(each) for each in path.iterdir()):
        path = path / FILE_NAME
    if path.name == FILE_NAME or path.suffix == ".toml":
        project = read_project(path)
        wanted = symbols or [name for name, entry in project.symbols.items() if is_pair(name, entry.terms.get("kind"))]
        return [_of_bars(Finder(project, None), name, timeframe) for name in _some(wanted, path)]
    project = find_project(path)
    if path.is_dir():
        files = [each for each in sorted(path.iterdir()) if is_bars_file(each) and ".actions." not in each.name]
        wanted = symbols or sorted({guess_symbol(each) for each in files})
        return [_of_bars(Finder(project, path), name, timeframe) for name in _some(wanted, path)]
    table = read_table(path)
    if is_ticks(table):
        return [_of_ticks(path, table, symbols[0] if symbols else guess_symbol(path), timeframe or "1m")]
    name = symbols[0] if symbols else guess_symbol(path)
    return [_of_bars(Finder(project, {name: path}), name, timeframe)]


def is_pair(name: str, kind: object) -> bool:
    return kind in (None, "spot", "perp") and split_pair(name)[1] != ""


def _some(symbols: Sequence[str], path: Path) -> Sequence[str]:
    if not symbols:
        raise DataError(
            "it names no pair such as BTCUSDT", file=str(path), mend="name symbols: --symbol AAPL (traded as AAPLUSD)"
        )
    return symbols


def _of_bars(finder: Finder, name: str, timeframe: str) -> Recording:
    bars = finder.find(name, timeframe, is_only=True)
    if timeframe:
        parsed(timeframe)
    if np.isnan(bars.close).any():
        keep = ~np.isnan(bars.close)
        bars = replace(
            bars, ts=bars.ts[keep], open_ts=bars.open_ts[keep], open=bars.open[keep], high=bars.high[keep],
            low=bars.low[keep], close=bars.close[keep], volume=bars.volume[keep], is_synthetic=None, columns={},
            factor=None, rows=None, actions=(),
        )  # fmt: skip
    return Recording(*_listed(name, bars, finder.project))


def _listed(name: str, bars: Bars, project: Project) -> tuple[Market, Bars, tuple[Tick, ...], tuple[str, ...]]:
    """The market of a symbol, as the project file says or as its prices are written."""
    entry = project.entry(name)
    terms = entry.terms if entry is not None else {}
    base, quote = split_pair(name)
    if not quote:
        base, quote = name, str(terms.get("quote", "USD"))
    digits = max(digits_of(column) for column in (bars.open, bars.high, bars.low, bars.close))
    tick = Decimal(1).scaleb(-digits)
    notes = []
    if terms.get("tick"):
        given = Decimal(repr(float(terms["tick"])))
        if given <= tick:
            tick = given
        else:
            notes.append(f"{name}: prices have {digits} digits; listed with tick {tick}, not {given}")
    lot = Decimal(repr(float(terms.get("lot") or 0.00001)))
    largest = Decimal(9000) if float(bars.close[-1]) > 1_000 else Decimal(9_000_000)
    market = Market(
        (base + quote).upper(), base.upper(), quote.upper(), tick=plain_step(tick), lot=plain_step(lot),
        min_quantity=max(plain_step(lot), plain_step(Decimal(repr(float(terms.get("min_quantity") or 0))))),
        max_quantity=largest,
        min_notional=Decimal(repr(float(terms.get("min_notional") or LEAST_NOTIONAL.get(quote.upper(), 5)))),
        max_market_quantity=largest / 10, percent_up=Decimal(5), percent_down=Decimal("0.2"), max_stops=5,
    )  # fmt: skip
    return market, bars, (), tuple(notes)


def plain_step(step: Decimal) -> Decimal:
    """`1.0` and `1E+1` as 1 and 10."""
    step = step.normalize()
    return step.quantize(Decimal(1)) if step == step.to_integral_value() else step


def split_pair(name: str) -> tuple[str, str]:
    """("BTC", "USDT") of BTCUSDT, BTC/USDT or BTC-USDT; an empty quote when it is no pair."""
    plain = "".join(c for c in name.upper() if c.isalnum())
    for mark in "/-_:":
        first, found, second = name.upper().partition(mark)
        if found and first and second in QUOTES:
            return first, second
    for quote in QUOTES:
        if plain.endswith(quote) and len(plain) > len(quote) + 1:
            return plain[: -len(quote)], quote
    return plain, ""


def digits_of(column: np.ndarray) -> int:
    """Digits after the point of the numbers, 8 at most."""
    for digits in range(MOST_DIGITS):
        if np.array_equal(np.round(column, digits), column):
            return digits
    return MOST_DIGITS


def _of_ticks(path: Path, table: Table, name: str, timeframe: str) -> Recording:
    ticks = read_ticks(table, symbol="", name=name, zone="UTC", mend=())
    bars = bars_from_ticks(table, parsed(timeframe), name=name)
    market, bars, _, notes = _listed(name, bars, find_project(path))
    found, before = [], Decimal(0)
    for when, price, size in zip((ticks.ts // MS).tolist(), ticks.price.tolist(), ticks.size.tolist(), strict=True):
        exact = Decimal(repr(price)).quantize(market.tick)
        found.append(Tick(when, exact, volume_of(size), exact < before))
        before = exact
    return Recording(market, bars, tuple(found), notes)
