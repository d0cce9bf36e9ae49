"""From the rows a run leaves behind to the facts of `records`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import codes
from lingua.trading.account import Book
from lingua.trading.records import Fill, Ledger, OrderEvent, Trade

if TYPE_CHECKING:
    from lingua.trading.setup import Run

NAN = float("nan")


def ledger(run: Run) -> Ledger:
    """Everything so far, open positions as open trades marked at the last close."""
    book, machine = run.book, run.machine
    clock = run.clock()
    cash = _steps(machine.changes.table(), len(clock))
    exposure, positions = _exposure(run, clock)
    kinds = events(run, 0)
    counts: dict[str, int] = {}
    for event in kinds:
        counts[event.kind] = counts.get(event.kind, 0) + 1
        if event.detail.startswith("CUT"):
            counts["cut"] = counts.get("cut", 0) + 1
    counts["ambiguous"] = book.ambiguous
    return Ledger(
        clock=clock,
        equity=cash + exposure,
        cash=cash,
        exposure=exposure,
        positions=positions,
        fills=fills(run, 0),
        trades=trades(run),
        events=kinds,
        counts=counts,
        costs={
            "commission": book.cost_commission,
            "slippage": book.cost_slippage,
            "funding": book.cost_funding,
            "borrow": book.cost_borrow,
            "interest": book.cost_interest,
            "dividends": book.cost_dividends,
        },
        halted_at=run.limits.halted_at if run.limits.halted_at >= 0 else None,
        ruined_at=machine.at - 1 if machine.is_ruined else None,
        fired=_fired(run),
    )


def fills(run: Run, start: int) -> list[Fill]:
    """Fills from row `start` on."""
    out = []
    columns = [_columns(market) for market in run.book.markets]
    for row in run.book.fills.table()[start:].tolist():
        number, bar = int(row[codes.F_MARKET]), int(row[codes.F_BAR])
        out.append(
            Fill(
                ts=_stamp(columns[number], bar, int(row[codes.F_DETAIL]), row[codes.F_AT_OPEN]),
                bar=bar,
                symbol=number,
                side=int(row[codes.F_SIDE]),
                quantity=row[codes.F_QUANTITY],
                price=row[codes.F_PRICE],
                commission=row[codes.F_COMMISSION],
                slippage=row[codes.F_SLIPPAGE],
                order_id=int(row[codes.F_ORDER]),
                rule=_name(run.lowered.rule_names, row[codes.F_RULE]),
                reason=codes.REASONS[int(row[codes.F_REASON])],
                is_maker=bool(row[codes.F_MAKER]),
                is_ambiguous=bool(row[codes.F_AMBIGUOUS]),
            )
        )
    return out


def trades(run: Run) -> list[Trade]:
    """Closed pieces in the order of their exits, then what is still open."""
    out = []
    names, tags = run.lowered.rule_names, run.lowered.tags
    columns = [_columns(market) for market in run.book.markets]
    for row in run.book.trades.table().tolist():
        number = int(row[codes.T_MARKET])
        entry_bar, exit_bar = int(row[codes.T_ENTRY_BAR]), int(row[codes.T_EXIT_BAR])
        reason = int(row[codes.T_REASON])
        is_rule = reason in (codes.FOR_ENTRY, codes.FOR_RULE, codes.FOR_REVERSAL, codes.FOR_REBALANCE)
        risk, pnl = row[codes.T_RISK], row[codes.T_PNL]
        out.append(
            Trade(
                trade_id=int(row[codes.T_ID]),
                symbol=run.book.markets[number].symbol,
                side="long" if row[codes.T_SIDE] > 0 else "short",
                quantity=row[codes.T_QUANTITY],
                entry_ts=_stamp(columns[number], entry_bar, int(row[codes.T_ENTRY_DETAIL]), row[codes.T_ENTRY_AT_OPEN]),
                entry_bar=entry_bar,
                entry_price=row[codes.T_ENTRY_PRICE],
                exit_ts=_stamp(columns[number], exit_bar, int(row[codes.T_EXIT_DETAIL]), row[codes.T_EXIT_AT_OPEN]),
                exit_bar=exit_bar,
                exit_price=row[codes.T_EXIT_PRICE],
                pnl=pnl,
                commission=row[codes.T_COMMISSION],
                slippage=row[codes.T_SLIPPAGE],
                carry=row[codes.T_CARRY],
                bars=exit_bar - entry_bar,
                entry_rule=_name(names, row[codes.T_ENTRY_RULE]),
                exit_rule=_name(names, row[codes.T_EXIT_RULE]) if is_rule else codes.REASONS[reason],
                tag=_name(tags, row[codes.T_TAG]),
                planned_risk=risk,
                r=pnl / risk if risk > 0.0 else NAN,
                mae=row[codes.T_MAE],
                mfe=row[codes.T_MFE],
                is_before_settle=bool(row[codes.T_BEFORE_SETTLE]),
                is_ambiguous=bool(row[codes.T_AMBIGUOUS]),
            )
        )
    for position in run.book.positions:
        market = run.book.markets[position.market]
        for unit in position.units:
            risk = unit.r * unit.quantity * market.multiplier
            pnl = unit.side * (market.mark - unit.entry) * unit.quantity * market.multiplier
            pnl += unit.carry - unit.commission
            down, up = (unit.entry - unit.low) / unit.entry, (unit.high - unit.entry) / unit.entry
            out.append(
                Trade(
                    trade_id=unit.id,
                    symbol=market.symbol,
                    side="long" if unit.side > 0 else "short",
                    quantity=unit.quantity,
                    entry_ts=_stamp(columns[market.index], unit.entry_bar, unit.entry_detail, unit.entry_at_open),
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
                    entry_rule=_name(names, unit.rule),
                    exit_rule="",
                    tag=_name(tags, unit.tag),
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
    out = []
    clock = run.clock().tolist() if run.machine.at else []
    stamps = [*clock, *run.live_stamps[-1:]] or [0]
    names = run.lowered.rule_names
    for row in run.book.events.table()[start:].tolist():
        order, why = int(row[codes.E_ORDER]), int(row[codes.E_WHY])
        number = -2 - order if why == codes.WHY_LIMIT else int(row[codes.E_A]) if why == codes.WHY_HALT else -1
        detail = codes.DETAILS[why].format(
            a=row[codes.E_A],
            b=row[codes.E_B],
            limit=_name(run.lowered.limit_names, number).upper(),
            filter=_name(run.lowered.filter_names, row[codes.E_A]) if why == codes.WHY_FILTER else "",
        )
        instant = int(row[codes.E_INSTANT])
        out.append(
            OrderEvent(
                ts=stamps[min(instant, len(stamps) - 1)],
                bar=int(row[codes.E_BAR]),
                symbol=int(row[codes.E_MARKET]),
                kind=codes.KINDS[int(row[codes.E_KIND])],
                rule=_name(names, row[codes.E_RULE]),
                order_id=max(order, -1),
                quantity=row[codes.E_QUANTITY],
                price=row[codes.E_PRICE],
                detail=detail,
            )
        )
    return out


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


def _steps(rows: Any, size: int) -> Any:
    """(size,) values that hold from each row's index on."""
    if size == 0 or len(rows) == 0:
        return np.zeros(size)
    index = rows[:, 0].astype(np.int64)
    inside = index < size
    index, values = index[inside], rows[inside, 1]
    lengths = np.diff(np.append(index, size))
    return np.repeat(values, lengths)


