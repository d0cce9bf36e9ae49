"""How fast Lingua is, beside a reference written by hand and beside other libraries.

    python tests/benchmarks/speed.py             the tables, in some ten minutes
    python tests/benchmarks/speed.py --quick     the same rows in some three: one round, a twentieth of the pairs
    python tests/benchmarks/speed.py --json      one JSON object

R is `reference.py`: TA-Lib and Numba, written for one strategy. It runs with the Python that LINGUA_REFERENCE names,
the other libraries with the one that LINGUA_RIVALS names; what is not there is said to be missing:

    python -m venv reference && reference/bin/pip install numba TA-Lib lark polars pydantic rich tzdata matplotlib
    python -m venv rivals && rivals/bin/pip install vectorbt backtesting polars TA-Lib

Each side runs in a process of its own; all take turns, so that a busy machine slows everyone. Times are processor
time, which neighbours lengthen less than the clock; where several threads work, the least by the clock. Shown are the
median over the rounds of each process's median, and the lowest and highest (of one process: the least, and what nine
in ten calls stay below). `one process` has both sides call by call
in one process: the state of the allocator changes R by a factor of two.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMPARED = [
    ("W1", 100_000, 0.5), ("W1", 1_000_000, 0.5), ("W2", 100_000, None), ("W2", 1_000_000, 0.7),
    ("W2 two threads", 1_000_000, 0.45), ("W3", 100_000, 0.6), ("W3 two threads", 100_000, 0.4),
]  # fmt: skip
"""Work, bars, and the share of R that is aimed at."""
ALONE = [("W5", 5_000, 250.0), ("compile", 10, 3.0), ("check", 1_000, 150.0), ("W1 from a frame", 1_000_000, None)]
"""Work, size, and the milliseconds that are aimed at."""
CURVES = {
    "bars": [("W1", size) for size in (1_000, 10_000, 100_000, 1_000_000, 4_000_000)],
    "rules": [(f"rules {count}", 100_000) for count in (2, 8, 32, 128)],
    "symbols": [(f"symbols {count}", 100_000) for count in (1, 2, 4, 8, 16)],
}
RIVALS = ("vectorbt", "backtesting.py", "polars")
OTHERS = [(name, work, 100_000) for name in RIVALS for work in ("W1", "W2")] + [("vectorbt", "W1", 1_000_000)]
"""What takes minutes is asked for by hand: `python rivals.py NAME WORK BARS`."""
FEW_PAIRS = 50


def run(python: str, *words: object) -> dict[str, Any]:
    """What a benchmark prints, with Lingua on its path."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "grammar"), str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [python, *map(str, words)], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["it failed"])[-1][:100]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def summary(rounds: list[dict[str, Any]], key: str) -> dict[str, Any]:
    if "missing" in rounds[0]:
        return rounds[0]
    values = [each[key] for each in rounds]
    return {
        "ms": statistics.median(values),
        "low": min(values) if len(rounds) > 1 else rounds[0].get("least", values[0]),
        "high": max(values) if len(rounds) > 1 else rounds[0].get("late", values[0]),
        "least": min(each.get("least", each[key]) for each in rounds),
        "peak": max(each.get("peak", 0.0) for each in rounds),
    }  # fmt: skip


def sizes_of(work: str, size: int, quick: bool) -> tuple[int, ...]:
    return (size, FEW_PAIRS if quick else 1_000) if work.startswith("W3") else (size,)


def compared(work: str, size: int, rounds: int, quick: bool) -> dict[str, Any]:
    reference, sizes = os.environ.get("LINGUA_REFERENCE", ""), sizes_of(work, size, quick)
    sides: dict[str, list[Any]] = {"ours": [sys.executable, HERE / "ours.py", work, *sizes]}
    if reference:
        sides["R"] = [reference, HERE / "reference.py", work, *sizes]
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, words in sides.items():
            taken[name].append(run(*words))
    key = "wall" if "threads" in work else "middle"
    found: dict[str, Any] = {name: summary(each, key) for name, each in taken.items()}
    if reference:
        found["one process"] = run(reference, HERE / "together.py", work, *sizes)
    return found


def rival(name: str, work: str, size: int) -> dict[str, Any]:
    others = os.environ.get("LINGUA_RIVALS", "")
    if not others:
        return {"missing": "LINGUA_RIVALS names no Python that has it"}
    return summary([run(others, HERE / "rivals.py", name, work, size)], "middle")


def alone(work: str, size: int, rounds: int) -> dict[str, Any]:
    taken = [run(sys.executable, HERE / "ours.py", work, size) for _ in range(rounds)]
    return {**summary(taken, "middle"), **({"numpy": taken[0]["numpy"]} if "numpy" in taken[0] else {})}


