"""The smaller things of the language, each as it is written and what it means: functions that are no indicators, values
that every program can read, literals and their units, signs, and the words inside an action, a test or a portfolio."""

from __future__ import annotations

HELPERS: dict[str, tuple[str, str]] = {
    # --- numbers ----------------------------------------------------------------------------------------------------
    "abs": ("abs(close - open)", "Size without sign."),
    "sign": ("sign(close - open)", "-1, 0 or 1."),
    "min": ("min(open, close, low[1])", "The smallest of its arguments; `na` if one is."),
    "max": ("max(open, close)", "The largest of its arguments; `na` if one is."),
    "clamp": ("clamp(2% / 5%, 10%, 50%)", "The first, kept between the other two."),
    "floor": ("floor(close)", "Next whole number down: an int."),
    "ceil": ("ceil(close)", "Next whole number up: an int."),
    "round": ("round(close)", "Nearest whole number, halves to the even one: an int."),
    "trunc": ("trunc(close)", "The whole part: an int."),
    "mod": ("mod(bar, 5 bars)", "`a - b * floor(a / b)`: of the sign of b. There is no `%` between numbers."),
    "nearest": ("nearest(close, 0.5)", "The multiple of the step that is nearest."),
    "log": ("log(close)", "Natural logarithm; `na` for 0 and below. Its result has no unit."),
    "exp": ("exp(log(close))", "e to the power of its argument."),
    "sqrt": ("sqrt(atr(14) / close)", "Square root; `na` below 0."),
    "num": ("num(close)", "The number without its unit. Of a time: seconds since 1970."),
    # --- other bars and other money ---------------------------------------------------------------------------------
    "developing": (
        "developing(rsi(close, 14), 1d)",
        "On closed bars plus one built from the bars of the running period. At a period's end it equals `@1d`.",
    ),
    "inner": (
        "inner(1m, max(high))",
        "A reduction over the finer bars inside this bar: first, last, sum, avg, min, max, count or stddev.",
    ),
    "convert": (
        "convert(equity, USDT)",
        "A price or money in other money, by the last price of a pair that the program reads: `data rate = EURUSD`.",
    ),
    # --- times ------------------------------------------------------------------------------------------------------
    "date": ('time >= date("2024-01-31")', "An instant, in the zone of the instrument."),
    "session": (
        'time in session("08:00-20:00", "UTC")',
        "True for a bar that lies wholly inside these hours of that zone.",
    ),
    "hour": (
        'hour(time, "America/New_York")',
        "Hour of a time, 0 to 23, in the instrument's zone unless one is given.",
    ),
    "minute": ("minute(time)", "Minute of a time, 0 to 59."),
    "weekday": ("weekday(open_time)", "Day of the week of a time: 1 is Monday, 7 Sunday."),
    "day": ("day(time)", "Day of the month of a time, from 1."),
    "month": ("month(time)", "Month of a time, 1 to 12."),
    "year": ("year(time)", "Year of a time."),
    # --- trades and signals -----------------------------------------------------------------------------------------
    "highest_since_entry": (
        "highest_since_entry(high)",
        "Highest value since the position was opened; `na` while flat.",
    ),
    "lowest_since_entry": ("lowest_since_entry(low)", "Lowest value since the position was opened; `na` while flat."),
    "agree": ("agree(s1, s2)", "True where all the signals have one side, and it is not flat."),
    "cross_above": ("cross_above(close, open[1])", "`close crosses above open[1]`; also `cross_below` and `cross`."),
    # --- members of a universe --------------------------------------------------------------------------------------
    "cs.rank": ("cs.rank(close / close[20])", "Rank among the members as of this bar, 1 the highest."),
    "cs.zscore": ("cs.zscore(close / close[20])", "Distance from the mean of the members in their deviations."),
    "cs.winsor": ("cs.winsor(close / close[20], 2%)", "The value, pulled in to the outer shares of the members."),
    "cs.demean": (
        "cs.demean(close / close[20])",
        "The value less the mean of the members (`by:` of those of a group).",
    ),
    "cs.neutral": ("cs.neutral(close / close[20], against: close)", "What another series does not explain of it."),
    "cs.top": ("cs.top(5, close / close[20])", "True for the n members with the highest values."),
}
"""Functions that are no indicators."""

