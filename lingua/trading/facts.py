"""From the rows a run leaves behind to the facts of `records`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import codes, curves
from lingua.trading.account import Book
from lingua.trading.records import Fill, Ledger, OrderEvent, Trade

if TYPE_CHECKING:
    from lingua.trading.lower import Lowered
    from lingua.trading.setup import Run

NAN = float("nan")
columns: Any = curves  # its signatures are Cython's
BY_RULE = (codes.FOR_ENTRY, codes.FOR_RULE, codes.FOR_REVERSAL, codes.FOR_REBALANCE)
"""Reasons of exits for which the name of the rule is told."""


def ledger(run: Run) -> Ledger:
    """Everything so far, open positions as open trades marked at the last close. Rows become records when they are
    asked for."""
    from lingua.trading.told import ToldLedger

    return ToldLedger(run)


def fills(run: Run, start: int) -> list[Fill]:
    """Fills from row `start` on."""
    return fill_records(run.book.fills.table(start), run.lowered, columns_of(run))


def fill_records(table: Any, lowered: Lowered, markets: Sequence[MarketColumns]) -> list[Fill]:
    return fill_records_at(table, stamps_of_fills(table, markets), lowered)


def fill_records_at(table: Any, stamps: Any, lowered: Lowered) -> list[Fill]:
    """`stamps` (rows,) says when each happened."""
    if len(table) == 0:
        return []
    names = [*lowered.rule_names, ""]  # -1 is the last
    whole = table.astype(np.int64)
    return [
        Fill(ts, bar, number, side, quantity, price, fee, slip, order, names[rule], codes.REASONS[why], maker, doubt)
        for ts, bar, number, side, quantity, price, fee, slip, order, rule, why, maker, doubt in zip(
            stamps.tolist(),
            *(whole[:, k].tolist() for k in (codes.F_BAR, codes.F_MARKET, codes.F_SIDE)),
            *(table[:, k].tolist() for k in (codes.F_QUANTITY, codes.F_PRICE, codes.F_COMMISSION, codes.F_SLIPPAGE)),
            *(whole[:, k].tolist() for k in (codes.F_ORDER, codes.F_RULE, codes.F_REASON)),
            *((table[:, k] != 0.0).tolist() for k in (codes.F_MAKER, codes.F_AMBIGUOUS)),
            strict=True,
        )
    ]


def entered_at(table: Any, markets: Sequence[MarketColumns]) -> list[int]:
    """When the piece of each trades row was entered."""
    when = _when(markets, table, codes.T_MARKET, codes.T_ENTRY_BAR, codes.T_ENTRY_DETAIL, codes.T_ENTRY_AT_OPEN)
    return [int(ts) for ts in when.tolist()]


def closed_trades(run: Run, entered: Sequence[int]) -> list[Trade]:
    """Closed pieces in the order of their exits; `entered` is the instant of each one's entry."""
    run.complete()
    return trade_records(run.book.trades.table(), entered, run.lowered, columns_of(run))


EXCURSIONS = np.array(
    [codes.T_ENTRY_BAR, codes.T_ENTRY_PRICE, codes.T_EXIT_BAR, codes.T_EXIT_PRICE, codes.T_MAE, codes.T_MFE],
    dtype=np.int64,
)  # fmt: skip


def complete(table: Any, arrays: Mapping[str, Any], first: int = 0) -> None:
    """Fill in what `Plain` has left open in rows of trades. `arrays` begin with bar `first`."""
    if len(table) and np.isnan(table[:, codes.T_MAE]).any():
        prices = [np.require(arrays[name], np.float64, ["C", "W"]) for name in ("open", "high", "low")]
        bars = [codes.T_ENTRY_BAR, codes.T_EXIT_BAR]
        table[:, bars] -= first
        columns.excursions(table, EXCURSIONS, *prices)
        table[:, bars] += first


def trade_records(
    table: Any, entered: Sequence[int], lowered: Lowered, markets: Sequence[MarketColumns]
) -> list[Trade]:
    left = stamps_of_exits(table, markets).tolist()
    return trade_records_at(table, entered, left, lowered, [market.symbol for market in markets])


