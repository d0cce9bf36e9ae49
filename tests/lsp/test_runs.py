"""Backtests and tests started from the editor, and what is shown of them."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM = """lingua 1
strategy Swing {
  trade AAA @ 1d
  let fast = ema(close, 5)
  let slow = ema(close, 15)
  rule enter: fast crosses above slow => buy 50% with stop 10%
  rule leave: fast crosses below slow => sell
  rule never: close < 0 => sell
}
test "a rise is bought" for Swing {
  given lead = 30
  given close = [100, 101, 103, 106, 110, 115]
  expect eventually position > 0
}
test "what is not so" for Swing {
  given close = [100, 100]
  expect always close > 100
}
"""


def prices(count: int = 400) -> str:
    import math

    rows = ["time,open,high,low,close,volume"]
    for day in range(count):
        stamp = f"{2020 + day // 336:04d}-{day // 28 % 12 + 1:02d}-{day % 28 + 1:02d}"
        value = 100 + 20 * math.sin(day / 12) + day / 20
        rows.append(f"{stamp},{value:.2f},{value + 1:.2f},{value - 1:.2f},{value + 0.5:.2f},1000")
    return "\n".join(rows) + "\n"


def project(editor, text: str = PROGRAM, name: str = "swing/swing.lingua"):
    folder = editor.folder / "swing"
    folder.mkdir(exist_ok=True)
    (folder / "AAA.csv").write_text(prices())
    (folder / "lingua.toml").write_text('[symbols.AAA]\nfile = "AAA.csv"\ncalendar = "24x7"\n')
    return editor.open(text, name, save=True)


async def command(editor, name: str, argument: dict) -> dict:
    return await editor.client.workspace_execute_command_async(types.ExecuteCommandParams(name, [argument]))


async def lenses(editor, place) -> list[str]:
    found = await editor.client.text_document_code_lens_async(types.CodeLensParams(place.document))
    resolved = [each if each.command else await editor.client.code_lens_resolve_async(each) for each in found]
    return [each.command.title for each in resolved]


def part(found, name: str):
    return found[name] if isinstance(found, dict) else getattr(found, name)


async def test_a_backtest_is_run_and_shown_above_the_strategy(editor) -> None:
    place = project(editor)
    assert any(each.startswith("▶ backtest") for each in await lenses(editor, place))
    found = await command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"})
    assert part(found, "trades") > 3
    titles = await lenses(editor, place)
    (title,) = [each for each in titles if each.startswith("▶ backtest")]
    assert "Sharpe" in title
    assert f"{part(found, 'trades')} trades" in title
    assert title.rstrip()[-1] in "▁▂▃▄▅▆▇█"
    assert any(each.startswith("never fires in") for each in titles)
    assert sum(each.startswith("never fires in") for each in titles) == 1

    told = await editor.client.text_document_hover_async(types.HoverParams(place.document, place.of("fast crosses")))
    assert "last values of the loaded data" in told.contents.value

    at = place.text.index("close, 5")
    editor.change(place.uri, [(at + 7, at + 8, "6")])
    (title,) = [each for each in await lenses(editor, place) if each.startswith("▶ backtest")]
    assert "before the last change" in title


async def test_a_backtest_that_cannot_run_says_why(editor) -> None:
    place = editor.open(PROGRAM.replace("AAA", "NOBODY"), "nodata.lingua")
    found = await command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"})
    assert "NOBODY" in part(found, "problem")
    broken = editor.open(PROGRAM.replace("close, 5", "closs, 5"), "broken.lingua")
    found = await command(editor, "lingua.backtest", {"uri": broken.uri, "strategy": "Swing"})
    assert "closs" in part(found, "problem")


async def test_tests_are_run_and_shown(editor) -> None:
    place = project(editor)
    found = await command(editor, "lingua.test", {"uri": place.uri, "only": ""})
    outcomes = {part(each, "title"): part(each, "passed") for each in part(found, "tests")}
    assert outcomes == {"a rise is bought": True, "what is not so": False}
    titles = await lenses(editor, place)
    assert "▶ test ✓ passed" in titles
    assert "▶ test ✗ failed" in titles


async def test_a_test_is_written_from_a_bar(editor) -> None:
    place = project(editor)
    applied: list[types.ApplyWorkspaceEditParams] = []
    editor.client.protocol.fm.features.pop(types.WORKSPACE_APPLY_EDIT, None)

    @editor.client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        applied.append(params)
        return types.ApplyWorkspaceEditResult(True)

    found = await command(editor, "lingua.addTest", {"uri": place.uri, "strategy": "Swing", "rule": "enter"})
    assert "expect fired(enter) at bar" in part(found, "test")
    assert len(applied) == 1
    refused = await command(editor, "lingua.addTest", {"uri": place.uri, "strategy": "Swing", "rule": "never"})
    assert "did not act" in part(refused, "problem")


async def test_typing_never_waits_for_a_backtest(editor) -> None:
    place = project(editor)
    running = asyncio.ensure_future(command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"}))
    waited = []
    while not running.done():
        began = asyncio.get_running_loop().time()
        await editor.client.text_document_hover_async(types.HoverParams(place.document, place.of("close, 5")))
        waited.append(asyncio.get_running_loop().time() - began)
    await running
    assert sorted(waited)[len(waited) // 2] < 0.1


async def test_what_is_cancelled_is_answered_as_cancelled(editor) -> None:
    place = project(editor)
    client = editor.client
    asked = asyncio.ensure_future(command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"}))
    await asyncio.sleep(0)
    ids = list(client.protocol._request_futures)
    client.cancel_request(types.CancelParams(ids[-1]))
    with pytest.raises(Exception, match="cancel"):
        await asyncio.wait_for(asked, 10)
    found = await command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"})
    assert part(found, "trades") > 3


async def test_long_work_shows_its_progress(editor) -> None:
    place = project(editor)
    before = dict(editor.client.progress_reports)
    await command(editor, "lingua.backtest", {"uri": place.uri, "strategy": "Swing"})
    window = editor.abilities.window
    more = set(editor.client.progress_reports) - set(before)
    assert bool(more) == bool(window is not None and window.work_done_progress)
    for token in more:
        assert [each.kind for each in editor.client.progress_reports[token]][-1] == "end"


async def test_a_chart_is_drawn_of_a_run(editor) -> None:
    place = project(editor)
    found = await command(editor, "lingua.chart", {"uri": place.uri, "strategy": "Swing"})
    assert not found.get("problem"), found
    drawn = part(found, "chart")
    assert len(part(drawn, "symbols")) == 1
    assert len(part(part(found, "fired_at"), "enter")) == part(part(found, "fired"), "enter")


async def test_a_rule_is_explained_on_a_bar_and_a_code_by_its_page(editor) -> None:
    place = project(editor)
    ask = {"uri": place.uri, "strategy": "Swing", "rule": "enter", "bar": 100}
    found = await command(editor, "lingua.explain", ask)
    assert "enter (AAA, bar" in part(found, "text")
    wrong = await command(editor, "lingua.explain", {**ask, "rule": "nobody"})
    assert "nobody" in part(wrong, "problem")
    page = await command(editor, "lingua.explain", {"code": "L0301"})
    assert "L0301" in part(page, "text")


async def test_a_file_that_is_opened_shows_its_figures_unasked(editor) -> None:
    place = project(editor, PROGRAM.replace("Swing", "Quiet"), "swing/quiet.lingua")
    for _ in range(200):
        (title, *_) = [each for each in await lenses(editor, place) if each.startswith("▶ backtest")]
        if "Sharpe" in title:
            break
        await asyncio.sleep(0.05)
    assert "Sharpe" in title


async def test_hints_can_be_turned_off(editor) -> None:
    place = editor.open(PROGRAM)
    whole = types.Range(types.Position(0, 0), types.Position(8, 0))

    async def shown() -> list[str]:
        found = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(place.document, whole))
        return [str(each.label) for each in found]

    def set_to(value: bool) -> None:
        settings = {"lingua": {"hintWarmup": value, "hintUnits": "no truth"}}
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))

    assert any(each.startswith("after ") for each in await shown())
    set_to(False)
    found = await shown()
    assert not any(each.startswith("after ") for each in found)
    assert ": price" in found
    set_to(True)
    assert any(each.startswith("after ") for each in await shown())
