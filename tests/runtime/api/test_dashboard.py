"""The dashboard in a real browser: signing in, seeing, doing, live, by keyboard and on a narrow screen."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import BROWSER, Browser, Page
from serving import Serving

from lingua_runtime.control import Mode, RiskState, Standing

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    served = Serving(tmp_path_factory.mktemp("dashboard"))
    served.call(lambda: served.node.put("trend", Mode.LIVE, is_armed=False))
    served.call(lambda: served.node.put("<img src=x onerror=alert(1)>", Mode.PAPER, strategy="<b>bold</b>"))
    served.call(lambda: served.node.say("order", "<script>alert(1)</script> bought", "trend"))
    yield served
    served.close()


@pytest.fixture(scope="module")
def page(browser: Browser, serving: Serving) -> Iterator[Page]:
    """One tab through all tests, in their order: as somebody works."""
    opened = browser.page()
    opened.go(serving.url)
    yield opened
    opened.close()


def does(serving: Serving, *what: str) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if any(done[: len(what)] == what for done in serving.node.done):
            return True
        time.sleep(0.02)
    return False


def test_the_first_visit_makes_the_administrator(page: Page, serving: Serving) -> None:
    page.wait("document.body.dataset.state === 'gate' && document.getElementById('token-field').checkVisibility()")
    page.type("not the token", "[name=token]")
    page.type("anna", "[name=name]")
    page.type(PASSWORD, "[name=password]")
    page.key("Enter")
    page.wait("document.getElementById('gate-problem').textContent.includes('not the one')")
    page.js("document.querySelector('[name=token]').value = ''")
    page.type(serving.service.people.setup_token(), "[name=token]")
    page.click("#gate-button")
    page.wait("document.body.dataset.state === 'desk'")
    page.wait("document.getElementById('link').textContent === 'live'")
    assert "anna" in page.text("#me")


def test_what_is_there_is_shown_and_names_stay_text(page: Page) -> None:
    page.wait("document.querySelectorAll('#deployment-table tbody tr').length === 2")
    assert "<img src=x onerror=alert(1)>" in page.text("#deployment-table")
    assert "<script>alert(1)</script> bought" in page.text("#log-lines")
    assert page.js("document.querySelectorAll('#desk img[onerror], #log-lines script').length") == 0
    assert "20,000.00" in page.text("#tiles")
    page.wait("!!document.querySelector('#curve-chart canvas')")
    colours = (
        "(() => { const canvas = document.querySelector('#curve-chart canvas'); "
        "const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; "
        "return new Set(new Uint32Array(pixels.buffer)).size; })()"
    )
    page.wait(f"{colours} > 5")


def test_it_is_live(page: Page, serving: Serving) -> None:
    serving.call(lambda: serving.node.say("alarm", "the venue is silent", "trend", "warning"))
    page.wait("document.getElementById('log-lines').innerText.includes('the venue is silent')")
    serving.call(lambda: serving.node.put("trend", Mode.LIVE, equity=77_777.0, why="look here"))
    page.wait("document.getElementById('deployment-table').innerText.includes('77,777.00')")
    page.wait("document.getElementById('deployment-table').innerText.includes('look here')")


def test_the_log_is_filtered(page: Page) -> None:
    page.js("document.getElementById('log-level').value = 'warning'")
    page.js("document.getElementById('log-level').dispatchEvent(new Event('input'))")
    assert page.text("#log-lines").count("\n") >= 0
    assert "bought" not in page.text("#log-lines")
    assert "silent" in page.text("#log-lines")
    page.js("document.getElementById('log-level').value = 'note'")
    page.key("/")
    page.type("BOUGHT")
    page.wait("!document.getElementById('log-lines').innerText.includes('silent')")
    assert "bought" in page.text("#log-lines")
    page.js("document.getElementById('log-text').value = ''; document.activeElement.blur()")
    page.js("document.getElementById('log-text').dispatchEvent(new Event('input'))")


def test_an_order_that_waits_is_approved_or_rejected(page: Page, serving: Serving) -> None:
    serving.call(lambda: (serving.node.ask("ap-1", "trend"), serving.node.ask("ap-2", "trend")))
    page.wait("document.querySelectorAll('.approval').length === 2")
    assert "0.25 BTCUSDT" in page.text("#approval-list")
    assert page.js("document.title").startswith("(2)")
    page.click(".approval[data-id=ap-1] .approve")
    assert does(serving, "approve", "ap-1", "anna")
    page.click(".approval[data-id=ap-2] .reject")
    assert does(serving, "reject", "ap-2", "anna")
    page.wait("document.getElementById('approvals').hidden")


def test_a_deployment_is_paused_resumed_and_stopped(page: Page, serving: Serving) -> None:
    page.click("tr[data-id=trend] [data-act=pause]")
    assert does(serving, "pause", "trend", "anna")
    page.click("tr[data-id=trend] [data-act=resume]")
    assert does(serving, "resume", "trend", "anna")
    page.click("tr[data-id=trend] [data-act=stop]")
    page.wait("document.getElementById('dialog').open")
    assert page.js("document.getElementById('dialog-do').disabled")
    page.click("dialog input[value=leave-protected]")
    page.click("#dialog-do")
    assert does(serving, "stop leave-protected", "trend", "anna")
    page.wait("!document.getElementById('dialog').open")


def test_arming_asks_for_the_phrase_and_shows_why_it_is_refused(page: Page, serving: Serving) -> None:
    serving.call(lambda: serving.node.put("trend", Mode.LIVE, is_armed=False))
    serving.service.audit.write("anna", "deploy", "trend", "here", "done", {"mode": "live"})
    page.click("tr[data-id=trend] [data-act=arm]")
    page.wait("document.getElementById('dialog').open")
    page.type("arm tren")
    assert page.js("document.getElementById('dialog-do').disabled")
    page.type("d")
    page.key("Enter")
    page.wait("document.getElementById('dialog-problem').textContent.includes('cannot be the one who arms')")
    page.key("Escape")
    page.wait("!document.getElementById('dialog').open")
    assert not serving.node.all["trend"].is_armed


def test_books_are_turned_by_keys(page: Page) -> None:
    page.key("2")
    page.wait("document.getElementById('tab-orders').getAttribute('aria-selected') === 'true'")
    page.wait("document.getElementById('book-empty').textContent === 'No order.'")
    page.key("3")
    page.wait("document.getElementById('book-empty').textContent.includes('traded')")
    page.key("1")
    page.wait("document.querySelectorAll('#book-table tbody tr').length === 2")


def test_light_and_dark(page: Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.js(colour)
    page.key("t")
    assert page.js(colour) != before
    page.key("t")
    assert page.js(colour) == before


def test_on_a_narrow_screen_nothing_is_cut_off(page: Page) -> None:
    page.resize(390, 844, mobile=True)
    page.wait("document.documentElement.scrollWidth <= 390")
    for selector in ("#kill", "tr[data-id=trend] [data-act=stop]"):
        box = page.js(f"JSON.stringify(document.querySelector('{selector}').getBoundingClientRect())")
        assert 0 <= json.loads(box)["left"] <= json.loads(box)["right"] <= 390, selector
    page.resize(1440, 1000)


def test_killing_asks_for_the_word(page: Page, serving: Serving) -> None:
    page.click("#kill")
    page.wait("document.getElementById('dialog').open")
    page.type("kill")
    assert page.js("document.getElementById('dialog-do').disabled")
    page.js("document.activeElement.value = ''")
    page.type("KILL")
    page.click("#dialog-do")
    assert does(serving, "kill", "", "anna")
    assert serving.node.all["trend"].risk is RiskState.HALTED
    page.wait("document.getElementById('risk-body').innerText.includes('halted')")
    page.click("#rearm")
    page.wait("document.getElementById('dialog').open")
    page.click("#dialog-do")
    assert does(serving, "rearm", "", "anna")


def test_a_broken_stream_is_opened_again_where_it_was(page: Page, serving: Serving) -> None:
    serving.call(lambda: serving.node.put("trend", standing=Standing.RUNNING))
    page.js("window.__lines = document.querySelectorAll('.line').length")
    page.do("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
    connections = serving.service.server._server.server_state.connections
    serving.call(lambda: [each.transport.abort() for each in list(connections)])
    page.wait("document.getElementById('link').textContent === 'reconnecting'")
    serving.call(lambda: serving.node.say("order", "while it was away", "trend"))
    page.do("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    page.wait("document.getElementById('link').textContent === 'live'")
    page.wait("document.getElementById('log-lines').innerText.includes('while it was away')")
    assert page.text("#log-lines").count("while it was away") == 1


def test_somebody_without_the_role_has_no_button(browser: Browser, page: Page, serving: Serving) -> None:
    serving.service.people.add_user("dora", ["developer"], PASSWORD)
    page.click("#leave")
    page.wait("document.body.dataset.state === 'gate'")
    page.wait("document.getElementById('gate-button').textContent === 'Sign in'")
    assert not page.js("document.getElementById('token-field').checkVisibility()")
    page.type("dora", "[name=name]")
    page.type(PASSWORD, "[name=password]")
    page.key("Enter")
    page.wait("document.body.dataset.state === 'desk'")
    page.wait("document.querySelectorAll('#deployment-table tbody tr').length === 2")
    assert not page.js("document.getElementById('kill').checkVisibility()")
    live = "tr[data-id=trend] [data-act]"
    assert page.js(f"document.querySelectorAll('{live}').length") in (0, 2)


def test_a_session_that_ends_shows_the_gate(page: Page, serving: Serving) -> None:
    serving.service.people.change_user("dora", is_active=False)
    connections = serving.service.server._server.server_state.connections
    serving.call(lambda: [each.transport.abort() for each in list(connections)])
    page.wait("document.body.dataset.state === 'gate'")
    page.wait("document.getElementById('gate-problem').textContent.includes('ended')")


def test_the_browser_refused_nothing_and_no_script_failed(page: Page, tmp_path: Path) -> None:
    page.js("1")
    expected = ("401", "403", "ERR_", "net::", "WebSocket connection")
    assert [text for text in page.complaints if not any(part in text for part in expected)] == []
    assert not any("Content Security Policy" in text for text in page.complaints)
    page.picture(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000
