"""Nothing raises and nothing hangs: random programs of the sketch, trees with exchanged parts, and hostile ones."""

from __future__ import annotations

import random
import time
from pathlib import Path

import odd_trees
import pytest

from lingua.diagnostics.catalogue import catalogue
from lingua.diagnostics.diagnostic import Severity
from lingua.semantics.elaborate import elaborate
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

TEXTS = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "programs").glob("*.lingua"))]
ALLOWED_IN_SKETCH = {
    "L0201",
    "L0202",
    "L0203",
    "L0206",
    "L0217",
    "L0501",
    "L0504",
    "L0228",
    "L0210",
    "L0211",
    "L0216",
    "L0214",
    "L0215",
    "L0301",
}
"""Unknown names, wrong calls, names defined twice or by each other, times among numbers."""


@pytest.mark.parametrize("seed", range(0, 400, 100))
def test_programs_of_the_sketch_are_accepted(seed: int) -> None:
    for number in range(seed, seed + 100):
        text = odd_trees.sketch(number)
        file, problems = parse(Source("wild.lingua", text))
        assert not problems, text
        found = elaborate(file, Source("wild.lingua", text))
        errors = {p.code.number for p in found.problems if p.severity is Severity.ERROR}
        assert errors <= ALLOWED_IN_SKETCH, (errors, text)
        if not errors:
            assert found.programs[0].is_sketch


@pytest.mark.parametrize("seed", range(0, 200, 50))
def test_exchanged_parts_never_raise(seed: int) -> None:
    files = [(text, parse(Source("x.lingua", text))[0]) for text in TEXTS]
    pool = [node for _, file in files for node in odd_trees.parts(file)]
    for number in range(seed, seed + 50):
        rnd = random.Random(number)
        text, file = rnd.choice(files)
        source = Source("x.lingua", text)
        found = elaborate(odd_trees.exchanged(file, pool, rnd, rnd.randint(1, 6)), source)
        for problem in found.problems:
            assert catalogue()[problem.code.number].slug == problem.code.slug
            assert problem.help, problem.message
            assert "{" not in problem.message.replace("{…}", "") or "`" in problem.message
        if not any(p.severity is Severity.ERROR for p in found.problems):
            for plan in found.tests:
                plan.prepare()


def test_a_broken_node_in_the_tree_is_left_out() -> None:
    source = Source("x.lingua", TEXTS[1])
    file, _ = parse(source)
    strategy = next(item for item in file.items if isinstance(item, ast.Strategy))
    broken = ast.Let(("x",), None, object(), name_spans=(strategy.span,))  # type: ignore[arg-type]
    items = (ast.Strategy(strategy.name, (*strategy.items, broken), span=strategy.span, name_span=strategy.name_span),)
    found = elaborate(ast.File(items, span=file.span), source)
    assert all(problem.severity is not None for problem in found.problems)


def hostile(count: int) -> dict[str, str]:
    rule = "rule r{i}: close > {i} => buy 1% with stop 2%\n"
    return {
        "rules": "strategy S {\n" + "".join(rule.format(i=i) for i in range(count // 14)) + "}",
        "same rules": "strategy S {\n"
        + f"rule r: {' and '.join(f'close > {i}' for i in range(100))} => sell\n" * (count // 600)
        + "}",
        "entries and exits": "strategy S {\n"
        + "".join(
            f"rule a{i}: {' and '.join(f'close > {i * 7 + k}' for k in range(40))} => {'buy 1%' if i % 2 else 'sell'}\n"
            for i in range(count // 240)
        )
        + "}",
        "parameters": "strategy S {\n"
        + "".join(f"param p{i} = p{i + 1}\n" for i in range(count // 5))
        + f"param p{count // 5} = 1\n}}",
        "parameters twice": "strategy S {\n" + "param p = 1\n" * (count // 5) + "}",
        "options": "strategy S { execution {\n" + "".join(f"slipage{i}: 3bp\n" for i in range(count // 4)) + "} }",
        "limits": "strategy S { risk {\n" + "".join(f"max_drwdown{i} 3%\n" for i in range(count // 3)) + "} }",
        "imports": "".join(f'import "nothing{i}"\n' for i in range(count // 3)),
        "strategies": "".join(f"strategy S{i} {{ rule r: close > open => buy }}\n" for i in range(count // 14)),
        "tests": "strategy S { param n = 5 in 2..9 rule r: close > sma(close, n) => buy 1% with stop 2%\n"
        + "".join(f'test "t{i}" {{ given close = [1, 2] using n: 3 expect fired(r) }}\n' for i in range(count // 24))
        + "}",
        "sells": "strategy S {\n" + "".join(f"rule r{i}: close > {i} => sell\n" for i in range(count // 9)) + "}",
        "names of one let": f"strategy S {{ let ({', '.join(f'a{i}' for i in range(count // 3))}) = macd(close) }}",
        "holes": 'strategy S { alert a: close > 1 => "' + "".join(f"{{h{i}}}" for i in range(count * 2)) + '" }',
        "given": f'strategy S {{ rule r: close > 1 => buy test "t" {{ given close = [{"1, " * (count // 3)}1] }} }}',
    }


@pytest.mark.parametrize("name", list(hostile(100)))
def test_large_programs_take_no_more_than_their_size(name: str) -> None:
    text = hostile(20_000)[name]
    file, _ = parse(Source("x.lingua", text))
    began = time.process_time()
    elaborate(file, Source("x.lingua", text))
    assert time.process_time() - began < 5.0
