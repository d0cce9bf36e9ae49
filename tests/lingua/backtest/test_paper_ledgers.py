"""Whole programs on a handful of bars: every fill and every equity, small enough to add up on paper.

Bars are (open, high, low, close) or one price; volume is 1000. Fills are (bar, side and quantity, price, commission,
reason). Capital is 1000.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import lingua
from lingua.data.bars import Bars
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

HOUR = 3600 * 10**9
START = 1_704_067_200 * 10**9  # Monday 2024-01-01T00:00Z


@dataclass
class Case:
    items: str
    rows: list[Any]
    fills: list[tuple[Any, ...]]
    equity: list[float]
    events: list[tuple[Any, ...]] = field(default_factory=list)
    terms: dict[str, Any] = field(default_factory=dict)


CASES = {
    "a bracket: out at the target, 2 * (105 - 100)": Case(
        "rule a: bar == 0 => buy 2 with stop 3, target 5",
        [100, (100, 101, 99, 100), (101, 106, 100, 105), 105],
        [(1, 2, 100, 0, "entry"), (2, -2, 105, 0, "target")],
        [1000, 1000, 1010, 1010],
    ),
    "an opening below the stop leaves at the open, not at 97": Case(
        "rule a: bar == 0 => buy 2 with stop 3, target 5",
        [100, (100, 101, 99, 100), (95, 96, 94, 95), 95],
        [(1, 2, 100, 0, "entry"), (2, -2, 95, 0, "stop")],
        [1000, 1000, 990, 990],
    ),
    "an opening above the target earns the open": Case(
        "rule a: bar == 0 => buy 2 with stop 3, target 5",
        [100, (100, 101, 99, 100), (108, 109, 107, 108), 108],
        [(1, 2, 100, 0, "entry"), (2, -2, 108, 0, "target")],
        [1000, 1000, 1016, 1016],
    ),
    "stop and target in one bar: the stop, and counted": Case(
        "rule a: bar == 0 => buy 2 with stop 3, target 5",
        [100, (100, 106, 96, 101), 101],
        [(1, 2, 100, 0, "entry"), (1, -2, 97, 0, "stop, ambiguous")],
        [1000, 994, 994],
    ),
    "a stop is live from the fill on, on the bar of a stop entry too": Case(
        "rule a: bar == 0 => buy 2 at stop 101 with stop at 99",
        [100, (100, 102, 98, 101.5), 101],
        [(1, 2, 101, 0, "entry"), (1, -2, 99, 0, "stop, ambiguous")],
        [1000, 996, 996],
    ),
    "a priced entry lives one bar": Case(
        "rule a: bar == 0 => buy 2 at limit 98",
        [100, (100, 100, 98.5, 99), (99, 99, 97, 97.5), 97.5],
        [],
        [1000] * 4,
        [(1, "expired", "LIFE_ENDED")],
    ),
    "or as long as it says": Case(
        "rule a: bar == 0 => buy 2 at limit 98 for 2 bars",
        [100, (100, 100, 98.5, 99), (99, 99, 97, 97.5), 97.5],
        [(2, 2, 98, 0, "entry")],
        [1000, 1000, 999, 999],
    ),
    "or so much time: two hours from the close that decided": Case(
        "rule a: bar == 0 => buy 2 at limit 98 for 2h",
        [100, 100, 100, 97, 97],
        [],
        [1000] * 5,
        [(2, "expired", "LIFE_ENDED")],
    ),
    "a limit that is touched does not fill": Case(
        "rule a: bar == 0 => buy 2 at limit 98 for gtc",
        [100, (100, 100, 98, 99), (99, 99, 97.5, 98), 98],
        [(2, 2, 98, 0, "entry")],
        [1000, 1000, 1000, 1000],
    ),
    "a stop-limit that opens beyond its limit rests there": Case(
        "rule a: bar == 0 => buy 2 at stop 102 limit 103 for 4 bars",
        [100, (104, 105, 103.5, 104), (104, 104, 102.5, 103), 103],
        [(2, 2, 103, 0, "entry")],
        [1000, 1000, 1000, 1000],
    ),
    "a stop-limit reached inside a bar fills at its stop": Case(
        "rule a: bar == 0 => buy 2 at stop 102 limit 103 for 4 bars",
        [100, (101, 105, 100, 104), 104],
        [(1, 2, 102, 0, "entry")],
        [1000, 1004, 1004],
    ),
    "one cancels the other": Case(
        "rule a: bar == 0 => buy 2 at stop 103 for gtc | short 2 at stop 97 for gtc",
        [100, (100, 102, 98, 101), (101, 104, 101, 104), (104, 104, 96, 96), 96],
        [(2, 2, 103, 0, "entry")],
        [1000, 1000, 1002, 986, 986],
        [(2, "canceled", "OTHER_ORDER_FILLED")],
    ),
    "an iceberg fills as the limit it is": Case(
        "rule a: bar == 0 => buy 6 at limit 99 show 2 for gtc rule b: bar == 4 => sell",
        [100, (100, 101, 99, 100), (100, 100, 98, 99), (99, 100, 99, 100), 100, 102],
        [(2, 6, 99, 0, "entry"), (5, -6, 102, 0, "rule")],
        [1000, 1000, 1000, 1006, 1006, 1018],
    ),
    "and gets no more of a bar than its share: 0.4% of 1000": Case(
        "rule a: bar == 0 => buy 6 at limit 99 show 2 for gtc execution { fill_share: 0.4% }",
        [100, (100, 100, 98, 98.5), (98, 99, 97, 98), 98],
        [(1, 4, 99, 0, "entry"), (2, 2, 98, 0, "entry")],
        [1000, 998, 996, 996],
        [(1, "partially_filled", "")],
    ),
    "partial fills: the order is charged once, the share each time": Case(
        "rule a: bar == 0 => buy 8 rule b: bar == 4 => sell"
        " execution { fill_share: 0.3%; commission_per_order: 1 USD; commission: 1% }",
        [100] * 9,
        [(1, 3, 100, 4, "entry"), (2, 3, 100, 3, "entry"), (3, 2, 100, 2, "entry"),
         (5, -3, 100, 4, "rule"), (6, -3, 100, 3, "rule"), (7, -2, 100, 2, "rule")],
        [1000, 996, 993, 991, 991, 987, 984, 982, 982],
        [(1, "partially_filled", ""), (2, "partially_filled", ""), (5, "partially_filled", ""),
         (6, "partially_filled", "")],
    ),
    # 2 * 0.5 = 1 is below the least, 3, and that above the most, 1% of 200.
    "a commission has a least and a most, and the most wins": Case(
        "rule a: bar == 0 => buy 2 rule b: bar == 1 => sell"
        " execution { commission_per_unit: 0.5 USD; commission_minimum: 3 USD; commission_maximum: 1% }",
        [100] * 3,
        [(1, 2, 100, 2, "entry"), (2, -2, 100, 2, "rule")],
        [1000, 998, 996],
    ),
    "in pieces it is bounded as a whole: at most 4 for 8 units that cost 8": Case(
        "rule a: bar == 0 => buy 8 execution { fill_share: 0.3%; commission: 1%; commission_maximum: 4 USD }",
        [100] * 4,
        [(1, 3, 100, 3, "entry"), (2, 3, 100, 1, "entry"), (3, 2, 100, 0, "entry")],
        [1000, 997, 996, 996],
        [(1, "partially_filled", ""), (2, "partially_filled", "")],
    ),
    "a reversal is two fills at one open": Case(
        "rule a: bar == 0 => buy 2 rule b: bar == 2 => sell & short 3 rule c: bar == 4 => cover",
        [100, 100, 104, 105, 102, 101],
        [(1, 2, 100, 0, "entry"), (3, -2, 105, 0, "rule"), (3, -3, 105, 0, "entry"), (5, 3, 101, 0, "rule")],
        [1000, 1000, 1008, 1010, 1019, 1022],
    ),
    "units leave by time at the open": Case(
        "rule a: bar == 0 => buy 2 with expire after 2 bars",
        [100, 101, 102, 103, 104],
        [(1, 2, 101, 0, "entry"), (3, -2, 103, 0, "expire")],
        [1000, 1000, 1002, 1004, 1004],
    ),
    "funding at 08:00: a short of 5 * 100 receives 0.1%": Case(
        "rule a: bar == 0 => short 5 execution { funding: 0.1% }",
        [100] * 10,
        [(1, -5, 100, 0, "entry")],
        [1000] * 7 + [1000.5] * 3,
    ),
    "borrowing 5 * 100 at 36.5% a year costs 0.5 a day, and 0.5 / 24 an hour": Case(
        "rule a: bar == 0 => short 5 execution { borrow: 36.5% per year }",
        [100] * 4,
        [(1, -5, 100, 0, "entry")],
        [1000, 1000 - 0.5 / 24, 1000 - 1 / 24, 1000 - 1.5 / 24],
        terms={"kind": "fx"},
    ),
    # 49.50495 = 1000 / (100 * 0.2 * 1.01). Equity 1000 - 49.50495 * (100 - p) is a tenth of 49.50495 * p at 88.666667.
    "liquidation where a tenth of the notional is left, and its fee of 1%": Case(
        "rule a: bar == 0 => buy 50",
        [100, 100, (100, 100, 85, 90), 90],
        [(1, 49.50495, 100, 0, "entry"), (2, -49.50495, 88.666667, 43.894389, "liquidation")],
        [1000, 1000, 395.049505, 395.049505],
        terms={"initial_margin": 0.2, "maintenance_margin": 0.1, "liquidation_fee": 0.01},
    ),
    # 9 short at 100: 1000 is lost at 100 + 1000 / 9.
    "ruin: a squeezed short is closed where equity ends, and the run with it": Case(
        "rule a: bar == 0 => short 9",
        [100, 100, (100, 260, 100, 120), 120],
        [(1, -9, 100, 0, "entry"), (2, 9, 211.111111, 0, "liquidation")],
        [1000, 1000, 0],
    ),
    "a market order that cash cannot pay is rejected": Case(
        "rule a: bar == 0 => buy",
        [100, 102, 103],
        [],
        [1000] * 3,
        [(1, "rejected", "CANNOT_PAY")],
        terms={"kind": "spot"},
    ),
    "two lots of an instrument whose lot is 0.5 are one unit": Case(
        "rule a: bar == 0 => buy 2 lots",
        [100, 100, 101],
        [(1, 1, 100, 0, "entry")],
        [1000, 1000, 1001],
        terms={"lot": 0.5},
    ),
    "and of one without a lot they are two": Case(
        "rule a: bar == 0 => buy 2 lots",
        [100, 100, 101],
        [(1, 2, 100, 0, "entry")],
        [1000, 1000, 1002],
    ),
    "risk 2% of 1000 over a distance of 4 is 5 units": Case(
        "rule a: bar == 0 => buy risk 2% with stop 4",
        [100, (100, 100, 95, 95), 95],
        [(1, 5, 100, 0, "entry"), (1, -5, 96, 0, "stop")],
        [1000, 980, 980],
    ),
    "slippage is against the trader, on both sides": Case(
        "rule a: bar == 0 => buy 2 rule b: bar == 1 => sell execution { slippage: 1%; commission: 0.1% }",
        [100, 100, 100],
        [(1, 2, 101, 0.202, "entry"), (2, -2, 99, 0.198, "rule")],
        [1000, 997.798, 995.6],
    ),
}  # fmt: skip


def bars_of(rows: list[Any], terms: dict[str, Any]) -> Bars:
    table = np.array([row if isinstance(row, tuple) else (row,) * 4 for row in rows], dtype=np.float64).T
    opens = START + HOUR * np.arange(len(rows), dtype=np.int64)
    return Bars(
        symbol="X", timeframe=Timeframe.parse("1h"), ts=opens + HOUR, open_ts=opens, open=table[0].copy(),
        high=table[1].copy(), low=table[2].copy(), close=table[3].copy(), volume=np.full(len(rows), 1000.0),
        instrument=Instrument("X", **{"kind": "perp", "is_assumed": False, **terms}),
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("incremental", [False, True], ids=["batch", "bar by bar"])
def test_the_ledger_is_the_one_on_paper(case: Case, incremental: bool) -> None:
    direction = "" if case.terms.get("kind") == "spot" else "direction both"
    compiled = lingua.compile(f"strategy S {{ trade X @ 1h {direction} {case.items} }}")
    assert compiled.ok, compiled.problems
    result = compiled.backtest({"X": bars_of(case.rows, case.terms)}, capital=1000.0, incremental=incremental)
    fills = [
        (f.bar, pytest.approx(f.side * f.quantity, rel=1e-6), pytest.approx(f.price, rel=1e-6),
         pytest.approx(f.commission, rel=1e-6, abs=1e-9), f.reason + (", ambiguous" if f.is_ambiguous else ""))
        for f in result.ledger.fills
    ]  # fmt: skip
    assert fills == case.fills
    assert result.curve.values.tolist() == pytest.approx(case.equity, rel=1e-9)
    told = [(e.bar, e.kind, e.detail.partition(":")[0]) for e in result.ledger.events]
    assert [event for event in told if event[1] not in ("submitted", "filled")] == case.events
