"""What is written is read again as the same tree."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from made_programs import files, without_parentheses

from lingua.syntax import nodes as n
from lingua.syntax.format import format_file
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

slow = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def as_written(name: str) -> str:
    return name


@slow
@given(files())
def test_any_tree_is_written_and_read_again_as_the_same(file: n.File) -> None:
    text = format_file(file, Source("made", ""), as_written)
    read, problems = parse(Source("made", text))
    assert not problems, (text, problems[0].message)
    assert without_parentheses(read) == without_parentheses(file), text
    again = format_file(read, Source("made", text), as_written)
    assert parse(Source("made", again))[0] == read, again
    assert format_file(parse(Source("made", again))[0], Source("made", again), as_written) == again