def load() -> str:
    return ", ".join(f"{each:.1f}" for each in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def machine() -> dict[str, str]:
    names = ("numpy", "TA-Lib", "polars")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    ) if Path("/proc/cpuinfo").exists() else platform.processor()  # fmt: skip
    return {
        "processor": f"{model}, {os.cpu_count()} of them", "python": platform.python_version(), "versions": versions,
        "load before": load(),
    }  # fmt: skip


def measured(quick: bool, only: str, rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {"machine": machine(), "compared": {}, "rivals": {}, "alone": {}, "curves": {}}
    for work, size, aim in COMPARED:
        if only in work:
            pairs = f", {sizes_of(work, size, quick)[-1]:,} pairs" if work.startswith("W3") else ""
            found["compared"][f"{work}{pairs}, {size:,} bars"] = {**compared(work, size, rounds, quick), "aim": aim}
    for name, work, size in OTHERS:
        if only in (work, "", "rivals"):
            found["rivals"][f"{name}, {work}, {size:,} bars"] = rival(name, work, size)
    for work, size, aim in ALONE:
        if only in work:
            found["alone"][f"{work} {size:,}"] = {**alone(work, size, rounds), "aim": aim}
    for name, points in CURVES.items():
        if only in ("", name):
            sizes = [point for point in points if not quick or point[1] <= 1_000_000]
            found["curves"][name] = {f"{work}, {size:,} bars": alone(work, size, 1) for work, size in sizes}
    found["machine"]["load after"] = load()
    return found


# --- as text -----------------------------------------------------------------------------------------


def span(each: dict[str, Any]) -> str:
    if "missing" in each:
        return f"missing: {each['missing']}"
    return f"{each['ms']:.3g} ms ({each['low']:.3g} to {each['high']:.3g})"


def ratio_of(ours: dict[str, Any], reference: dict[str, Any], key: str = "ms") -> str:
    is_measured = "missing" not in ours and "missing" not in reference
    return f"{ours[key] / reference[key]:.2f}" if is_measured else "-"


def peak(each: dict[str, Any]) -> str:
    return f"{each['peak']:.0f}" if each.get("peak") else "-"


def shown(found: dict[str, Any]) -> str:
    lines = [f"{name}: {value}" for name, value in found["machine"].items()]
    lines += ["", "| work | Lingua | R | Lingua / R | least / least | in one process | aim | peak, MiB | R's |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    for name, sides in found["compared"].items():
        ours, reference, both = sides["ours"], sides.get("R", {"missing": "-"}), sides.get("one process", {})
        inside = f"{both['ours']['middle'] / both['reference']['middle']:.2f}" if "ours" in both else "-"
        aim = "" if sides["aim"] is None else f"{sides['aim']}"
        lines.append(
            f"| {name} | {span(ours)} | {span(reference)} | {ratio_of(ours, reference)} | "
            f"{ratio_of(ours, reference, 'least')} | {inside} | {aim} | {peak(ours)} | {peak(reference)} |"
        )
    lines += ["", "| other library | time | as multiples of R |", "|---|---|---|"]
    for name, each in found["rivals"].items():
        same = found["compared"].get(name.split(", ", 1)[1], {}).get("R", {"missing": "-"})
        lines.append(f"| {name} | {span(each)} | {ratio_of(each, same)} |")
    lines += ["", "| work | Lingua | least | aim |", "|---|---|---|---|"]
    for name, each in found["alone"].items():
        beside = f" (`import numpy`: {each['numpy']:.0f} ms)" if "numpy" in each else ""
        aim = "" if each["aim"] is None else f"{each['aim']:g} ms"
        lines.append(f"| {name} | {span(each)}{beside} | {each.get('least', 0):.3g} ms | {aim} |")
    for name, points in found["curves"].items():
        lines += ["", f"| {name} | Lingua | ns a bar |", "|---|---|---|"]
        for point, each in points.items():
            bars = int(point.split(", ")[1].removesuffix(" bars").replace(",", ""))
            lines.append(f"| {point} | {span(each)} | {each.get('ms', 0) * 1e6 / bars:.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="works whose name has this in it, or the name of a curve")
    parser.add_argument("--rounds", type=int, default=0, help="turns of each process (default: 5, quick 2)")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured(given.quick, given.only, given.rounds or (1 if given.quick else 5))
    print(json.dumps(found, indent=1) if given.json else shown(found))


if __name__ == "__main__":
    main()
