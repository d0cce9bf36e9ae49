"""Everything that has a name, with what it means: read by `lingua doc` and by the reference page.

Indicators come from their declarations, figures from theirs, codes from the catalogue; words, options and limits are
told in `words.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lingua.indicators.declaration import IndicatorSpec


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is word, function, option, limit, figure or code; `signature` is how it is written."""

    name: str
    kind: str
    signature: str
    text: str
    aliases: tuple[str, ...] = ()


def entries() -> list[Entry]:
    return [*words(), *functions(), *options(), *limits(), *figures(), *codes()]


def words() -> list[Entry]:
    from lingua.cli.words import WORDS

    return [Entry(name, "word", signature, text) for name, (signature, text) in WORDS.items()]


def functions() -> list[Entry]:
    return [Entry(spec.name, "function", signature(spec), describe(spec), spec.aliases) for spec in specs()]


def specs() -> list[IndicatorSpec]:
    from lingua.indicators.registry import lookup, names

    return [spec for name in names() if (spec := lookup(name)) is not None]


def signature(spec: IndicatorSpec) -> str:
    """`bbands(source, length = 20, width = 2.0) -> upper, middle, lower`"""
    words = [f"{i.name} = {i.default}" if i.default else i.name for i in spec.inputs if not i.is_implicit]
    words += [p.name if p.default is None else f"{p.name} = {p.default}" for p in spec.parameters]
    names = [output.name for output in spec.outputs if output.name]
    return f"{spec.name}({', '.join(words)})" + (f" -> {', '.join(names)}" if len(spec.outputs) > 1 else "")


def describe(spec: IndicatorSpec) -> str:
    lines = [spec.summary, f"formula: {spec.formula}"]
    if spec.source:
        lines.append(f"source: {spec.source}")
    units = ", ".join(
        (f"{output.name}: " if output.name and len(spec.outputs) > 1 else "") + unit_words(output.unit) + bounds(output)
        for output in spec.outputs
    )
    lines.append(f"measured in: {units}")
    defaults = {p.name: p.default for p in spec.parameters}
    if None not in defaults.values():
        settle = spec.settle(**defaults)
        settled = "depends on the first bar for ever" if settle < 0 else f"settles {settle} bars later"
        lines.append(f"with the defaults: first value after {spec.lookback(**defaults)} bars, {settled}")
    return "\n".join(lines)


def unit_words(unit: str) -> str:
    return unit.replace("u0", "the unit of its input", 1) if unit == "u0" else unit


def bounds(output: Any) -> str:
    return "" if output.low is None or output.high is None else f" {output.low:g}..{output.high:g}"


def options() -> list[Entry]:
    """Keys of the `execution` block."""
    from lingua.cli.words import OPTIONS
    from lingua.trading.fees import PRESETS
    from lingua.trading.profiles import PROFILES

    known = {
        "{presets}": f"Known: {', '.join(sorted(PRESETS))}.",
        "{profiles}": f"Known: {', '.join(sorted(PROFILES))}.",
    }
    found = []
    for name, (written, text) in OPTIONS.items():
        for hole, filling in known.items():
            text = text.replace(hole, filling)
        found.append(Entry(name, "option", f"execution {{ {written} }}", text))
    return found


def limits() -> list[Entry]:
    """Keys of the `risk` block."""
    from lingua.cli.words import LIMITS

    return [Entry(name, "limit", f"risk {{ {written} }}", text) for name, (written, text) in LIMITS.items()]


def figures() -> list[Entry]:
    import lingua.backtest.metrics  # declares them  # noqa: F401
    from lingua.backtest.metric import METRICS

    return [
        Entry(
            m.name,
            "figure",
            m.name,
            "\n".join(filter(None, (m.title, f"formula: {m.formula}", m.source and f"source: {m.source}"))),
        )
        for m in METRICS.values()
    ]


def codes() -> list[Entry]:
    from lingua.diagnostics.catalogue import catalogue
    from lingua.diagnostics.pages import page

    found = []
    for code in catalogue().values():
        why = page(code.number)
        found.append(
            Entry(
                code.number, "code", f"{code.severity}[{code.number}] {code.slug}", why.why if why else "", (code.slug,)
            )
        )
    return found
