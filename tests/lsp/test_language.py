"""What an editor shows of a text: completion, hover, names, symbols, tokens, hints."""

from __future__ import annotations

import itertools

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM = """lingua 1
// the band between two averages
fn band_of(src, fast: int, slow: int = 34) -> band {
  let f = ema(src, fast)
  let s = ema(src, slow)
  return band(upper: max(f, s), lower: min(f, s))
}

strategy Cloud {
  trade AAPL @ 1d
  param quick = 12 in 5..30
  data peer = MSFT @ 1d
  /* 𝔼 */ indicator c = band_of(close, quick)
  let rising = c.upper > c.upper[5] and peer.close > 0
  rule enter: close crosses above c.upper and rising => buy risk 1% with stop 2 * atr(14)
  rule leave: close < c.lower => sell
  execution { slippage: 3bp }
}

test "a fall is left alone" for Cloud {
  given close = [100, 99, 98]
  expect never fired(enter)
}
"""


async def test_everything_is_offered_to_the_client(editor) -> None:
    offers = editor.offers
    assert offers.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert offers.semantic_tokens_provider.full.delta
    assert offers.semantic_tokens_provider.range
    rename = editor.abilities.text_document.rename
    if rename is not None and rename.prepare_support:
        assert offers.rename_provider.prepare_provider
    assert offers.completion_provider.resolve_provider
    assert offers.code_lens_provider.resolve_provider
    assert offers.diagnostic_provider.workspace_diagnostics
    assert offers.document_range_formatting_provider.ranges_support
    assert offers.workspace.workspace_folders.change_notifications
    for name in (
        "hover", "signature_help", "definition", "type_definition", "references", "document_highlight",
        "document_symbol", "workspace_symbol", "folding_range", "selection_range", "document_formatting",
        "document_on_type_formatting", "code_action", "inlay_hint", "call_hierarchy", "document_link",
    ):  # fmt: skip
        assert getattr(offers, f"{name}_provider"), name
    assert {"lingua.backtest", "lingua.test", "lingua.addTest"} <= set(offers.execute_command_provider.commands)


async def labels(editor, place) -> list[str]:
    found = await editor.client.text_document_completion_async(place.ask(types.CompletionParams))
    return [item.label for item in found.items]


COMPLETIONS = {
    "order words after the arrow": ("  rule a: close > open => │\n", {"buy", "sell", "close"}, {"ema", "let"}),
    "values and functions in an expression": ("  rule a: clo│ => buy\n", {"close", "quick", "ema"}, {"buy"}),
    "parts of a record": ("  rule a: c.│ > 0 => buy\n", {"upper", "lower"}, {"close"}),
    "prices of another symbol": ("  rule a: peer.│ > 0 => buy\n", {"close", "volume", "position"}, {"ema"}),
    "timeframes": ("  let x = close@│\n", {"1h", "1d", "peer"}, {"close"}),
    "units behind a number": ("  rule a: close > open => buy 10 │\n", {"shares", "of", "with"}, {"ema"}),
    "units behind digits": ("  rule a: close > open => buy 10│\n", {"10%", "10 shares"}, {"ema"}),
    "lengths of time behind digits": ("  let x = close@15│\n", {"15m", "15h"}, {"ema"}),
    "exits": ("  rule a: close > open => buy with │\n", {"stop", "target", "trail"}, {"ema"}),
    "kinds of orders": ("  rule a: close > open => buy at │\n", {"limit", "market", "stop"}, {"ema"}),
    "limits": ("  risk { │ }\n", {"max_drawdown", "daily_loss"}, {"slippage", "ema"}),
    "settings": ("  execution { sl│ }\n", {"slippage", "commission"}, {"max_drawdown"}),
    "words of a setting": ("  execution { limit_fill: │ }\n", {"touch", "through"}, set()),
    "figures to search by": ("  optimize { objective: │ }\n", {"sharpe", "calmar"}, set()),
    "parts of a call": ("  let x = bbands(close, 20, 2).│\n", {"upper", "lower"}, {"close"}),
    "rules to cancel": ("  rule a: close > open => cancel │\n", {"enter", "leave"}, {"ema"}),
    "behind a side": ("  signal x = long │\n", {"when"}, {"ema"}),
    "items": ("  │\n", {"rule", "let", "param"}, {"buy", "ema"}),
    "types": ("  let x: │ = close\n", {"price", "ratio", "int"}, {"ema"}),
    "names of arguments": ("  let x = band_of(│\n", {"src:", "fast:", "slow:"}, {"buy"}),
    "symbols": ("  rule a: close > open => buy on │\n", {"peer", "AAPL"}, {"ema"}),
    "periods": ("  rule a every │\n", {"weekly", "daily"}, {"ema"}),
    "nothing for a new name": ("  let │\n", set(), {"close", "buy"}),
    "nothing in a comment": ("  // clo│\n", set(), {"close", "buy"}),
}


