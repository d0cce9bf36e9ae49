"""How a strategy does when the world is not quite as it was: other orders of luck, other costs, other fills."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.backtest.result import Result
from lingua.diagnostics.codes.searching import NO_TRADES
from lingua.optimize.perturbed import LADDERS, Rerun, World, noisy_prices, shifted_start
from lingua.optimize.refusals import refuse
from lingua.optimize.resampling import LEVELS, Resampled, blocks, redrawn, shuffled, skipped, trade_returns

TESTS = ("trades", "blocks", "skipped", "commission", "slippage", "delay", "noise", "start")
SKIPPED = (0.1, 0.25)
NOISE = 0.25
FEWEST_TRADES = 10
"""Fewer closed trades have no order worth shuffling."""
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Stress:
    """`run` as it was; `resampled` other orders of what it earned; `reruns` other worlds. `ruin` is the share of the
    start whose loss counts as ruin; `missing` says of a test why it could not be made."""

    run: Result
    seed: int
    ruin: float
    resampled: tuple[Resampled, ...]
    reruns: tuple[Rerun, ...]
    missing: dict[str, str]

    def of(self, test: str) -> list[Rerun]:
        return [each for each in self.reruns if each.test == test]

    def to_dict(self) -> dict[str, Any]:
        """The object of `lingua stress --json`."""
        m = self.run.metrics
        figures = ("total_return", "sharpe", "max_drawdown", "trades")
        return {
            "strategy": self.run.strategy,
            "fingerprint": self.run.fingerprint,
            "symbols": list(self.run.symbols),
            "seed": self.seed,
            "ruin": self.ruin,
            "base": {name: _plain(float(m[name])) for name in figures},
            "resampled": [_resampled(each) for each in self.resampled],
            "reruns": [
                {"test": each.test, "title": each.title, "level": each.level,
                 "figures": {name: _plain(value) for name, value in each.figures.items()}}
                for each in self.reruns
            ],
            "missing": dict(self.missing),
            "findings": list(findings(self)),
        }  # fmt: skip


def stress(
    world: World,
    *,
    runs: int = 1000,
    reruns: int = 50,
    seed: int = 0,
    ruin: float = 0.5,
    block: float | None = None,
    noise: float = NOISE,
    only: Sequence[str] = TESTS,
    tell: Tell | None = None,
) -> Stress:
    """All tests named in `only`. The same seed gives the same answer to the last bit.

    Args:
        runs: histories put together from what one run earned; `reruns`: whole runs of each random test.
        ruin: share of the start whose loss counts as ruin.
        block: mean length of a block of sessions; None: the cube root of their number.
        noise: of prices, as a share of the usual change from bar to bar.

    Raises:
        CompileError: the strategy does not trade at all (L0895).
    """
    base = world.run()
    if not base.round_trips:
        help = "`lingua explain` tells what kept a rule from acting"
        refuse(world.compiled, NO_TRADES, help, count="1")
    missing: dict[str, str] = {}
    resampled = _resample(base, runs, seed, ruin, block, only, missing)
    found: list[Rerun] = []
    made = [(name, list_of) for name, list_of in LADDERS if name in only]
    steps = len(made) + ("noise" in only) + ("start" in only)
    for number, (name, ladder) in enumerate(made):
        _say(tell, name, number, steps)
        found += ladder(world)
    if "noise" in only:
        _say(tell, "noise", len(made), steps)
        found += noisy_prices(world, reruns, seed, noise)
    if "start" in only:
        _say(tell, "start", steps - 1, steps)
        found += shifted_start(world, min(reruns, 20))
    return Stress(base, seed, ruin, tuple(resampled), tuple(found), missing)


def _say(tell: Tell | None, name: str, done: int, total: int) -> None:
    if tell is not None:
        tell(name, done, total)


def _resample(
    run: Result, runs: int, seed: int, ruin: float, block: float | None, only: Sequence[str], missing: dict[str, str]
) -> list[Resampled]:
    found: list[Resampled] = []
    trades = trade_returns(run)
    for name in ("trades", "skipped"):
        if name in only and len(trades) < FEWEST_TRADES:
            missing[name] = f"there are {len(trades)} closed trades, and {FEWEST_TRADES} are the fewest to draw from"
    if "trades" in only and "trades" not in missing:
        found += [shuffled(trades, runs, seed, ruin), redrawn(trades, runs, seed, ruin)]
    if "skipped" in only and "skipped" not in missing:
        found += [skipped(trades, runs, seed, ruin, share) for share in SKIPPED]
    returns = run.curve.returns
    if "blocks" in only and len(returns) < 30:
        missing["blocks"] = f"there are {len(returns)} sessions, and 30 are the fewest to draw from"
    elif "blocks" in only:
        found.append(blocks(returns, runs, seed, ruin, block))
    return found


def findings(found: Stress) -> list[str]:
    """What to take from it, in plain sentences."""
    told: list[str] = []
    base = found.run.metrics
    by_name = {each.name: each for each in found.resampled}
    if "redrawn" in by_name:
        one = by_name["redrawn"]
        told.append(
            f"with the same kind of trades the drawdown is beyond {one.depth(0.95):.0%} in one history of twenty; "
            f"it was {base['max_drawdown']:.0%}"
        )
        told.append(f"half of the capital or more is lost in {one.ruined:.1%} of them" if found.ruin == 0.5 else
                    f"{found.ruin:.0%} of the capital or more is lost in {one.ruined:.1%} of them")  # fmt: skip
    if "blocks" in by_name:
        one = by_name["blocks"]
        losing = float(np.mean(one.finals < 0))
        told.append(f"in {losing:.0%} of the histories put together from its sessions it loses money")
    for test, what in (("commission", "commission"), ("slippage", "slippage")):
        ladder = found.of(test)
        if ladder:
            told.append(_edge(ladder, what))
    delays = found.of("delay")
    if delays and base["total_return"] > 0:
        first = delays[0].figures["total_return"]
        if first <= 0:
            told.append("one bar of delay turns the profit into a loss: the edge is in the first bar")
    noise = [each.figures["total_return"] for each in found.of("noise")]
    if noise:
        losing = sum(value <= 0 for value in noise)
        told.append(f"with noise on the prices it loses money in {losing} of {len(noise)} runs")
    return told


def _edge(ladder: Sequence[Rerun], what: str) -> str:
    earns = [each for each in ladder if each.figures["total_return"] > 0]
    if not earns:
        return f"it loses money with any {what}"
    if len(earns) == len(ladder):
        return f"it still earns with {ladder[-1].level * 1e4:g} bp more {what} a side"
    last = max(each.level for each in earns)
    next_up = min(each.level for each in ladder if each.level > last and each.figures["total_return"] <= 0)
    return f"it earns nothing any more between {last * 1e4:g} and {next_up * 1e4:g} bp of added {what} a side"


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _resampled(each: Resampled) -> dict[str, Any]:
    return {
        "test": each.name,
        "title": each.title,
        "runs": each.runs,
        "total_return": {f"{level:g}": _plain(each.final(level)) for level in LEVELS},
        "max_drawdown": {f"{level:g}": _plain(each.depth(level)) for level in LEVELS},
        "risk_of_ruin": each.ruined,
        "bands": {
            "step": each.steps.tolist(),
            **{f"{level:g}": each.bands[k].tolist() for k, level in enumerate(LEVELS)},
        },
    }
