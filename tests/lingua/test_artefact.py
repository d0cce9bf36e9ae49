"""An artefact means what it meant when it was built: imports, values and all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lingua
from lingua.artefact import to_json
from lingua.diagnostics.diagnostic import Severity

HELPERS = 'import "../shared/more.lingua" as m\nfn twice(x) = m.same(x) * 2\n'
MORE = "fn same(x) = x\n"
PROGRAM = """import "parts/helpers.lingua" as h
import "std/cloud" as c
strategy Trend {
  trade AAPL @ 1d
  param fast = 10 in 2..50
  let level = h.twice(sma(close, fast))
  let is_up = c.cloud_side(close, 12, 26) == 1
  rule enter: h.twice(close) > level and is_up => buy 10% of equity with stop 5%
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in (
        ("lingua.toml", ""),
        ("strategies/parts/helpers.lingua", HELPERS),
        ("strategies/shared/more.lingua", MORE),
        ("strategies/trend.lingua", PROGRAM),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def built(project: Path, **values: object) -> tuple[lingua.Compiled, Path]:
    compiled = lingua.compile(project / "strategies" / "trend.lingua", set=values)
    assert compiled.ok, compiled.problems
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    target = elsewhere / "trend.lgx"
    target.write_text(to_json(compiled), encoding="utf-8")
    return compiled, target


def test_an_artefact_stands_alone(project: Path) -> None:
    compiled, target = built(project, fast=20)
    again = lingua.compile(target)
    assert again.ok, again.problems
    assert again.fingerprint == compiled.fingerprint
    assert again.program.params[0].value == 20
    assert lingua.compile(str(target), set={"fast": 30}).program.params[0].value == 30
    assert to_json(again).replace("trend.lgx", "strategies/trend.lingua") == to_json(compiled)


def test_no_path_of_the_machine_is_in_it(project: Path) -> None:
    _, target = built(project)
    text = target.read_text("utf-8")
    assert str(project) not in text
    assert [each["name"] for each in json.loads(text)["imports"]] == [
        "strategies/parts/helpers.lingua", "strategies/shared/more.lingua", "std/cloud",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda found: found["source"].update(text=PROGRAM.replace("5%", "50%")), "L0196"),
        (lambda found: found["imports"][1].update(text="fn same(x) = x + 1\n"), "L0196"),
        (
            lambda found: found["imports"][2].update(text="fn cloud_side(src, fast: int = 12, slow: int = 34) = 1\n"),
            "L0196",
        ),
        (lambda found: found["parameters"][0].update(value=11), "L0196"),
        (lambda found: found.update(fingerprint="0" * 64), "L0196"),
        (lambda found: found.update(strategy=5), "L0195"),
        (lambda found: found.update(schema=99), "L0195"),
        (lambda found: found["parameters"][0].update(value=[1]), "L0195"),
        (lambda found: found.pop("imports"), "L0195"),
        (lambda found: found["source"].update(text="strategy Trend { rule r: clos > 1 => buy }"), None),
        (lambda found: found["imports"].pop(1), None),
    ],
)
def test_what_was_changed_is_told(project: Path, change, code: str | None) -> None:
    _, target = built(project)
    found = json.loads(target.read_text("utf-8"))
    change(found)
    target.write_text(json.dumps(found), encoding="utf-8")
    compiled = lingua.compile(target)
    errors = [each for each in compiled.problems if each.severity is Severity.ERROR]
    assert errors
    if code is not None:
        assert [each.code.number for each in errors] == [code]
        assert errors[0].help


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'"x"', b"[" * 100_000, b"strategy S { }"])
def test_what_is_no_artefact_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.lgx").write_bytes(data)
    (problem,) = lingua.compile(tmp_path / "x.lgx").problems
    assert problem.code.number == "L0195"


def test_an_artefact_reads_no_file(project: Path, tmp_path: Path) -> None:
    """Not even one that lies where its import points."""
    _, target = built(project)
    found = json.loads(target.read_text("utf-8"))
    found["source"]["text"] = found["source"]["text"].replace("parts/helpers", "own")
    (target.parent / "own.lingua").write_text(HELPERS, encoding="utf-8")
    target.write_text(json.dumps(found), encoding="utf-8")
    assert any(each.code.slug == "import-not-found" for each in lingua.compile(target).problems)


def test_a_program_is_told_in_a_line() -> None:
    told = repr(lingua.compile("strategy S { rule r: close > open => buy with stop 5% }"))
    assert told == "<Compiled <text>: S, 1 problem>"