@pytest.mark.parametrize("case", COMPLETIONS)
async def test_completion_knows_where_it_stands(editor, case: str) -> None:
    line, wanted, unwanted = COMPLETIONS[case]
    place = editor.open(PROGRAM.replace("  execution {", line + "  execution {", 1))
    found = set(await labels(editor, place))
    assert wanted <= found
    assert not unwanted & found


async def test_completion_in_tests_and_imports(editor) -> None:
    place = editor.open(PROGRAM.replace("fired(enter)", "fired(│)"))
    found = await labels(editor, place)
    assert {"enter", "leave"} <= set(found)
    assert "close" not in found
    place = editor.open(PROGRAM.replace("lingua 1\n", 'lingua 1\nimport "std/cl│"\n'))
    assert "std/cloud" in await labels(editor, place)
    place = editor.open(
        PROGRAM.replace("lingua 1\n", 'lingua 1\nimport "std/cloud" as s\n').replace("c.lower =>", "s.│ =>")
    )
    assert "cloud" in await labels(editor, place)


async def test_a_choice_replaces_the_word_and_tells_about_itself(editor) -> None:
    place = editor.open(PROGRAM.replace("close < c.lower", "em│"))
    found = await editor.client.text_document_completion_async(place.ask(types.CompletionParams))
    ema = next(item for item in found.items if item.label == "ema")
    snippets = editor.abilities.text_document.completion.completion_item.snippet_support
    if snippets:
        assert place.at(ema.text_edit.range) == "em"
        assert ema.insert_text_format == types.InsertTextFormat.Snippet
        assert "${1:" in ema.text_edit.new_text
    else:
        # What is written is the label itself: the client replaces the word it stands on.
        assert (ema.text_edit, ema.insert_text, ema.insert_text_format) == (None, None, None)
    resolved = await editor.client.completion_item_resolve_async(ema)
    told = resolved.documentation
    assert "moving average" in (told if isinstance(told, str) else told.value)
    assert "ema(source, length" in resolved.detail


async def hovered(editor, place) -> str:
    found = await editor.client.text_document_hover_async(place.ask(types.HoverParams))
    return found.contents.value if found is not None else ""


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("│c.upper and", ["record", "indicator c"]),
        ("c.│upper and", ["price", "series", "first value after 33 bars", "as of the close of the bar"]),
        ("│rising =>", ["bool", "series", "let rising"]),
        ("param │quick", ["12", "from 5 to 30"]),
        ("│atr(14)", ["price", "Average true range", "Formula", "first value after 14 bars"]),
        ("= │band_of", ["fn band_of(src, fast: int, slow: int = 34) -> band", "the band between two averages"]),
        ("│rule leave", ["Acts on every bar"]),
        ("{ │slippage", ["3bp"]),
        ("peer.│close", ["price", "last closed bar of peer"]),
        ("│1%", ["ratio"]),
    ],
)
async def test_hover_tells_what_it_is(editor, marked: str, wanted: list[str]) -> None:
    place = editor.open(PROGRAM.replace(marked.replace("│", ""), marked, 1))
    told = await hovered(editor, place)
    assert all(each in told.replace("`", "").replace("**", "") for each in wanted), told


async def test_hover_over_nothing_is_nothing(editor) -> None:
    assert await hovered(editor, editor.open(PROGRAM.replace("// the", "// t│he"))) == ""


async def test_the_signature_follows_the_arguments(editor) -> None:
    for typed, number in (("band_of(│", 0), ("band_of(close, │", 1), ("band_of(close, ema(open, 3), │", 2)):
        place = editor.open(PROGRAM.replace("band_of(close, quick)", typed))
        found = await editor.client.text_document_signature_help_async(place.ask(types.SignatureHelpParams))
        assert found.signatures[0].label == "band_of(src, fast: int, slow: int = 34) -> band"
        assert found.active_parameter == number
    place = editor.open(PROGRAM.replace("atr(14)", "bbands(close, 20, │"))
    found = await editor.client.text_document_signature_help_async(place.ask(types.SignatureHelpParams))
    assert found.signatures[0].label.startswith("bbands(source, length")
    assert found.active_parameter == 2


