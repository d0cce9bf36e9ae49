"""Annual figures: sampled at session ends, the same for any bar length, equal to an independent library."""

import math
from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.backtest.curve import Curve, session_ends
from lingua.backtest.metrics import METRICS, Metrics, describe, reference


@pytest.fixture
def noisy(runs):
    """Four hundred days of returns with warm-up, an equity curve and its benchmark's bars."""
    generator = np.random.default_rng(7)
    closes = 100 * np.exp(np.cumsum(generator.normal(0.0004, 0.012, 400)))
    own = generator.normal(0.0007, 0.01, 400)
    own[:51] = 0.0
    return runs.make_result(runs.make_bars(closes), 1000 * np.cumprod(1 + own), ready=(50,), sessions_per_year=252.0)


def test_return_and_risk_equal_empyrical(noisy):
    empyrical = pytest.importorskip("empyrical")
    equity = noisy.curve.values[50:]
    returns = equity[1:] / equity[:-1] - 1
    same = {
        "sharpe": empyrical.sharpe_ratio(returns, annualization=252),
        "sortino": empyrical.sortino_ratio(returns, annualization=252),
        "volatility": empyrical.annual_volatility(returns, annualization=252),
        "annual_return": empyrical.annual_return(returns, annualization=252),
        "max_drawdown": -empyrical.max_drawdown(returns),
        "calmar": empyrical.calmar_ratio(returns, annualization=252),
        "total_return": empyrical.cum_returns_final(returns),
    }
    for name, expected in same.items():
        assert noisy.metrics[name] == pytest.approx(expected, rel=1e-9, abs=1e-12), name


def test_alpha_and_beta_equal_empyrical(noisy):
    empyrical = pytest.importorskip("empyrical")
    equity, market = noisy.curve.values[50:], noisy.benchmark.values[50:]
    returns, factor = (values[1:] / values[:-1] - 1 for values in (equity, market))
    alpha, beta = empyrical.alpha_beta_aligned(returns, factor, annualization=252)
    assert noisy.metrics["beta"] == pytest.approx(beta, rel=1e-9)
    assert noisy.metrics["alpha"] == pytest.approx(alpha, rel=1e-9)


def test_risk_free_is_taken_off_every_session(runs, noisy):
    empyrical = pytest.importorskip("empyrical")
    run = runs.make_result(
        noisy.bars, noisy.curve.values, ready=(50,), sessions_per_year=252.0, execution=runs.Execution(risk_free=0.03)
    )
    returns = noisy.curve.returns
    expected = empyrical.sharpe_ratio(returns, risk_free=0.03 / 252, annualization=252)
    assert run.metrics["sharpe"] == pytest.approx(expected, rel=1e-9)


def test_skewness_and_kurtosis_equal_scipy(noisy):
    stats = pytest.importorskip("scipy.stats")
    assert noisy.metrics["skewness"] == pytest.approx(stats.skew(noisy.curve.returns), rel=1e-9)
    assert noisy.metrics["kurtosis"] == pytest.approx(stats.kurtosis(noisy.curve.returns), rel=1e-9)


def test_hourly_bars_give_the_same_sharpe_as_the_days_they_make(runs):
    generator = np.random.default_rng(3)
    daily = 1000 * np.cumprod(1 + generator.normal(0.001, 0.01, 90))
    hourly = np.repeat(daily, 24) * (1 + generator.normal(0, 0.004, 90 * 24))
    hourly[23::24] = daily
    by_day = runs.make_result(runs.make_bars(daily), daily, ready=(0,))
    bars = runs.make_bars(hourly, step=3600 * runs.SECOND, timeframe="1h")
    by_hour = runs.make_result(bars, hourly, ready=(23,))  # the bar that ends the first day
    for name in ("sharpe", "sortino", "volatility", "annual_return"):
        assert by_hour.metrics[name] == pytest.approx(by_day.metrics[name], rel=1e-12), name
    assert by_hour.metrics["max_drawdown"] > by_day.metrics["max_drawdown"]  # drawdown is on bar closes


def test_the_rest_of_the_session_in_which_the_rules_became_live_is_time_too(runs):
    equity = 1000 * np.exp(np.linspace(0, 0.5, 100 * 24))
    bars = runs.make_bars(equity, step=3600 * runs.SECOND, timeframe="1h")
    for ready in (23, 24, 30, 35, 47):
        run = runs.make_result(bars, equity, ready=(ready,), sessions_per_year=365.0)
        assert run.curve.years * 365 * 24 == pytest.approx(len(equity) - 1 - ready, rel=1e-12)
        growth = 0.5 / (len(equity) - 1) * 365 * 24
        assert math.log1p(run.metrics["annual_return"]) == pytest.approx(growth, rel=1e-9)


