"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)  # fmt: skip
PATIENCE_S = 20.0


class Browser:
    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="lingua-chromium-")
        self._process = subprocess.Popen(
            [BROWSER, *FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        told = Path(self._folder) / "DevToolsActivePort"
        until = time.monotonic() + 60
        while not (told.exists() and told.read_text().count("\n")):
            assert self._process.poll() is None, "the browser ended at its start"
            assert time.monotonic() < until, "the browser did not start"
            time.sleep(0.05)
        self._port = int(told.read_text().split()[0])

    def page(self, width: int = 1440, height: int = 1000) -> Page:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Page(json.load(answer)["webSocketDebuggerUrl"], width, height)

    def close(self) -> None:
        os.killpg(self._process.pid, 15)
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)


class Page:
    def __init__(self, url: str, width: int, height: int) -> None:
        self._socket = connect(url, max_size=None)
        self._ids = itertools.count(1)
        self.complaints: list[str] = []
        """What the page wrote to its console as an error, what it refused, what failed to load."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")
        self.resize(width, height)

    def do(self, method: str, **parameters: Any) -> Any:
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._hear(message)

    def _hear(self, message: Any) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            case "Runtime.consoleAPICalled" if parameters["type"] == "error":
                self.complaints.append(str(parameters["args"]))

    def resize(self, width: int, height: int, *, mobile: bool = False) -> None:
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def go(self, url: str) -> None:
        self.do("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def js(self, text: str) -> Any:
        result = self.do("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, (text, result["exceptionDetails"])
        return result["result"].get("value")

    def wait(self, claim: str) -> Any:
        """Until the expression is true."""
        until = time.monotonic() + PATIENCE_S
        while not (found := self.js(claim)):
            if time.monotonic() > until:
                seen = self.js("document.body.innerText.slice(0, 1500)")
                raise AssertionError(f"never true: {claim}\ncomplaints: {self.complaints}\n{seen}")
            time.sleep(0.05)
        return found

    def text(self, selector: str) -> str:
        return str(self.js(f"document.querySelector({selector!r})?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        """With the mouse, where the element is: what covers it would get the click."""
        self.wait(f"!!document.querySelector({selector!r}) && document.querySelector({selector!r}).checkVisibility()")
        self.js(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.js(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect(); "
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text: str, selector: str = "") -> None:
        if selector:
            self.click(selector)
        self.do("Input.insertText", text=text)

    def key(self, key: str, *, shift: bool = False) -> None:
        codes = {"Enter": 13, "Escape": 27, "Tab": 9}
        text = {"Enter": "\r", "Escape": "", "Tab": ""}.get(key, key)
        modifiers = 8 if shift else 0
        code = codes.get(key, ord(key[0].upper()))
        for kind in ("keyDown", "keyUp"):
            self.do(
                "Input.dispatchKeyEvent", type=kind, key=key, text=text if kind == "keyDown" else "",
                windowsVirtualKeyCode=code, modifiers=modifiers,
            )  # fmt: skip

    def picture(self, file: Path) -> None:
        raw = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        file.write_bytes(base64.b64decode(raw))

    def close(self) -> None:
        self._socket.close()