async def where(editor, place, kind, ask) -> list[str]:
    """What stands at the places that come back, with the word before."""
    found = await ask(place.ask(kind))
    return [place.at(each.range) for each in found or ()]


async def test_definitions_are_found_in_each_space(editor) -> None:
    client = editor.client
    for marked, line in (
        ("│quick)", "  param quick"), ("= │band_of", "fn band_of"), ("│rising =>", "  let rising"),
        ("fired(│enter", "  rule enter"), ("for │Cloud", "strategy Cloud"), ("│peer.close", "  data peer"),
        ("max(│f", "  let f"), ("ema(│src", "fn band_of(src"),
    ):  # fmt: skip
        place = editor.open(PROGRAM.replace(marked.replace("│", ""), marked, 1))
        found = await client.text_document_definition_async(place.ask(types.DefinitionParams))
        assert len(found) == 1, marked
        text = place.text.splitlines()[found[0].range.start.line]
        assert text.startswith(line), marked


async def test_what_is_built_in_has_no_definition(editor) -> None:
    place = editor.open(PROGRAM.replace("2 * atr", "2 * │atr"))
    assert not await editor.client.text_document_definition_async(place.ask(types.DefinitionParams))


async def test_a_type_is_defined_where_the_value_is_made(editor) -> None:
    place = editor.open(PROGRAM.replace("above c.upper", "above │c.upper"))
    found = await editor.client.text_document_type_definition_async(place.ask(types.TypeDefinitionParams))
    assert place.at(found[0].range) == "band_of"


async def test_references_and_highlights_are_the_same_name_and_no_other(editor) -> None:
    place = editor.open(PROGRAM.replace("indicator c =", "indicator │c ="))
    context = types.ReferenceContext(include_declaration=True)
    found = await editor.client.text_document_references_async(place.ask(types.ReferenceParams, context=context))
    assert [place.at(each.range) for each in found] == ["c"] * 5
    without = types.ReferenceContext(include_declaration=False)
    found = await editor.client.text_document_references_async(place.ask(types.ReferenceParams, context=without))
    assert len(found) == 4
    lit = await editor.client.text_document_document_highlight_async(place.ask(types.DocumentHighlightParams))
    assert [each.kind for each in lit].count(types.DocumentHighlightKind.Write) == 1
    assert len(lit) == 5


async def test_symbols_are_nested_as_the_program_is(editor) -> None:
    place = editor.open(PROGRAM)
    found = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(place.document))
    names = [each.name for each in found]
    nested = editor.abilities.text_document.document_symbol.hierarchical_document_symbol_support
    if nested:
        assert names == ["band_of", "Cloud", "a fall is left alone"]
        assert [each.name for each in found[1].children] == ["quick", "peer", "c", "rising", "enter", "leave"]
        for each in [*found, *found[1].children]:
            assert each.range.start <= each.selection_range.start <= each.selection_range.end <= each.range.end
    else:
        assert names[:3] == ["band_of", "Cloud", "quick"]


async def test_symbols_of_the_workspace_are_found_by_some_of_their_letters(editor) -> None:
    editor.open("strategy Momentum { rule go: close > open => buy }\n", save=True)
    found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("Mmtm"))
    assert "Momentum" in [each.name for each in found]


async def tokens_of(editor, place) -> dict[tuple[str, int], tuple[str, tuple[str, ...]]]:
    """(word, which occurrence) to (type, modifiers)."""
    legend = editor.offers.semantic_tokens_provider.legend
    found = await editor.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(place.document))
    return decoded(editor, place, legend, found.data)


def decoded(editor, place, legend, data):
    known: dict[tuple[str, int], tuple[str, tuple[str, ...]]] = {}
    line = column = 0
    seen: dict[str, int] = {}
    for at in range(0, len(data), 5):
        down, right, length, kind, bits = data[at : at + 5]
        line, column = line + down, right + (column if not down else 0)
        word = place.at(types.Range(types.Position(line, column), types.Position(line, column + length)))
        modifiers = tuple(each for bit, each in enumerate(legend.token_modifiers) if bits >> bit & 1)
        known[word, seen.setdefault(word, 0)] = (legend.token_types[kind], modifiers)
        seen[word] += 1
    return known


