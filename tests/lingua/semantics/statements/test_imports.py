"""Imports: files beside the program, the bundled library, and what may not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

import lingua
from lingua.compiler import compile_path, compile_source
from lingua.semantics.imports import MOST_FILES
from lingua.syntax.source import Source

STRATEGY = "strategy S {{ rule r: close crosses above {} => buy 10% with stop 2% }}\n"
STD = Path(lingua.__file__).parent / "std"


@pytest.fixture
def compiled(tmp_path: Path):
    def run(main: str, **files: str):
        folder = tmp_path / "project"
        for name, text in {"main": main, **files}.items():
            path = folder / f"{name.replace('__', '/')}.lingua"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return compile_path(folder / "main.lingua")

    return run


def codes(found) -> list[str]:
    return [problem.code.number for problem in found.problems]


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ('import "helpers.lingua" as h', "h.middle(high, low)"),
        ('import "helpers" as h', "h.middle(high, low) + h.STEP * 1 USD / 1 shares"),
        ('import "helpers.lingua"', "middle(high, low)"),
        ('import "./helpers.lingua"', "middle(high, low)"),
        ('import "std/cloud" as c', "c.cloud(close, 5, 9).upper"),
        ('import "std/cloud"', "cloud(close, 5, 9).upper"),
        ('import "std/cloud.lingua"', "cloud(close).upper"),
    ],
)
def test_functions_and_constants_of_another_file(compiled, line: str, call: str) -> None:
    helpers = "const STEP = 0.5\nfn middle(a, b) = (a + b) / 2\n"
    found = compiled(f"{line}\n{STRATEGY.format(call)}", helpers=helpers)
    assert codes(found) == []
    assert len(found.programs) == 1
    assert len(found.imported) == 1


def test_an_import_is_part_of_the_fingerprint(compiled) -> None:
    main = 'import "helpers"\n' + STRATEGY.format("f(close)")
    prints = {compiled(main, helpers=f"fn f(x) = x + x * {n}\n").fingerprint for n in (1, 2)}
    assert len(prints) == 2


def test_imports_are_relative_to_the_importing_file(compiled) -> None:
    found = compiled(
        'import "lib/a"\n' + STRATEGY.format("f(close)"),
        lib__a='import "b"\nfn f(x) = g(x)\n',
        lib__b="fn g(x) = x * 2\n",
    )
    assert codes(found) == []


def test_what_a_file_imports_is_its_own(compiled) -> None:
    found = compiled(
        'import "a"\n' + STRATEGY.format("g(close)"), a='import "b"\nfn f(x) = g(x)\n', b="fn g(x) = x * 2\n"
    )
    assert "L0202" in codes(found)


def test_strategies_of_an_imported_file_stay_there(compiled) -> None:
    other = "fn f(x) = x * 2\n" + STRATEGY.format("open").replace("strategy S", "strategy T")
    assert [p.name for p in compiled('import "other"\n' + STRATEGY.format("f(close)"), other=other).programs] == ["S"]


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("../secret", "L0904"),
        ("lib/../../secret", "L0904"),
        ("/etc/passwd", "L0904"),
        ("~/x", "L0904"),
        ("C:/x", "L0904"),
        ("..\\\\x", "L0904"),
        ("https://example.org/x", "L0904"),
        ("helpers.py", "L0904"),
        ("", "L0904"),
        (" ", "L0904"),
        ("a" * 500, "L0904"),
        ("nothing", "L0903"),
        ("std/nothing", "L0903"),
        ("std/../cloud", "L0903"),
        ("std", "L0903"),
        ("main", "L0905"),
    ],
)
def test_a_path_that_may_not_be_read(compiled, tmp_path: Path, path: str, number: str) -> None:
    (tmp_path / "secret.lingua").write_text("fn f(x) = x\n", encoding="utf-8")
    found = compiled(f'import "{path}"\n{STRATEGY.format("f(close)")}')
    assert codes(found) == [number]


def test_a_link_out_of_the_project_is_not_followed(compiled, tmp_path: Path) -> None:
    (tmp_path / "secret.lingua").write_text("fn f(x) = x\n", encoding="utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link.lingua").symlink_to(tmp_path / "secret.lingua")
    assert codes(compiled(f'import "link"\n{STRATEGY.format("f(close)")}')) == ["L0904"]


def test_the_project_file_says_where_the_project_begins(tmp_path: Path) -> None:
    (tmp_path / "lingua.toml").write_text("", encoding="utf-8")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "f.lingua").write_text("fn f(x) = x * 2\n", encoding="utf-8")
    (tmp_path / "strategies").mkdir()
    main = tmp_path / "strategies" / "main.lingua"
    main.write_text(f'import "../lib/f"\n{STRATEGY.format("f(close)")}', encoding="utf-8")
    assert codes(compile_path(main)) == []


def test_a_folder_is_no_file(compiled, tmp_path: Path) -> None:
    (tmp_path / "project" / "lib.lingua").mkdir(parents=True)
    assert codes(compiled(f'import "lib"\n{STRATEGY.format("f(close)")}')) == ["L0903"]


def test_a_misspelt_file_gets_a_guess(compiled) -> None:
    found = compiled(f'import "helprs"\n{STRATEGY.format("f(close)")}', helpers="fn f(x) = x\n")
    assert found.problems[0].help == 'did you mean `"helpers"`?'


@pytest.mark.parametrize("ring", [("a",), ("a", "b"), ("a", "b", "c")])
def test_files_that_import_each_other(compiled, ring: tuple[str, ...]) -> None:
    files = {
        name: f'import "{after}"\nfn {name}(x) = x\n' for name, after in zip(ring, (*ring[1:], ring[0]), strict=True)
    }
    found = compiled(f'import "a"\n{STRATEGY.format("a(close)")}', **files)
    assert codes(found) == ["L0905"]


def test_what_is_wrong_in_another_file_is_said_there_once(compiled) -> None:
    helpers = "fn f(x) = x + unknown\nfn g(x) = f(x)\n"
    found = compiled(f'import "helpers"\n{STRATEGY.format("f(g(close))")}', helpers=helpers)
    assert codes(found) == ["L0201"]
    assert found.problems[0].source.name == "helpers.lingua"
    assert not found.programs


def test_a_syntax_error_of_another_file_is_said_there(compiled) -> None:
    found = compiled(f'import "helpers"\n{STRATEGY.format("f(close)")}', helpers="fn f(x) = x +\n")
    assert {problem.source.name for problem in found.problems} == {"helpers.lingua"}


def test_bytes_that_are_no_text(compiled, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "bad.lingua").write_bytes(b"// caf\xe9\n")
    assert codes(compiled(f'import "bad"\n{STRATEGY.format("f(close)")}')) == ["L0906"]


def test_one_name_from_two_files(compiled) -> None:
    found = compiled(f'import "a"\nimport "b"\n{STRATEGY.format("f(close)")}', a="fn f(x) = x\n", b="fn f(x) = x * 2\n")
    assert codes(found) == ["L0909"]
    found = compiled(
        f'import "a"\nimport "b" as b\n{STRATEGY.format("f(b.f(close))")}', a="fn f(x) = x\n", b="fn f(x) = x * 2\n"
    )
    assert codes(found) == []


def test_an_unused_import_is_pointed_out(compiled) -> None:
    assert codes(compiled(f'import "a"\n{STRATEGY.format("open")}', a="fn f(x) = x\n")) == ["L0205"]
    assert codes(compiled(f'import "a" as a\n{STRATEGY.format("open")}', a="fn f(x) = x\n")) == ["L0205"]


def test_the_same_import_twice_is_one(compiled) -> None:
    assert codes(compiled(f'import "a"\nimport "a"\n{STRATEGY.format("f(close)")}', a="fn f(x) = x * 2\n")) == []


def test_too_many_files(compiled) -> None:
    files = {f"h{i}": f"fn f{i}(x) = x\n" for i in range(MOST_FILES + 5)}
    lines = "".join(f'import "h{i}" as h{i}\n' for i in range(MOST_FILES + 5))
    assert set(codes(compiled(lines + STRATEGY.format("open"), **files))) == {"L0908"}


def test_a_text_without_a_folder_imports_std_alone() -> None:
    def of(text: str) -> list[str]:
        return codes(compile_source(Source("<text>", text)))

    assert of(f'import "helpers"\n{STRATEGY.format("f(close)")}') == ["L0907"]
    assert of(f'import "std/cloud"\n{STRATEGY.format("cloud(close).mid")}') == []


def test_a_reader_can_stand_in_for_the_file_system(file) -> None:
    texts = {"helpers.lingua": "fn f(x) = x * 2\n"}
    found = file(f'import "helpers"\n{STRATEGY.format("f(close)")}', read_import=texts.__getitem__)
    assert found.codes == []
    assert file(f'import "other"\n{STRATEGY.format("f(close)")}', read_import=texts.__getitem__).codes == ["L0903"]


@pytest.mark.parametrize("path", sorted(STD.glob("*.lingua")), ids=lambda path: path.stem)
def test_a_file_of_the_library_has_nothing_to_point_out_and_tests_itself(path: Path) -> None:
    found = compile_path(path)
    assert codes(found) == []
    assert found.tests
    assert all(plan.prepare().expectations for plan in found.tests)
    assert path.read_text("utf-8").startswith("lingua 1\n// ")