def trade_records_at(
    table: Any, entered: Sequence[int], left: Sequence[int], lowered: Lowered, symbols: Sequence[str]
) -> list[Trade]:
    """`entered` and `left` (rows,) say when; `symbols` by the number of the market."""
    if len(table) == 0:
        return []
    names, tags = [*lowered.rule_names, ""], [*lowered.tags, ""]
    out = []
    for row, entry_ts, exit_ts in zip(table.tolist(), entered, left, strict=True):
        reason = int(row[codes.T_REASON])
        entry_bar, exit_bar = int(row[codes.T_ENTRY_BAR]), int(row[codes.T_EXIT_BAR])
        risk, pnl = row[codes.T_RISK], row[codes.T_PNL]
        out.append(
            Trade(
                trade_id=int(row[codes.T_ID]),
                symbol=symbols[int(row[codes.T_MARKET])],
                side="long" if row[codes.T_SIDE] > 0 else "short",
                quantity=row[codes.T_QUANTITY],
                entry_ts=entry_ts,
                entry_bar=entry_bar,
                entry_price=row[codes.T_ENTRY_PRICE],
                exit_ts=exit_ts,
                exit_bar=exit_bar,
                exit_price=row[codes.T_EXIT_PRICE],
                pnl=pnl,
                commission=row[codes.T_COMMISSION],
                slippage=row[codes.T_SLIPPAGE],
                carry=row[codes.T_CARRY],
                bars=exit_bar - entry_bar,
                entry_rule=names[int(row[codes.T_ENTRY_RULE])],
                exit_rule=names[int(row[codes.T_EXIT_RULE])] if reason in BY_RULE else codes.REASONS[reason],
                tag=tags[int(row[codes.T_TAG])],
                planned_risk=risk,
                r=pnl / risk if risk > 0.0 else NAN,
                mae=row[codes.T_MAE],
                mfe=row[codes.T_MFE],
                is_before_settle=row[codes.T_BEFORE_SETTLE] != 0.0,
                is_ambiguous=row[codes.T_AMBIGUOUS] != 0.0,
            )
        )
    return out


def entries(run: Run, known: Mapping[int, int]) -> list[int]:
    """When each closed piece was entered; `known` tells it by unit where the bar of the entry may be forgotten."""
    table = run.book.trades.table()
    out = []
    for row in table.tolist():
        ts = known.get(int(row[codes.T_ID]))
        if ts is None:
            columns = run.book.markets[int(row[codes.T_MARKET])]
            ts = _moment(
                columns, int(row[codes.T_ENTRY_BAR]), int(row[codes.T_ENTRY_DETAIL]), row[codes.T_ENTRY_AT_OPEN]
            )
        out.append(ts)
    return out


def entry_stamp(run: Run, market: int, unit: Any) -> int:
    """When a unit was entered, as long as its bar is kept."""
    return _moment(run.book.markets[market], unit.entry_bar, unit.entry_detail, unit.entry_at_open)


def _moment(market: Any, bar: int, detail: int, at_open: object) -> int:
    return _stamp(_columns(market), bar - market.first, detail - market.first_detail if detail >= 0 else -1, at_open)


def open_trades(run: Run, entered: Mapping[int, int] | None = None) -> list[Trade]:
    """What is still held, marked at the last close. `entered` tells by unit when it was entered where the bar of the
    entry may be forgotten."""
    names, tags = [*run.lowered.rule_names, ""], [*run.lowered.tags, ""]
    out = []
    for position in run.book.positions:
        market = run.book.markets[position.market]
        for unit in position.units:
            risk = unit.r * unit.quantity * market.multiplier
            pnl = unit.side * (market.mark - unit.entry) * unit.quantity * market.multiplier
            pnl += unit.carry - unit.commission
            scale = unit.entry if unit.entry > 0.0 else NAN
            down, up = (unit.entry - unit.low) / scale, (unit.high - unit.entry) / scale
            out.append(
                Trade(
                    trade_id=unit.id,
                    symbol=market.symbol,
                    side="long" if unit.side > 0 else "short",
                    quantity=unit.quantity,
                    entry_ts=(entered or {}).get(unit.id) or entry_stamp(run, market.index, unit),
                    entry_bar=unit.entry_bar,
                    entry_price=unit.entry,
                    exit_ts=None,
                    exit_bar=None,
                    exit_price=None,
                    pnl=pnl,
                    commission=unit.commission,
                    slippage=unit.slippage,
                    carry=unit.carry,
                    bars=market.bar - unit.entry_bar,
                    entry_rule=names[unit.rule],
                    exit_rule="",
                    tag=tags[unit.tag],
                    planned_risk=risk,
                    r=pnl / risk if risk > 0.0 else NAN,
                    mae=max(0.0, down if unit.side > 0 else up),
                    mfe=max(0.0, up if unit.side > 0 else down),
                    is_before_settle=unit.is_before_settle,
                    is_ambiguous=unit.is_ambiguous,
                )
            )
    return out


