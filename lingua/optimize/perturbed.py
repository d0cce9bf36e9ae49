"""The same strategy in a slightly different world, run again from the first bar: dearer, slower, noisier, later."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lingua.backtest.result import Result
from lingua.backtest.run import run_market
from lingua.compiler import Compiled
from lingua.data.bars import Bars, Floats
from lingua.data.market import Market
from lingua.trading.execution import Execution

COSTS = (0.0, 0.0005, 0.001, 0.002, 0.005)
"""Added to the commission, or to the slippage, per side."""
DELAYS = (1, 2, 3)
FIGURES = ("total_return", "sharpe", "max_drawdown", "trades")


@dataclass(frozen=True, slots=True)
class Rerun:
    """One run of a ladder or of a random test. `level` is the number it was made with; `figures` those of the run."""

    test: str
    title: str
    level: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class World:
    """What a run is made of."""

    compiled: Compiled
    market: Market
    execution: Execution
    capital: float

    def run(self) -> Result:
        return run_market(self.compiled, self.compiled.program, self.market, self.execution, self.capital)

    def rerun(self, test: str, title: str, level: float) -> Rerun:
        run = self.run()
        return Rerun(test, title, level, {name: float(run.metrics[name]) for name in FIGURES})


def commission_ladder(world: World) -> Iterator[Rerun]:
    for added in COSTS:
        found = replace(world.execution, commission=min(0.99, world.execution.commission + added))
        if found.commission_maker is not None:
            found = replace(found, commission_maker=min(0.99, found.commission_maker + added))
        if found.commission_tiers:
            tiers = tuple((begin, min(0.99, rate + added)) for begin, rate in found.commission_tiers)
            found = replace(found, commission_tiers=tiers)
        yield replace(world, execution=found).rerun("commission", f"commission +{added * 1e4:g} bp a side", added)


def slippage_ladder(world: World) -> Iterator[Rerun]:
    for added in COSTS:
        found = replace(world.execution, slippage=min(0.99, world.execution.slippage + added))
        yield replace(world, execution=found).rerun("slippage", f"slippage +{added * 1e4:g} bp a side", added)


def delayed_fills(world: World) -> Iterator[Rerun]:
    for bars in DELAYS:
        found = replace(world.execution, latency_bars=world.execution.latency_bars + bars)
        title = f"orders {bars} bar{'s' if bars > 1 else ''} later"
        yield replace(world, execution=found).rerun("delay", title, float(bars))


def shifted_start(world: World, runs: int) -> Iterator[Rerun]:
    """The bars begin later, up to a tenth of the history: whatever was remembered from the beginning is another."""
    most = max(1, min(len(bars) for bars in world.market.traded) // 10)
    steps = sorted({max(1, round(most * (k + 1) / runs)) for k in range(runs)})
    for bars in steps:
        market = replace(world.market, traded=tuple(without_first(each, bars) for each in world.market.traded))
        yield replace(world, market=market).rerun("start", f"the first {bars} bars left out", float(bars))


def noisy_prices(world: World, runs: int, seed: int, share: float) -> Iterator[Rerun]:
    """Every bar is moved as a whole by a normal step of `share` times the usual change from bar to bar. Finer bars of
    the same symbol are left out: they would no longer lie inside theirs."""
    for number in range(runs):
        rng = np.random.Generator(np.random.PCG64([seed, 5, number]))
        traded = tuple(moved(bars, rng, share) for bars in world.market.traded)
        data = {name: moved(bars, rng, share) for name, bars in sorted(world.market.data.items())}
        market = replace(world.market, traded=traded, data={name: data[name] for name in world.market.data}, finer={})
        yield replace(world, market=market).rerun("noise", f"prices with {share:.0%} noise", share)


def moved(bars: Bars, rng: np.random.Generator, share: float) -> Bars:
    """Bars with noise: open, high, low and close of a bar by the same factor, so that a bar stays one."""
    usual = float(np.nanstd(np.diff(np.log(bars.close)))) if len(bars) > 2 else 0.0
    factor: Floats = np.exp(share * (usual if math.isfinite(usual) else 0.0) * rng.standard_normal(len(bars)))
    return replace(
        bars, open=bars.open * factor, high=bars.high * factor, low=bars.low * factor, close=bars.close * factor
    )


def without_first(bars: Bars, count: int) -> Bars:
    columns = ("ts", "open_ts", "open", "high", "low", "close", "volume")
    return replace(
        bars, **{name: getattr(bars, name)[count:] for name in columns},
        columns={name: column[count:] for name, column in bars.columns.items()},
        is_synthetic=None if bars.is_synthetic is None else bars.is_synthetic[count:],
        factor=None if bars.factor is None else bars.factor[count:],
        rows=None if bars.rows is None else bars.rows[count:],
    )  # fmt: skip


Ladder = Callable[[World], Iterator[Rerun]]
LADDERS: Sequence[tuple[str, Ladder]] = (
    ("commission", commission_ladder), ("slippage", slippage_ladder), ("delay", delayed_fills),
)  # fmt: skip