VALUES: dict[str, tuple[str, str]] = {
    "open": ("open", "First price of the bar."),
    "high": ("high", "Highest price of the bar."),
    "low": ("low", "Lowest price of the bar."),
    "close": ("close", "Last price of the bar."),
    "volume": ("volume", "Quantity traded in the bar."),
    "time": ("time", "When the bar closed."),
    "open_time": ("open_time", "When the bar opened."),
    "bar": ("bar", "Number of the bar, from 0."),
    "symbol": ('symbol == "AAPL"', "Symbol of the bar, as a text."),
    "hl2": ("hl2", "Mean of high and low; `hlc3` and `ohlc4` with the close, and with open and close."),
    "position": ("position", "Quantity held, negative when short. `btc.position` that of a data symbol."),
    "entry": ("entry", "Average entry price of the open position; `na` while flat. `btc.entry` of a data symbol."),
    "weight": ("weight", "Signed share of equity in the position."),
    "equity": ("equity", "Cash and positions at the last price."),
    "cash": ("cash", "Free cash: without the proceeds of shorts and without margin."),
    "pnl": ("pnl", "Unrealised profit of the open position. `btc.pnl` of a data symbol."),
    "bars_in_trade": ("bars_in_trade", "Bars since the one in which the position was opened: 0 on that one."),
    "last_fill": ("last_fill", "Price of the last fill."),
}
"""Values that every program can read. Those of the account are as at the decision, after the fills of the bar."""

LITERALS: dict[str, tuple[str, str]] = {
    "number": ("1_000.5", "A number. Underscores may part its digits; `1e6` is allowed. It takes the unit asked for."),
    "percent": ("10%", "A ratio: a hundredth for each. `5bp` is five hundredths of a percent."),
    "duration": ("15m", "A length of time or of a bar: s, m, h, d (sessions), w, mo, y."),
    "bars": ("20 bars", "A number of bars of the strategy's own length."),
    "quantity": ("100 shares", "A quantity: shares, contracts, lots of the instrument, or of an asset: `0.5 BTC`."),
    "money": ("1000 USD", "Money, where the letters are a currency."),
    "ticks": ("2 ticks", "Steps of the instrument's price."),
    "multiple of risk": ("2R", "Multiples of the distance from a unit's fill to its first stop."),
    "text": ('"CME:ES"', "A text in double quotes."),
    "truth": ("true", "`true`, `false`; a comparison with a missing value is neither."),
    "list": ("close in {10, 20}", "Values in braces; with `..` a range that has both ends."),
}
"""Literals and their units."""

SIGNS: dict[str, tuple[str, str]] = {
    "[n]": ("close[1]", "The value n bars ago; n is fixed before the run and not negative."),
    "@": (
        "ema(close, 20)@1d",
        "Worked out again on longer bars (or on those of a data symbol): of the last closed one.",
    ),
    ".": ("bbands(close, 20, 2).upper", "A part of a record, a signal or a data symbol."),
    "+ - * / ^": ("(high - low) / close ^ 0.5", "Arithmetic. Division is never whole; x / 0 is `na`."),
    "> >= < <= == !=": ("close >= open", "Comparisons; they do not chain: `a < b and b < c`."),
    "and or not": ("close > open and not (close > high[1])", "Kleene logic over true, false and unknown."),
    "?:": ("close > open ? 1 : 0", "Short for `if … then … else …`."),
    "??": ("close[1] ?? open", "The right side where the left is missing."),
    "is na": ("close[1] is not na", "Whether a value is missing; `is not na`, whether it is there."),
    "sum over": (
        "sum over (i in 0..9: close[i] * (10 - i))",
        "A fold over whole numbers, both ends included: also product, min, max, all and any.",
    ),
    "up to": ("highest(high, floor(rsi(close, 14)) up to 100)", "The longest window of a length that changes."),
    "&": ("buy 1 & short 1 on btc", "Legs that are sent all or none."),
    "|": ("buy 1 at stop high + 1 | buy 1 at limit low - 1", "The first that fills cancels the other."),
    ";": ("let p = close; let q = open", "May part items; new lines need none."),
}
"""Signs between values, and between actions."""

