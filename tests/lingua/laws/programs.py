"""Random well-typed programs: every declaration, verb, order and exit of the language, units respected.

`Maker.text` is a whole program; `symbols`, `data`, `timeframe`, `kind`, `calendar`, `detail` and `start` say which bars it
needs. Values are written by `made_values`, rules by `made_orders`, settings by `made_settings`.
"""

from __future__ import annotations

import random
import re

from made_settings import Settings
from made_values import FINER, HIGHER, KINDS

CALENDARS = ("XNYS", "XNYS", "XNYS", "XLON", "XTKS", "CMES", "FX")
STARTS = ("2024-01-01", "2024-01-01", "2024-03-04", "2024-03-25", "2024-10-21", "2024-12-16", "2025-10-27")
"""Mondays: clocks change in America, in Europe, in both; holidays and short sessions."""
STD = {
    "cloud": ("P cloud(close, {}, {}).upper", "N cloud_side(close, {}, {})", "R cloud_width(hl2, {}, {})"),
    "atr_bands": ("P atr_bands(close, {}, {}, 1.5).lower", "N band_position(close, {}, {})", "B squeeze(close, {})"),
    "rsi_gradient": (
        "N rsi_gradient(close, {}, {}).slope", "B rsi_gradient(hl2, {}, {}).turned_up", "N stochastic_rsi(close, {}, {})",
    ),
    "candles": ("P heikin_ashi().close", "B inside_bar()", "B outside_bar()", "N close_position()", "R body_share()", "P gap()"),
    "levels": ("P pivots().r1", "P chandelier_long({}, 2)", "P chandelier_short({})", "R drawdown(close)", "R off_high({})"),
    "pairs": ("N spread_z(log(close), log(hl2), {})", "N hedge_ratio(close, high, {})", "N half_life(log(close), {})"),
    "regime": ("N efficiency(close, {})", "N choppiness({})", "R volatility({})", "N volatility_rank({}, {})", "R volatility_target(2%, {})"),
    "sessions": (
        "B new_day()", "B new_week()", "B new_month()", "P session_vwap(1.5).upper", "N opening_side({})", "P day_range().last_high",
        "R retraced(3)",
    ),
}  # fmt: skip
"""What the bundled modules give: the kind, and a call with windows to be filled in."""


