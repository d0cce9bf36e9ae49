"""Show what a name means: a word of the language, an indicator, an option, a figure of the report, a code.

lingua doc rsi            signature, parameters, outputs, warm-up, formula, an example
lingua doc --list         the indicators by group, and how many there are
lingua doc                every name
"""

from __future__ import annotations

import argparse
import difflib
import json
from dataclasses import asdict
from typing import Any

from lingua.cli import exits
from lingua.cli.reference import Entry, entries


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="what to look up; without it, every name is listed")
    parser.add_argument("--list", action="store_true", help="the indicators by group, and their counts")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    if options.list:
        if options.name is not None:
            raise exits.UsageFailure(f"`--list` takes no name, got `{options.name}`", "leave out one of the two")
        return listing(options.json)
    every = entries()
    if options.name is None:
        kinds = {kind: [e.name for e in every if e.kind == kind] for kind in dict.fromkeys(e.kind for e in every)}
        if options.json:
            print(json.dumps(kinds, ensure_ascii=False))
        else:
            print("\n\n".join(f"{kind}s: {' '.join(names)}" for kind, names in kinds.items()), end="\n\n")
        return exits.FINE
    found = named(every, options.name)
    if options.json:
        print(json.dumps([told(entry) for entry in found], ensure_ascii=False))
    else:
        print("\n\n".join(show(entry) for entry in found))
    return exits.FINE


def listing(as_json: bool) -> int:
    from lingua.cli import library
    from lingua.cli.terminal import print_table

    if as_json:
        print(json.dumps(library.as_dict(), ensure_ascii=False))
        return exits.FINE
    counted = library.counts()
    print_table(
        ("", "count"),
        [
            ("TA-Lib functions", str(counted.talib)),
            ("  candle patterns among them", str(counted.candle_patterns)),
            ("beyond TA-Lib", str(counted.beyond)),
            ("std, written in Lingua", str(counted.std)),
            ("total", str(counted.total)),
        ],
        right=(1,),
    )
    print()
    rows = [(group, str(len(names)), " ".join(names)) for group, names in library.by_group().items()]
    files = dict.fromkeys(each.file for each in library.bundled())
    for file in files:
        names = [each.name for each in library.bundled() if each.file == file]
        rows.append((f"std/{file}", str(len(names)), " ".join(names)))
    print_table(("group", "count", "names"), rows, right=(1,))
    return exits.FINE


def named(every: list[Entry], wanted: str) -> list[Entry]:
    """What is called so; raises UsageFailure with what is near when nothing is."""
    found = [e for e in every if wanted == e.name] or [e for e in every if matches(e, wanted)]
    if not found:
        names: dict[str, str] = {}
        for entry in every:
            for name in (entry.name, *entry.aliases):
                names.setdefault(name.lower(), name)
        close = [names[each] for each in difflib.get_close_matches(wanted.lower(), names, n=3)]
        close += [name for key, name in names.items() if len(wanted) > 2 and wanted.lower() in key][:5]
        near = list(dict.fromkeys(close))[:5]
        raise exits.UsageFailure(
            f"nothing is called `{wanted}`",
            f"did you mean {', '.join(f'`{each}`' for each in near)}?" if near else "`lingua doc` lists every name",
        )
    return found


def matches(entry: Entry, wanted: str) -> bool:
    return wanted.lower() in {name.lower() for name in (entry.name, *entry.aliases)}


def told(entry: Entry) -> dict[str, Any]:
    """An entry as plain data; of an indicator, its whole declaration."""
    if entry.kind == "function":
        from lingua.indicators.describe import record
        from lingua.indicators.registry import lookup

        spec = lookup(entry.name)
        if spec is not None:
            return {"kind": entry.kind, **record(spec)}
    return asdict(entry)


def show(entry: Entry) -> str:
    lines = [f"{entry.signature}", *(f"  {line}" for line in entry.text.splitlines())]
    if entry.aliases and entry.kind != "function":
        lines.append(f"  also written: {', '.join(entry.aliases)}")
    return "\n".join(lines)