def events(run: Run, start: int) -> list[OrderEvent]:
    """Order events from row `start` on, with their reasons in words."""
    run.complete()
    # An instant that is still being worked on has no stamp in the clock yet.
    stamps = np.append(run.clock(), run.live_stamps[-1:]).astype(np.int64)
    return event_records(run.book.events.table(start), run.lowered, stamps)


def event_records(table: Any, lowered: Lowered, stamps: Any) -> list[OrderEvent]:
    """`stamps` of the instants."""
    return event_records_at(table, stamps[np.minimum(instants_of(table), len(stamps) - 1)], lowered)


def event_records_at(table: Any, stamps: Any, lowered: Lowered) -> list[OrderEvent]:
    """`stamps` (rows,) says when each happened."""
    if len(table) == 0:
        return []
    names = [*lowered.rule_names, ""]
    whole = table[:, : codes.E_QUANTITY].astype(np.int64)
    orders = whole[:, codes.E_ORDER]
    details = [
        _detail(lowered, row) if row[codes.E_WHY] != codes.PLAIN else ""
        for row in table[:, : codes.E_WIDTH].tolist()
    ]  # fmt: skip
    return [
        OrderEvent(ts, bar, number, codes.KINDS[kind], names[rule], order, quantity, price, detail)
        for ts, bar, number, kind, rule, order, quantity, price, detail in zip(
            stamps.tolist(),
            *(whole[:, k].tolist() for k in (codes.E_BAR, codes.E_MARKET, codes.E_KIND, codes.E_RULE)),
            np.maximum(orders, -1).tolist(),
            table[:, codes.E_QUANTITY].tolist(),
            table[:, codes.E_PRICE].tolist(),
            details,
            strict=True,
        )
    ]


def _detail(lowered: Lowered, row: list[float]) -> str:
    """The reason of one event in words."""
    why, limit, chosen = int(row[codes.E_WHY]), "", ""
    if why == codes.WHY_LIMIT:
        # The row's order number tells the limit: -2 is the first.
        limit = lowered.limit_names[-2 - int(row[codes.E_ORDER])].upper()
    elif why == codes.WHY_HALT:
        limit = lowered.limit_names[int(row[codes.E_A])].upper()
    elif why == codes.WHY_FILTER:
        chosen = lowered.filter_names[int(row[codes.E_A])]
    return codes.DETAILS[why].format(a=row[codes.E_A], b=row[codes.E_B], limit=limit, filter=chosen)


def costs_of(book: Book) -> dict[str, float]:
    """As `Ledger.costs`."""
    return {
        "commission": book.cost_commission,
        "slippage": book.cost_slippage,
        "funding": book.cost_funding,
        "borrow": book.cost_borrow,
        "interest": book.cost_interest,
        "dividends": book.cost_dividends,
    }


def equity_now(book: Book) -> float:
    """Cash plus every position at its last mark, dust included."""
    exposure = 0.0
    for market, position in zip(book.markets, book.positions, strict=True):
        held = position.quantity + position.dust
        if held != 0.0:
            exposure += held * market.multiplier * market.mark
    return book.cash + exposure


def verify(book: Book) -> None:
    """Raise AssertionError when units, positions, cash and fills do not agree with each other."""
    fills_ = book.fills.table()
    for market, position in zip(book.markets, book.positions, strict=True):
        units = sum(unit.side * unit.quantity for unit in position.units)
        scale = max(1.0, abs(units))
        assert abs(units - position.quantity) <= 1e-9 * scale, (units, position.quantity)
        assert all(unit.quantity > 0.0 for unit in position.units)
        assert len({unit.side for unit in position.units}) <= 1
        if not market.fee_in_base:
            rows = fills_[fills_[:, codes.F_MARKET] == market.index]
            moved = float((rows[:, codes.F_SIDE] * rows[:, codes.F_QUANTITY]).sum())
            held = position.quantity + position.dust
            assert abs(moved - held) <= 1e-8 * max(1.0, float(rows[:, codes.F_QUANTITY].sum())), (moved, held)
    spent, fees = 0.0, 0.0
    multipliers = np.array([market.multiplier for market in book.markets])
    in_base = np.array([market.fee_in_base for market in book.markets])
    if len(fills_):
        number = fills_[:, codes.F_MARKET].astype(int)
        money = fills_[:, codes.F_QUANTITY] * fills_[:, codes.F_PRICE] * multipliers[number]
        spent = float((fills_[:, codes.F_SIDE] * money).sum())
        fees = float(fills_[~(in_base[number] & (fills_[:, codes.F_SIDE] > 0)), codes.F_COMMISSION].sum())
    carry = book.cost_funding + book.cost_borrow + book.cost_interest + book.cost_dividends
    expected = book.capital - spent - fees - carry
    turnover = float(np.abs(money).sum()) if len(fills_) else 0.0
    assert abs(expected - book.cash) <= 1e-9 * max(1.0, turnover, book.capital), (expected, book.cash)


