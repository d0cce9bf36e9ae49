"""Splits and dividends, and the factor by which series see prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from market_series import cut, market_bars, ns

from lingua.data.actions import at_exchange, factor_of, jumps_of, load_actions, refuse_jumps
from lingua.data.bars import Action
from lingua.data.errors import DataError
from lingua.data.load import load_bars
from lingua.data.resample import resample
from lingua.data.timeframe import Timeframe

HEADER = "date,open,high,low,close,volume\n"


def test_the_beside_file_is_read_and_takes_effect_at_the_exchanges_midnight(written):
    written("date,split,dividend\n2024-01-04,2,\n2024-01-05,,0.25\n2024-01-08,3:2,\n", "AAA.actions.csv")
    days = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]
    path = written(HEADER + "".join(f"{day},9,9,9,9,1\n" for day in days), "AAA.csv")
    bars = load_bars(path)
    assert bars.factor.tolist() == [1, 1, 2, 2, 3]
    assert [(a.split, a.dividend) for a in bars.actions] == [(2, 0), (1, 0.25), (1.5, 0)]
    assert bars.actions[0].ts == ns("2024-01-04T05:00")
    # A file asked for by another name still has its own actions.
    assert load_bars(path, symbol="BBB").factor is None


def test_evening_trades_before_an_ex_date_are_at_the_old_price():
    at = at_exchange([Action(ns("2024-01-04"), 2.0)], "XNYS")
    closes = np.array([ns("2024-01-04T00:30"), ns("2024-01-04T01:00"), ns("2024-01-04T09:30")])
    assert factor_of(at, closes).tolist() == [1, 1, 2]
    sydney = at_exchange([Action(ns("2024-01-04"), 2.0)], "XASX")
    assert factor_of(sydney, np.array([ns("2024-01-03T05:00"), ns("2024-01-03T23:30")])).tolist() == [1, 2]


def test_a_factor_never_changes_when_a_later_split_happens():
    bars = market_bars("XNYS", 60, "2024-01-02", "2024-02-02")
    splits = tuple(Action(ns(f"2024-01-{day}T05:00"), ratio) for day, ratio in (("10", 2.0), ("17", 3.0), ("24", 0.1)))
    whole = replace(bars, factor=factor_of(splits, bars.ts))
    for n in (1, 30, 60, 99, len(bars)):
        known = tuple(action for action in splits if action.ts < bars.ts[n - 1])
        early = factor_of(known, bars.ts[:n])
        assert np.array_equal(np.ones(n) if early is None else early, whole.factor[:n])
    weeks, some = resample(whole, Timeframe(1, "w")), resample(cut(whole, 90), Timeframe(1, "w"))
    assert np.array_equal(weeks.factor[: len(some)], some.factor)


def test_real_factor_files_give_the_real_splits_and_dividends(shared):
    apple = load_actions(shared / "factor_files_lean" / "aapl_factor_files.csv")
    splits = {str(np.datetime64(a.ts, "ns"))[:10]: a.split for a in apple if a.split != 1}
    assert splits == {"2000-06-21": 2.0, "2005-02-26": 2.0, "2014-06-07": 7.0, "2020-08-29": 4.0}
    dividends = {str(np.datetime64(a.ts, "ns"))[:10]: round(a.dividend, 2) for a in apple if a.dividend}
    assert dividends["2012-08-09"] == 2.65
    assert dividends["2012-11-07"] == 2.65
    assert dividends["2020-11-06"] == 0.21
    ibm = load_actions(shared / "factor_files_lean" / "ibm_factor_files.csv")
    assert [a.split for a in ibm if a.split != 1] == [2.0]
    assert sum(a.dividend > 0 for a in ibm) > 80


def test_real_factors_explain_every_jump_of_the_real_hours(shared):
    path = shared / "equity_1h_AAPL.parquet"
    actions = load_actions(shared / "factor_files_lean" / "aapl_factor_files.csv")
    bars = load_bars(path, symbol="AAPL", actions=actions)
    days = [str(np.datetime64(int(bars.ts[k]), "ns"))[:10] for k, _ in jumps_of(bars)]
    assert days == ["2000-09-29"]  # a real fall of half, on a profit warning
    assert bars.factor[-1] == 2 * 2 * 7 * 4
    bare = load_bars(path, symbol="AAPL")
    assert len(jumps_of(bare)) == 5


def test_a_jump_is_refused_with_its_row_until_it_is_explained(written):
    before = "2024-01-02,100,101,99,100,1\n2024-01-03,100,101,99,100,1\n\n"
    after = "".join(f"2024-01-{day},50,51,49,50,1\n" for day in ("04", "05", "08"))
    path = written(HEADER + before + after, "AAA.csv")
    with pytest.raises(DataError) as caught:
        refuse_jumps(load_bars(path))
    assert caught.value.rows == (5,)
    assert "-50%" in str(caught.value)
    assert "2024-01-04,2," in str(caught.value)
    assert "--allow-jumps" in str(caught.value)
    for line in ("2024-01-04,2,", "2024-01-04,1,"):
        written(f"date,split,dividend\n{line}\n", "AAA.actions.csv")
        refuse_jumps(load_bars(path))


def halved(bars, where):
    """The bars with prices halved from a point on."""
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close")}
    return replace(bars, **{name: np.where(where, column * 0.5, column) for name, column in columns.items()})


def test_moves_inside_a_session_and_of_coins_are_no_jumps():
    bars = market_bars("XNYS", 60, "2024-01-02", "2024-01-05")
    assert not jumps_of(halved(bars, np.arange(len(bars)) >= 3))
    overnight = halved(bars, bars.ts > ns("2024-01-03"))
    assert len(jumps_of(overnight)) == 1
    assert not jumps_of(replace(overnight, instrument=replace(bars.instrument, kind="spot")))


@pytest.mark.parametrize(
    "rows",
    [
        "date,split,dividend\n2024-01-04,zero,",
        "date,split,dividend\n2024-01-04,0,",
        "date,split,dividend\n2024-01-04,,-1",
        "date,split,dividend\nsoon,2,",
        "date,split,dividend\n2024-01-04,2:0,",
        "date,split\n2024-01-04,-2",
        "date,split\n2024-01-04,nan",
        "date,ratio\n2024-01-04,2",
        "some,words,here",
        "20240104,1,0",
        "20240104",
        "date,split\n2024-01-04,\xff",
    ],
)
def test_an_actions_file_that_makes_no_sense_is_refused(written, rows):
    with pytest.raises(DataError):
        load_actions(written(rows.encode("latin-1"), "AAA.actions.csv"))
