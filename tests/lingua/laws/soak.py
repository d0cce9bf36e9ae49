"""Try random programs and random texts for as long as one likes.

    python tests/lingua/laws/soak.py --seconds 900 --share 0.5 --first 0 --out failures

`--share` is the part of the time given to texts, the rest goes to programs and their laws; `--programs` ends it after so
many programs. Each failing case is printed and saved under `--out`, made shorter line by line as long as it fails the
same way: texts as they are, programs as one JSON file with their bars. Such a file in the folder `cases` is a test.
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
from laws import LAWS, Case, broken  # noqa: E402
from random_bars import shortened  # noqa: E402
from saved import save  # noqa: E402

MOST_SAVED = 5
"""Cases kept of one kind of failure."""
SHRINK_SECONDS = 20.0
TOLD_EVERY = 300.0
"""Seconds after which the counts so far are printed."""
LENGTHS = (30, 30, 60, 60, 90, 120, 220)
"""Bars of a program: short runs find nearly as much, and there are more of them."""


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


def law_failure(case: Case) -> str:
    if not case.compiled.ok:
        return ""
    return "; ".join(f"{law}: {kind_of(error)}" for law, error in broken(case))


def on_the_same_bars(case: Case, text: str, last: int | None = None) -> Case:
    """Another program on the bars of `case`, or on those that close by `last`."""
    other = Case(case.seed, case.bars, text)
    other.market = case.market if last is None else shortened(case.market, last)
    return other


def smallest(case: Case, kind: str) -> Case:
    """As few lines and bars as fail in the same way."""
    found = on_the_same_bars(case, case.maker.text)
    if law_failure(found) != kind:
        return found  # it hangs on something that was computed before
    until = time.perf_counter() + SHRINK_SECONDS
    bars, step = len(case.market.traded[0]), len(case.market.traded[0]) // 2
    while step and time.perf_counter() < until:
        fewer = bars - step
        if fewer >= 3:
            other = on_the_same_bars(found, found.text, int(case.market.traded[0].ts[fewer - 1]))
            if law_failure(other) == kind:
                found, bars = other, fewer
                continue
        step //= 2
    text = shrunk(found.text, kind, lambda source: law_failure(on_the_same_bars(found, source)))
    return on_the_same_bars(found, text)


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

    def keep_program(self, case: Case, kind: str, why: str) -> None:
        self.kinds[kind] += 1
        if self.kinds[kind] > MOST_SAVED:
            return
        print(f"--- program{case.seed}: {kind}\n{why}", flush=True)
        small = smallest(case, kind)
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / f"program{case.seed}.json"
        save(path, small, kind)
        print(f"saved as {path}\n{small.text[:2000]}", flush=True)

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
        case = Case(seed, random.Random(seed + 5).choice(LENGTHS))
        self.counts["programs"] += 1
        if not case.compiled.ok:
            self.counts["programs that do not compile"] += 1
            return
        found = list(broken(case))
        failed = {law for law, _ in found}
        self.counts.update(f"law: {law.__name__}" for law in LAWS if law.__name__ not in failed)
        if not found:
            self.counts["fills"] += len(case.told.ledger.fills)
            self.counts["trades"] += len(case.told.ledger.trades)
            self.counts["bars"] += sum(len(bars) for bars in case.market.traded)
            return
        kind = "; ".join(f"{law}: {kind_of(error)}" for law, error in found)
        self.keep_program(case, kind, "\n".join(f"{law}: {str(error)[:600]}" for law, error in found))

    def tell(self, first: int, seed: int) -> None:
        for name, count in sorted(self.counts.items()):
            print(f"{count:>10,} {name}")
        for kind, count in self.kinds.most_common():
            print(f"{count:>10,} failed: {kind}")
        print(f"seeds {first} to {seed - 1}", flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--programs", type=int, default=10**9)
    options.add_argument("--share", type=float, default=0.5)
    options.add_argument("--first", type=int, default=0, help="first seed; other seeds are other cases")
    options.add_argument("--out", type=Path, default=Path("soak-failures"))
    given = options.parse_args()
    soak = Soak(given.out)
    began = time.perf_counter()
    seed, spent = given.first, {"texts": 0.0, "programs": 0.0}
    told = began
    while time.perf_counter() - began < given.seconds and soak.counts["programs"] < given.programs:
        is_text = spent["texts"] * (1 - given.share) <= spent["programs"] * given.share and given.share > 0.0
        start = time.perf_counter()
        for _ in range(20 if is_text else 1):
            (soak.one_text if is_text else soak.one_program)(seed)
            seed += 1
        now = time.perf_counter()
        spent["texts" if is_text else "programs"] += now - start
        if now - told > TOLD_EVERY:
            told = now
            soak.tell(given.first, seed)
    soak.tell(given.first, seed)
    return 1 if soak.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