class Maker(Settings):
    """One random program. The same seed gives the same program as long as the registry lists the same indicators."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = random.Random(seed)
        self.timeframe = rng.choice(["15m", "1h", "1h", "4h", "1d", "1d"])
        is_session = rng.random() < (0.6 if self.timeframe == "1d" else 0.3)
        self.calendar = rng.choice(CALENDARS) if is_session else "24x7"
        self.start = rng.choice(STARTS)
        self.direction = rng.choice(["long", "long", "both", "both", "short"])
        kinds = ["stock", "perp", "future"] if self.direction != "long" else ["stock", "spot", "perp"]
        self.kind = rng.choice([*kinds, "fx"])
        self.symbols = rng.choice([("AAA",)] * 6 + [("AAA", "BBB")] * 3 + [("AAA", "BBB", "CCC")])
        self.data: list[tuple[str, str, str]] = []
        self.detail = ""
        self.names: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.ints: list[str] = []
        self.filled: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.functions: list[tuple[str, str, str]] = []
        self.signals: list[str] = []
        self.rules: list[str] = []
        self.frames: list[str] = []
        """Timeframes that are parameters."""
        self.averages: list[str] = []
        """Functions that are parameters."""
        self.count = 0
        self.on_base: set[str] = set()
        """Names that look at other clocks, and so are used on base bars only."""
        self.clock = 0
        """0: base bars; k: inside `@` of HIGHER[timeframe][k - 1]."""
        self.may_read_fills = False
        self.text = self._program()

    # --- declarations ------------------------------------------------------------------------------

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def _program(self) -> str:
        rng = self.rng
        top = ["lingua 1"] if rng.random() < 0.8 else []
        modules = rng.sample(sorted(STD), rng.choice([0, 0, 0, 1, 1, 2]))
        top += [f'import "std/{module}"{rng.choice([f" as m{module}", ""])}' for module in modules]
        if rng.random() < 0.3:
            top.append(rng.choice(["const SCALE = 3", "const SCALE: int = 3"]))
            self.ints.append("SCALE")
        if rng.random() < 0.2:
            top.append(rng.choice(["const WIDE = 2.5 * 2", "const WIDE: num = 7"]))
            self.names["N"].append("(WIDE * (close / open))")
        for _ in range(rng.choice([0, 0, 1, 2])):
            top.append(self._function())
        body = [f"trade {', '.join(self.symbols)} @ {self.timeframe}", f"direction {self.direction}"]
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            body.append(self._data())
        execution = self._execution()
        for _ in range(rng.choice([0, 1, 2])):
            body.append(self._param())
        if len(self.ints) > 1 and rng.random() < 0.3:
            body.append(f"require {self.ints[0]} + {self.ints[1]} > 1")
        for line in top:
            if line.startswith("import"):
                body.append(self._imported(line))
        for _ in range(rng.randint(1, 5)):
            body.append(self._definition())
        if rng.random() < 0.35:
            body += [self._signal() for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.3:
            body.append(self._fill_definition())
        for _ in range(rng.choice([0, 0, 0, 1])):
            body.append(f"filter {self.name('f')}: {self._lively() if rng.random() < 0.7 else self._condition()}")
        body.append(f"rule {self.name('r')}: {self._lively()} => {self._action(self._opening())}")
        if rng.random() < 0.6:
            body.append(f"rule {self.name('r')}: {self._seldom()} => {self._leaving()}")
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
        if self.rng.random() < 0.25:
            text = self._longer_function(name, kind, takes)
        elif self.rng.random() < 0.5:
            text = f"fn {name}(x, n: int) = {self.expr(kind, 2)}"
        else:
            inner = self.expr(kind, 2)
            self.names[kind] = [*self.names[kind], "y"]
            text = f"fn {name}(x, n: int) {{\n  let y = {inner}\n  return {self.expr(kind, 1)}\n}}"
        self.names, self.ints = before
        self._note(name, text)
        self.functions.append((name, kind, takes))
        return text

    def _longer_function(self, name: str, kind: str, takes: str) -> str:
        """With a state of its own; another function that gives a record stands before it."""
        inner = self.expr(kind, 2)
        first = "x" if kind == takes else {"P": "close", "N": "0.5"}[kind]
        self.names[kind] = [*self.names[kind], "m"]
        return (
            f"fn {name}_pair(x, n: int) -> pair {{\n  let a = ema(x, n)\n  return pair(near: a, far: a[1])\n}}\n"
            f"fn {name}(x, n: int = 3) {{\n"
            f"  state m = {first} => {self.rng.choice(['max', 'min'])}(prev, {inner})\n"
            f"  let p = {name}_pair(m, n)\n  return {self.rng.choice(['p.near', 'p.far', 'm', self.expr(kind, 1)])}\n}}"
        )

    def _imported(self, line: str) -> str:
        """A definition that calls what the line imports."""
        module = line.split("/")[1].split('"')[0]
        kind, call = self.rng.choice(STD[module]).split(" ", 1)
        while "{}" in call:
            call = call.replace("{}", self.length(3, 12), 1)
        where = f"m{module}." if " as " in line else ""
        name = self.name("v")
        text = f"{self.rng.choice(['let', 'indicator'])} {name} = {where}{call}"
        if self.rng.random() < 0.3:
            text = f"let {name} = ({where}{call})@{HIGHER[self.timeframe][0]}"
        self._note(name, text)
        self.names[kind] += [name] * 2
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
        other = self.rng.random()
        if other < 0.12:
            self.averages.append(name)
            chosen = self.rng.sample(["ema", "sma", "wma", "rma", "hma", "dema", "highest"], 3)
            return f"param {name} = {chosen[0]} in {{{', '.join(chosen)}}}"
        if other < 0.24:
            self.frames.append(name)
            frames = HIGHER[self.timeframe][:2]
            return f"param {name} = {self.rng.choice(frames)} in {{{', '.join(frames)}}}"
        if other < 0.32:
            self.names["B"].append(f"({name} or close > open)")
            return f"param {name} = {self.rng.choice(['true', 'false'])}"
        if other < 0.4:
            self.names["R"].append(f"({name} * (close / open))")
            return f"param {name} = {self.rng.choice(['2%', '50bp', '4%'])} in 0%..9%"
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
            typed = {"P": "price", "B": "bool"}.get(kind, "") if rng.random() < 0.15 else ""
            text = f"{role} {name}{': ' + typed if typed else ''} = {self.expr(kind, 4)}"
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
                f"{self.expr('P', 1)} => if {self.expr('B', 1)} then prev else (prev + {self.expr('P', 1)}) / 2",
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
