"""What holds for every program over every series of bars. Each law raises AssertionError with the place it broke."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import random_bars
from made_programs import without_parentheses
from programs import Maker

import lingua
from lingua.backends.batch import Batch
from lingua.backends.clocks import Feeds
from lingua.backends.replay import columns_on_own_clocks
from lingua.backtest.bind import bind
from lingua.backtest.run import build_run, execution_of, run_market, run_pieces
from lingua.compiler import Compiled
from lingua.data.market import Market
from lingua.data.pieces import CutMarket, every_so_many
from lingua.ir.analysis import FreePrevious, decision_nodes, reachable
from lingua.ir.nodes import Constancy, Kind, Node
from lingua.ir.program import Program
from lingua.live.replay import open_live, replay
from lingua.live.strategy import LiveStrategy
from lingua.syntax.format import format_file
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

BARS = 220
BARS_KEPT = 70
"""The most bars that a live run may hold, however many it has seen."""
CAPITAL = 100_000.0


@dataclass
class Case:
    """A random program with bars of its own."""

    seed: int
    bars: int = BARS
    text: str = ""
    """Instead of the text made from the seed, when a failing case is shrunk."""

    @cached_property
    def maker(self) -> Maker:
        return Maker(self.seed)

    @cached_property
    def compiled(self) -> Compiled:
        return lingua.compile(self.text or self.maker.text)

    @property
    def program(self) -> Program:
        return self.compiled.program

    @cached_property
    def market(self) -> Market:
        made = self.maker
        return random_bars.market(
            random.Random(self.seed + 1), made.timeframe, self.bars, made.symbols, made.data, kind=made.kind,
            calendar=made.calendar, detail=made.detail, start=made.start,
        )  # fmt: skip

    @cached_property
    def told(self) -> Any:
        return self.run(self.market)

    def run(self, market: Market) -> Any:
        return run_market(self.compiled, self.program, market, execution_of(self.program, {}), CAPITAL)

    @cached_property
    def last(self) -> int:
        """An instant inside the run: what is known by it must not depend on anything later."""
        ts = self.market.traded[0].ts
        return int(ts[random.Random(self.seed + 2).randrange(len(ts) // 3, len(ts) - 1)])


def watched(program: Program) -> list[Node]:
    """Every node with a column of its own, on whatever clock: all that outputs and decisions are made of."""
    free = FreePrevious()
    shown = [
        *(o.node for o in program.outputs),
        *(p.node for p in program.plots),
        *(a.condition for a in program.alerts),
    ]
    return [
        n
        for n in reachable([*shown, *decision_nodes(program)])
        if not n.uses_fills and n.constancy >= Constancy.SERIES and n.kind is not Kind.STRING and not free.of(n)
    ]


def incremental_is_batch(case: Case) -> None:
    params = {param.name: param.value for param in case.program.params}
    nodes = watched(case.program)
    for series in case.market.traded:
        feeds = Feeds(series, case.market.data, case.market.finer)
        batch = Batch(feeds, params)
        columns = columns_on_own_clocks(nodes, params, feeds)
        for node in nodes:
            whole, column = batch.column(node), columns[node.index]
            if node.clock.timeframe:
                column = column[: len(whole)]  # a bar of another symbol may tell that the last period is over
            same = same_bits(whole, column)
            assert same.all(), (
                f"{described(node)} at bar {int(np.argmin(same))}: {whole[~same][:3]} {column[~same][:3]}"
            )


def a_live_run_is_the_backtest(case: Case) -> None:
    """Bar by bar: the same ledger to the last bit, ready and settled at the same bars."""
    live = open_live(case.compiled, case.market, capital=CAPITAL, keeps_history=True)
    for _ in replay(live, case.market):
        pass
    batch, own = case.told.ledger, live.run.ledger()
    for name in ("clock", "equity", "cash", "exposure"):
        a, b = np.asarray(getattr(batch, name)), np.asarray(getattr(own, name))
        assert len(a) == len(b), f"{name}: {len(a)} instants, {len(b)} live"
        assert a.tobytes() == b.tobytes(), f"{name} at instant {int(np.argmin(a == b))}"
    for name in ("fills", "trades", "events"):
        a, b = ([repr(fact) for fact in getattr(ledger, name)] for ledger in (batch, own))
        assert a == b, f"{name}: {first_difference(a, b)}"
    for name in ("counts", "costs", "halted_at", "ruined_at", "fired"):
        assert repr(getattr(batch, name)) == repr(getattr(own, name)), name
    for a, b in zip(batch.positions, own.positions, strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), "positions"
    for number, series in enumerate(live.series):
        n, found = len(case.market.traded[number]), series.readiness
        assert min(n, n if found.ready is None else found.ready) == case.told.ready[number], "ready"
        assert min(n, n if found.settled is None else found.settled) == min(n, case.told.settled[number]), "settled"


def a_run_goes_on_where_it_stopped(case: Case) -> None:
    """Stopped between two bars, written as JSON, taken up again: the same decisions as the unbroken run, and these are
    the backtest's."""
    stop = random.Random(case.seed + 4).randrange(1, max(2, case.bars))
    whole, snapshot, held = [], "", []
    live = open_live(case.compiled, case.market, capital=CAPITAL)
    for decisions in replay(live, case.market):
        whole.append(repr(decisions))
        if decisions.instant % 8 == 0:
            json.dumps(decisions.to_dict(), allow_nan=False)
        held += decisions.fills
        assert kept_bars(live) <= BARS_KEPT
        if decisions.instant == stop:
            snapshot = json.dumps(live.snapshot(), allow_nan=False)
    assert [repr(fill) for fill in told_at_once(held)] == [repr(fill) for fill in told_at_once(case.told.ledger.fills)]
    if not snapshot:
        return
    again = open_live(case.compiled, case.market, capital=CAPITAL)
    again.restore(json.loads(snapshot), case.market)
    rest = [repr(each) for each in replay(again, case.market, after=again.last_ts)]
    assert rest == whole[stop + 1 :], first_difference(rest, whole[stop + 1 :])


