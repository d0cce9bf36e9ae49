"""Try random programs and random texts for as long as one likes.

    python tests/lingua/laws/soak.py --seconds 900 --share 0.5 --first 0 --out failures

`--share` is the part of the time given to texts, the rest goes to programs and their laws. Each failing case is saved
under `--out`, made shorter line by line as long as it fails the same way, and printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "syntax")]

from fuzzing import check, text  # noqa: E402
from laws import Case, broken  # noqa: E402

MOST_SAVED = 5
"""Cases kept of one kind of failure."""
SHRINK_SECONDS = 20.0


def kind_of(error: BaseException) -> str:
    """The same for two failures of one cause, mostly: the exception and where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"


def failure(source: str) -> str:
    try:
        check(source)
    except Exception as error:
        return kind_of(error)
    return ""


def law_failure(seed: int, source: str) -> str:
    case = Case(seed, text=source)
    if not case.compiled.ok:
        return ""
    return "; ".join(f"{law}: {kind_of(error)}" for law, error in broken(case))


def shrunk(source: str, kind: str, fails: Callable[[str], str]) -> str:
    """`source` without the lines that the failure does not need."""
    lines, until = source.splitlines(), time.perf_counter() + SHRINK_SECONDS
    size = max(1, len(lines) // 2)
    while size and time.perf_counter() < until:
        at = 0
        while at < len(lines) and time.perf_counter() < until:
            fewer = lines[:at] + lines[at + size :]
            if fewer and fails("\n".join(fewer)) == kind:
                lines = fewer
            else:
                at += size
        size //= 2
    return "\n".join(lines)


class Soak:
    def __init__(self, out: Path) -> None:
        self.out = out
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    def keep(self, name: str, kind: str, source: str, fails: Callable[[str], str], why: str) -> None:
        self.kinds[kind] += 1
        if self.kinds[kind] > MOST_SAVED:
            return
        short = shrunk(source, kind, fails)
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / f"{name}.lingua"
        path.write_text(short, "utf-8", errors="surrogatepass")
        print(f"--- {name}: {kind}\n{why}\nsaved as {path}\n{short[:2000]}", flush=True)

    def one_text(self, seed: int) -> None:
        source = text(random.Random(seed))
        self.counts["texts"] += 1
        try:
            self.counts["slowest text in ms"] = max(self.counts["slowest text in ms"], round(1000 * check(source)))
        except Exception as error:
            self.keep(f"text{seed}", kind_of(error), source, failure, traceback.format_exc(limit=-3))

    def one_program(self, seed: int) -> None:
        case = Case(seed)
        self.counts["programs"] += 1
        if not case.compiled.ok:
            self.counts["programs that do not compile"] += 1
            return
        found = list(broken(case))
        if not found:
            self.counts["fills"] += len(case.told.ledger.fills)
            self.counts["trades"] += len(case.told.ledger.trades)
            return
        kind = "; ".join(f"{law}: {kind_of(error)}" for law, error in found)
        self.keep(
            f"program{seed}", kind, case.maker.text, lambda source: law_failure(seed, source),
            "\n".join(f"{law}: {str(error)[:600]}" for law, error in found),
        )  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--share", type=float, default=0.5)
    options.add_argument("--first", type=int, default=0, help="first seed; other seeds are other cases")
    options.add_argument("--out", type=Path, default=Path("soak-failures"))
    given = options.parse_args()
    soak = Soak(given.out)
    began = time.perf_counter()
    seed, spent = given.first, {"texts": 0.0, "programs": 0.0}
    while time.perf_counter() - began < given.seconds:
        is_text = spent["texts"] * (1 - given.share) <= spent["programs"] * given.share and given.share > 0.0
        start = time.perf_counter()
        for _ in range(20 if is_text else 1):
            (soak.one_text if is_text else soak.one_program)(seed)
            seed += 1
        spent["texts" if is_text else "programs"] += time.perf_counter() - start
    for name, count in sorted(soak.counts.items()):
        print(f"{count:>10,} {name}")
    for kind, count in soak.kinds.most_common():
        print(f"{count:>10,} failed: {kind}")
    print(f"seeds {given.first} to {seed - 1}")
    return 1 if soak.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
