"""Objectives are figures and arithmetic on figures, and nothing else."""

import math

import pytest

from lingua.optimize.objective import ObjectiveError, parse_objective

METRICS = {"sharpe": 1.5, "max_drawdown": 0.2, "trades": 12, "profit_factor": math.nan, "total_return": -0.1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sharpe", 1.5),
        ("-max_drawdown", -0.2),
        ("sharpe - 2 * max_drawdown", 1.1),
        ("sharpe * (1 - max_drawdown) ^ 2", 0.96),
        ("min(sharpe, trades / 10)", 1.2),
        ("if trades >= 30 then sharpe else 0", 0.0),
        ("if trades < 30 or profit_factor > 1 then 7 * sharpe else 0", 10.5),
        ("profit_factor ?? sharpe", 1.5),
        ("log(trades) + abs(total_return)", math.log(12) + 0.1),
        ("total_return > 50% ? sharpe : -1 * sharpe", -1.5),
    ],
)
def test_it_is_arithmetic_on_figures(text: str, value: float) -> None:
    assert parse_objective(text).value(METRICS) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    ["profit_factor", "sharpe + profit_factor", "min(profit_factor, 1)", "sharpe / (trades - 12)", "sqrt(total_return)",
     "if profit_factor > 1 then sharpe else 0", "exp(trades * 100)", "total_return ^ 0.5"],
)  # fmt: skip
def test_what_is_undefined_stays_undefined(text: str) -> None:
    assert math.isnan(parse_objective(text).value(METRICS))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sharp", "no figure of a backtest is called `sharp`"),
        ("sharpe + close", "no figure of a backtest is called `close`"),
        ("2 + 3", "reads no figure"),
        ("", "cannot be read"),
        ("sharpe +", "cannot be read"),
        ("sharpe[1]", "more than arithmetic"),
        ("ema(sharpe, 3)", "more than arithmetic"),
        ("min(sharpe)", "takes 2 values"),
        ("__import__(sharpe)", "more than arithmetic"),
        ("sharpe > 1", "more than arithmetic"),
    ],
)
def test_anything_else_is_refused(text: str, why: str) -> None:
    with pytest.raises(ObjectiveError, match=why):
        parse_objective(text)


def test_a_figure_of_which_less_is_better_is_made_small() -> None:
    assert not parse_objective("max_drawdown").maximize
    assert not parse_objective("(max_drawdown)").maximize
    assert parse_objective("max_drawdown").score(METRICS) == -0.2
    assert parse_objective("-max_drawdown").maximize
    assert parse_objective("sharpe").maximize
