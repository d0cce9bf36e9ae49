"""Texts that are nearly programs, and what the compiler owes for any text: diagnostics, soon, and never an exception."""

from __future__ import annotations

import random
import time
from functools import cache
from pathlib import Path

from mutations import junk, mutated
from programs import Maker

import lingua
from lingua.diagnostics.render import render
from lingua.syntax.format import format_text

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 2.0


@cache
def valid() -> tuple[str, ...]:
    """Programs of the repository, and those of the shared design when it is at hand."""
    found = [*(ROOT / "examples").glob("*.lingua"), *(ROOT / "lingua" / "std").glob("*.lingua")]
    found += (ROOT.parent / "shared" / "design" / "grammar" / "programs").glob("*.lingua")
    return tuple(path.read_text("utf-8") for path in sorted(found))


def text(rng: random.Random) -> str:
    """One input: junk, a mutation of a valid or a random program, or two programs cut together."""
    roll = rng.random()
    if roll < 0.1:
        return junk(rng)
    program = Maker(rng.randrange(10**6)).text if roll < 0.3 else rng.choice(valid())
    if roll > 0.9:
        other = rng.choice(valid())
        lines, more = program.splitlines(), other.splitlines()
        return "\n".join(lines[: rng.randrange(len(lines))] + more[rng.randrange(len(more)) :])
    if roll > 0.87:
        data = bytearray(program.encode())
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return data.decode("latin-1" if roll > 0.88 else "utf-8", "replace")
    return mutated(program, rng)


def check(source: str) -> float:
    """Seconds that compiling and telling took. Raises whatever goes wrong, AssertionError for what is owed."""
    began = time.process_time()
    compiled = lingua.compile(source + "\n")
    told = [render(problem) for problem in compiled.problems]
    took = time.process_time() - began
    assert all(told)
    assert took < SECONDS, f"{took:.1f} s"
    for problem in compiled.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(problem.source.text) + 1
    if compiled.ok:
        written, problems = format_text(source)
        assert written is not None, problems
        assert format_text(written)[0] == written
    return took