def told_at_once(fills: list[Any]) -> list[Any]:
    """Fills without the doubt that a later bar may still cast on them."""
    return [fill._replace(is_ambiguous=False) for fill in fills]


def kept_bars(live: LiveStrategy) -> int:
    return max(market.bar + 1 - market.first for market in live.run.book.markets)


def same_bits(a: Any, b: Any) -> Any:
    """(n,) whether two columns are the same to the last bit; one NaN is as good as another."""
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    if a.dtype != np.float64:
        return a == b
    whole, again = np.ascontiguousarray(a), np.ascontiguousarray(b)
    return (whole.view(np.int64) == again.view(np.int64)) | (np.isnan(whole) & np.isnan(again))


def described(node: Node, depth: int = 3) -> str:
    inner = "".join(", " + described(each, depth - 1) for each in node.args) if depth else ""
    return f"{node.op}{node.attrs}({inner[2:]})"


def the_future_changes_nothing(case: Case) -> None:
    """Bars cut off, or replaced by others: series, fills, events and equity up to then stay what they were."""
    later = random.Random(case.seed + 3)
    for how, other in (
        ("cut", random_bars.shortened(case.market, case.last)),
        ("changed", random_bars.ruined(case.market, case.last, later)),
    ):
        again = case.run(other)
        for number, (a, b) in enumerate(zip(case.told.series, again.series, strict=True)):
            count = int((case.market.traded[number].ts <= case.last).sum())
            for name in a:
                same = same_bits(a[name][:count], b[name][:count])
                assert same.all(), f"{how}: `{name}` at bar {int(np.argmin(same))} knows a bar after {case.last}"
        was, now = prefix(case.told, case.last), prefix(again, case.last)
        for part in was:
            assert was[part] == now[part], (
                f"{how}: {part} up to {case.last} differ: {first_difference(was[part], now[part])}"
            )


def first_difference(a: Any, b: Any) -> str:
    """Where two lists of facts part."""
    if not isinstance(a, list):
        return ""
    for x, y in zip(a, b, strict=False):
        if x != y:
            return f"{x} / {y}"
    return f"{max(a, b, key=len)[min(len(a), len(b))]}, in one of them alone"


