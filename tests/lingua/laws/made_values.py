"""Random expressions by kind: `P` price, `N` plain number, `Q` quantity, `R` ratio, `B` truth."""

from __future__ import annotations

import random
from collections.abc import Callable

from lingua.indicators import registry
from lingua.indicators.declaration import Parameter

KINDS = ("P", "N", "Q", "R", "B")
HIGHER = {
    "15m": ("1h", "4h", "1d"), "1h": ("4h", "1d", "1w"), "4h": ("1d", "1w", "1mo"), "1d": ("1w", "1mo"),
}  # fmt: skip
"""Timeframes above each base; every later one is made of whole bars of the earlier ones, except weeks in months."""
FINER = {"15m": "5m", "1h": "15m", "4h": "1h"}
ZONES = ('"08:00-20:00", "UTC"', '"09:30-16:00", "America/New_York"', '"22:00-06:00", "Europe/Berlin"')
UNIT_KINDS = {"price": "P", "none": "N", "qty": "Q", "ratio": "R"}
OF_KIND = {"P": "price", "N": "none", "Q": "qty", "R": "ratio"}


class Values:
    """What a `Maker` writes where a value stands; the names it may use are the maker's."""

    rng: random.Random
    timeframe: str
    direction: str
    symbols: tuple[str, ...]
    data: list[tuple[str, str, str]]
    detail: str
    names: dict[str, list[str]]
    ints: list[str]
    filled: dict[str, list[str]]
    functions: list[tuple[str, str, str]]
    signals: list[str]
    frames: list[str]
    averages: list[str]
    on_base: set[str]
    clock: int
    may_read_fills: bool

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
                        "((year(time) - 2020) * 0.3)",
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
                        f'symbol {rng.choice(["==", "!="])} "AAA"',
                        "open_time - open_time[1] > 2h",
                        "close in low..open",
                        "month(time) != month(time[1])",
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
            legs = [alias for alias, _, _ in self.data]
            if legs and kind in ("P", "Q", "B"):
                leg = {"P": ["({}.entry ?? close)"], "Q": ["{}.position"], "B": ["{}.position > 0", "{}.pnl > 0"]}[kind]
                found.append(lambda d: rng.choice(leg).format(rng.choice(legs)))
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
            if self.detail and self.clock == 0 and not self.may_read_fills:
                found.append(lambda d: f"inner({self.detail}, count({rng.choice(['close > open', 'high > low'])}))")
            if not self.may_read_fills and self.clock < len(HIGHER[self.timeframe]):
                frame = HIGHER[self.timeframe][self.clock]
                found.append(
                    lambda d: f"developing({rng.choice(['rsi(close, 2)', 'log(close)', 'close / open'])}, {frame})"
                )
            found.append(lambda d: f"sum over (i in 0..{rng.randint(1, 3)}: (close[i] / close[i + 1]) * (i + 1))")
            if self.ints:
                found.append(lambda d: f"({rng.choice(self.ints)} * {self.expr('N', d)})")
            if self.signals and self.clock == 0:
                found += [lambda d: rng.choice(self.signals), lambda d: f"{rng.choice(self.signals)}.confidence"]
        if kind == "P" and not self.may_read_fills:
            if self.averages and self.clock == 0:
                found.append(lambda d: f"{rng.choice(self.averages)}({self.expr('P', d)}, {self.length(2)})")
            window = (
                f"{rng.choice(['highest', 'lowest', 'avg', 'sma', 'stddev'])}({{}}, {{}} up to {rng.randint(2, 12)})"
            )
            found.append(lambda d: window.format(self.expr("P", 0), f"(floor(abs(num({self.expr('N', 0)}))) + 1)"))
            found.append(lambda d: f"nearest({self.expr('P', d)}, {rng.choice(['0.25', '1', '0.01'])})")
            if self.frames and self.clock == 0:
                found.append(lambda d: f"({rng.choice(['ema(close, 2)', 'high', 'hl2[1]'])})@{rng.choice(self.frames)}")
            higher = HIGHER[self.timeframe][self.clock :]
            if self.clock == 0 and higher:
                found.append(
                    lambda d: (
                        f"developing({rng.choice(['close', 'high', 'highest(high, 3)', 'ema(hl2, 3)', self.expr('P', 0) if self.clock else 'atr(3)'])}, {rng.choice(higher)})"
                    )
                )
            if self.detail and self.clock == 0:
                found.append(
                    lambda d: (
                        f"inner({self.detail}, {rng.choice(['first', 'last', 'avg', 'min', 'max', 'sum', 'stddev'])}({rng.choice(['close', 'high', 'low', 'hl2'])}))"
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
        same = [alias for alias, _, frame in self.data if frame == self.timeframe]
        alias = self.rng.choice(same)
        if self.rng.random() < 0.4:
            # Bars of its own, longer or finer ones; another symbol read there. Only by one declared later: two symbols
            # that read each other at one instant have no order.
            frame = self.rng.choice(HIGHER[self.timeframe])
            whole = [f"ema(close, 2)@{frame}", f"(high - low)[1]@{frame}", f"developing(hlc3, {frame})"]
            later = same[same.index(alias) + 1 :]
            if later:
                whole += [f"sma(close - {later[0]}.close, 2)", f"(hl2 - {later[0]}.close)@{frame}"]
            if self.detail:
                whole.append(f"inner({self.detail}, max(high))")
            form = {
                "P": "({})@{}",
                "N": "num({})@{}",
                "Q": "(volume * num({} / close))@{}",
                "R": "({} / close * 1%)@{}",
            }
            return form[kind].format(f"({self.rng.choice(whole)})", alias)
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
        if name.startswith("cdl"):  # a fourth of the library: not a fourth of all calls
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
                given.append(self._number(p))
        text = f"{name}({', '.join(given)})"
        return f"{text}.{output}" if len(spec.outputs) > 1 else text

    def _number(self, p: Parameter) -> str:
        """A value of a parameter, mostly near its own."""
        default = float(p.default)  # type: ignore[arg-type]
        made = round(default * self.rng.choice([1.0, 1.0, 0.5, 0.8, 1.25, 2.0, 3.0]), 4)
        return f"{made if p.low <= made <= p.high else default}"


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
            if name in SHADOWED:
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