@dataclass(frozen=True, slots=True)
class MarketColumns:
    """The bars of one market that a run has walked: `arrays` begin with bar `first`, the finer ones with
    `first_detail`; `done` bars in all are walked."""

    index: int
    symbol: str
    multiplier: float
    arrays: dict[str, Any]
    first: int
    first_detail: int
    done: int


def columns_of(run: Run) -> list[MarketColumns]:
    return [
        MarketColumns(
            market.index, market.symbol, market.multiplier, _columns(market), market.first, market.first_detail,
            market.bar + 1,
        )
        for market in run.book.markets
    ]  # fmt: skip


def _columns(market: Any) -> dict[str, Any]:
    columns: dict[str, Any] = market.arrays()
    return columns


def _stamp(columns: dict[str, Any], bar: int, detail: int, at_open: object) -> int:
    """When a fill happened: the open of its (finer) bar where the open filled it, else that bar's close."""
    if detail >= 0:
        return int(columns["detail_open_ts"][detail] if at_open else columns["detail_ts"][detail])
    return int(columns["open_ts"][bar] if at_open else columns["ts"][bar])


def instants_of(events: Any) -> Any:
    """(rows,) the instant of each order event."""
    return events[:, codes.E_INSTANT].astype(np.int64)


def stamps_of_fills(table: Any, markets: Sequence[MarketColumns]) -> Any:
    """(rows,) when each fill happened, as long as its bar is kept."""
    return _when(markets, table, codes.F_MARKET, codes.F_BAR, codes.F_DETAIL, codes.F_AT_OPEN)


def stamps_of_exits(table: Any, markets: Sequence[MarketColumns]) -> Any:
    """(rows,) when the piece of each trades row was closed, as long as that bar is kept."""
    return _when(markets, table, codes.T_MARKET, codes.T_EXIT_BAR, codes.T_EXIT_DETAIL, codes.T_EXIT_AT_OPEN)


def stamps_of_entries(table: Any, markets: Sequence[MarketColumns], known: Mapping[int, int]) -> Any:
    """(rows,) when each was entered; `known` tells it by unit for those whose bar is forgotten."""
    firsts = np.array([market.first for market in markets])
    kept = table[:, codes.T_ENTRY_BAR] >= firsts[table[:, codes.T_MARKET].astype(np.int64)]
    out = np.zeros(len(table), dtype=np.int64)
    out[kept] = _when(
        markets, table[kept], codes.T_MARKET, codes.T_ENTRY_BAR, codes.T_ENTRY_DETAIL, codes.T_ENTRY_AT_OPEN
    )
    for k in np.flatnonzero(~kept).tolist():
        out[k] = known[int(table[k, codes.T_ID])]
    return out


def _when(markets: Sequence[MarketColumns], table: Any, market: int, bar: int, detail: int, at_open: int) -> Any:
    """`_stamp` for every row of a table."""
    out = np.zeros(len(table), dtype=np.int64)
    for item in markets:
        columns = item.arrays
        mine = table[:, market] == item.index
        bars = table[mine, bar].astype(np.int64) - item.first
        fine = table[mine, detail].astype(np.int64) - item.first_detail
        opens = table[mine, at_open] != 0.0
        stamps = np.where(opens, columns["open_ts"][bars], columns["ts"][bars])
        if (fine >= 0).any():
            inside = np.maximum(fine, 0)
            finer = np.where(opens, columns["detail_open_ts"][inside], columns["detail_ts"][inside])
            stamps = np.where(fine >= 0, finer, stamps)
        out[mine] = stamps
    return out
