"""Names of another file: what goes wrong inside it is said where it is called."""

from checking import check_items

from lingua.diagnostics.diagnostic import Problems
from lingua.semantics.scope import FnDef, Namespace, Scope, ValueDef
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse
from lingua.syntax.source import Source, Span

MODULE = """const K = 3
fn gap(x, n) = x - ema(x, n)
fn mixed(x) = x + volume
"""


def importing(text: str):
    """Elaborates `it = text` with the module above as `m`."""
    source = Source("lib.lingua", MODULE)
    module = Scope(Problems(source))
    for item in parse(source)[0].items:
        if isinstance(item, ast.Fn):
            module.define(item.name, FnDef(item), item.name_span, "fn")
        elif isinstance(item, ast.Const):
            module.define(item.name, ValueDef(item.value, item.type), item.name_span, "const")
    checked = check_items("close")
    checked.scope.define("m", Namespace(module), Span(0, 0), "import")
    own = Source("t.lingua", text)
    problems = Problems(own)
    checked.x.problems = checked.scope.problems = problems
    from lingua.syntax.parse import parse_expression

    expr, _ = parse_expression(text)
    assert expr is not None
    return checked.x.value(expr, checked.scope), problems, module


def test_functions_and_constants_of_a_module_are_reached_by_its_name() -> None:
    value, problems, module = importing("m.gap(close, m.K)")
    assert not problems.found
    assert value.node.op == "sub"
    assert [entry.name for entry in module.unused()] == ["mixed"]


def test_a_mistake_inside_is_said_at_the_call_with_the_place_as_a_note() -> None:
    _, problems, module = importing("1 + m.mixed(close)")
    assert [p.code.number for p in problems.found] == ["L0210"]
    found = problems.found[0]
    assert found.span == Span(4, 18)
    assert "lib.lingua line 3" in found.notes[0]
    assert not module.problems.found


def test_a_name_the_module_does_not_have_is_told() -> None:
    _, problems, _ = importing("m.gpa(close, 3)")
    assert problems.found[0].help == "did you mean `m.gap`?"
    _, problems, _ = importing("m.Q + 1")
    assert problems.found[0].code.number == "L0209"
