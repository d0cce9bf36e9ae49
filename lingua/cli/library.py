"""What the library holds, counted: TA-Lib's functions, those beyond it, and what is written in Lingua itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache

TALIB_MARK = "CDL"


@dataclass(frozen=True, slots=True)
class Counts:
    """`talib` counts functions of TA-Lib, candle patterns among them; two of them may be one indicator here (AVG and
    SMA), so `indicators`, the names of the registry, is not `talib + beyond`."""

    talib: int
    candle_patterns: int
    beyond: int
    indicators: int
    std: int
    total: int


@dataclass(frozen=True, slots=True)
class Bundled:
    """A function of `lingua/std`; `text` is the comment above it."""

    file: str
    name: str
    signature: str
    text: str


def counts() -> Counts:
    from lingua.indicators.registry import lookup, specs
    from lingua.indicators.talib_forms import talib

    functions = [name for name in talib().get_functions() if lookup(name) is not None]
    theirs = {spec.name for name in functions if (spec := lookup(name)) is not None}
    beyond = sum(spec.name not in theirs for spec in specs())
    std = len(bundled())
    patterns = sum(name.startswith(TALIB_MARK) for name in functions)
    return Counts(len(functions), patterns, beyond, len(specs()), std, len(functions) + beyond + std)


def by_group() -> dict[str, list[str]]:
    """Names of indicators, by group."""
    from lingua.indicators.registry import specs

    number = Counter(spec.group for spec in specs())
    return {group: [spec.name for spec in specs() if spec.group == group] for group in sorted(number)}


@lru_cache(maxsize=1)
def bundled() -> tuple[Bundled, ...]:
    """Every function of `std`, file by file, in the order of the files."""
    from lingua.semantics.imports import STD
    from lingua.syntax.nodes import Fn
    from lingua.syntax.parse import parse, read_source

    found: list[Bundled] = []
    for path in sorted(STD.glob("*.lingua")):
        source, _ = read_source(path)
        file, _ = parse(source)
        for item in file.items:
            if isinstance(item, Fn):
                head = source.text[item.span.start :].split("=>")[0]
                signature = f"{path.stem}.{_until_closed(head.removeprefix('fn').strip())}"
                # Functions that stand together share the comment above the first.
                text = _comment_above(source.text, item.span.start) or (found[-1].text if found else "")
                found.append(Bundled(path.stem, item.name, signature, text))
    return tuple(found)


def _until_closed(text: str) -> str:
    """`f(a, b = g(1))` of `f(a, b = g(1)) = …`, on one line."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            return " ".join(text[: place + 1].split())
    return text


def _comment_above(text: str, start: int) -> str:
    lines = []
    for line in reversed(text[:start].splitlines()):
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//").strip())
    return "\n".join(reversed(lines))


def as_dict() -> dict[str, object]:
    """For `lingua doc --list --json`."""
    return {
        "counts": asdict(counts()),
        "groups": by_group(),
        "std": {each.file: [one.name for one in bundled() if one.file == each.file] for each in bundled()},
    }
