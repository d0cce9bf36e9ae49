"""Random well-typed programs: every declaration, verb, order and exit of the language, units respected.

Expressions are written by kind: `P` price, `N` plain number, `Q` quantity, `R` ratio, `B` truth. `Maker.text` is a whole
program; `symbols`, `data`, `timeframe`, `kind`, `calendar` and `detail` say which bars it needs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lingua.indicators import registry

KINDS = ("P", "N", "Q", "R", "B")
HIGHER = {
    "15m": ("1h", "4h", "1d"), "1h": ("4h", "1d", "1w"), "4h": ("1d", "1w", "1mo"), "1d": ("1w", "1mo"),
}  # fmt: skip
"""Timeframes above each base; every later one is made of whole bars of the earlier ones, except weeks in months."""
FINER = {"15m": "5m", "1h": "15m", "4h": "1h"}
ZONES = ('"08:00-20:00", "UTC"', '"09:30-16:00", "America/New_York"', '"22:00-06:00", "Europe/Berlin"')
UNIT_KINDS = {"price": "P", "none": "N", "qty": "Q", "ratio": "R"}
OF_KIND = {"P": "price", "N": "none", "Q": "qty", "R": "ratio"}
MARKETS = ("24x7", "XNYS")


class Maker:
    """One random program. The same seed gives the same program as long as the registry lists the same indicators."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = random.Random(seed)
        self.timeframe = rng.choice(["15m", "1h", "1h", "4h", "1d", "1d"])
        self.calendar = "XNYS" if rng.random() < (0.6 if self.timeframe == "1d" else 0.2) else "24x7"
        self.direction = rng.choice(["long", "long", "both", "both", "short"])
        self.kind = rng.choice(["stock", "perp", "future"] if self.direction != "long" else ["stock", "spot", "perp"])
        self.symbols = ("AAA", "BBB") if rng.random() < 0.3 else ("AAA",)
        self.data: list[tuple[str, str, str]] = []
        self.detail = ""
        self.names: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.ints: list[str] = []
        self.filled: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.functions: list[tuple[str, str, str]] = []
        self.signals: list[str] = []
        self.rules: list[str] = []
        self.count = 0
        self.on_base: set[str] = set()
        """Names that look at other clocks, and so are used on base bars only."""
        self.clock = 0
        """0: base bars; k: inside `@` of HIGHER[timeframe][k - 1]."""
        self.may_read_fills = False
        self.text = self._program()

    # --- expressions -------------------------------------------------------------------------------

    def expr(self, kind: str, depth: int = 3) -> str:
        makers = self._leaves(kind) if depth <= 0 or self.rng.random() < 0.15 else self._branches(kind)
        return self.rng.choice(makers)(depth - 1)

    def _leaves(self, kind: str) -> list[Callable[[int], str]]:
        rng = self.rng
        leaves: dict[str, list[Callable[[int], str]]] = {
            "P": [lambda d: rng.choice(["open", "high", "low", "close", "close", "hl2", "hlc3", "ohlc4"])],
            "N": [
                lambda d: rng.choice(
                    [
                        "(close / open)",
                        "(high / low - 1)",
                        "(bar / 10 bars)",
                        "hour(time)",
                        "(weekday(time) + 0.5)",
                        "(day(time) * 0.5)",
                        "(minute(open_time) + month(time))",
                    ]
                )
            ],
            "Q": [lambda d: "volume"],
            "R": [lambda d: rng.choice(["2%", "50bp", "(close / open) * 1%"])],
            "B": [
                lambda d: rng.choice(
                    [
                        "close > open",
                        "high >= high[1]",
                        "volume > 0",
                        "close is na",
                        f"time in session({rng.choice(ZONES)})",
                        'time > date("2024-01-20")',
                        "weekday(time) in {1, 3, 5}",
                    ]
                )
            ],
        }
        found = leaves[kind]
        known = [name for name in self.names[kind] if self.clock == 0 or name not in self.on_base]
        if known:
            found += [lambda d: rng.choice(known)] * 3
        if self.may_read_fills and self.filled[kind]:
            found += [lambda d: rng.choice(self.filled[kind])] * 2
        same = [alias for alias, _, frame in self.data if frame == self.timeframe]
        if self.clock == 0 and kind in ("P", "Q") and same:
            field = ["close", "high", "open"] if kind == "P" else ["volume"]
            found += [lambda d: f"{rng.choice(same)}.{rng.choice(field)}"] * 2
        if self.may_read_fills:
            own = {
                "P": ["(entry ?? close)", "highest_since_entry(high)", "lowest_since_entry(low)", "last_fill", "entry"],
                "N": ["num(pnl) / num(equity)", "num(bars_in_trade)", "num(cash) / num(equity)"],
                "Q": ["position", "abs(position)"], "R": ["weight", "abs(weight)"],
                "B": ["position > 0", "position == 0", "bars_in_trade > 5", "pnl > 0", "close < entry", "weight > 20%"],
            }[kind]  # fmt: skip
            found += [lambda d: rng.choice(own)] * 2
        return found

    def _branches(self, kind: str) -> list[Callable[[int], str]]:
        rng = self.rng
        found: list[Callable[[int], str]] = [
            lambda d: f"({self.expr('B', d)} ? {self.expr(kind, d)} : {self.expr(kind, d)})",
            lambda d: f"(if {self.expr('B', d)} then {self.expr(kind, d)} else {self.expr(kind, d)})",
            lambda d: self._match(kind, d),
            lambda d: f"({self.expr(kind, d)} ?? {self.expr(kind, d)})",
            lambda d: self._history(kind, d),
            lambda d: self._history(kind, d),
        ]
        if not self.may_read_fills:
            found += [lambda d: self._indicator(kind, d)] * 4
            if self.clock < len(HIGHER[self.timeframe]):
                found += [lambda d: self._higher(kind, d)] * 2
            if self.clock == 0 and any(frame == self.timeframe for _, _, frame in self.data) and kind != "B":
                found.append(lambda d: self._on_data(kind, d))
        if self.functions and not self.may_read_fills:
            fitting = [f for f in self.functions if f[1] == kind and (self.clock == 0 or f[0] not in self.on_base)]
            if fitting:
                found.append(lambda d: self._call(rng.choice(fitting), d))
        if kind == "B":
            return found + self._truths()
        return found + self._numbers(kind)

    def _truths(self) -> list[Callable[[int], str]]:
        rng = self.rng

        def compared(d: int) -> str:
            kind = rng.choice(["P", "P", "N", "N", "Q", "R"])
            op = rng.choice([">", ">", "<", "<", ">=", "<=", "==", "!="])
            return f"{self.expr(kind, d)} {op} {self.expr(kind, d)}"

        def literal(d: int) -> str:
            return (
                f"{self.expr('N', d)} {rng.choice(['>', '<'])} {rng.choice(['-1', '0', '0.5', '1', '30', '70', '1e3'])}"
            )

        def crossing(d: int) -> str:
            kind = rng.choice(["P", "N"])
            return (
                f"{self.expr(kind, d)} {rng.choice(['crosses above', 'crosses below', 'crosses'])} {self.expr(kind, d)}"
            )

        def within(d: int) -> str:
            low, high = sorted(rng.sample([-2, 0, 1, 30, 70], 2))
            return f"{self.expr('N', d)} in {low}..{high}"

        def both(d: int) -> str:
            return f"({self.expr('B', d)} {rng.choice(['and', 'or'])} {self.expr('B', d)})"

        def fold(d: int) -> str:
            n = rng.randint(1, 5)
            return f"{rng.choice(['all', 'any'])} over (i in 0..{n}: close[i] {rng.choice('<>')} open[i])"

        found = [compared, compared, literal, both, both, within, fold]
        found += [
            lambda d: f"not ({self.expr('B', d)})",
            lambda d: f"({self.expr(rng.choice('PNQ'), d)}) is{rng.choice([' not', ''])} na",
        ]
        if not self.may_read_fills:
            found += [crossing, lambda d: f"{rng.choice(['rising', 'falling'])}({self.expr('P', d)}, {self.length()})"]
        if self.signals and self.clock == 0:
            found += [lambda d: f"{rng.choice(self.signals)}.side > 0"]
        if len(self.signals) > 1 and self.clock == 0:
            found += [lambda d: f"agree({', '.join(self.signals[:3])})"]
        return found

    def _numbers(self, kind: str) -> list[Callable[[int], str]]:
        rng = self.rng
        found: list[Callable[[int], str]] = [
            lambda d: f"({self.expr(kind, d)} {rng.choice('+-')} {self.expr(kind, d)})",
            lambda d: f"({self.expr(kind, d)} * {self.expr('N', d)})",
            lambda d: f"({self.expr(kind, d)} / {rng.choice(['2', '0.5', '3', '7'])})",
            lambda d: f"{rng.choice(['min', 'max'])}({self.expr(kind, d)}, {self.expr(kind, d)})",
            lambda d: f"abs({self.expr(kind, d)})",
            lambda d: f"-{self.expr(kind, 0)}",
        ]
        if kind == "N":
            found += [
                lambda d: f"{self.expr('P', d)} / {self.expr('P', d)}",
                lambda d: f"({self.expr('Q', d)} / {self.expr('Q', d)})",
                lambda d: f"log({self.expr('P', d)})",
                lambda d: f"sqrt(abs({self.expr('N', d)}))",
                lambda d: f"exp(clamp({self.expr('N', d)}, -3, 3))",
                lambda d: f"{rng.choice(['floor', 'ceil', 'round', 'trunc', 'sign'])}({self.expr('N', d)})",
                lambda d: f"mod({self.expr('N', d)}, {rng.choice(['2', '0.3', '7'])})",
                lambda d: f"(({self.expr('N', d)}) ^ {rng.choice(['2', '0.5', '-1', '0'])})",
                lambda d: f"num({self.expr(rng.choice('PQ'), d)})",
                lambda d: (
                    f"{rng.choice(['sum', 'product', 'min', 'max'])} over (i in 0..{rng.randint(0, 4)}: (close[i] / open[i]) ^ 2 - i * 0.01)"
                ),
            ]
            if self.ints:
                found.append(lambda d: f"({rng.choice(self.ints)} * {self.expr('N', d)})")
            if self.signals and self.clock == 0:
                found += [lambda d: rng.choice(self.signals), lambda d: f"{rng.choice(self.signals)}.confidence"]
        if kind == "P" and not self.may_read_fills:
            higher = HIGHER[self.timeframe][self.clock :]
            if self.clock == 0 and higher:
                found.append(
                    lambda d: (
                        f"developing({rng.choice(['close', 'high', 'highest(high, 3)', 'volume * 0.0 / 1 shares * close + close'][:3])}, {rng.choice(higher)})"
                    )
                )
            if self.detail and self.clock == 0:
                found.append(
                    lambda d: (
                        f"inner({self.detail}, {rng.choice(['first', 'last', 'avg', 'min', 'max'])}({rng.choice(['close', 'high', 'low'])}))"
                    )
                )
        return found

    def length(self, least: int = 1, most: int = 24) -> str:
        if self.clock:
            most = least + 3  # a long window of long bars would never be ready
        if self.ints and self.clock == 0 and (least < 2 or self.ints != ["n"]) and self.rng.random() < 0.25:
            return self.rng.choice(self.ints)
        return str(self.rng.randint(max(1, least), max(least, most)))

    def _match(self, kind: str, d: int) -> str:
        arms = ", ".join(f"{self.expr('B', d)} => {self.expr(kind, d)}" for _ in range(self.rng.randint(1, 2)))
        return f"(match {{ {arms}, else => {self.expr(kind, d)} }})"

    def _history(self, kind: str, d: int) -> str:
        return f"({self.expr(kind, d)})[{self.rng.choice(['0', '1', '1', '2', '3', '5', '12'])}]"

    def _higher(self, kind: str, d: int) -> str:
        frames = HIGHER[self.timeframe]
        before = self.clock
        self.clock = min(len(frames), before + self.rng.choice([1, 1, 1, 1, 2, 3]))
        if before and frames[before - 1] == "1w":  # months are not made of whole weeks
            self.clock = before
            return self.expr(kind, 0)
        frame = frames[self.clock - 1]
        text = f"({self.expr(kind, d)})@{frame}"
        self.clock = before
        return f"({text})[{self.rng.randint(1, 3)}]" if self.rng.random() < 0.2 else f"({text})"

    def _on_data(self, kind: str, d: int) -> str:
        """Evaluated on the other symbol's bars."""
        alias = self.rng.choice([alias for alias, _, frame in self.data if frame == self.timeframe])
        inside = {
            "P": ["ema(close, 5)", "highest(high, 7)[1]", "close[1]", "atr(4)"], "N": ["rsi(close, 6)", "log(close)", "roc(close, 3)"],
            "Q": ["sma(volume, 4)", "volume[2]"], "R": ["(close / open) * 1%"],
        }[kind]  # fmt: skip
        return f"({self.rng.choice(inside)})@{alias}"

    def _call(self, function: tuple[str, str, str], d: int) -> str:
        name, _, wanted = function
        return f"{name}({self.expr(wanted, d)}, {self.length(2)})"

    def _indicator(self, kind: str, d: int) -> str:
        if kind in ("R",):
            return f"({self._indicator('N', d)} * 1%)"
        fitting = _by_kind()[kind]
        name, output, source = self.rng.choice(fitting)
        spec = registry.lookup(name)
        assert spec is not None
        given = []
        for each in spec.inputs:
            if each.is_implicit:
                continue
            wanted = "B" if each.kind == "bool" else UNIT_KINDS.get(each.unit, source) if each.unit != "any" else source
            given.append(self.expr(wanted, d))
        for p in spec.parameters:
            if p.kind == "choice":
                given.append(f'"{self.rng.choice(p.choices)}"')
            elif p.kind == "int":
                given.append(self.length(int(p.low), 20))
            elif p.name == "sample":
                given.append(self.rng.choice(["0", "1"]))
            else:
                given.append(f"{p.default}")
        text = f"{name}({', '.join(given)})"
        return f"{text}.{output}" if len(spec.outputs) > 1 else text

    # --- declarations ------------------------------------------------------------------------------

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def _program(self) -> str:
        rng = self.rng
        top = ["lingua 1"] if rng.random() < 0.8 else []
        if rng.random() < 0.3:
            top.append("const SCALE = 3")
            self.ints.append("SCALE")
        for _ in range(rng.choice([0, 0, 1, 2])):
            top.append(self._function())
        body = [f"trade {', '.join(self.symbols)} @ {self.timeframe}", f"direction {self.direction}"]
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            body.append(self._data())
        execution = self._execution()
        for _ in range(rng.choice([0, 1, 2])):
            body.append(self._param())
        for _ in range(rng.randint(1, 5)):
            body.append(self._definition())
        if rng.random() < 0.35:
            body += [self._signal() for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.3:
            body.append(self._fill_definition())
        for _ in range(rng.choice([0, 0, 0, 1])):
            body.append(f"filter {self.name('f')}: {self._condition()}")
        body.append(f"rule {self.name('r')}: {self._lively()} => {self._action(self._opening())}")
        body += [self._rule() for _ in range(rng.randint(0, 3))]
        body += self._settings()
        if execution:
            body.append(execution)
        rng.shuffle(body)
        return "\n".join([*top, "strategy Made {", *(f"  {line}" for line in body), "}", ""])

    def _function(self) -> str:
        name, kind, takes = self.name("fn_"), self.rng.choice(["P", "N"]), self.rng.choice(["P", "N"])
        before = self.names, self.ints
        self.names, self.ints = {**{k: [] for k in KINDS}, takes: ["x", "x"]}, ["n"]
        if self.rng.random() < 0.5:
            text = f"fn {name}(x, n: int) = {self.expr(kind, 2)}"
        else:
            inner = self.expr(kind, 2)
            self.names[kind] = [*self.names[kind], "y"]
            text = f"fn {name}(x, n: int) {{\n  let y = {inner}\n  return {self.expr(kind, 1)}\n}}"
        self.names, self.ints = before
        self._note(name, text)
        self.functions.append((name, kind, takes))
        return text

    def _data(self) -> str:
        alias = self.name("d")
        if self.rng.random() < 0.7:
            self.data.append((alias, alias.upper(), self.timeframe))
            return f"data {alias} = {alias.upper()}"
        frame = HIGHER[self.timeframe][0]
        if self.timeframe in FINER and self.rng.random() < 0.4:
            frame = FINER[self.timeframe]
        self.data.append((alias, alias.upper(), frame))
        return f"data {alias} = {alias.upper()} @ {frame}"

    def _param(self) -> str:
        name = self.name("p")
        if self.rng.random() < 0.7:
            value = self.rng.randint(2, 12)
            self.ints.append(name)
            return f"param {name} = {value} in 2..30"
        self.names["N"].append(f"({name} * (close / close))")  # a series, which an indicator takes as its source
        return f"param {name} = {self.rng.choice(['0.5', '1.25', '2.0'])} in 0.0..4.0 step 0.25"

    def _definition(self) -> str:
        rng = self.rng
        role = rng.choice(["let", "indicator", "indicator", "state"])
        kind = rng.choice(["P", "P", "N", "N", "Q", "B", "R"])
        name = self.name("v")
        if kind == "P" and role == "let" and rng.random() < 0.2:
            return self._bands(name)
        if role != "state":
            text = f"{role} {name} = {self.expr(kind, 4)}"
        else:
            text = self._state(name, kind)
        self._note(name, text)
        self.names[kind].append(name)
        return text

    def _bands(self, name: str) -> str:
        """Three names at once, the fields of a record."""
        parts = [f"{name}{letter}" for letter in "abc"]
        source = self.expr("P", 2)
        text = (
            f"let ({', '.join(parts)}) = {self.rng.choice(['bbands({}, 6, 2)', 'bbands({}, 3, 1.5)']).format(source)}"
        )
        for part in parts:
            self._note(part, text)
            self.names["P"].append(part)
        return text

    def _note(self, name: str, text: str) -> None:
        words = set(re.findall(r"\w+", text))
        if (
            "@" in text
            or "developing(" in text
            or "inner(" in text
            or words & (self.on_base | {d[0] for d in self.data} | set(self.signals))
        ):
            self.on_base.add(name)

    def _state(self, name: str, kind: str) -> str:
        choices = {
            "P": [
                f"close => if {self.expr('B', 2)} then {self.expr('P', 2)} else prev",
                f"close => 0.9 * prev + 0.1 * {self.expr('P', 2)}",
                f"{self.expr('P', 1)} => max(prev, {self.expr('P', 2)})",
                f"low => match {{ {self.expr('B', 1)} => min(prev, low), {self.expr('B', 1)} => {self.expr('P', 1)}, else => prev }}",
            ],
            "N": [
                f"0 => if {self.expr('B', 2)} then prev + 1 else 0",
                f"0.0 => clamp(0.5 * prev + {self.expr('N', 2)}, -50, 50)",
                f"1.0 => {self.expr('B', 2)} ? {self.expr('N', 2)} : prev",
            ],
            "Q": [f"volume => if {self.expr('B', 2)} then prev / 2 + volume else volume"],
            "R": [f"1% => if {self.expr('B', 2)} then min(prev * 1.1, 9%) else 1%"],
            "B": [
                f"false => {self.expr('B', 2)} or (prev and not {self.expr('B', 0)})",
                f"{self.expr('B', 1)} => if {self.expr('B', 1)} then not prev else prev",
            ],
        }
        return f"state {name} = {self.rng.choice(choices[kind])}"

    def _signal(self) -> str:
        name = self.name("s")
        clauses = [f"long when {self.expr('B', 2)}", f"short when {self.expr('B', 2)}"]
        if self.rng.random() < 0.3:
            clauses.append(f"flat when {self.expr('B', 1)}")
        self.rng.shuffle(clauses)
        if self.rng.random() < 0.7:
            clauses.append(f"confidence {self.expr('N', 2)}")
        self.signals.append(name)
        return f"signal {name} = {', '.join(clauses)}"

    def _fill_definition(self) -> str:
        """A `let` or `state` over what the account tells."""
        kind, name = self.rng.choice(["P", "N", "B"]), self.name("w")
        self.may_read_fills = True
        if self.rng.random() < 0.5:
            text = f"let {name} = {self.expr(kind, 2)}"
        else:
            start = {"P": "close", "N": "0.0", "B": "false"}[kind]
            text = f"state {name} = {start} => if {self.expr('B', 1)} then {self.expr(kind, 1)} else prev"
        self.may_read_fills = False
        self.filled[kind].append(name)
        return text

    # --- rules -------------------------------------------------------------------------------------

    def _condition(self) -> str:
        if self.rng.random() < 0.3:
            self.may_read_fills = True
            text = self.expr("B", 2)
            self.may_read_fills = False
            return text
        text = self.expr("B", 3)
        other = [alias for alias, _, frame in self.data if frame != self.timeframe]
        if other and self.rng.random() < 0.5:
            # Only the plain field: a window over it would not say whose bars it counts.
            text = f"({text}) {self.rng.choice(['and', 'or'])} {self.rng.choice(['{}.close', 'ema(close, 3)@{}', '(highest(high, 4)[1])@{}']).format(self.rng.choice(other))} > close"
        return text

    def _rule(self) -> str:
        rng = self.rng
        name = self.name("r")
        how = rng.choice(
            [
                "",
                "",
                "",
                " once",
                f" every {rng.choice(['weekly', 'monthly', '5 bars', '1d' if self.timeframe != '1d' else '1w'])}",
            ]
        )
        group = self._group()
        text = f"rule {name}{how}: {self._condition()} => {group}"
        if rng.random() < 0.15:
            text += f" else {self._action(rng.choice(['close', 'close', self._verb()]))}"
        self.rules.append(name)
        return text

    def _lively(self) -> str:
        """A condition that is true now and then on any bars."""
        plain = self.rng.choice([
            "close > open", "close crosses above sma(close, 5)", "rsi(close, 5) < 45", "high > highest(high, 4)[1]", "volume >= 3",
            "mod(bar, 7 bars) == 0 bars", "(close > ema(close, 3))@" + HIGHER[self.timeframe][0],
        ])  # fmt: skip
        return plain if self.rng.random() < 0.6 else f"{plain} and ({self._condition()})"

    def _opening(self) -> str:
        return {"long": "buy", "short": "short"}.get(self.direction) or self.rng.choice(["buy", "short", "target"])

    def _verb(self) -> str:
        verbs = {
            "long": ["buy", "buy", "buy", "sell", "close", "target"],
            "short": ["short", "short", "cover", "close", "target"],
        }
        verbs["both"] = ["buy", "buy", "short", "short", "sell", "cover", "close", "target"]
        return self.rng.choice(verbs[self.direction])

    def _group(self) -> str:
        rng = self.rng
        if self.rules and rng.random() < 0.06:
            return rng.choice(["cancel", f"cancel {rng.choice(self.rules)}"])
        verb = self._verb()
        legs = [alias for alias, _, frame in self.data if frame == self.timeframe]
        if legs and rng.random() < 0.35:
            other = {"buy": "buy", "short": "buy", "target": "buy"}.get(verb, "close")
            if self.direction == "short":
                other = {"buy": "short"}.get(other, other)
            return f"{self._action(verb)} & {other}{' 10%' if other != 'close' else ''} on {rng.choice(legs)}"
        if verb in ("buy", "short") and rng.random() < 0.12:
            return f"{self._action(verb, 'limit')} | {self._action(verb, 'stop')}"
        return self._action(verb)

    def _action(self, verb: str, order: str = "") -> str:
        rng = self.rng
        if verb == "target":
            share = rng.choice(["20%", "50%", "80%", "abs(R) * 5"])
            if self.direction == "both":
                share = rng.choice([share, "-30%"])
            elif self.direction == "short":
                share = "-40%"
            share = share.replace("abs(R)", f"clamp({self.expr('R', 1)}, 0%, 9%)")
            return f"target {share}"
        if verb in ("sell", "cover", "close"):
            amount = rng.choice(["", "", " 50%", " position / 2" if verb == "close" else " 25%", " 30% of equity"])
            plain = f"{verb}{amount}"
            if rng.random() < 0.15:
                plain += rng.choice(
                    [" at open", " at auction", " at market", f" at limit {self.expr('P', 1)} for 3 bars"]
                )
            return plain
        return f"{verb}{self._entry(verb, order)}"

    def _entry(self, verb: str, order: str) -> str:
        rng = self.rng
        side = 1 if verb == "buy" else -1
        exits = self._exits(side) if rng.random() < 0.6 else []
        has_stop = any(e.startswith(("stop", "trail")) and "after" not in e for e in exits)
        amounts = ["", " 10%", " 25% of equity", " 30% of cash", " 50% of allocation", " 3", " 2.5 shares", " 1500 USD"]
        amounts.append(f" {self.expr('R', 1)}")
        if has_stop:
            amounts += [" risk 1%", " risk 0.5%", " risk 200 USD"] * 2
        text = rng.choice(amounts) + self._order(side, order)
        if exits:
            text += f" with {', '.join(exits)}"
        if rng.random() < 0.1:
            text += ' tag "made"'
        return text

    def _order(self, side: int, kind: str) -> str:
        rng = self.rng
        kind = kind or rng.choice(["", "", "", "", "limit", "limit", "stop", "stop limit", "open", "auction", "market"])
        if not kind:
            return ""
        near = rng.choice(["close", "low", "hl2", self.expr("P", 1)])
        if kind == "limit":
            show = " show 1 shares" if rng.random() < 0.15 else ""
            text = f" at limit {near} * {1 - side * rng.choice([0, 0.002, 0.02]):g}{show}"
        elif kind == "stop":
            text = f" at stop {'high' if side > 0 else 'low'} * {1 + side * rng.choice([0, 0.003]):g}"
        elif kind == "stop limit":
            text = f" at stop {'high' if side > 0 else 'low'} limit {near} * {1 + side * 0.01:g}"
        else:
            return f" at {kind}"
        return text + rng.choice(
            ["", "", " for 4 bars", " for gtc", " for 1d" if self.timeframe != "1d" else " for 1w", " for 2 bars"]
        )

    def _exits(self, side: int) -> list[str]:
        rng = self.rng
        found = []
        distance = rng.choice(["2 * atr(5)", "3%", "close * 0.02", f"abs({self.expr('P', 1)} - close) + 0.1"])
        if rng.random() < 0.75:
            level = "lowest(low, 5)" if side > 0 else "highest(high, 5)"
            found.append(
                rng.choice([f"stop {distance}", f"stop {distance}", f"stop at {level}", f"stop {distance} from last"])
            )
            if rng.random() < 0.3:
                found.append("stop at entry after 1R")
            if rng.random() < 0.5:
                found.append(f"target {rng.choice(['1R', '2R', '4%'])} closing 50%")
            if rng.random() < 0.3:
                found.append(rng.choice(["target 3R", "target 6%"]))
            if rng.random() < 0.4:
                found.append(
                    f"trail {rng.choice(['', 'fixed '])}{rng.choice(['2 * atr(4)', '2.5%'])} after {rng.choice(['1R', '2%'])}"
                )
        elif rng.random() < 0.6:
            found.append(f"trail {rng.choice(['3 * atr(6)', '4%'])}")
        if rng.random() < 0.3:
            found.append(f"expire after {rng.choice(['1 bars', '6 bars', '20 bars', '2d'])}")
        return found

    # --- settings ----------------------------------------------------------------------------------

    def _settings(self) -> list[str]:
        rng, found = self.rng, []
        if rng.random() < 0.3:
            found.append(f"size: {rng.choice(['20%', '5 shares', '3000 USD', '40% of equity'])}")
        if rng.random() < 0.25:
            found.append(f"pyramid {rng.randint(2, 4)} step {rng.choice(['1 * atr(5)', '1%', 'close * 0.005'])}")
        if rng.random() < 0.25:
            found.append(
                f"protect {{ {'; '.join(self._exits(1 if self.direction == 'long' else -1) or ['stop 5%']).replace('stop at lowest(low, 5)', 'stop 4%').replace('stop at highest(high, 5)', 'stop 4%')} }}"
            )
        if rng.random() < 0.4:
            limits = [
                "max_drawdown 15% => halt", "max_drawdown 20% => flatten", "daily_loss 2% => flatten for 1d", "weekly_loss 5% => halt for 5 bars",
                "max_orders 2 per day", "max_exposure 90%", "max_open 3", "max_weight 40%", "max_holding 12 bars => flatten",
                "cooldown 3 bars", "max_open_risk 4%", "max_turnover 200% per month",
            ]  # fmt: skip
            chosen = {line.split()[0]: line for line in rng.sample(limits, rng.randint(1, 4))}
            found.append(f"risk {{ {'; '.join(chosen.values())} }}")
        if rng.random() < 0.2:
            found.append(f'plot: {self.expr("P", 1)} pane "price"')
        if rng.random() < 0.15:
            found.append(f'alert {self.name("a")}: {self.expr("B", 1)} => "now {{close}}"')
        return found

    def _execution(self) -> str:
        rng = self.rng
        options = [
            "slippage: 3bp", "slippage: 1 ticks", "slippage: volume 10%", "commission: 0.1%", "commission_per_order: 1 USD",
            "commission_per_unit: 0.005", "commission_minimum: 1", "latency: 1 bars", "fill_share: 20%", "limit_fill: touch", "limit_fill: through 2 ticks",
            "borrow: 3% per year", "interest: 2% per year", "rebalance: 2%", "cash_buffer: 0", "size_at: fill", "stops_from: next_bar",
            "intrabar: favourable", "warmup: settled", "max_gap: 1", "whole_units: true", 'fees: "binance.spot"', "funding: 0.01%",
            "commission_tiers: [[0, 0.1%], [50000 USD, 0.05%]]", "commission_maker: 0.02%", "profile: pine",
        ]  # fmt: skip
        if self.timeframe in FINER and rng.random() < 0.2:
            self.detail = FINER[self.timeframe]
        chosen = {line.split(":")[0]: line for line in rng.sample(options, rng.choice([0, 0, 1, 2, 4]))}
        if "commission_tiers" in chosen:
            chosen.pop("commission", None)
        if self.detail:
            chosen["detail"] = f"detail: {self.detail}"
        return f"execution {{ {'; '.join(chosen.values())} }}" if chosen else ""


_cached: dict[str, list[tuple[str, str, str]]] = {}


def _by_kind() -> dict[str, list[tuple[str, str, str]]]:
    """(indicator, output, kind of its free inputs) by the kind of the output."""
    if not _cached:
        for kind in KINDS:
            _cached[kind] = []
        for name in sorted(registry.names()):
            spec = registry.lookup(name)
            assert spec is not None
            free = [each for each in spec.inputs if not each.is_implicit]
            if name in SHADOWED or (name.startswith("cdl") and hash_of(name) % 6):
                continue
            for output in spec.outputs:
                for source in (
                    ("P", "N", "Q") if any(each.unit == "any" and each.kind != "bool" for each in free) else ("P",)
                ):
                    unit = OF_KIND[source] if output.unit in ("u0", "u1") else output.unit
                    kind = "B" if output.kind == "bool" else UNIT_KINDS.get(unit)
                    if kind is not None:
                        _cached[kind].append((name, output.name, source))
    return _cached


SHADOWED = frozenset(
    "acos asin atan add ceil cos cosh cross cross_above cross_below div exp floor ln log10 mult sin sinh sqrt sub tan tanh mavp".split()
)
"""Scalar forms whose lower-case names are helpers with rules of their own, and `mavp`, whose window varies."""


def hash_of(name: str) -> int:
    """A number that is the same in every process."""
    return sum(ord(character) * (place + 1) for place, character in enumerate(name))
