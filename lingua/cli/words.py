"""The words of the language: how each is written and what it means, a line or two."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # --- a file ---------------------------------------------------------------------------------------------------
    "lingua": ("lingua 1", "The edition of the language this file is written in. The first line of a file; optional."),
    "import": (
        'import "helpers.lingua" as h',
        "Use the functions and constants of another file, or of the bundled `std`.",
    ),
    "const": ("const YEAR = 252", "A named constant of the file."),
    "fn": (
        "fn spread(a, b) = a - b",
        "A function. It may not call itself. A longer body has `let` and `state` lines and ends with `return`.",
    ),
    "extern": (
        'extern fn p(w: window<float, 64>) -> float from "m.onnx"',
        "A function from a model file. It is checked; a backtest does not run it yet.",
    ),
    "universe": (
        'universe liquid = top 50 by avg(volume * close, 30) from "list" refresh 7d',
        "A changing set of symbols. It is checked; a backtest does not run it yet.",
    ),
    "strategy": ("strategy Name { … }", "One strategy: what it trades, what it computes, and its rules."),
    "portfolio": (
        "portfolio Book { … }",
        "Several strategies on one account. It is checked; a backtest does not run it yet.",
    ),
    "test": (
        'test "name" for Strategy { given close = [100, 101] expect fired(enter) }',
        "Bars written down and what must come of them. `lingua test FILE` runs it.",
    ),
    # --- items of a strategy --------------------------------------------------------------------------------------
    "trade": ("trade AAPL @ 1d", "The symbol or symbols that are traded, and the bars the rules are asked on."),
    "data": (
        "data btc = BTCUSDT @ 1h",
        "Another symbol to read: `btc.close`, `ema(close, 20)@btc`; or to trade: `buy 1 on btc`.",
    ),
    "param": (
        "param fast = 12 in 5..30 step 1",
        "A number, choice or switch that `--set fast=10` and an optimiser may change. `parameter` means the same.",
    ),
    "indicator": ("indicator f = ema(close, 12)", "A named series. Shown in the values, the plots and the report."),
    "let": ("let rising = f > f[1]", "A named expression. `let (a, b) = macd(close)` takes a record apart."),
    "state": (
        "state n: int = 0 => if close > open then prev + 1 else 0",
        "A series that reads its own last value, `prev`. The first value stands before `=>`, the step after it.",
    ),
    "signal": (
        "signal trend = long when f > s, short when f < s, confidence adx(14) / 50",
        "A side and a confidence from 0 to 1. In arithmetic it is side times confidence.",
    ),
    "filter": ("filter liquid: volume > 1000", "Entries are let through only where it is true. Exits never ask it."),
    "rule": (
        "rule enter: f crosses above s => buy risk 1% with stop 2 * atr(14)",
        "Acts on every bar where its condition is true. `once`: once per run of true. `every weekly`: only when a week has closed.",
    ),
    "size": ("size: 25% of equity", "The amount of every `buy` and `short` that states none."),
    "direction": ("direction both", "`long` (the default), `short` or `both`."),
    "pyramid": (
        "pyramid 4 step 0.5 * atr(20)",
        "Up to so many units of one position, each a step further in favour than the last fill.",
    ),
    "protect": (
        "protect { stop 2 * atr(14), trail 3 * atr(14) after 1R }",
        "Exits of every entry that carries none of its own.",
    ),
    "risk": (
        "risk { max_drawdown 15% => halt; daily_loss 2% => flatten for 1d }",
        "Limits on the whole strategy. In an amount, `risk 1%` is the share of equity lost if the stop is hit.",
    ),
    "execution": (
        "execution { slippage: 3bp; commission: 0.1% }",
        "Costs and the way orders meet the market; `lingua doc slippage` and so on.",
    ),
    "require": ("require fast < slow", "Must hold between parameters; combinations that break it are refused."),
    "plot": ('plot f, s pane "price"', "Lines in the report."),
    "alert": ('alert big: abs(vote) > 0.8 => "vote {vote}"', "A message when a condition becomes true."),
    "optimize": (
        "optimize { objective: sharpe; folds: walk_forward(train: 365d, test: 90d) }",
        "How `lingua optimize` searches the parameters. A backtest runs with their own values.",
    ),
    # --- verbs ----------------------------------------------------------------------------------------------------
    "buy": (
        "=> buy 10% of equity",
        "Open or add to a long position. Without an amount: the `size` line, else the whole allocation.",
    ),
    "sell": ("=> sell", "Reduce or close a long position, never through zero. Without an amount: all of it."),
    "short": ("=> short 10% of equity", "Open or add to a short position. Not on a spot instrument."),
    "cover": ("=> cover", "Reduce or close a short position."),
    "close": (
        "=> close",
        "As a verb: reduce or close the position, whichever side. As a price: the last price of the bar.",
    ),
    "target": ("=> target 40%", "Move to this signed share of equity. Also an exit: `with target 2R`."),
    "cancel": ("=> cancel enter", "Withdraw working entries, of one rule or of all."),
    # --- orders and exits -----------------------------------------------------------------------------------------
    "limit": (
        "buy 10% at limit close for 4 bars",
        "Buy at this price or lower. Filled when the market trades through it.",
    ),
    "stop": (
        "buy 10% at stop high + 1 ticks",
        "As an order: buy when the price rises to this level. As an exit: leave when it falls to it.",
    ),
    "trail": (
        "with stop 2 * atr(14), trail 3 * atr(14) after 1R",
        "A stop that follows the best price and never moves back; here only once the trade is 1R ahead.",
    ),
    "expire": ("with expire after 20 bars", "Leave after so long."),
    "with": ("buy 10% with stop 2%, target 2R", "Exits that belong to what this order fills."),
    "on": ("short 20% & buy 20% on btc", "The other symbol this leg trades. Legs joined by `&` are sent all or none."),
    "once": ("rule trim once: r > 80 => sell 50%", "Act at most once while the condition stays true."),
    "every": (
        "rule review every weekly: close < sma(close, 50) => close",
        "Ask only on the first bar after such a period has closed.",
    ),
    # --- expressions ----------------------------------------------------------------------------------------------
    "crosses": (
        "f crosses above s",
        "Above now, and not above at the previous bar on which both were known. Also `crosses below`, `crosses`.",
    ),
    "na": (
        "x is na",
        "A missing value. Arithmetic with it is `na`, comparison unknown; a rule acts only on true. `x ?? y` repairs.",
    ),
    "prev": ("state s = 0 => prev + 1", "The last valid value of the state that is being defined."),
    "if": ("if a then b else c", "Chooses between values. Both sides are always computed."),
    "match": ("match { adx(14) > 25 => 1.0, else => 0.5 }", "The value beside the first true condition."),
    "in": ("x in 1..5", "Between two bounds, both included, or one of a list."),
    "R": (
        "with stop 2%, target 2R",
        "Multiples of the unit's initial risk: the distance from its fill to its first stop.",
    ),
    "bp": ("slippage: 3bp", "Hundredths of a percent."),
    "position": (
        "position > 0",
        "The signed quantity held. Also `entry`, `weight`, `equity`, `cash`, `pnl`, `bars_in_trade`, `last_fill`.",
    ),
    "time": ('time in session("08:00-20:00", "UTC")', "The instant the bar closed. `open_time` is when it opened."),
    "developing": (
        "developing(rsi(close, 14), 1d)",
        "The value on closed days plus one built from the bars of today so far.",
    ),
    "inner": ("inner(1m, max(high))", "A reduction over the finer bars inside this bar."),
}

OPTIONS: dict[str, tuple[str, str]] = {
    # --- costs ----------------------------------------------------------------------------------------------------
    "slippage": (
        "slippage: 3bp",
        "Share of the price against you on market and stop fills. It may carry a fill beyond the bar. Default 0.",
    ),
    "slippage_ticks": ("slippage_ticks: 1", "The same in ticks of the instrument. Default 0."),
    "slippage_volume_share": (
        "slippage_volume_share: 10%",
        "The price moves by this ratio times order quantity / bar volume. Default 0.",
    ),
    "commission": ("commission: 0.1%", "Share of the notional, per side, of fills that take liquidity. Default 0."),
    "commission_maker": (
        "commission_maker: 0.05%",
        "Share of the notional of resting limit fills. Default: the same as `commission`.",
    ),
    "commission_per_order": ("commission_per_order: 1 USD", "Money for each order that fills. Default 0."),
    "commission_per_unit": ("commission_per_unit: 0.005 USD", "Money for each share, contract or coin. Default 0."),
    "commission_minimum": ("commission_minimum: 1 USD", "Least commission of an order. Default 0."),
    "commission_maximum": (
        "commission_maximum: 1%",
        "Most commission of an order, as money or as a share of what it trades; it wins over the least. Default: none.",
    ),
    "commission_maximum_share": ("commission_maximum_share: 1%", "The same as a share alone."),
    "commission_tiers": (
        "commission_tiers: [[0, 0.1%], [1_000_000, 0.08%]]",
        "Commission by the notional traded in the last 30 days; replaces `commission`.",
    ),
    "fees": ('fees: "binance.spot"', "A named set of commissions. Your own commission options win over it. {presets}"),
    "funding": (
        "funding: 0.01%",
        "Rate that a perpetual's position pays every 8 hours. Default: none, and the report says so.",
    ),
    "borrow": ("borrow: 3% per year", "Rate on the market value of shorts. Default: none, and the report says so."),
    "interest": ("interest: 2% per year", "Rate that idle cash earns. Default 0."),
    # --- fills ----------------------------------------------------------------------------------------------------
    "latency": (
        "latency: 1 bars",
        "How long an order is under way, in bars or in time. Default: it can fill on the next bar.",
    ),
    "leg_timeout": (
        "leg_timeout: 10s",
        "Legs joined by `&` that rest unfilled so long after the first has filled are broken. Default 10s.",
    ),
    "on_broken": (
        "on_broken: complete",
        "`complete`: missing legs go to the market (default). `unwind`: filled legs are closed.",
    ),
    "detail": (
        "detail: 1m",
        "Finer bars that show what happened first inside a bar. Default: the adverse order is assumed.",
    ),
    "fill_share": (
        "fill_share: 10%",
        "At most this share of a bar's volume fills an order; the rest waits. Default: no limit.",
    ),
    "limit_fill": (
        "limit_fill: through",
        "`through`: the price must go beyond a limit (default). `touch`: reaching it is enough.",
    ),
    "limit_through_ticks": ("limit_through_ticks: 1", "How far beyond, in ticks. Default 1."),
    "intrabar": (
        "intrabar: adverse",
        "`adverse`: inside a bar the worse comes first (default). `favourable`: the better.",
    ),
    "stops_from": (
        "stops_from: fill",
        "`fill`: exits are live from the moment of the fill (default). `next_bar`: from the bar after.",
    ),
    "fill_on": (
        "fill_on: open",
        "Market orders fill at the next open. There is no other choice: the close that decided is over.",
    ),
    # --- sizes ----------------------------------------------------------------------------------------------------
    "size_at": (
        "size_at: decision",
        "`decision`: the quantity is fixed when the order leaves (default). `fill`: when it fills.",
    ),
    "cash_buffer": (
        "cash_buffer: 1%",
        "Cash kept back for a higher fill. Default 1% for market and stop orders, 0 for limits.",
    ),
    "rebalance": ("rebalance: 1%", "`target` trades only if the change is at least this share of equity. Default 1%."),
    "whole_units": (
        "whole_units: true",
        "Round quantities down to whole units where the instrument has no lot. Default false.",
    ),
    # --- when rules act -------------------------------------------------------------------------------------------
    "warmup": (
        "warmup: settled",
        "`ready`: rules act once everything has a value (default). `settled`: once the start no longer matters.",
    ),
    "max_gap": ("max_gap: 3", "After more missing bars than this, entries wait for a valid one. Default 3."),
    "allow_jumps": (
        "allow_jumps: true",
        "Accept overnight moves of a share of more than 40% that no split explains. Default false.",
    ),
    "leavers": ("leavers: close", "What happens to members that leave a universe: `close` (default) or `hold`."),
    # --- figures --------------------------------------------------------------------------------------------------
    "risk_free": ("risk_free: 2% per year", "Rate that Sharpe and Sortino subtract. Default 0."),
    "profile": ("profile: pine", "Options that reproduce another platform's rules; yours win over them. {profiles}"),
}
"""Options of the `execution` block."""

LIMITS: dict[str, tuple[str, str]] = {
    "max_drawdown": (
        "max_drawdown 15% => halt",
        "Fall of the equity from its peak, at bar closes. `halt` stops entries for good, `flatten` closes too.",
    ),
    "daily_loss": (
        "daily_loss 2% => flatten for 1d",
        "Loss since the session began; `for 1d` is until the next session.",
    ),
    "hourly_loss": ("hourly_loss 1% => halt for 1h", "Loss since the hour began."),
    "weekly_loss": ("weekly_loss 5% => halt for 1w", "Loss since the week began."),
    "monthly_loss": ("monthly_loss 8% => halt for 1mo", "Loss since the month began."),
    "quarterly_loss": ("quarterly_loss 12% => halt", "Loss since the quarter began."),
    "yearly_loss": ("yearly_loss 20% => halt", "Loss since the year began."),
    "max_orders": ("max_orders 12 per day", "Entry orders in a period. Further ones are denied."),
    "max_exposure": (
        "max_exposure 150%",
        "Value of all positions as a share of equity. An order is cut to fit, and denied below half.",
    ),
    "max_weight": (
        "max_weight 12%",
        "Value of one position as a share of equity. An order is cut to fit, and denied below half.",
    ),
    "max_open": ("max_open 5", "Units open at once, each addition to a position counted."),
    "max_open_risk": ("max_open_risk 4%", "What would be lost if all stops were hit, as a share of equity."),
    "max_turnover": ("max_turnover 150% per month", "Value traded in a period as a share of equity."),
    "max_holding": (
        "max_holding 10d => flatten",
        "How long a position may be held: sessions (`10d`), clock time (`4h`) or `20 bars`.",
    ),
    "cooldown": ("cooldown 3 bars", "No entry so soon after the last exit."),
}
"""Limits of the `risk` block."""
