"""Market streams: who has subscribed to what, and what is sent when the market moves."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import Any

from lingua_adapters.simulator.binance import book, forms
from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.lines import Line
from lingua_adapters.simulator.binance.market_calls import day_ticker
from lingua_adapters.simulator.candles import INTERVALS, Candle, begun, bounds
from lingua_adapters.simulator.recording import Tick

MOST_STREAMS = 1_024
UPDATE_MS = 200
"""A running candle is told once in so much market time."""
STREAM = re.compile(
    r"(?P<symbol>[a-z0-9]+)@(?P<kind>trade|aggTrade|bookTicker|miniTicker|ticker|avgPrice|depth|kline_(?P<interval>\w+)|"
    r"depth(?P<levels>5|10|20))(?P<speed>@100ms|@1000ms)?"
)
ALL = ("!miniTicker@arr", "!ticker@arr", "!bookTicker")


class Streams:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lines: dict[str, dict[int, Line]] = {}
        """By name of the stream."""
        self.wrapped: set[int] = set()
        """Numbers of the lines whose messages say which stream they are of."""
        self._running: dict[tuple[str, str], Candle | None] = {}
        self._told_ms: dict[tuple[str, str], int] = {}
        self._moved: set[str] = set()
        self._second = 0.0
        desk.stage.listeners.append(self._traded)
        desk.exchange.watchers.append(lambda order, _: self._moved.add(order.symbol))

    # --- subscriptions -------------------------------------------------------------------------------

    def known(self, name: str) -> bool:
        if name in ALL:
            return True
        match = STREAM.fullmatch(name)
        if match is None or match["symbol"].upper() not in self.desk.exchange.markets:
            return False
        return match["interval"] is None or match["interval"] in INTERVALS

    def subscribe(self, line: Line, names: Iterable[str]) -> None:
        """Unknown streams are accepted in silence, as the exchange does."""
        for name in names:
            self.lines.setdefault(name, {})[line.number] = line
            match = STREAM.fullmatch(name)
            if match is None or not self.known(name):
                continue
            symbol = match["symbol"].upper()
            if match["interval"]:
                self._begin(symbol, match["interval"])
            if match["kind"].startswith("depth") and not self.desk.tapes[symbol].bids:
                self._flush_book(symbol)

    def unsubscribe(self, line: Line, names: Iterable[str]) -> None:
        for name in names:
            self.lines.get(name, {}).pop(line.number, None)

    def leave(self, line: Line) -> None:
        self.unsubscribe(line, list(self.lines))
        self.wrapped.discard(line.number)

    def names_of(self, line: Line) -> list[str]:
        return [name for name, lines in self.lines.items() if line.number in lines]

    def received(self, line: Line, text: str) -> None:
        """A message of a client on a market stream."""
        try:
            message = json.loads(text)
        except ValueError:
            line.send({"error": {"code": 3, "msg": "Invalid JSON: the message cannot be read"}})
            return
        number = message.get("id") if isinstance(message, dict) else None
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            line.send({"code": 0, "msg": "Unknown property", "id": number})
            return
        given = message.get("params", [])
        names = given if isinstance(given, list) and all(isinstance(each, str) for each in given) else None
        match message["method"]:
            case "SUBSCRIBE" | "UNSUBSCRIBE" if names is None:
                line.send({"code": 1, "msg": "Invalid value type: expected an array of strings", "id": number})
            case "SUBSCRIBE":
                assert names is not None
                if len(self.names_of(line)) + len(names) > MOST_STREAMS:
                    line.send({"code": 2, "msg": "Invalid request: too many subscriptions", "id": number})
                    return
                self.subscribe(line, names)
                line.send({"result": None, "id": number})
            case "UNSUBSCRIBE":
                assert names is not None
                self.unsubscribe(line, names)
                line.send({"result": None, "id": number})
            case "LIST_SUBSCRIPTIONS":
                line.send({"result": self.names_of(line), "id": number})
            case "SET_PROPERTY" if isinstance(given, list) and len(given) == 2 and given[0] == "combined":
                (self.wrapped.add if given[1] else self.wrapped.discard)(line.number)
                line.send({"result": None, "id": number})
            case "GET_PROPERTY":
                line.send({"result": line.number in self.wrapped, "id": number})
            case _:
                line.send({"code": 2, "msg": "Invalid request: unknown method", "id": number})

    # --- what is sent --------------------------------------------------------------------------------

    def emit(self, name: str, event: Any) -> None:
        for line in list(self.lines.get(name, {}).values()):
            wrapped = line.number in self.wrapped
            line.send({"stream": name, "data": event} if wrapped else event, f"stream {name}")

    def wanted(self, name: str) -> bool:
        return bool(self.lines.get(name))

    def _traded(self, symbol: str, tick: Tick, number: int) -> None:
        low, now = symbol.lower(), tick.time + self.desk.skew_ms
        self._moved.add(symbol)
        if self.wanted(f"{low}@trade"):
            self.emit(f"{low}@trade", {
                "e": "trade", "E": now, "s": symbol, "t": number, "p": forms.eight(tick.price),
                "q": forms.text(tick.quantity), "T": now, "m": tick.is_sell, "M": True,
            })  # fmt: skip
        if self.wanted(f"{low}@aggTrade"):
            self.emit(f"{low}@aggTrade", {
                "e": "aggTrade", "E": now, "s": symbol, "a": number, "p": forms.eight(tick.price),
                "q": forms.text(tick.quantity), "f": number, "l": number, "T": now, "m": tick.is_sell, "M": True,
            })  # fmt: skip
        for name in (f"{low}@bookTicker", "!bookTicker"):
            if self.wanted(name):
                market = self.desk.exchange.markets[symbol]
                bid, ask = book.best(self.desk.exchange, market)
                self.emit(name, {
                    "u": self.desk.book_id, "s": symbol, "b": forms.eight(bid),
                    "B": forms.eight(book.size_at(int(bid / market.tick), market)), "a": forms.eight(ask),
                    "A": forms.eight(book.size_at(int(ask / market.tick), market)),
                })  # fmt: skip
        for key, candle in self._running.items():
            if key[0] == symbol:
                self._update(key, candle, tick, number, now)

    # --- candles -------------------------------------------------------------------------------------

    def _begin(self, symbol: str, interval: str) -> None:
        """Follow the candles of an interval from now on."""
        key = (symbol, interval)
        if key in self._running:
            return
        now = self.desk.stage.now()
        _, end = bounds(now, interval)
        found = self.desk.candles[symbol].between(interval, None, None, 1, now)
        self._running[key] = found[-1] if found and found[-1].close_ms == end else None
        self.desk.stage.at(end, lambda when: self._close(key, when))

    def _update(self, key: tuple[str, str], candle: Candle | None, tick: Tick, number: int, now: int) -> None:
        if candle is None:
            candle = self._running[key] = begun(tick, number, *bounds(tick.time, key[1]))
        else:
            candle.add(tick, number)
        name = f"{key[0].lower()}@kline_{key[1]}"
        told = self._told_ms.get(key, 0)
        if self.wanted(name) and not told <= tick.time < told + UPDATE_MS:
            self._told_ms[key] = tick.time
            self.emit(name, forms.kline_event(key[0], key[1], candle, now, is_closed=False))

    def _close(self, key: tuple[str, str], when: int) -> None:
        symbol, interval = key
        name = f"{symbol.lower()}@kline_{interval}"
        if not self.wanted(name):
            self._running.pop(key, None)
            return
        running, self._running[key] = self._running[key], None
        found = self.desk.candles[symbol].between(interval, None, None, 1, when)
        if found and found[-1].close_ms == when:
            closed = found[-1]
            if running is not None:
                closed.first, closed.last = running.first, running.last
            event = forms.kline_event(symbol, interval, closed, when + self.desk.skew_ms, is_closed=True)
            self.emit(name, event)
        self._told_ms.pop(key, None)
        self.desk.stage.at(bounds(when, interval)[1], lambda later: self._close(key, later))

    # --- what is sent by the clock -------------------------------------------------------------------

    def flush(self) -> None:
        """Books and statistics of what has moved; called ten times a second of real time, and after each step."""
        now, is_second = time.monotonic(), False
        if now - self._second >= 1.0:
            self._second, is_second = now, True
        moved = list(self._moved)
        self._moved.clear()
        for symbol in moved:
            self._flush_book(symbol)
        if is_second:
            self._flush_statistics()

    def _flush_book(self, symbol: str) -> None:
        low, desk = symbol.lower(), self.desk
        names = [name for name in self.lines if name.startswith(f"{low}@depth") and self.lines[name]]
        if not names:
            return
        tape, market = desk.tapes[symbol], desk.exchange.markets[symbol]
        bids, asks = book.levels(desk.exchange, market)
        down, up = book.changes(tape.bids, bids), book.changes(tape.asks, asks)
        first, tape.flushed = tape.flushed + 1, max(desk.book_id, tape.flushed + 1)
        desk.book_id = tape.flushed
        tape.bids, tape.asks = bids, asks
        for name in names:
            match = STREAM.fullmatch(name)
            if match is None:
                continue
            if match["levels"]:
                most = int(match["levels"])
                self.emit(name, {
                    "lastUpdateId": tape.flushed, "bids": _rows(list(bids.items())[:most]),
                    "asks": _rows(list(asks.items())[:most]),
                })  # fmt: skip
            else:
                self.emit(name, {
                    "e": "depthUpdate", "E": desk.now(), "s": symbol, "U": first, "u": tape.flushed, "b": _rows(down),
                    "a": _rows(up),
                })  # fmt: skip

    def _flush_statistics(self) -> None:
        desk = self.desk
        every = {name: bool(self.lines.get(name)) for name in ("!miniTicker@arr", "!ticker@arr")}
        short, full = [], []
        for symbol, market in desk.exchange.markets.items():
            low = symbol.lower()
            mine = {kind: self.wanted(f"{low}@{kind}") for kind in ("miniTicker", "ticker")}
            if not any(every.values()) and not any(mine.values()):
                continue
            day = day_ticker(desk, market)
            small, large = _small(day, desk.now()), _large(day, desk.now())
            short.append(small)
            full.append(large)
            if mine["miniTicker"]:
                self.emit(f"{low}@miniTicker", small)
            if mine["ticker"]:
                self.emit(f"{low}@ticker", large)
        if every["!miniTicker@arr"]:
            self.emit("!miniTicker@arr", short)
        if every["!ticker@arr"]:
            self.emit("!ticker@arr", full)


def _rows(levels: Iterable[tuple[Any, Any]]) -> list[list[str]]:
    return [[forms.eight(price), forms.eight(size)] for price, size in levels]


def _small(day: forms.Json, now: int) -> forms.Json:
    return {
        "e": "24hrMiniTicker", "E": now, "s": day["symbol"], "c": day["lastPrice"], "o": day["openPrice"],
        "h": day["highPrice"], "l": day["lowPrice"], "v": day["volume"], "q": day["quoteVolume"],
    }  # fmt: skip


def _large(day: forms.Json, now: int) -> forms.Json:
    return {
        "e": "24hrTicker", "E": now, "s": day["symbol"], "p": day["priceChange"], "P": day["priceChangePercent"],
        "w": day["weightedAvgPrice"], "x": day["prevClosePrice"], "c": day["lastPrice"], "Q": day["lastQty"],
        "b": day["bidPrice"], "B": day["bidQty"], "a": day["askPrice"], "A": day["askQty"], "o": day["openPrice"],
        "h": day["highPrice"], "l": day["lowPrice"], "v": day["volume"], "q": day["quoteVolume"],
        "O": day["openTime"], "C": day["closeTime"], "F": day["firstId"], "L": day["lastId"], "n": day["count"],
    }  # fmt: skip
