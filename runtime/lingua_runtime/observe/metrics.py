"""What a node measures of itself, for Prometheus. Names begin with `lingua_`; units are seconds, money as it is.

`Metrics` has a registry of its own, so that several nodes (and tests) live in one process. Names that come from outside
(feeds, kinds, deployments) are labels: at most MOST_LABELS of each, the rest is counted as `other`, and none carries a
secret.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from lingua_runtime.control import Control, ControlError, Event
from lingua_runtime.observe.redact import REDACTOR

CONTENT_TYPE = CONTENT_TYPE_LATEST
MOST_LABELS = 200
FINE = (1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        on = self.registry
        self.decision = Histogram("lingua_decision_seconds", "A closed bar to its decisions", buckets=FINE, registry=on)
        self.risk = Histogram("lingua_risk_seconds", "The checks before an order", buckets=FINE, registry=on)
        self.order = Histogram("lingua_order_seconds", "A decision to its order on the wire", buckets=FINE, registry=on)
        self.answer = Histogram("lingua_answer_seconds", "An order to the venue's answer", buckets=FINE, registry=on)
        self.journal = Histogram("lingua_journal_seconds", "A write to the journal", buckets=FINE, registry=on)
        self.bars = Counter("lingua_bars", "Closed bars decided on", ["deployment"], registry=on)
        self.ticks = Counter("lingua_ticks", "Trades and quotes received", ["feed"], registry=on)
        self.events = Counter("lingua_events", "Events by kind", ["kind"], registry=on)
        self.errors = Counter("lingua_errors", "Errors by kind", ["kind"], registry=on)
        self.notices = Counter("lingua_notifications", "Notifications by what became of them", ["state"], registry=on)
        self.http = Histogram("lingua_http_seconds", "Requests answered", ["route", "method"], registry=on)
        self.answers = Counter("lingua_http_answers", "Answers by status", ["route", "method", "status"], registry=on)
        self.streams = Gauge("lingua_streams", "Readers of the event stream", registry=on)
        self.queue = Gauge("lingua_queue_depth", "What waits in a queue", ["queue"], registry=on)
        self.feed_age = Gauge("lingua_feed_age_seconds", "Since a feed was last heard", ["feed"], registry=on)
        self.feed_lag = Gauge("lingua_feed_lag_seconds", "A feed behind the venue's clock", ["feed"], registry=on)
        self.feed_score = Gauge("lingua_feed_score", "Quality of a feed, 0 to 100", ["feed"], registry=on)
        self.loop_lag = Gauge("lingua_loop_lag_seconds", "How late the event loop is", registry=on)
        self.uptime = Gauge("lingua_uptime_seconds", "Since the node began", registry=on)
        self.ready = Gauge("lingua_ready", "1 if every deployment that should run does", registry=on)
        self.venue = Gauge("lingua_venue_up", "1 if an account's venue is reached", ["account"], registry=on)
        self.standing = Gauge("lingua_deployments", "Deployments by standing", ["standing"], registry=on)
        self.equity = Gauge("lingua_equity", "Of a deployment, in its account's currency", ["deployment"], registry=on)
        self.drawdown = Gauge("lingua_drawdown_ratio", "From the highest equity", ["deployment"], registry=on)
        self.open_orders = Gauge("lingua_open_orders", "Orders that are working", registry=on)
        self.waiting = Gauge("lingua_approvals", "Orders that wait for a person", registry=on)
        self._timings = {
            "decision": self.decision, "risk": self.risk, "order": self.order, "answer": self.answer,
            "journal": self.journal,
        }  # fmt: skip
        self._labels: dict[str, set[str]] = {}

    def label(self, kind: str, value: str) -> str:
        """`value` as a label of `kind`: redacted, of a bounded number and length."""
        value = REDACTOR.text(value)[:80]
        known = self._labels.setdefault(kind, set())
        if value not in known:
            if len(known) >= MOST_LABELS:
                return "other"
            known.add(value)
        return value

    @contextmanager
    def timed(self, histogram: Histogram) -> Iterator[None]:
        """`with metrics.timed(metrics.risk): …`"""
        began = perf_counter()
        try:
            yield
        finally:
            histogram.observe(perf_counter() - began)

    def took(self, what: str, seconds: float) -> None:
        """Of `observe.timing`."""
        histogram = self._timings.get(what)
        if histogram is not None:
            histogram.observe(seconds)

    def error(self, kind: str) -> None:
        self.errors.labels(self.label("error", kind)).inc()

    def saw(self, event: Event) -> None:
        """Count one event of the stream; an alarm counts as an error of its `what`."""
        self.events.labels(self.label("kind", event.kind)).inc()
        if event.level == "critical" or event.kind in ("alarm", "error"):
            self.error(str(event.data.get("what") or event.kind))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """`route`: the path as it is declared, never as it was asked for."""
        self.http.labels(route, method).observe(seconds)
        self.answers.labels(route, method, str(status)).inc()

    def text(self, control: Control) -> bytes:
        """Everything, in Prometheus' text form, with what `control` shows at this moment."""
        try:
            self._look(control)
        except ControlError:
            self.error("metrics")
        return generate_latest(self.registry)

    def _look(self, control: Control) -> None:
        health = control.health()
        self.uptime.set(health.uptime_s)
        self.loop_lag.set(health.loop_lag_s)
        self.ready.set(health.is_ready)
        for gauge in (
            self.feed_age, self.feed_lag, self.feed_score, self.standing, self.equity, self.drawdown, self.venue,
        ):  # fmt: skip
            gauge.clear()
        for account, is_up in health.venues.items():
            self.venue.labels(self.label("account", account)).set(is_up)
        for name, feed in health.feeds.items():
            label = self.label("feed", name)
            for key, gauge in (("age_s", self.feed_age), ("lag_s", self.feed_lag), ("score", self.feed_score)):
                gauge.labels(label).set(feed.get(key, math.nan))
        for each in control.deployments():
            label = self.label("deployment", each.id)
            self.standing.labels(each.standing.value).inc()
            self.equity.labels(label).set(each.equity)
            self.drawdown.labels(label).set(each.drawdown)
        self.open_orders.set(len(control.orders(is_open=True)))
        self.waiting.set(len(control.approvals()))
