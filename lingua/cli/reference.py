"""Everything that has a name, with what it means: read by `lingua doc` and by the reference page.

Indicators come from their declarations, figures from theirs, codes from the catalogue; words, options and limits are
told in `words.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is word, function, library function, option, limit, figure, code or one of `terms.GROUPS`; `signature` is
    how it is written."""

    name: str
    kind: str
    signature: str
    text: str
    aliases: tuple[str, ...] = ()


def entries() -> list[Entry]:
    return [*words(), *terms(), *functions(), *library(), *options(), *limits(), *figures(), *codes()]


def words() -> list[Entry]:
    from lingua.cli.words import WORDS

    return [Entry(name, "word", signature, text) for name, (signature, text) in WORDS.items()]


def terms(kind: str = "") -> list[Entry]:
    """The smaller things: helpers, values, literals, signs, and words inside an action, a test or a portfolio."""
    from lingua.cli.terms import GROUPS

    return [
        Entry(name, each, signature, text)
        for each, group in GROUPS.items()
        if kind in ("", each)
        for name, (signature, text) in group.items()
    ]


def functions() -> list[Entry]:
    from lingua.indicators.describe import describe_plain, signature
    from lingua.indicators.registry import specs

    return [Entry(spec.name, "function", signature(spec), describe_plain(spec), spec.aliases) for spec in specs()]


def library() -> list[Entry]:
    """Functions of `std`, the library written in Lingua, as `std/regime.efficiency`."""
    from lingua.cli.library import bundled

    return [
        Entry(f"std/{each.file}.{each.name}", "library function", each.signature, each.text, (each.name,))
        for each in bundled()
    ]


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
