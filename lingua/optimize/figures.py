"""The names of all figures of a backtest, for checking a program without loading what computes them."""

from __future__ import annotations

FIGURE_NAMES = (
    "final_equity", "total_return", "annual_return", "sharpe", "sortino", "calmar", "volatility",
    "max_drawdown", "max_drawdown_days", "max_drawdown_bars", "longest_drawdown_days", "time_under_water",
    "best_session", "worst_session", "skewness", "kurtosis", "sessions", "benchmark_return",
    "benchmark_drawdown", "excess_return", "beta", "alpha", "commission", "slippage", "funding", "borrow",
    "interest", "dividends", "break_even_cost_bp", "cost_bp", "fills", "ambiguous_fills", "ambiguous_share",
    "rejected", "denied", "suppressed", "ignored", "filtered", "zero_rounded", "below_minimum", "na_value",
    "wrong_side", "cut", "halted", "expired", "trades_before_settle", "exposure", "gross_exposure", "turnover",
    "annual_turnover", "largest_order_share", "capacity", "trades", "open_trades", "wins", "win_rate",
    "profit_factor", "average_trade", "average_trade_bp", "average_trade_r", "average_win", "average_loss",
    "best_trade", "worst_trade", "average_bars", "return_without_best_five", "planned_risk", "realised_risk_r",
    "average_mae", "average_mfe", "mae_of_winners", "mfe_of_losers",
)  # fmt: skip

BETTER_LOW = frozenset({
    "volatility", "max_drawdown", "max_drawdown_days", "max_drawdown_bars", "longest_drawdown_days", "time_under_water",
    "kurtosis", "benchmark_drawdown", "commission", "slippage", "funding", "borrow", "interest", "dividends", "cost_bp",
    "ambiguous_fills", "ambiguous_share", "rejected", "denied", "turnover", "annual_turnover", "largest_order_share",
    "trades_before_settle", "planned_risk", "average_mae", "mae_of_winners",
})  # fmt: skip
"""Figures of which less is better, when they stand alone. In an expression the sign says it."""
