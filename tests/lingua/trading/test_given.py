"""Executions a venue reported: a run that is told what another one filled decides what that one decided."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import HOUR, START, Stage, bars, flat
from wild import Wild

from lingua.trading import codes
from lingua.trading.execution import Execution
from lingua.trading.given import CASH, DUST, END, EXIT, FILL, Report
from lingua.trading.inputs import LiveBar
from lingua.trading.setup import build

INTERNAL = {codes.FOR_SPLIT, codes.FOR_DUST}
BY_EXIT = {codes.FOR_STOP, codes.FOR_TARGET, codes.FOR_TRAIL}
BY_WALK = {codes.EXPIRED, codes.REJECTED, codes.ZERO_ROUNDED}
F, T, E = codes, codes, codes


class Twins:
    """A run that fills by itself, and one that is told the fills of the first."""

    def __init__(self, seed: int) -> None:
        self.wild = wild = Wild(seed)
        # Orders as a venue takes them: sized when they leave, filled without a share of volume, at once.
        wild.execution = dataclasses.replace(
            wild.execution, size_at="decision", fill_share=0.0, latency_bars=0, latency_s=0.0
        )
        wild.detail = None
        self.own = self._begun(False)
        self.told = self._begun(True)

    def _begun(self, is_given: bool) -> Any:
        wild = self.wild
        legs = [dataclasses.replace(leg, bars=wild.cut(leg.bars, 0, None)) for leg in wild.legs]
        return build(wild.plan, wild.stage.slot_of, wild.inputs(0), legs, wild.execution, 10_000.0, is_given=is_given)

    def step(self, k: int) -> bool:
        """One instant of both; False when a venue cannot do what happened in it."""
        book = self.own.book
        fills, trades, events = book.fills.count, book.trades.count, book.events.count
        ts, live = int(self.wild.series[0].ts[k]), self.wild.live_bars(k)
        self.levels = {
            unit.id: [(e.number, e.level) for e in unit.exits if not e.is_done and e.spec.kind == codes.TARGET_EXIT]
            for p in book.positions for unit in p.units
        }  # fmt: skip
        self.market_of = {unit.id: p.market for p in book.positions for unit in p.units}
        self.dust = [p.dust for p in book.positions]
        self.own.step(ts, live)
        reports = self.reports(fills, trades, events)
        if reports is None:
            return False
        for report in reports:
            self.told.give(report)
        self.told.step(ts, live)
        return not self.own.machine.is_ruined

    def reports(self, fills: int, trades: int, events: int) -> list[Report] | None:
        book, out = self.own.book, []
        pieces = [row for row in book.trades.table(trades).tolist() if int(row[T.T_REASON]) in BY_EXIT]
        orders = {row[E.E_ORDER] for row in book.events.table(0).tolist() if row[E.E_KIND] == codes.SUBMITTED}
        for row in book.fills.table(fills).tolist():
            reason, market = int(row[F.F_REASON]), int(row[F.F_MARKET])
            if reason in INTERNAL:
                continue
            if reason == codes.FOR_LIQUIDATION:
                return None
            facts = {
                "market": market, "side": int(row[F.F_SIDE]), "quantity": row[F.F_QUANTITY], "price": row[F.F_PRICE],
                "fee": row[F.F_COMMISSION], "is_maker": bool(row[F.F_MAKER]), "at_open": bool(row[F.F_AT_OPEN]),
                "at_close": int(row[F.F_BAR]) < book.markets[market].bar,
            }  # fmt: skip
            if row[F.F_ORDER] in orders:
                out.append(Report(FILL, order=int(row[F.F_ORDER]), **facts))
                continue
            if reason not in BY_EXIT:
                return None
            found = next(p for p in pieces if p[T.T_MARKET] == market and p[T.T_REASON] == reason)
            sold = 0.0
            while pieces and sold < row[F.F_QUANTITY] * (1 - 1e-9):
                sold += pieces.pop(pieces.index(found))[T.T_QUANTITY]
                found = next((p for p in pieces if p[T.T_MARKET] == market and p[T.T_REASON] == reason), found)
                if found not in pieces:
                    break
            unit = int(next(t for t in book.trades.table(trades).tolist() if self._is(t, row))[T.T_ID])
            rung = -1
            if reason == codes.FOR_TARGET:
                rung = self._rung(unit, row[F.F_PRICE], market)
                if rung is None:
                    return None
            out.append(Report(EXIT, unit=unit, reason=reason, rung=rung, **facts))
        sold = {int(row[F.F_MARKET]) for row in book.fills.table(fills).tolist()}
        if any(p.dust != was and p.market not in sold for p, was in zip(book.positions, self.dust, strict=True)):
            return None
        left = {(u.id, e.number) for p in book.positions for u in p.units for e in u.exits if e.is_done}
        if any((unit, number) in left for unit, rungs in self.levels.items() for number, _ in rungs):
            return None  # a rung of less than a lot was passed over: no venue was asked
        told = {int(row[T.T_ID]) for row in book.trades.table(trades).tolist()}
        for number in set(self.levels) - told - {unit.id for p in book.positions for unit in p.units}:
            # Gone, and nothing was sold: it was too small.
            position = next(p for p in book.positions if p.market == self.market_of[number])
            if self.dust[position.market]:
                return None
            price = position.dust_cost / position.dust / book.markets[position.market].multiplier
            out.append(Report(DUST, position.market, unit=number, price=price))
        for row in book.events.table(events).tolist():
            if int(row[E.E_KIND]) in BY_WALK and row[E.E_ORDER] in orders:
                out.append(Report(END, int(row[E.E_MARKET]), order=int(row[E.E_ORDER]), reason=int(row[E.E_KIND])))
            elif int(row[E.E_KIND]) == codes.FILLED and row[E.E_QUANTITY] == 0.0:
                # Less than a lot: no venue takes such an order.
                out.append(
                    Report(END, int(row[E.E_MARKET]), order=int(row[E.E_ORDER]), price=row[E.E_PRICE],
                           reason=codes.ZERO_ROUNDED)
                )  # fmt: skip
        return out

    @staticmethod
    def _is(trade: list[float], fill: list[float]) -> bool:
        return (trade[T.T_MARKET], trade[T.T_REASON], trade[T.T_EXIT_PRICE]) == (
            fill[F.F_MARKET], fill[F.F_REASON], fill[F.F_PRICE],
        )  # fmt: skip

    def _rung(self, unit: int, price: float, market: int) -> int | None:
        """The target that stood at the price: known of units that were there before this bar."""
        for number, level in self.levels.get(unit, []):
            if level == price:
                self.levels[unit].remove((number, level))
                return number
        return None


def state_of(run: Any) -> dict[str, Any]:
    """All that a decision reads or leaves, without what a venue does not tell (slippage)."""
    taken = run.snapshot()
    told = {name: taken[name] for name in ("positions", "orders", "limits", "decider", "registers")}
    text = json.dumps(told, allow_nan=False)
    plain = json.loads(text)
    for position in plain["positions"]:
        for unit in position["units"]:
            for name in ("slippage", "fill_row", "is_ambiguous", "is_fresh"):
                unit.pop(name)
    for orders in [*plain["orders"], *(group["orders"] for group in plain["decider"]["legs"])]:
        for order in orders:
            for name in ("is_arrived", "is_triggered", "walked_ts", "share_commission", "charged", "wait_bars"):
                order.pop(name)
    plain["cash"] = round(run.book.cash, 6)
    return plain


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(min_value=0, max_value=100_000))
def test_a_run_that_is_told_the_fills_of_another_decides_as_that_one(seed):
    twins = Twins(seed)
    for k in range(twins.wild.n):
        if not twins.step(k):
            return
        assert state_of(twins.told) == state_of(twins.own), (seed, k)


def rising(closes: list[float]) -> tuple[Stage, Any]:
    stage = Stage(len(closes))
    exits = [
        stage.exit("stop", "price", 2),
        stage.exit("target", "r", 1.0, closing=0.5),
        stage.exit("target", "r", 2.0),
    ]
    stage.rule("enter", [1], stage.act("buy", ("qty", 10), exits=exits))
    series = bars(flat(*closes[:1]))
    options = Execution(cash_buffer=0.0)
    run = build(stage.program(), stage.slot_of, [stage.symbol(series)], [], options, 10_000.0, is_given=True)
    run.run()
    return stage, run


def advance(stage: Stage, run: Any, k: int, price: float) -> Any:
    columns = np.array([column[k] for column in stage.columns])
    bar = LiveBar(START + k * HOUR, START + (k + 1) * HOUR, price, price, price, price, columns=columns)
    return run.advance(START + (k + 1) * HOUR, {0: bar})


def test_nothing_fills_that_was_not_reported():
    stage, run = rising([100.0] * 6)
    for k in range(1, 6):
        advance(stage, run, k, 100.0)
    assert run.book.positions[0].quantity == 0
    assert [order["id"] for order in run.advance(START + 99 * HOUR, {}).working] == [1]


def test_the_exits_of_a_fill_are_known_before_its_bar_closes():
    stage, run = rising([100.0] * 6)
    advance(stage, run, 1, 100.0)
    # 4 of 10 at 101: the stop 2 below, half of it out 2 above, the rest 4 above.
    assert run.given.levels(0, 1, 101.0, 4.0) == [
        (codes.FOR_STOP, -1, 99.0, 4.0), (codes.FOR_TARGET, 1, 103.0, 2.0), (codes.FOR_TARGET, 2, 105.0, 2.0),
    ]  # fmt: skip
    assert run.book.positions[0].quantity == 0


def test_a_fill_in_parts_a_target_and_a_stop_are_booked_with_the_fees_of_the_venue():
    stage, run = rising([100.0] * 6)
    advance(stage, run, 1, 100.0)
    run.give(Report(FILL, 0, order=1, side=1, quantity=4.0, price=100.0, fee=0.4, at_open=True))
    run.give(Report(FILL, 0, order=1, side=1, quantity=6.0, price=100.0, fee=0.6, at_open=True))
    advance(stage, run, 2, 101.0)
    assert (run.book.cash, run.book.positions[0].quantity) == (10_000 - 1_000 - 1.0, 10)
    assert [row[2:] for row in run.given.brackets(0, 1)] == [(98.0, 10.0), (102.0, 5.0), (104.0, 5.0)]
    run.give(Report(EXIT, 0, unit=1, side=-1, quantity=5.0, price=102.0, fee=0.5, reason=codes.FOR_TARGET, rung=1))
    advance(stage, run, 3, 101.0)
    assert [row[1:] for row in run.given.brackets(0, 1)] == [(-1, 98.0, 5.0), (2, 104.0, 5.0)]
    run.give(Report(EXIT, 0, unit=1, side=-1, quantity=5.0, price=97.5, fee=0.25, reason=codes.FOR_STOP))
    advance(stage, run, 4, 97.0)
    assert run.book.cash == pytest.approx(10_000 - 1_000 - 1.0 + 510 - 0.5 + 487.5 - 0.25)
    assert [(t.exit_rule, t.quantity) for t in run.ledger().trades] == [("target", 5.0), ("stop", 5.0)]


def test_what_comes_after_the_end_is_booked_all_the_same():
    stage, run = rising([100.0] * 6)
    advance(stage, run, 1, 100.0)
    run.give(Report(END, 0, order=1, reason=codes.CANCELED))
    advance(stage, run, 2, 100.0)
    assert run.book.orders[0] == []
    run.give(Report(FILL, 0, order=1, side=1, quantity=3.0, price=100.0))
    advance(stage, run, 3, 100.0)
    # The venue was faster than the withdrawal: held, with the exits of the order.
    assert run.book.positions[0].quantity == 3.0
    assert [row[2] for row in run.given.brackets(0, 1)] == [98.0, 102.0, 104.0]
    run.given.forget(1)
    run.give(Report(FILL, 0, order=1, side=1, quantity=1.0, price=100.0))
    run.give(Report(FILL, 0, order=8, side=-1, quantity=1.0, price=100.0))
    run.give(Report(FILL, 0, order=77, side=-1, quantity=5.0, price=100.0))
    advance(stage, run, 4, 100.0)
    assert run.book.positions[0].quantity == -2.0
    run.give(Report(CASH, 0, fee=-50.0))
    advance(stage, run, 5, 100.0)
    assert run.book.cash == pytest.approx(10_250.0)


def test_an_exit_that_closed_more_than_its_unit_closes_what_else_is_there():
    stage, run = rising([100.0] * 6)
    advance(stage, run, 1, 100.0)
    run.give(Report(FILL, 0, order=1, side=1, quantity=4.0, price=100.0))
    run.give(Report(FILL, 0, order=77, side=1, quantity=3.0, price=100.0))
    advance(stage, run, 2, 100.0)
    unit = run.given.opened[1]
    run.give(Report(EXIT, 0, unit=unit, side=-1, quantity=6.0, price=98.0, fee=1.5, reason=codes.FOR_STOP))
    advance(stage, run, 3, 98.0)
    assert run.book.positions[0].quantity == 1.0
    assert run.book.cash == pytest.approx(10_000 - 700 + 588 - 1.5)


def test_a_report_that_can_be_of_no_execution_is_refused():
    stage, run = rising([100.0] * 3)
    for wrong, told in [
        (Report("gift", 0), "of the kind"),
        (Report(FILL, 4, side=1, quantity=1.0, price=1.0), "no market"),
        (Report(FILL, 0, side=1, quantity=-1.0, price=1.0), "execution of -1"),
        (Report(FILL, 0, side=1, quantity=1.0, price=float("nan")), "at nan"),
        (Report(FILL, 0, side=0, quantity=1.0, price=1.0), "buys or sells"),
    ]:
        with pytest.raises(ValueError, match=told):
            run.give(wrong)
    own = build(stage.program(), stage.slot_of, [stage.symbol(bars(flat(100.0)))], [], Execution(), 10_000.0)
    with pytest.raises(ValueError, match="by itself"):
        own.give(Report(CASH, 0, fee=1.0))


def test_reports_that_wait_are_part_of_a_snapshot():
    stage, run = rising([100.0] * 6)
    advance(stage, run, 1, 100.0)
    run.give(Report(FILL, 0, order=1, side=1, quantity=10.0, price=100.0, at_open=True))
    text = json.dumps(run.snapshot(), allow_nan=False)
    advance(stage, run, 2, 100.0)
    _, again = rising([100.0] * 6)
    columns = run.book.markets[0]
    series = bars(flat(100.0, 100.0))
    again = build(
        stage.program(), stage.slot_of, [stage.symbol(series)], [], Execution(cash_buffer=0.0), 10_000.0, is_given=True
    )
    again.restore(json.loads(text))
    advance(stage, again, 2, 100.0)
    assert again.book.positions[0].quantity == columns.bar * 5.0 == 10.0