async def test_tokens_tell_soft_words_from_names(editor) -> None:
    text = (
        "strategy S {\n  /* 𝔼 */ param size = 5 in 1..9\n  let close_up = close > close[size]\n"
        "  rule stop: close_up => close\n  rule risk: rsi(close, 14) > 70 => sell at limit close\n  size: 10%\n}\n"
    )
    found = await tokens_of(editor, editor.open(text))
    assert found["size", 0] == ("parameter", ("declaration", "readonly"))
    assert found["size", 1] == ("parameter", ("readonly",))
    assert found["size", 2] == ("keyword", ())
    assert found["close", 0] == ("variable", ("defaultLibrary",))
    assert found["stop", 0] == ("event", ("declaration",))
    assert found["close", 2] == ("keyword", ())
    assert found["close", 4] == ("variable", ("defaultLibrary",))
    assert found["rsi", 0] == ("function", ("defaultLibrary",))
    assert found["limit", 0] == ("keyword", ())
    assert found["10%", 0] == ("number", ())
    assert found["/* 𝔼 */", 0] == ("comment", ())


async def test_the_difference_of_tokens_gives_the_new_ones(editor) -> None:
    place = editor.open(PROGRAM)
    client = editor.client
    before = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(place.document))
    at = place.text.index("  rule leave")
    editor.change(place.uri, [(at, at, "  let extra = close\n")])
    params = types.SemanticTokensDeltaParams(place.document, before.result_id)
    change = await client.text_document_semantic_tokens_full_delta_async(params)
    data = list(before.data)
    for edit in sorted(change.edits, key=lambda edit: edit.start, reverse=True):
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    after = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(place.document))
    assert data == list(after.data)
    assert sum(len(edit.data or ()) for edit in change.edits) <= 30
    unknown = await client.text_document_semantic_tokens_full_delta_async(
        types.SemanticTokensDeltaParams(place.document, "of another life")
    )
    assert list(unknown.data) == data


async def test_tokens_of_a_range_are_those_of_the_whole(editor) -> None:
    place = editor.open(PROGRAM)
    legend = editor.offers.semantic_tokens_provider.legend
    line = place.of("  rule enter").line
    params = types.SemanticTokensRangeParams(
        place.document, types.Range(types.Position(line, 0), types.Position(line + 1, 0))
    )
    part = await editor.client.text_document_semantic_tokens_range_async(params)
    words = {word for word, _ in decoded(editor, place, legend, part.data)}
    assert {"rule", "enter", "crosses", "above", "atr"} <= words
    assert "fn" not in words


async def test_blocks_comments_and_long_items_fold(editor) -> None:
    text = "// one\n// two\n" + PROGRAM.replace(" with stop", "\n    with stop")
    place = editor.open(text)
    found = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(place.document))
    folded = {(each.start_line, each.end_line) for each in found}
    lines = text.splitlines()
    opening, closing = lines.index("strategy Cloud {"), len(lines) - 6
    assert (0, 1) in folded
    assert (opening, closing) in folded
    enter = next(at for at, line in enumerate(lines) if "rule enter" in line)
    assert (enter, enter + 1) in folded


async def test_a_selection_grows_outwards(editor) -> None:
    place = editor.open(PROGRAM.replace("2 * atr(14)", "2 * atr(│14)"))
    found = await editor.client.text_document_selection_range_async(
        types.SelectionRangeParams(place.document, [place.position])
    )
    grown: list[str] = []
    step = found[0]
    while step is not None:
        grown.append(place.at(step.range))
        step = step.parent
    assert grown[:3] == ["14", "atr(14)", "2 * atr(14)"]
    assert grown[-1] == place.text
    assert all(inner in outer for inner, outer in itertools.pairwise(grown))


async def test_hints_tell_units_values_and_warm_up(editor) -> None:
    place = editor.open(PROGRAM)
    end = types.Position(len(place.text.splitlines()), 0)
    found = await editor.client.text_document_inlay_hint_async(
        types.InlayHintParams(place.document, types.Range(types.Position(0, 0), end))
    )
    by_line: dict[int, list[str]] = {}
    for each in found:
        by_line.setdefault(each.position.line, []).append(str(each.label))
    assert by_line[place.of("indicator c").line] == ["=12"]
    assert by_line[place.of("let rising").line] == [": bool"]
    assert by_line[place.of("rule enter").line] == ["after 38 bars"]


async def test_calls_are_followed_both_ways(editor) -> None:
    client = editor.client
    place = editor.open(PROGRAM.replace("fn band_of", "fn │band_of"))
    items = await client.text_document_prepare_call_hierarchy_async(place.ask(types.CallHierarchyPrepareParams))
    assert [each.name for each in items] == ["band_of"]
    callers = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(items[0]))
    assert [each.from_.name for each in callers] == ["c"]
    assert [place.at(each) for each in callers[0].from_ranges] == ["band_of"]
    called = await client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(callers[0].from_))
    assert {each.to.name for each in called} == {"band_of", "quick"}