CLAUSES: dict[str, tuple[str, str]] = {
    # --- how much ---------------------------------------------------------------------------------------------------
    "share": ("buy 10%", "Of equity in `buy`, `short` and `target`; of the position in `sell`, `cover` and `close`."),
    "of": ("buy 10% of cash", "A share of something else: `equity`, `cash`, `position` or `allocation`."),
    "risk": ("buy risk 1% with stop 2 * atr(14)", "So much that the stop, if hit, costs this share of equity."),
    # --- at what price, and how long --------------------------------------------------------------------------------
    "at market": ("buy 10% at market", "At the next bar's open. The same as nothing."),
    "at open": ("buy 10% at open", "At the open of the next session."),
    "at auction": ("buy 10% at auction", "At the close of the next session."),
    "at limit": ("buy 10% at limit close", "At this price or better, when the market trades through it."),
    "at stop": ("buy 10% at stop high", "At the market once the price has reached this level."),
    "at stop limit": (
        "buy 10% at stop high limit high + 2",
        "Once the price has reached the first, a limit at the second.",
    ),
    "at twap": ("buy 10% at twap for 8 bars", "In equal parts over so many bars, or over a time."),
    "at vwap": ("buy 10% at vwap for 2h", "In parts that follow the volume which those bars usually have."),
    "show": ("buy 100 at limit close show 10", "An iceberg: only so much is shown to the market."),
    "for": ("buy 10% at limit close for 4 bars", "How long an order works: bars, a time, or `gtc`. Otherwise one bar."),
    "tag": ('buy 10% tag "first"', "A text that goes with the fills into the list of trades."),
    "else": ("buy 10% else close", "What to do on bars where the condition is false; not where it is unknown."),
    # --- when to leave ----------------------------------------------------------------------------------------------
    "stop at": ("buy 10% with stop at lowest(low, 10)", "A level instead of a distance."),
    "target closing": (
        "buy 10% with stop 2%, target 1R closing 50%, target 3R",
        "A rung that closes a part of the unit; the last one takes the rest.",
    ),
    "after": (
        "buy 10% with stop 2%, stop at entry after 1R",
        "An exit that takes over once the trade is so far ahead.",
    ),
    "from last": ("buy 10% with stop 2 * atr(14) from last", "Moves the stops of all units to that of the newest."),
    "trail fixed": (
        "buy 10% with trail fixed 3 * atr(14)",
        "A trailing stop whose distance stays that of the decision.",
    ),
    "expire after": ("buy 10% with expire after 2d", "Leaves at the next open once so much time has passed."),
}
"""Words inside an action."""

TESTS: dict[str, tuple[str, str]] = {
    "given": ("given close = [100, 101, 99]", "Bars written down. Open is the close before; volume is 1."),
    "given bars": ("given bars = random(1, 200)", 'Random bars from a seed, or those of a file: `given bars "f.csv"`.'),
    "given lead": ("given close = [100, 101] given lead = 210", "Bars before the first, as it is; `capital` likewise."),
    "using": ("given close = [100, 101] using n: 3", "Values of parameters."),
    "expect": ("given close = [100, 101] expect position >= 0", "Must hold after the last bar."),
    "at bar": ("given close = [100, 101] expect not fired(enter) at bar 0", "Must hold on that bar, counted from 0."),
    "expect always": (
        "given close = [100, 101] expect always equity > 0 USD",
        "Must hold on every bar; `never` on none, `eventually` on one.",
    ),
    "within": ("given close = [100, 101] expect close ~ 101 within 0.5", "Equal but for so much."),
    "fired": ("given close = [100, 101] expect never fired(enter)", "Whether a rule acted on a bar."),
    "orders": (
        "given close = [100, 101] expect orders.count == 0",
        "Orders sent so far; `orders.working` those that rest.",
    ),
    "fills": ("given close = [100, 101] expect fills.count == 0", "Executions so far."),
    "trades": (
        "given close = [100, 101] expect trades.count == 0",
        "Closed trades so far; `trades.wins`, `trades.losses`.",
    ),
    "ready_bar": (
        "given close = [100, 101] expect warmup <= 210 bars",
        "Bars before the rules are live; also `warmup`.",
    ),
}
"""Words inside a test."""

PORTFOLIOS: dict[str, tuple[str, str]] = {
    "capital": ("capital 100_000 USD", "What the portfolio begins with."),
    "run": (
        "run Trend(n: 10) on BTCUSDT, ETHUSDT @ 1h weight 40%",
        "A strategy, its parameters, its symbols, its share.",
    ),
    "allocate": ("allocate risk_parity(60d) refresh 7d", "How capital is divided, and how often anew."),
}
"""Words inside a portfolio. It is checked; a backtest does not run it yet."""

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "helper": HELPERS,
    "value": VALUES,
    "literal": LITERALS,
    "sign": SIGNS,
    "clause": CLAUSES,
    "test word": TESTS,
    "portfolio word": PORTFOLIOS,
}
