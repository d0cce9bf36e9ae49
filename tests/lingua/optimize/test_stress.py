"""Other orders and other worlds."""

import json
import math

import numpy as np
import pytest

import lingua
from lingua.backtest.run import execution_of
from lingua.data.market import load_market
from lingua.optimize.perturbed import World, moved
from lingua.optimize.resampling import blocks, redrawn, shuffled, skipped, trade_returns
from lingua.optimize.stress import findings, stress
from lingua.optimize.stresspage import stress_html


@pytest.fixture(scope="module")
def world(made_bars, program) -> World:
    compiled = lingua.compile(program.replace("fast = 5", "fast = 3").replace("slow = 20", "slow = 10"))
    market = load_market(compiled.program, {"SYM": made_bars(900, 3)})
    return World(compiled, market, execution_of(compiled.program, {"commission": 0.0005}), 100_000.0)


RETURNS = np.random.default_rng(0).normal(0.002, 0.02, 300)


def test_another_order_ends_at_the_same_place() -> None:
    found = shuffled(RETURNS, 200, 1, 0.5)
    assert found.finals == pytest.approx(np.full(200, np.prod(1 + RETURNS) - 1))
    assert found.depth(0.05) < found.depth(0.95)


def test_drawn_trades_spread_as_the_theory_of_the_mean_says() -> None:
    found = redrawn(RETURNS, 4_000, 1, 0.5)
    logs = np.log1p(RETURNS)
    assert np.mean(np.log1p(found.finals)) == pytest.approx(logs.sum(), abs=0.03)
    assert np.std(np.log1p(found.finals)) == pytest.approx(logs.std() * math.sqrt(300), rel=0.05)


def test_blocks_keep_what_belongs_together() -> None:
    # Returns that come in runs of ten: drawn one by one the spread is the root of ten smaller than in blocks.
    runs = np.repeat(np.random.default_rng(2).choice([-0.01, 0.01], 60), 10)
    single = np.std(np.log1p(blocks(runs, 1_500, 1, 0.5, 1).finals))
    together = np.std(np.log1p(blocks(runs, 1_500, 1, 0.5, 40).finals))
    assert 2.2 < together / single < 3.6


def test_missed_trades_take_their_share() -> None:
    found = skipped(np.full(500, 0.001), 2_000, 1, 0.5, 0.25)
    assert np.median(np.log1p(found.finals)) == pytest.approx(375 * math.log(1.001), rel=0.01)


def test_the_risk_of_ruin_is_that_of_the_gamblers_walk() -> None:
    # Even bets of a fixed log size without edge: the probability to touch -m before n steps is 2 P(S_n < -m) + P(S_n =
    # -m) by reflection (Feller, An Introduction to Probability Theory and Its Applications I, 1968, III.1).
    up = 0.05
    bets = np.array([up, 1 / (1 + up) - 1] * 100)
    ruin = 1 - (1 + up) ** -10
    found = redrawn(bets, 20_000, 3, ruin - 1e-9)
    n, m = 200, 10
    below = sum(math.comb(n, k) for k in range((n - m) // 2)) / 2**n
    at = math.comb(n, (n - m) // 2) / 2**n
    assert found.ruined == pytest.approx(2 * below + at, abs=0.012)


def test_bands_are_ordered_and_begin_at_one() -> None:
    found = redrawn(RETURNS, 500, 1, 0.5)
    assert np.all(np.diff(found.bands, axis=0) >= 0)
    assert np.all(found.bands[:, 0] == 1.0)
    assert found.steps[-1] == len(RETURNS)
    assert found.bands[2, -1] - 1 == pytest.approx(found.final(0.5))


def test_the_first_step_of_each_ladder_is_the_run_itself(world) -> None:
    found = stress(world, runs=50, reruns=2, only=("commission", "slippage"))
    base = world.run().metrics
    for test in ("commission", "slippage"):
        ladder = found.of(test)
        assert ladder[0].figures["total_return"] == base["total_return"]
        returns = [each.figures["total_return"] for each in ladder]
        assert returns == sorted(returns, reverse=True)
        assert len(set(returns)) == len(returns)


def test_trade_returns_add_up_to_the_run(world) -> None:
    run = world.run()
    returns = trade_returns(run)
    assert len(returns) == run.metrics["trades"]
    flat = float(run.ledger.positions[0][-1]) == 0.0
    last = run.metrics["total_return"] if flat else math.nan
    if flat:
        assert np.prod(1 + returns) - 1 == pytest.approx(last, rel=0.02)


def test_noise_leaves_bars_that_are_bars(world) -> None:
    bars = world.market.traded[0]
    found = moved(bars, np.random.default_rng(1), 0.5)
    assert np.all(found.high >= np.maximum(found.open, found.close) * (1 - 1e-12))
    assert np.all(found.low <= np.minimum(found.open, found.close) * (1 + 1e-12))
    change = np.log(found.close / bars.close)
    assert np.std(change) == pytest.approx(0.5 * np.std(np.diff(np.log(bars.close))), rel=0.1)


def test_the_same_seed_gives_the_same_bits(world) -> None:
    first, second = (json.dumps(stress(world, runs=100, reruns=3, seed=4).to_dict()) for _ in range(2))
    assert first == second
    assert first != json.dumps(stress(world, runs=100, reruns=3, seed=5).to_dict())


def test_leaving_a_test_out_changes_no_other(world) -> None:
    whole = stress(world, runs=60, reruns=2, seed=1)
    alone = stress(world, runs=60, reruns=2, seed=1, only=("noise",))
    assert [each.figures for each in alone.reruns] == [each.figures for each in whole.of("noise")]


def test_too_few_trades_are_said_and_not_shuffled(made_bars, program) -> None:
    compiled = lingua.compile(program)
    market = load_market(compiled.program, {"SYM": made_bars(120, 5)})
    found = stress(World(compiled, market, execution_of(compiled.program, {}), 1e5), runs=10, reruns=1)
    assert set(found.missing) == {"trades", "skipped"}
    assert "10 are the fewest" in found.missing["trades"]


def test_a_strategy_that_never_trades_is_not_stressed(made_bars) -> None:
    compiled = lingua.compile(
        "strategy S { trade SYM @ 1d rule r: close > 1000 * sma(close, 5) => buy 10% with stop 5% }"
    )
    market = load_market(compiled.program, {"SYM": made_bars(100)})
    with pytest.raises(lingua.CompileError) as refused:
        stress(World(compiled, market, execution_of(compiled.program, {}), 1e5))
    assert refused.value.problems[0].code.number == "L0895"


def test_the_page_stands_alone(world) -> None:
    found = stress(world, runs=50, reruns=2)
    page = stress_html(found)
    assert "<script" not in page
    assert "http://" not in page
    assert page.count("<polygon") == 2 * len(found.resampled)
    assert findings(found)
