"""The code spans of the language's specification, each under what it is: all of them must parse as that.

Left out are words on their own (`close`, `state`), signatures written for people (`f : forall u. …`), command lines,
and spans with an ellipsis in the middle.
"""

from __future__ import annotations

EXPRESSIONS = """
price*qty*multiplier
money/price
log(price)
num(x)
close > 100
atr(14) > 2%
rsi(close, 14) > 70%
w * 100%
w * 1 shares
convert(x, USD)
highest(high, n up to 60)
mod(a, b)
a - b*floor(a/b)
0^0 == 1
rsi(close, 14)
x[n]
s[1]
e@T
e@T[1]
e[1]@T
(e@T)[1]
developing(e, T)
inner(T, r(e))
inner(1m, max(high))
d.close
e@d
d.f
close[1]@d
ema(close, 20)@d
highest_since_entry(x)
lowest_since_entry(x)
ceil(log(1e-6) / log(1-a))
a*prev + b
ema(close, 50)@1d
close > sma(close, 20)
x is na
x is not na
x ?? y
a crosses above b
a crosses below b
a crosses b
slope < -15
btc.position
btc.entry
btc.pnl
open_time >= start and time <= end
time in session("08:00-20:00", "UTC")
date("2024-01-01")
cs.rank
cs.demean(x, by: sector)
cs.neutral(x, against: beta)
cs.top(n, x)
cs.rank(sma(close/close[20] - 1, 5))
s.side
s.confidence
agree(s1, s2, s3)
sum over (i in 0..n-1: close[i]*w(i))
random(seed, n)
fired(rule_)
avail <= close
bbands(close, 20, 2).upper
macd(close, 12, 26, 9).hist
atr(14)
adx(14)
EMA(close, 12)
CDLENGULFING()
position / 2
10%
5bp
2R
15m
20 bars
100 USD
10 ETH
5 CHF
x in {1, 2}
vote in -1..1
"\\""
if coil then prev + 1 else 0
a > b ? x : y
match { adx(14)@1d > 25 => 1.0, adx(14)@1d < 15 => 0.4, else => 0.7 }
close[-1]
close.shift(-1)
ta.ema(close, 12)
strategy_.entry("long")
true and not false
na
n up to 60
"""

ITEMS = """
risk { }
risk { max_drawdown 15% => halt }
let x = 1
test "t" { }
param n = 14 in 7..28 step 1
parameter n = 14
param ma = ema in {ema, sma}
require fast < slow
require (a > b)
require: a > b
plot (a+b)/2
plot: -a
plot c.upper, c.lower pane "price"
size w * 10%
size clamp(w, 1%, 5%)
size risk r
size 10% of equity
size: w
state s = init => next
state coiled: int = 0 => if coil then prev + 1 else 0
indicator rsi = rsi(close, 14)
indicator x: price = close
let (a, b) = f(x)
data d = S @ 1d
data btc = BTCUSDT
trade A, B, C
trade "CME:CL", "CME:GC", "CME:ES" @ 1d
direction both
pyramid 4 step 0.5 * n
filter liquid: volume > 0.5 * sma(volume, 96)
protect {}
protect { stop 3 * atr(14), trail 4 * atr(14) after 2R }
execution { warmup: settled }
execution { size_at: fill; cash_buffer: 0 }
execution { limit_fill: touch }
execution { limit_fill: through 1 ticks }
execution { detail: 1m }
execution { leavers: hold }
execution { slippage: 3bp; fees: "binance.spot"; latency: 1 bars; detail: 1m; borrow: 3% per year; \
    rebalance: 1%; cash_buffer: 1%; leavers: hold; profile: pine }
risk { max_drawdown 15% => halt; daily_loss 2% => flatten for 1d; max_orders 12 per day; max_exposure 150%; \
    max_open 5; max_open_risk 4%; max_weight 12%; max_holding 10d => flatten; cooldown 3 bars }
optimize { objective: sharpe; folds: walk_forward(train: 365d, test: 90d); trials: 200 }
universe liquid = top 50 by avg(volume * close, 30) from "binance.spot.usdt" refresh 7d
signal s = long when A, short when B, confidence C
alert big: abs(vote) > 0.8 => "strong vote {vote} on {symbol}"
rule trim: slope < -15 => close position / 2
rule name once: a => buy
rule name once every 1d: a => buy
rule r every weekly: a => buy
rule r every 5 bars: a => buy
let x = 1 ;; let y = 2
test "one entry" { given lead = 210 given close = [100, 99] using n: 3, k: 2 expect never fired(dip) at bar 6 }
test "t" { given btc.close = [1, 2] given bars = random(1, 200) expect always abs(weight) <= 40% }
test "t" for S { given bars "fixtures/btc_1h_2022.csv" expect x ~ 3 within 1% }
"""

ACTIONS = """
buy
sell
close
close position / 2
target w
target share else close
cancel
cancel entry
buy risk 1%
buy risk r
buy risk (a + b)
buy 10% of equity
buy 10% of cash
buy 10% of allocation
buy 10 ETH
buy (plot - a)
buy at market
buy at open
buy at auction
buy at limit p show q
buy at stop s limit p
buy at limit close for n bars
buy at limit close for n
buy at limit close for 4 bars
buy at limit close for 1d
buy at limit close for gtc
buy with stop at x
buy with stop at entry after 1R
buy with target 2R closing 50%, target 3R
buy with trail 3 * atr(14)
buy with trail fixed 3 * atr(14) after 1R
buy risk 1% with stop 2 * n from last
buy with stop 2%, expire after 48 bars
short 20% & buy 20% * beta on btc tag "rich"
buy tag "x" with stop 2%
buy with stop 2% tag "x"
close & close on "CME:ES"
buy 10% else sell & short 5%
buy at stop high | sell at stop low
sell close
buy 15% at stop high + 1 ticks limit high + 0.2 * atr(14) for 3 bars with stop 1.5 * atr(14), target 2R closing 50%
"""

TOPS = """
lingua 1
import "std/cloud"
import "std/cloud" as c
const k = 3
const k: int = 3
fn f(x) = x + 1
fn cloud(src, fast: int, slow: int) -> band { let f = ema(src, fast) return band(upper: f, lower: f) }
extern fn f(w: window<float, 64>) -> float from "m.onnx"
strategy S { }
portfolio Book { capital 100_000 USD \
    run Ensemble on BTCUSDT, ETHUSDT @ 1h weight 60% allocate risk_parity(60d) refresh 7d }
portfolio Book { run EmaCloudTrend(fast: 10) on SOLUSDT @ 1h weight 40% risk { max_drawdown 20% => flatten } }
universe liquid = top 50 by volume from "binance"
test "never over-levered" for Ensemble { expect always vote in -1..1 }
"""

# A span that is no program: what the message about it is called.
REFUSED = {
    "strategy S { let x := 3 }": "wrong-sign",
    "strategy S { rule r: a && b => buy }": "foreign-operator",
    "strategy S { rule r: time > 2024-01-01 => buy }": "bare-date",
    "strategy S {\n  rule r: a => buy\n  plot -a\n}": "swallowed-statement",
    "strategy S {\n  rule r: a => buy\n  require (a > b)\n}": "swallowed-statement",
    "strategy S {\n  rule r: a => buy\n  size (1)\n}": "swallowed-statement",
    "strategy S { rule r: a < b < c => buy }": "chained-comparison",
}


def lines(block: str) -> list[str]:
    return [line for line in block.strip().splitlines() if line]