def test_real_minutes_have_the_figures_that_empyrical_gives_their_days():
    empyrical = pytest.importorskip("empyrical")
    pandas = pytest.importorskip("pandas")
    file = Path(__file__).resolve().parents[4] / "shared" / "data" / "crypto_1m_BTCUSD_2017-2018_bitfinex.parquet"
    if not file.exists():
        pytest.skip("the shared prices are not beside the repository")
    text = """strategy S { trade BTCUSD @ 1m
      rule enter: ema(close, 240) crosses above ema(close, 1440) => buy 90% with stop 6%
      rule leave: ema(close, 240) crosses below ema(close, 1440) => sell
      execution { commission: 0.1%; slippage: 2bp } }"""
    run = lingua.compile(text).backtest({"BTCUSD": file}, start="2018-01-01", end="2018-03-10")
    assert run.metrics["trades"] > 30
    table = run.equity.to_pandas().iloc[run.ready[0] :]
    # A bar that closes at midnight ends its day.
    day = (pandas.to_datetime(table["time"], utc=True) - pandas.Timedelta(1, "ns")).dt.floor("D")
    returns = table.groupby(day)["equity"].last().pct_change().dropna().to_numpy()
    steps = table["equity"].pct_change().dropna().to_numpy()
    same = {
        "sharpe": empyrical.sharpe_ratio(returns, annualization=365),
        "sortino": empyrical.sortino_ratio(returns, annualization=365),
        "volatility": empyrical.annual_volatility(returns, annualization=365),
        "max_drawdown": -empyrical.max_drawdown(steps),
        "total_return": empyrical.cum_returns_final(steps),
    }
    for name, expected in same.items():
        assert run.metrics[name] == pytest.approx(expected, rel=1e-9), name


def test_sessions_of_a_calendar_are_used_when_given(runs):
    """Two sessions a day: what a calendar says counts, not midnight."""
    generator = np.random.default_rng(5)
    closes = 100 * np.cumprod(1 + generator.normal(0, 0.01, 120))
    bars = runs.make_bars(closes, step=12 * 3600 * runs.SECOND, timeframe="12h")
    run = runs.make_result(bars, closes, ready=(0,), sessions=np.arange(120), sessions_per_year=730.0)
    returns = closes[1:] / closes[:-1] - 1
    assert run.metrics["sessions"] == 119
    assert run.metrics["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(730), rel=1e-12)


def test_fewer_than_thirty_sessions_carry_no_annual_figure(runs):
    generator = np.random.default_rng(1)
    equity = 1000 * np.cumprod(1 + generator.normal(0, 0.01, 31))
    short = runs.make_result(runs.make_bars(equity[:30]), equity[:30], ready=(0,))
    enough = runs.make_result(runs.make_bars(equity), equity, ready=(0,))
    for name in ("sharpe", "sortino", "volatility", "annual_return", "calmar", "beta"):
        assert math.isnan(short.metrics[name]), name
        assert not math.isnan(enough.metrics[name]), name


def test_growth_is_annualised_from_the_ready_bar(runs):
    """+50 % in 1,000 days of which 200 are warm-up is 20.3 % a year, not 16.0 %."""
    equity = np.concatenate((np.full(200, 1000.0), np.linspace(1000.0, 1500.0, 801)[1:]))
    run = runs.make_result(runs.make_bars(np.full(1000, 10.0)), equity, ready=(199,))
    assert run.metrics["annual_return"] == pytest.approx(1.5 ** (365 / 800) - 1)
    assert round(run.metrics["annual_return"], 3) == 0.203


def test_an_equity_that_never_moves_has_no_sharpe(runs):
    run = runs.make_result(runs.make_bars(np.full(100, 10.0)), np.full(100, 1000.0))
    assert math.isnan(run.metrics["sharpe"])
    assert math.isnan(run.metrics["sortino"])
    assert run.metrics["volatility"] == 0.0


def test_ruin_gives_figures_without_infinities(runs):
    equity = np.concatenate((np.linspace(1000, 100, 40), np.full(40, -20.0)))
    run = runs.make_result(runs.make_bars(np.full(80, 10.0)), equity, ready=(0,))
    assert run.metrics["max_drawdown"] == pytest.approx(1.02)
    assert run.metrics["annual_return"] == -1.0
    assert not any(math.isinf(value) for value in run.metrics.values())


def test_session_ends_are_the_last_bars_of_each_session():
    assert session_ends(np.array([1, 1, 2, 2, 2, 3]), 0).tolist() == [1, 4, 5]
    assert session_ends(np.array([1, 1, 2]), 3).tolist() == []


def test_longest_drawdown_runs_from_high_to_high():
    ts = np.arange(8, dtype=np.int64)
    curve = Curve(ts, np.array([5.0, 9, 10, 8, 7, 9, 10, 9]), 0, ts, 365.0)
    assert curve.longest == (2, 6)
    assert curve.deepest == (2, 4, 6)


def test_every_metric_tells_its_formula_and_unit(noisy):
    for name in METRICS:
        text = describe(name)
        assert METRICS[name].formula in text
        assert name in text
    assert set(Metrics(noisy)) == set(METRICS)


def test_the_reference_has_one_row_a_metric():
    lines = reference().splitlines()
    assert len(lines) == len(METRICS) + 2
    assert all(line.replace("\\|", "").count("|") == 6 for line in lines)


def test_metrics_are_computed_when_asked_for(noisy):
    metrics = Metrics(noisy)
    assert metrics["sharpe"] == metrics["sharpe"]
    assert list(metrics._known) == ["sharpe"]
    with pytest.raises(KeyError):
        metrics["sharp"]
