"""How much: amounts, the cash that pays for them, rounding and minimums."""

from __future__ import annotations

import pytest
from stage import STOCK, Stage, bars, flat, play

from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

PLAIN = Execution(cash_buffer=0.0)


def bought(amount=None, *, closes=(100, 100, 100), exits=(), order=None, execution=PLAIN, instrument=STOCK, **more):
    """The ledger of one entry decided at bar 1."""
    stage = Stage(len(closes))
    made = [stage.exit(*exit_) for exit_ in exits]
    stage.rule("enter", [1], stage.act("buy", amount, exits=made, **(order or {})))
    return play(stage, bars(flat(*closes), instrument=instrument), execution=execution, **more)[0]


def quantity(*args, **more):
    ledger = bought(*args, **more)
    return ledger.fills[0].quantity if ledger.fills else 0.0


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(("qty", 7), 7), (("money", 750), 7.5), (("equity", 0.25), 25), (("cash", 0.5), 50), (("allocation", 0.1), 10)],
)
def test_an_amount_means_what_its_unit_says(amount, expected):
    assert quantity(amount) == pytest.approx(expected)


def test_without_amount_the_size_line_or_the_whole_allocation():
    assert quantity() == pytest.approx(100)
    assert quantity(size=("equity", 0.3)) == pytest.approx(30)
    default = Execution(commission=0.001)
    assert quantity(execution=default) == pytest.approx(10_000 / (100 * 1.001 * 1.01))


def test_two_symbols_share_the_capital():
    stage = Stage(3)
    stage.rule("enter", [1], stage.act("buy"))
    second = bars(flat(50, 50, 50), instrument=Instrument("OTHER", kind="stock"))
    ledger, _ = play(stage, bars(flat(100, 100, 100)), others=[second])
    assert [(f.symbol, f.quantity) for f in ledger.fills] == [(0, 50), (1, 100)]


def test_the_quantity_is_fixed_at_the_decision_and_nothing_is_cut_at_the_fill():
    rows = [(100, 100, 100, 100), (100, 100, 100, 100), (100.2, 100.2, 100.2, 100.2)]
    stage = Stage(3)
    stage.rule("enter", [1], stage.act("buy"))
    ledger, _ = play(stage, bars(rows))
    assert ledger.fills == []
    (event,) = [e for e in ledger.events if e.kind == "rejected"]
    assert event.detail.startswith("CANNOT_PAY: needs=10020, free=10000")
    # The default buffer of 1 % takes it.
    ledger, _ = play(stage, bars(rows), execution=Execution())
    assert ledger.fills[0].quantity == pytest.approx(10_000 / 101)


def test_sizing_at_the_fill_reproduces_other_engines():
    at_fill = Execution(size_at="fill", cash_buffer=0.0, commission=0.001)
    rows = [(100, 100, 100, 100), (100, 100, 100, 100), (125, 125, 125, 125)]
    stage = Stage(3)
    stage.rule("enter", [1], stage.act("buy"))
    ledger, _ = play(stage, bars(rows), execution=at_fill)
    assert ledger.fills[0].quantity == pytest.approx(10_000 / (125 * 1.001))
    whole = Execution(size_at="fill", cash_buffer=0.0, whole_units=True)
    assert play(stage, bars(rows), execution=whole)[0].fills[0].quantity == 80


def test_the_buffer_is_zero_for_limits():
    assert quantity(order={"order": "limit", "limit": 101}, execution=Execution()) == pytest.approx(10_000 / 101)


def test_the_reference_is_the_orders_own_price():
    ledger = bought(("money", 990), order={"order": "limit", "limit": 99})
    assert [e.quantity for e in ledger.events if e.kind == "submitted"] == [10]
    ledger = bought(("money", 1100), order={"order": "stop", "stop": 110})
    assert [e.quantity for e in ledger.events if e.kind == "submitted"] == [10]
    ledger = bought(("money", 1100), order={"order": "stop_limit", "stop": 105, "limit": 110})
    assert [e.quantity for e in ledger.events if e.kind == "submitted"] == [10]


def test_risk_divides_by_the_distance_to_the_stop():
    assert quantity(("risk", 0.01), exits=[("stop", "price", 4)]) == pytest.approx(100 / 4)
    assert quantity(("risk", 0.01), exits=[("stop", "level", 98)]) == pytest.approx(100 / 2)
    assert quantity(("risk", 0.01), exits=[("stop", "ratio", 0.05)]) == pytest.approx(100 / 5)
    assert quantity(("risk_money", 60), exits=[("stop", "price", 4)]) == pytest.approx(15)


def test_risk_counts_the_costs_of_both_sides():
    costs = Execution(commission=0.001, commission_per_unit=0.01, cash_buffer=0.0)
    each = 2 + 0.001 * (100 + 98) + 2 * 0.01
    assert quantity(("risk", 0.001), exits=[("stop", "price", 2)], execution=costs) == pytest.approx(10 / each)


