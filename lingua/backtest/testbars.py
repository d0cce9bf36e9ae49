"""The bars of a `test` block: what it gives, completed by the defaults of the language."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np

from lingua.data.bars import Bars
from lingua.data.load import load_bars
from lingua.data.market import Market
from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.ir.program import Program
from lingua.semantics.givens import GivenBars, Givens
from lingua.trading.instrument import Instrument

FIRST_STAMP = int(np.datetime64("2024-01-01T00:00", "ns").astype(np.int64))
PRICES = ("open", "high", "low", "close")
FLAT_PRICE = 100.0


def market_of(program: Program, given: Givens, folder: Path) -> Market:
    """Bars of the traded symbols and of every `data` declaration. Raises DataError for a file that is wrong.

    Unless given: open is the close before, high and low enclose open and close, volume is 1, stamps step by the
    timeframe from 2024-01-01, and a symbol of which nothing is given is flat at 100. `lead` bars repeat the first one.
    """
    timeframe = Timeframe.parse(program.timeframe or "1d")
    own = _bars(given, "", timeframe, given.lead, folder)
    count = len(own["close"])
    traded = tuple(_named(program, symbol, timeframe, own) for symbol in program.symbols or ("TEST",))
    data = {}
    for decl in program.data:
        step = Timeframe.parse(decl.timeframe) if decl.timeframe else timeframe
        if _is_given(given, decl.alias):
            columns = _bars(given, decl.alias, step, given.lead, folder)
        else:
            columns = _complete({"close": np.full(count, FLAT_PRICE)}, step)
        data[decl.alias] = _named(program, decl.symbol, step, columns)
    return Market(traded, data, {})


def _is_given(given: Givens, owner: str) -> bool:
    return any(each.owner == owner for each in given.columns) or any(each.owner == owner for each in given.bars)


def _bars(given: Givens, owner: str, timeframe: Timeframe, lead: int, folder: Path) -> dict[str, Any]:
    source = next((each for each in given.bars if each.owner == owner), None)
    if source is not None:
        columns = _from_file(source, folder) if source.path else random_bars(source.seed, source.count)
    else:
        columns = {each.name: np.array(each.values, dtype=np.float64) for each in given.columns if each.owner == owner}
    if "close" not in columns:
        known = next((columns[name] for name in ("open", "high", "low") if name in columns), None)
        count = len(known) if known is not None else len(next(iter(columns.values()), np.empty(1)))
        columns["close"] = known if known is not None else np.full(count, FLAT_PRICE)
    stamps = columns.pop("time", None)
    whole = _complete(columns, timeframe, with_stamps=False)
    if lead:
        whole = {name: np.concatenate((np.full(lead, column[0]), column)) for name, column in whole.items()}
        close = whole["close"][0]
        for name in PRICES:
            whole[name][:lead] = close
    if stamps is None:
        return _stamped(whole, timeframe)
    closes = np.rint(stamps * 1e9).astype(np.int64)
    length = timeframe.seconds * 10**9
    before = closes[0] - length * np.arange(lead, 0, -1, dtype=np.int64)
    ts = np.concatenate((before, closes))
    return {**whole, "ts": ts, "open_ts": np.maximum(ts - length, np.concatenate(([ts[0] - length], ts[:-1])))}


def _from_file(source: GivenBars, folder: Path) -> dict[str, Any]:
    bars = load_bars(folder / source.path)
    return {**{name: getattr(bars, name) for name in (*PRICES, "volume")}, "time": bars.ts / 1e9}


def _complete(columns: dict[str, Any], timeframe: Timeframe, *, with_stamps: bool = True) -> dict[str, Any]:
    close = columns["close"]
    n = len(close)
    if "open" not in columns:
        # The close before; after a hole, the last one there was.
        last = np.maximum.accumulate(np.where(np.isnan(close), -1, np.arange(n)))
        before = np.concatenate(([-1], last[:-1]))
        columns["open"] = np.where(np.isnan(close), np.nan, np.where(before >= 0, close[before], close))
    columns.setdefault("high", np.maximum(columns["open"], close))
    columns.setdefault("low", np.minimum(columns["open"], close))
    volume = columns.get("volume", np.ones(n))
    whole = {name: np.asarray(columns[name], dtype=np.float64) for name in PRICES}
    whole["volume"] = np.asarray(volume, dtype=np.float64)
    return _stamped(whole, timeframe) if with_stamps else whole


def _stamped(columns: dict[str, Any], timeframe: Timeframe) -> dict[str, Any]:
    n = len(columns["close"])
    if timeframe.unit in ("w", "mo", "y"):
        opens, stamp = [], FIRST_STAMP
        ends = []
        for _ in range(n):
            start, end = period_of(stamp, timeframe, "24x7")
            opens.append(start)
            ends.append(end)
            stamp = end
        return {**columns, "open_ts": np.array(opens, dtype=np.int64), "ts": np.array(ends, dtype=np.int64)}
    length = timeframe.seconds * 10**9
    open_ts = FIRST_STAMP + length * np.arange(n, dtype=np.int64)
    return {**columns, "open_ts": open_ts, "ts": open_ts + length}


def _named(program: Program, symbol: str, timeframe: Timeframe, columns: dict[str, Any]) -> Bars:
    kind = "spot" if program.direction == "long" and not program.data else "perp"
    instrument = Instrument(symbol, kind, is_assumed=False)  # type: ignore[arg-type]
    picked = {name: columns[name] for name in ("ts", "open_ts", *PRICES, "volume")}
    return Bars(symbol=symbol, timeframe=timeframe, instrument=instrument, source="the test", **picked)


def random_bars(seed: int, count: int) -> dict[str, Any]:
    """`random(seed, n)`: a walk from 100 with gaps between bars, spells of high volatility, and flat bars. The same
    seed gives the same bars everywhere."""
    chance = random.Random(seed)
    rows: dict[str, list[float]] = {name: [] for name in (*PRICES, "volume")}
    price, volatility = 100.0, 0.01
    for _ in range(count):
        volatility = 0.9 * volatility + 0.1 * 0.01 * (1 + 3 * (chance.random() < 0.1))
        opened = price * (1 + (chance.gauss(0, 1) * volatility if chance.random() < 0.3 else 0.0))
        close = opened if chance.random() < 0.05 else opened * max(0.5, 1 + chance.gauss(0, 1) * volatility)
        high = max(opened, close) * (1 + chance.random() * volatility)
        low = min(opened, close) * (1 - chance.random() * volatility)
        for name, value in zip(PRICES, (opened, high, low, close), strict=True):
            rows[name].append(round(value, 6))
        rows["high"][-1] = max(rows[name][-1] for name in PRICES)
        rows["low"][-1] = min(rows[name][-1] for name in PRICES)
        rows["volume"].append(float(round(1000 * chance.random())) + 1)
        price = close
    return {name: np.array(values) for name, values in rows.items()}
