"""Texts made to hurt: each must give a diagnostic, within two seconds and 500 MB. Run as a program, it checks one file
in a process with bounded memory and prints what that took as JSON."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from pathlib import Path

MEMORY = 500 * 2**20


def rule(condition: str, before: str = "") -> str:
    return f"strategy S {{\n  trade AAA @ 1h\n{before}  rule r: {condition} => buy\n}}\n"


def many(line: str, count: int) -> str:
    return (
        "strategy S {\n  trade AAA @ 1h\n"
        + "".join(line.format(i=i, before=max(0, i - 1)) for i in range(count))
        + "}\n"
    )


def texts() -> dict[str, str | bytes]:
    junk = random.Random(1)
    return {
        "ten megabytes of junk": junk.randbytes(10_000_000),
        "ten megabytes of letters": ("abcdefg hij(" * 900_000)[:10_000_000],
        "a thousand parentheses": rule("(" * 1000 + "close > open" + ")" * 1000),
        "a sum of a million terms": rule("+".join(["close"] * 1_000_000) + " > 1"),
        "bytes that are not UTF-8": b"strategy S {\n  // caf\xe9 \xff\xfe\n}\n",
        "NUL bytes": b"\0" * 500_000,
        "a huge number": rule("close > " + "9" * 900_000),
        "a huge exponent": rule("close > 1e" + "9" * 5000),
        "a huge power": rule("9 ^ 9 ^ 9 ^ 9 ^ 9 > close"),
        "a huge offset": rule("close > close[999999999999]"),
        "a window of 10^9": rule("close > sma(close, 1_000_000_000)"),
        "a parameter of 10^9": rule("close > sma(close, n)", "  param n = 1000000000 in 1..2000000000\n"),
        "a domain of 10^12 values": rule("close > x", "  param x = 1.0 in 0.0..1000000.0 step 0.000001\n"),
        "a fold of a million terms": rule("sum over (i in 0..1000000: close[i]) > 1"),
        "folds in folds": rule("sum over (i in 0..999: sum over (j in 0..999: sum over (k in 0..999: close[i + j + k]))) > 1"),
        "functions that double": "".join(
            ["fn f0(x) = x + x[1]\n", *(f"fn f{i}(x) = f{i - 1}(x) + f{i - 1}(x[{i}])\n" for i in range(1, 60))]
        ) + rule("f59(close) > 1"),
        "lets that double": many("  let v{i} = v{before} + v{before}[1]\n", 900).replace("let v0 = v0 + v0[1]", "let v0 = close"),
        "thousands of names": many("  let name{i} = close + {i}\n", 6000),
        "thousands of unknown names": many("  let name{i} = unknown{i} + closs\n", 4000),
        "thousands of rules": many("  rule r{i}: close > {i} => buy\n", 5000),
        "thousands of copies": many("  let x = close\n", 8000),
        "a cycle of names": many("  let v{i} = v{before}\n", 3000).replace("let v0 = v0", "let v0 = v2999"),
        "deep timeframes": rule("(" * 200 + "close" + ")@1d" * 200 + " > 1"),
        "deep timeframes, growing": rule("((((((((close)@2h)@4h)@8h)@1d)@1w)@1mo)@1y)@10y > 1"),
        "timeframes through names": many("  let v{i} = (v{before} + close)@1d\n", 400).replace("(v0 + close)@1d", "close", 1),
        "states on states": many("  state s{i} = s{before} => prev + s{before}\n", 700).replace("s0 = s0 => prev + s0", "s0 = close => prev"),
        "ifs": rule("if close > open then 1 else " * 400 + "2" + " > 1"),
        "history of history": rule("close" + "[100000]" * 300 + " > 1"),
        "an absolute import": 'import "/etc/passwd"\n' + rule("close > open"),
        "an import from outside": 'import "../../../../../../etc/passwd" as p\n' + rule("close > open"),
        "an import of a device": 'import "/dev/zero"\n' + rule("close > open"),
        "an import of the folder": 'import "."\n' + rule("close > open"),
        "an import of itself": 'import "hostile.lingua" as me\n' + rule("close > open"),
        "imports without end": "".join(f'import "x{i}.lingua"\n' for i in range(3000)) + rule("close > open"),
    }  # fmt: skip


def measured(path: Path) -> dict[str, object]:
    import lingua
    from lingua.diagnostics.render import render

    began = time.process_time()
    compiled = lingua.compile(path)
    length = len("".join(map(render, compiled.problems)))
    seconds = time.process_time() - began
    return {"seconds": seconds, "peak": peak(), "problems": len(compiled.problems), "told": length}


def peak() -> int:
    """Most bytes this process held. Where the system says, since the program began: `ru_maxrss` of a process begun by
    a large one still holds what that one used (Linux keeps it over exec)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY, 4 * MEMORY))  # room for mapped libraries; the peak is measured
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    print(json.dumps(measured(Path(sys.argv[1]))))
