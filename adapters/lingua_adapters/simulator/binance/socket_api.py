"""The WebSocket API: requests in frames, and the user data stream on the same connection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.keys import Account
from lingua_adapters.simulator.binance.lines import Line
from lingua_adapters.simulator.binance.refusals import Refusal

if TYPE_CHECKING:
    from lingua_adapters.simulator.binance.server import Server


class SocketApi:
    """Of one connection."""

    def __init__(self, server: Server, line: Line, address: str) -> None:
        self.server, self.line, self.address = server, line, address
        self.subscriptions: dict[int, tuple[Account, int]] = {}
        self._next = 0
        line.on_close.append(self.leave)

    @property
    def desk(self) -> Desk:
        return self.server.desk

    def leave(self) -> None:
        for account, listener in self.subscriptions.values():
            self.desk.leave(account.name, listener)
        self.subscriptions.clear()

    def received(self, text: str) -> None:
        number: Any = None
        try:
            try:
                frame = json.loads(text)
            except ValueError:
                raise Refusal(-1000, "The message is not JSON.") from None
            if not isinstance(frame, dict) or not isinstance(frame.get("method"), str):
                raise Refusal(-1000, "A request has a method.")
            number = frame.get("id")
            if number is not None and not isinstance(number, int | str):
                raise Refusal(-1135, "Invalid JSON Request: id is a number, a text or null.")
            params = frame.get("params") or {}
            if not isinstance(params, dict):
                raise Refusal(-1135, "Invalid JSON Request: params is an object.")
            self._asked(number, frame["method"], params)
        except Refusal as refusal:
            self._refuse(number, refusal)

    def _asked(self, number: Any, method: str, params: dict[str, Any]) -> None:
        own = {
            "userDataStream.subscribe.signature": self._subscribe, "userDataStream.unsubscribe": self._unsubscribe,
            "userDataStream.subscribe": self._not_logged_on, "session.logon": self._logon,
            "session.status": self._status, "session.logout": self._status,
            "session.subscriptions": self._subscriptions,
        }  # fmt: skip
        if method in own:
            self.desk.limits.spend(self.address, 2)
            self._answer(number, own[method](params))
            return
        self.server.socket_call(self, number, method, params)

    def _answer(self, number: Any, result: Any, account: str = "") -> None:
        limits = self.desk.limits.told(self.address, account)
        self.line.send({"id": number, "status": 200, "result": result, "rateLimits": limits})

    def _refuse(self, number: Any, refusal: Refusal) -> None:
        error = refusal.body()
        if refusal.wait_s:
            error["data"] = {"serverTime": self.desk.now(), "retryAfter": self.desk.now() + refusal.wait_s * 1000}
        limits = self.desk.limits.told(self.address)
        self.line.send({"id": number, "status": refusal.status, "error": error, "rateLimits": limits})

    # --- the user data stream ------------------------------------------------------------------------

    def _subscribe(self, params: dict[str, Any]) -> Any:
        account = self.server.signed_frame(params)
        number = self._next
        self._next += 1

        def send(event: Any) -> None:
            self.line.send({"subscriptionId": number, "event": event}, f"user {event['e']}")

        self.subscriptions[number] = (account, self.desk.listen(account.name, send))
        self.server.note(f"{account.name}: listens to its orders")
        return {"subscriptionId": number}

    def _unsubscribe(self, params: dict[str, Any]) -> Any:
        wanted = params.get("subscriptionId")
        for number in list(self.subscriptions) if wanted is None else [wanted]:
            if number not in self.subscriptions:
                raise Refusal(-1130, "There is no such subscription.")
            account, listener = self.subscriptions.pop(number)
            self.desk.leave(account.name, listener)
            event = {"e": "eventStreamTerminated", "E": self.desk.now()}
            self.line.send({"subscriptionId": number, "event": event})
        return {}

    def _subscriptions(self, params: dict[str, Any]) -> Any:
        return [{"subscriptionId": number} for number in self.subscriptions]

    def _logon(self, params: dict[str, Any]) -> Any:
        raise Refusal(-4056, "HMAC_SHA256 API key is not supported.")

    def _not_logged_on(self, params: dict[str, Any]) -> Any:
        raise Refusal(-1002, "You are not authorized to execute this request: the session is not logged on.", 401)

    def _status(self, params: dict[str, Any]) -> Any:
        return {"apiKey": None, "authorizedSince": None, "connectedSince": None, "returnRateLimits": True,
                "serverTime": self.desk.now(), "userDataStream": bool(self.subscriptions)}  # fmt: skip