def prefix(result: Any, last: int) -> dict[str, Any]:
    """What was decided, filled and owned when the bars up to `last` had closed.

    A fill at an open bears the stamp of that open, which is the close before it: it belongs to the bar that it is in.
    """
    ledger = result.ledger
    count = int((np.asarray(ledger.clock) <= last).sum())
    ends = [series.ts for series in result.bars]
    # Whether a close was the session's last is known when the next bar is there: that fill belongs to the later instant.
    filled = [event for event in ledger.events if event.kind in ("filled", "partially_filled")]
    later = {event[5:8] for event in filled if event.ts > last} - {event[5:8] for event in filled if event.ts <= last}
    seen, closing = [], set()
    for fill in ledger.fills:
        if ends[fill.symbol][fill.bar] <= last:
            # So does the exit of a unit whose stop was on the wrong side of that close.
            if (fill.order_id, fill.quantity, fill.price) in later:
                closing.add((fill.symbol, fill.bar, fill.price))
            elif fill.reason == "entry" or (fill.symbol, fill.bar, fill.price) not in closing:
                seen.append(repr(fill))
    return {
        "fills": seen,
        "events": [repr(event) for event in ledger.events if event.ts <= last],
        "equity": np.asarray(ledger.equity)[:count].tobytes(),
        "cash": np.asarray(ledger.cash)[:count].tobytes(),
        "fired": {name: [k for k in bars if k < count] for name, bars in ledger.fired.items()},
    }


def the_books_agree(case: Case) -> None:
    bound, legs = bind(case.program, case.market)
    ledger = build_run(case.program, bound, legs, execution_of(case.program, {}), CAPITAL).run_checked()
    assert np.allclose(ledger.equity, np.asarray(ledger.cash) + np.asarray(ledger.exposure), rtol=1e-12, atol=1e-6)
    assert np.isfinite(ledger.equity).all()
    end = int(case.market.traded[0].ts[-1]) + 10**18
    assert prefix(replace(case.told, ledger=ledger), end) == prefix(case.told, end)


def a_run_is_the_same_every_time(case: Case) -> None:
    end = int(case.market.traded[0].ts[-1]) + 10**18
    again = Case(case.seed, case.bars, case.text)
    if case.text:
        again.market = case.market
    assert prefix(again.told, end) == prefix(case.told, end)
    assert repr(again.told.ledger.trades) == repr(case.told.ledger.trades)
    assert again.compiled.fingerprint == case.compiled.fingerprint


def a_run_in_pieces_is_the_run(case: Case) -> None:
    """Cut anywhere, down to single bars: the same ledger, the same figures, to the last bit."""
    options = execution_of(case.program, {})
    chance = random.Random(case.seed + 7)
    stamps = case.market.traded[0].ts.tolist()
    cuts = [
        CutMarket(case.market, stamps) if case.seed % 4 == 0 else every_so_many(case.market, chance.randrange(2, 90)),
        CutMarket(case.market, sorted(chance.sample(stamps, min(5, len(stamps))))),
    ]
    whole = case.told
    for cut in cuts:
        told = run_pieces(case.compiled, case.program, cut, options, CAPITAL)
        batch, own = whole.ledger, told.ledger
        for name in ("fills", "trades", "events"):
            a, b = ([repr(fact) for fact in getattr(ledger, name)] for ledger in (batch, own))
            assert a == b, f"{name}: {first_difference(a, b)}"
        for name in ("clock", "equity", "cash", "exposure"):
            a, b = np.asarray(getattr(batch, name)), np.asarray(getattr(own, name))
            assert a.tobytes() == b.tobytes(), name
        for a, b in zip(batch.positions, own.positions, strict=True):
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), "positions"
        a, b = ({**each.to_dict(), "elapsed_s": 0} for each in (whole, told))
        assert repr(a) == repr(b), f"figures: {[(k, a[k], b[k]) for k in a if repr(a[k]) != repr(b[k])]}"
        assert repr(whole.rules.to_rows()) == repr(told.rules.to_rows()), "rules"
        assert repr(whole.monthly_returns.to_rows()) == repr(told.monthly_returns.to_rows()), "months"


def written_is_read_again(case: Case) -> None:
    text = case.text or case.maker.text
    source = Source("made", text)
    file, problems = parse(source)
    assert not problems
    written = format_file(file, source)
    again, found = parse(Source("made", written))
    assert not found
    assert without_parentheses(again) == without_parentheses(file), written
    assert format_file(again, Source("made", written)) == written


LAWS: tuple[Callable[[Case], None], ...] = (
    written_is_read_again,
    incremental_is_batch,
    a_live_run_is_the_backtest,
    a_run_goes_on_where_it_stopped,
    the_books_agree,
    the_future_changes_nothing,
    a_run_is_the_same_every_time,
    a_run_in_pieces_is_the_run,
)


def broken(case: Case) -> Iterator[tuple[str, BaseException]]:
    """The laws that do not hold, each with what was raised."""
    for law in LAWS:
        try:
            law(case)
        except Exception as error:
            yield law.__name__, error