def _exposure(run: Run, clock: Any) -> tuple[Any, list[Any]]:
    """Signed market value at each instant, in the order of the markets, and each market's position after each bar."""
    rows = run.machine.holdings.table()
    exposure = np.zeros(len(clock))
    positions = []
    for market in run.book.markets:
        columns = _columns(market)
        size = market.bar + 1
        own = rows[rows[:, 0] == market.index][:, 1:]
        if len(own) == 0 or own[0, 0] > 0:
            own = np.concatenate([[[0.0, 0.0]], own])
        # Two rows of one bar: the later stands.
        own = own[np.append(np.diff(own[:, 0]) > 0, True)]
        held = _steps(own, size)
        positions.append(held)
        if not held.any():
            continue
        close = np.array(columns["close"][:size], dtype=np.float64)
        valid = np.maximum.accumulate(np.where(np.isnan(close), -1, np.arange(size)))
        mark = np.where(valid >= 0, close[np.maximum(valid, 0)], np.nan)
        value = np.where(held == 0.0, 0.0, held * market.multiplier * mark)
        stamps = np.array(columns["ts"][:size], dtype=np.int64)
        if len(stamps) == len(clock) and np.array_equal(stamps, clock):
            exposure = exposure + value
        else:
            at = np.searchsorted(stamps, clock, side="right") - 1
            exposure = exposure + np.where(at >= 0, value[np.maximum(at, 0)], 0.0)
    return exposure, positions


def _fired(run: Run) -> dict[str, list[int]]:
    rows = run.decider.fired.table()
    out: dict[str, list[int]] = {}
    for index, name in enumerate(run.lowered.rule_names):
        out[name] = np.unique(rows[rows[:, 1] == index, 0].astype(np.int64)).tolist()
    return out


def _columns(market: Any) -> dict[str, Any]:
    columns: dict[str, Any] = market.arrays()
    return columns


def _stamp(columns: dict[str, Any], bar: int, detail: int, at_open: object) -> int:
    """When a fill happened: the open of its (finer) bar where the open filled it, else that bar's close."""
    if detail >= 0:
        return int(columns["detail_open_ts"][detail] if at_open else columns["detail_ts"][detail])
    return int(columns["open_ts"][bar] if at_open else columns["ts"][bar])


def _name(names: list[str], number: float) -> str:
    index = int(number)
    return names[index] if 0 <= index < len(names) else ""