def test_risk_uses_the_multiplier():
    # 100,000, 1 % = 1,000, stop 4.00 away, 1,000 barrels: 0.25 contracts, which is none.
    terms = Instrument("CL", kind="future", multiplier=1000, lot=1.0, initial_margin=0.1)
    ledger = bought(("risk", 0.01), exits=[("stop", "price", 4)], instrument=terms, capital=100_000.0)
    assert ledger.fills == []
    assert [e.detail for e in ledger.events] == ["ROUNDED_TO_ZERO: quantity=0.25, lot=1"]
    more = bought(("risk", 0.01), exits=[("stop", "price", 4)], instrument=terms, capital=1_000_000.0)
    assert more.fills[0].quantity == 2
    assert more.trades[0].planned_risk == 2 * 4 * 1000


def test_a_stop_on_the_wrong_side_refuses_the_entry():
    ledger = bought(("risk", 0.01), exits=[("stop", "level", 101)])
    assert [(e.kind, e.detail) for e in ledger.events] == [("wrong_side", "STOP_ON_WRONG_SIDE: stop=101, price=100")]


@pytest.mark.parametrize("amount", [("qty", -3), ("qty", 0), ("equity", -0.1)])
def test_a_negative_or_zero_amount_does_nothing_and_is_counted(amount):
    ledger = bought(amount)
    assert ledger.fills == []
    assert ledger.counts["zero_rounded"] == 1


def test_an_na_amount_price_or_level_does_nothing_and_is_counted():
    nan = float("nan")
    for made in (
        bought(("qty", nan)),
        bought(("qty", 1), order={"order": "limit", "limit": nan}),
        bought(("qty", 1), exits=[("stop", "price", nan)]),
        bought(("qty", 1), order={"order": "limit", "limit": 99, "life": nan}),
    ):
        assert made.fills == []
        assert made.counts["na_value"] == 1


def test_quantities_round_down_to_lots_and_prices_to_the_passive_side():
    terms = Instrument("TEST", kind="stock", tick=0.5, lot=0.1)
    ledger = bought(("qty", 1.29), instrument=terms, order={"order": "limit", "limit": 99.9})
    (sent,) = [e for e in ledger.events if e.kind == "submitted"]
    assert (sent.quantity, sent.price) == (1.2, 99.5)
    ledger = bought(("qty", 0.3), instrument=terms, order={"order": "stop", "stop": 100.1})
    (sent,) = [e for e in ledger.events if e.kind == "submitted"]
    assert (sent.quantity, sent.price) == (0.3, 100.5)


def test_decimals_on_the_grid_are_not_rounded_away():
    terms = Instrument("TEST", kind="stock", tick=0.1, lot=0.1)
    ledger = bought(("qty", 0.7), instrument=terms, order={"order": "limit", "limit": 100.1})
    (sent,) = [e for e in ledger.events if e.kind == "submitted"]
    assert (sent.quantity, sent.price) == (0.7, 100.1)


def test_an_order_below_the_minimum_is_refused_and_counted():
    terms = Instrument("TEST", kind="stock", min_notional=500.0)
    ledger = bought(("qty", 4), instrument=terms)
    assert [e.detail for e in ledger.events] == ["BELOW_MINIMUM: quantity=4, notional=400"]
    terms = Instrument("TEST", kind="stock", min_quantity=5.0)
    assert bought(("qty", 4), instrument=terms).counts["below_minimum"] == 1


def test_cash_is_reserved_in_source_order():
    stage = Stage(3)
    stage.rule("first", [1], stage.act("buy", ("equity", 0.8), order="limit", limit=90, gtc=True))
    stage.rule("second", [1], stage.act("buy", ("equity", 0.8), on=""))
    second = bars(flat(100, 100, 100), instrument=Instrument("OTHER", kind="stock"))
    ledger, _ = play(stage, bars(flat(100, 100, 100)), others=[second])
    sent = [(e.symbol, e.rule, round(e.quantity, 6)) for e in ledger.events if e.kind == "submitted"]
    # 8,000 are kept by the resting limit of the first symbol; the second symbol's limit gets the remaining 2,000.
    assert sent == [(0, "first", round(8000 / 90, 6)), (1, "first", round(2000 / 90, 6))]
    assert ledger.counts["cut"] == 1
    assert ledger.counts["ignored"] == 2


def test_a_cut_is_told_in_the_event():
    ledger = bought(("equity", 1.5))
    assert [e.detail for e in ledger.events if e.kind == "submitted"] == ["CUT: wanted=150, sent=100"]


def test_margin_lets_a_future_take_more_than_its_cash():
    terms = Instrument("TEST", kind="future", initial_margin=0.25)
    assert quantity(("equity", 3), instrument=terms) == pytest.approx(300)
    assert quantity(("equity", 9), instrument=terms) == pytest.approx(400)
