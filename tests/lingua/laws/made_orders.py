"""Random rules: conditions, verbs, amounts, orders, exits."""

from __future__ import annotations

from made_values import HIGHER, Values


class Orders(Values):
    rules: list[str]

    def name(self, stem: str) -> str:
        raise AssertionError("a maker has it")

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
                f" every {rng.choice(['weekly', 'monthly', 'quarterly', '5 bars', '1d' if self.timeframe != '1d' else '1w', *self.frames])}",
            ]
        )
        group = self._group()
        text = f"rule {name}{how}: {self._condition_of(group)} => {group}"
        if rng.random() < 0.15:
            text += f" else {rng.choice([self._action(rng.choice(['close', 'close', self._verb()])), self._group()])}"
        self.rules.append(name)
        return text

    def _condition_of(self, group: str) -> str:
        """A reduction that were always true would suppress every entry of the program."""
        if group.startswith(("sell", "cover", "close", "target", "cancel")) and self.rng.random() < 0.8:
            return self._seldom() if self.rng.random() < 0.7 else f"{self._seldom()} and ({self._condition()})"
        return self._lively() if self.rng.random() < 0.4 else self._condition()

    def _lively(self) -> str:
        """A condition that is true now and then on any bars."""
        plain = self.rng.choice([
            "close > open", "close crosses above sma(close, 5)", "rsi(close, 5) < 45", "high > highest(high, 4)[1]", "volume >= 3",
            "mod(bar, 7 bars) == 0 bars", "(close > ema(close, 3))@" + HIGHER[self.timeframe][0],
        ])  # fmt: skip
        kind = self.rng.random()
        if kind < 0.6:
            return plain
        return f"{plain} {'and' if kind < 0.75 else 'or'} ({self._condition()})"

    def _seldom(self) -> str:
        """A condition that is true on some bars and not on most."""
        return self.rng.choice([
            "mod(bar, 9 bars) == 0 bars", "close crosses below sma(close, 4)", "rsi(close, 4) > 75", "bars_in_trade >= 4",
            "low < lowest(low, 6)[1]", "pnl > 0 and bars_in_trade > 2", "close > highest(close, 5)[1]", "mod(bar, 5 bars) == 3 bars",
        ])  # fmt: skip

    def _leaving(self) -> str:
        return self.rng.choice(["close", {"long": "sell", "short": "cover"}.get(self.direction, "close"), "close 50%"])

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
            leg = f"{other}{rng.choice([' 10%', ' 2 shares', ' 500 USD']) if other != 'close' else ''} on {rng.choice(legs)}"
            if other != "close" and rng.random() < 0.3:
                leg += rng.choice([" at limit close", " with stop 3%, target 2R", " at open", " with trail 4%"])
            parts = [self._action(verb), leg]
            if len(legs) > 1 and rng.random() < 0.3:
                parts.append(
                    f"{other}{' 5%' if other != 'close' else ''} on {legs[0] if legs[0] not in leg else legs[1]}"
                )
            return " & ".join(parts if rng.random() < 0.8 else parts[1:])
        if verb in ("sell", "cover") and rng.random() < 0.12:
            side = 1 if verb == "sell" else -1
            return f"{verb} at limit close * {1 + side * 0.01:g} for 3 bars | {verb} at stop close * {1 - side * 0.01:g} for 3 bars"
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
            if rng.random() < 0.3:
                share = f"{'-' if self.direction == 'short' else ''}{rng.choice(['5 shares', '2000 USD', '0%', '2.5 shares'])}"
            exits = self._exits(-1 if share.startswith("-") else 1) if rng.random() < 0.3 else []
            return f"target {share}{' with ' + ', '.join(exits) if exits else ''}"
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
        amounts = [
            "",
            " 10%",
            " 25% of equity",
            " 30% of cash",
            " 50% of allocation",
            " 3",
            " 2.5 shares",
            " 1500 USD",
            " 2 AAA",
        ]
        if self.ints:
            amounts.append(f" {rng.choice(self.ints)} * 1 shares")
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
            show = rng.choice([" show 1 shares", " show 3", " show 0.5 shares"]) if rng.random() < 0.15 else ""
            text = f" at limit {near} * {1 - side * rng.choice([0, 0.002, 0.02]):g}{show}"
        elif kind == "stop":
            text = f" at stop {'high' if side > 0 else 'low'} * {1 + side * rng.choice([0, 0.003]):g}"
        elif kind == "stop limit":
            text = f" at stop {'high' if side > 0 else 'low'} limit {near} * {1 + side * 0.01:g}"
        else:
            return f" at {kind}"
        return text + rng.choice(
            [
                *["", "", " for 4 bars", " for gtc", " for 1d" if self.timeframe != "1d" else " for 1w", " for 2 bars"],
                *(f" for {n} bars" for n in self.ints[:1]),
            ]
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
                found.append(rng.choice(["stop at entry after 1R", "stop at entry after 2%", "stop at hl2 after 1R"]))
            if rng.random() < 0.5:
                found.append(f"target {rng.choice(['1R', '2R', '4%'])} closing {rng.choice(['50%', '30%'])}")
                if rng.random() < 0.4:
                    found.append("target 2.5R closing 25%")
            if rng.random() < 0.3:
                far = f"at close * {1 + side * 0.03:g}"
                found.append(f"target {rng.choice(['3R', '6%', far, '3 * atr(5)'])}")
            if rng.random() < 0.4:
                found.append(
                    f"trail {rng.choice(['', 'fixed '])}{rng.choice(['2 * atr(4)', '2.5%'])} after {rng.choice(['1R', '2%'])}"
                )
        elif rng.random() < 0.6:
            found.append(
                f"trail {rng.choice(['3 * atr(6)', '4%', 'at ' + ('lowest(low, 4)' if side > 0 else 'highest(high, 4)')])}"
            )
        if rng.random() < 0.3:
            found.append(f"expire after {rng.choice(['1 bars', '6 bars', '20 bars', '2d'])}")
        return found
