"""Every code of the families names, future, timeframes and state, by the mistake that gives it and nothing else."""

import pytest

from lingua.diagnostics.codes import future, names, state, timeframes
from lingua.diagnostics.diagnostic import Code

MISTAKES = {
    "L0201": "let a = clsoe + 1",
    "L0202": "let a = emaa(close, 12)",
    "L0203": "let a = 1\nlet a = 2",
    "L0204": "let close = ema(open, 3)",
    "L0206": "let a = b + 1\nlet b = a + 1",
    "L0207": "fn f(x) = f(x - 1)\nlet a = f(close)",
    "L0209": "let a = bbands(close, 20).top",
    "L0210": "let a = atr(14) < 2%",
    "L0211": "let a = true + 1",
    "L0212": "let a = rsi(close, 14) > 70%",
    "L0213": "data eth = ETHUSDT\nlet a = close - eth.close",
    "L0214": "let a = close[bar]",
    "L0215": "param n = 14\nlet a = sma(close, n / 2)",
    "L0216": "let a = sma(close, 1000000000)",
    "L0217": "let a = ema(close, 12, 13)",
    "L0218": "let a = bbands(close, 20) > 3",
    "L0219": "let a = rsi > 30",
    "L0220": "let a = rsi(close, 14) > 120",
    "L0221": "let a = rsi(close, 14) >= 0",
    "L0222": "let a = close == na",
    "L0223": "let a = highest(high, bar)",
    "L0224": "let a = sum over (i in 0..1000000: close[i])",
    "L0225": "let a: int = 1.5",
    "L0226": 'let a = time > date("soon")',
    "L0227": "let a = convert(close, EUR)",
    "L0228": "let a = obv(volume, close)",
    "L0229": "let a = close * na",
    "L0231": "let a = max(high, 20)",
    "L0230": "let a = ta.ema(close, 12)",
    "L0301": "let a = close[-1]",
    "L0302": "let a = close.mean()",
    "L0401": "let a = close@90m",
    "L0402": "let a = close@1d[1]",
    "L0403": "let a = position@1d",
    "L0404": "let a = close@daily",
    "L0405": "let a = inner(1m, high)",
    "L0501": "let a = prev + 1",
    "L0503": "state a = 0 => b + 1\nstate b = 0 => a + 1",
    "L0504": "let a = ema(equity, 20)",
    "L0505": "state a = 0 => ema(prev, 3)",
    "L0506": "state a = 0 => close > open",
}

SAID_ELSEWHERE = {
    "L0205": "unused names are looked for when all statements have been read",
    "L0208": "needs a program of the sketch; see test_names",
    "L0502": "a rule on an anchored value is told so by the lints of rules",
}


def all_codes() -> list[str]:
    found = [v for module in (names, future, timeframes, state) for v in vars(module).values() if isinstance(v, Code)]
    return sorted(code.number for code in found)


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_gives_one_message_with_a_mend(code: str, check) -> None:
    checked = check(MISTAKES[code])
    assert checked.codes == [code], checked.said()
    assert checked.problems[0].help


def test_every_code_has_its_mistake() -> None:
    assert sorted([*MISTAKES, *SAID_ELSEWHERE]) == all_codes()
