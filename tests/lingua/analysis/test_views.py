"""A text cut into items: what an edit leaves is taken over, and what a view says depends on its text alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lingua.analysis.checks import Checked, check, recheck
from lingua.analysis.chunks import Place, cut
from lingua.analysis.completions import complete
from lingua.analysis.hovers import hover
from lingua.analysis.names import Space
from lingua.analysis.slices import around
from lingua.analysis.view import View
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = sorted((ROOT / "examples").glob("*.lingua")) + sorted((ROOT / "lingua" / "std").glob("*.lingua"))
PIECES = (
    "{", "}", "(", ")", '"', "/*", "*/", "//", "\n", ";", "rule x: ", "=> buy", "let a = ", "strategy T {", "close",
    "@1d", "[-1]", "param n = 3 in 1..9", "size: 10%\n", "𝔼", "\x0c", "risk {", "test",
)  # fmt: skip


def view(text: str, before: View | None = None) -> View:
    return View(Source("x.lingua", text), before=before)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_items_of_a_program_that_parses_are_those_of_the_parser(path: Path) -> None:
    text = path.read_text()
    source = Source(path.name, text)
    found = View(source, path)
    assert not [problem for piece in found.pieces for problem in piece.problems if problem.severity == "error"]
    whole, _ = parse(source)
    mine = [
        (type(item).__name__, found.spanned(index, item.span))
        for index, item in found.items()
        if found.chunks[index].place is not Place.OPENING
    ]
    theirs = []
    for top in whole.items:
        items = top.items if type(top).__name__ == "Strategy" else (top,)
        theirs += [(type(item).__name__, item.span) for item in items]
    assert sorted(mine, key=lambda each: each[1].start) == theirs


def test_chunks_cover_the_text_without_holes() -> None:
    rng = random.Random(1)
    for _ in range(300):
        text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(60)))
        place = 0
        for chunk in cut(text):
            assert chunk.start == place
            place = chunk.end
        assert place == len(text)


def test_ten_thousand_edits_leave_the_view_of_a_fresh_text() -> None:
    rng = random.Random(3)
    text = PROGRAMS[0].read_text()
    now = view(text)
    for number in range(10_000):
        at = rng.randrange(len(text) + 1)
        end = min(at + rng.choice((0, 0, 1, 2, 8, 40)), len(text))
        text = text[:at] + (rng.choice(PIECES) if rng.random() < 0.55 else "") + text[end:]
        if not 300 < len(text) < 4_000:
            text = PROGRAMS[number % len(PROGRAMS)].read_text()
        now = view(text, now)
        if number % 20 == 0:
            fresh = view(text)
            assert now.chunks == fresh.chunks
            assert [piece.items for piece in now.pieces] == [piece.items for piece in fresh.pieces]
            assert [piece.uses for piece in now.pieces] == [piece.uses for piece in fresh.pieces]


def test_an_edit_reads_only_its_item_again() -> None:
    text = PROGRAMS[0].read_text()
    before = view(text)
    at = text.index("rule ") + 5
    after = view(text[:at] + "x" + text[at:], before)
    assert sum(a is not b for a, b in zip(before.pieces, after.pieces, strict=True)) == 1


def test_a_name_inside_its_own_definition_is_the_one_outside() -> None:
    text = "const n = 5\nstrategy S {\n  param n = n\n  let rsi = rsi(close, n)\n}\n"
    found = view(text)
    outer = found.symbol(found.use_at(text.index("n = 5")))
    inner = found.symbol(found.use_at(text.index("param n") + 6))
    assert found.symbol(found.use_at(text.index("= n") + 2)) == outer
    assert found.symbol(found.use_at(text.index("n)"))) == inner
    called = found.symbol(found.use_at(text.index("rsi(")))
    assert called is not None
    assert called.is_builtin
    assert called.space is Space.FUNCTION


def test_a_slice_holds_what_an_item_is_made_of_and_nothing_else() -> None:
    text = (
        "strategy S {\n  let a = close\n  let b = a * 2\n  let c = open\n  rule r: b > 1 => buy 10% with stop 2%\n}\n"
    )
    found = view(text)
    part = around(found, [found.chunk_at(text.index("rule"))])
    assert "let a" in part.source.text
    assert "let b" in part.source.text
    assert "let c" not in part.source.text
    facts = {text[span.start : span.end]: fact.unit for span, fact in part.facts.items()}
    assert facts["b"] == "price"


def large(items: int) -> str:
    lines = ["lingua 1", "strategy Big {", "  trade BTCUSDT @ 1h"]
    for at in range(items):
        lines += [
            f"  param p{at} = {10 + at % 20} in 5..40",
            f"  indicator a{at} = ema(close, p{at})",
            f"  rule r{at}: a{at} crosses above close and a{max(at - 1, 0)} > 0 => buy 1% with stop 2%",
        ]
    return "\n".join([*lines, "}"]) + "\n"


EDITS = {
    "a misspelt name": ("indicator a7 = ema(close", "indicator a7 = ema(closs"),
    "a renamed definition": ("indicator a7 ", "indicator a7x "),
    "a syntax error": ("a7 crosses above", "a7 crosses crosses above"),
    "another unit": ("indicator a7 = ema(close, p7)", "indicator a7 = rsi(close, p7)"),
    "a removed item": ("  param p7 = 17 in 5..40\n", ""),
    "the future": ("a7 crosses above close", "a7 crosses above close[-1]"),
    "a duplicate": ("  param p7 =", "  let a3 = close\n  param p7 ="),
}


@pytest.mark.parametrize("name", EDITS)
def test_the_errors_told_at_once_are_those_of_the_whole_check(name: str) -> None:
    text = large(30)
    before = view(text)
    last = Checked(before, check(before.source, None, {}), True)
    old, new = EDITS[name]
    after = view(text.replace(old, new, 1), before)
    quick = recheck(after, last, {})
    whole = check(after.source, None, {})

    def errors(problems) -> list[tuple[str, str, object]]:
        return sorted((p.code.number, p.message, p.span.start) for p in problems if p.severity == "error")

    assert errors(quick.problems) == errors(whole)
    assert errors(whole) or name == "another unit"


@pytest.mark.parametrize("path", PROGRAMS[:4], ids=lambda path: path.stem)
def test_without_any_one_of_its_words_a_program_still_shows_the_rest(path: Path) -> None:
    text = path.read_text()
    whole = view(text)
    names = {key[1:] for key in whole.definitions}
    for index, piece in enumerate(whole.pieces):
        for token in piece.tokens[::3]:
            start = whole.chunks[index].start + token.start
            broken = view(text[:start] + text[whole.chunks[index].start + token.end :], whole)
            complete(broken, start)
            hover(broken, start)
            own = {(use.space, use.name) for use in piece.definitions}
            if token.kind not in ("LBRACE", "RBRACE", "STRING") and whole.chunks[index].place is Place.ITEM:
                assert names - own <= {key[1:] for key in broken.definitions}, (token.text, start)


def test_names_of_other_files_are_found_through_their_imports(tmp_path: Path) -> None:
    (tmp_path / "helper.lingua").write_text("fn twice(x) = x * 2\nconst LIMIT = 3\n")
    user = tmp_path / "user.lingua"
    text = (
        'import "helper.lingua" as h\nimport "helper.lingua"\n'
        "strategy S {\n  let a = h.twice(close) + twice(h.LIMIT)\n}\n"
    )
    known: dict[Path, View | None] = {}

    def load(path: Path) -> View | None:
        if path not in known:
            known[path] = View(Source(path.name, path.read_text()), path, load=load) if path.is_file() else None
        return known[path]

    found = View(Source("user.lingua", text), user, load=load)
    helper = load(tmp_path / "helper.lingua")
    assert helper is not None
    symbols = [found.symbol(found.use_at(at)) for at in (text.index("twice("), text.rindex("twice("))]
    assert symbols[0] == symbols[1] == helper.symbol(helper.use_at(3))
    assert len(list(found.occurrences(symbols[0]))) == 2
    limit = found.symbol(found.use_at(text.index("LIMIT")))
    assert limit is not None
    assert limit.kind == "const"
