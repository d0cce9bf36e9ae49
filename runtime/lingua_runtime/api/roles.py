"""Who may do what: one table. The routes are built from it, the documentation is generated from it, and a route that is
not in it does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DEVELOPER_HELP = "Writes strategies: sees everything, deploys and handles what trades no money (advisory, paper)."


class Role(StrEnum):
    DEVELOPER = "developer"
    PORTFOLIO = "portfolio"
    RISK = "risk"
    ADMINISTRATOR = "administrator"


ROLES: dict[Role, tuple[str, str]] = {
    Role.DEVELOPER: ("Strategy developer", DEVELOPER_HELP),
    Role.PORTFOLIO: (
        "Portfolio manager",
        "Runs strategies with money: deploys in every mode, approves orders, pauses, stops, kills.",
    ),
    Role.RISK: (
        "Risk manager",
        "Holds the brakes: arms and disarms, pauses, stops, kills, and alone lifts a latch besides an administrator.",
    ),
    Role.ADMINISTRATOR: ("Administrator", "All of that, and users, keys and the audit log."),
}

D, P, R, A = Role.DEVELOPER, Role.PORTFOLIO, Role.RISK, Role.ADMINISTRATOR
ANYONE = frozenset(Role)
TRADERS = frozenset({P, R, A})
OPEN: frozenset[Role] = frozenset()
"""No sign-in needed."""


class Effect(StrEnum):
    """What a request does to risk decides what happens when the audit log cannot be written."""

    SEES = "sees"
    """Changes nothing; not in the audit log."""
    CHANGES = "changes"
    """Written to the audit log before it is done, and not done if that fails."""
    REDUCES = "reduces"
    """Written too, but done in any case: a full disk must not keep anybody from stopping."""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    name: str
    """The handler's name, and the action's in the audit log."""
    summary: str
    roles: frozenset[Role]
    effect: Effect = Effect.SEES
    money: frozenset[Role] | None = None
    """Who may where the deployment is `live` or `semi` (or is to be); `roles` holds for the rest."""
    cost: float = 1.0
    """Tokens of the caller's bucket."""

    @property
    def is_open(self) -> bool:
        return not self.roles


def _see(path: str, name: str, summary: str, roles: frozenset[Role] = ANYONE, cost: float = 1.0) -> Route:
    return Route("GET", path, name, summary, roles, cost=cost)


def _do(
    path: str,
    name: str,
    summary: str,
    roles: frozenset[Role],
    effect: Effect = Effect.CHANGES,
    money: frozenset[Role] | None = None,
    method: str = "POST",
    cost: float = 2.0,
) -> Route:
    return Route(method, path, name, summary, roles, effect, money, cost)


ONE = "/v1/deployments/{deployment}"
CHANGES, REDUCES = Effect.CHANGES, Effect.REDUCES

ROUTES: tuple[Route, ...] = (
    # --- without signing in ---
    _see("/healthz", "healthz", "Is the process alive", OPEN),
    _see("/readyz", "readyz", "Do all deployments that should run", OPEN),
    _do("/v1/session", "sign_in", "Sign in by name and password", OPEN, cost=5.0),
    _do("/v1/setup", "set_up", "Make the first administrator, by the one-time token", OPEN, cost=5.0),
    _see("/v1/setup", "needs_set_up", "Whether there is an administrator yet", OPEN),
    # --- oneself ---
    _see("/v1/session", "whoami", "Who one is"),
    _do("/v1/session/renew", "renew", "A further session, until the day's end of it", ANYONE, Effect.SEES, cost=1.0),
    _do("/v1/session", "sign_out", "End the session", ANYONE, REDUCES, method="DELETE"),
    _do("/v1/password", "change_password", "Change one's own password; ends all of one's sessions", ANYONE, cost=5.0),
    # --- seeing ---
    _see("/metrics", "metrics", "Everything measured, for Prometheus", cost=2.0),
    _see("/v1/health", "health", "Health, feeds and problems"),
    _see("/v1/snapshot", "snapshot", "What the dashboard shows, in one answer", cost=2.0),
    _see("/v1/deployments", "deployments", "All deployments"),
    _see(ONE, "deployment", "One deployment"),
    _see(f"{ONE}/equity", "equity", "Its equity and drawdown over time", cost=2.0),
    _see(f"{ONE}/performance", "performance", "The metrics of a backtest, of what has happened", cost=5.0),
    _see("/v1/orders", "orders", "The newest orders, oldest first"),
    _see("/v1/positions", "positions", "What is held"),
    _see("/v1/fills", "fills", "The newest executions, oldest first"),
    _see("/v1/approvals", "approvals", "Orders that wait for a person"),
    _see("/v1/risk", "risk", "Limits, how much of each is used, latches"),
    _see("/v1/log", "log", "Events in sequence"),
    # --- deployments ---
    _do("/v1/deployments", "deploy", "Deploy a compiled strategy", frozenset({D, P, A}), money=frozenset({P, A}),
        cost=10),
    _do(f"{ONE}/roll-back", "roll_back", "Back to what ran before", frozenset({D, P, A}), money=frozenset({P, A})),
    _do(f"{ONE}/mode", "set_mode", "Change the mode", frozenset({D, P, A}), money=frozenset({P, A})),
    _do(f"{ONE}/arm", "arm", "Let a live deployment trade: the second person's confirmation", TRADERS),
    _do(f"{ONE}/disarm", "disarm", "Take that back", TRADERS, REDUCES, cost=0),
    _do(f"{ONE}/pause", "pause", "Open nothing; exits and protection go on", ANYONE, REDUCES, TRADERS, cost=0),
    _do(f"{ONE}/resume", "resume", "Open positions again", frozenset({D, P, A}), money=frozenset({P, A})),
    _do(f"{ONE}/stop", "stop", "Stop: flatten, leave protected, or hand over", ANYONE, REDUCES, TRADERS, cost=0),
    _do(f"{ONE}/adopt", "adopt", "Take over what is held and not known", frozenset({P, A})),
    # --- risk ---
    _do("/v1/approvals/{approval}/approve", "approve", "Let an order that waits leave", frozenset({P, A})),
    _do("/v1/approvals/{approval}/reject", "reject", "Drop an order that waits", TRADERS, REDUCES),
    _do("/v1/kill", "kill", "Close everything named and latch", TRADERS, REDUCES, cost=0),
    _do("/v1/rearm", "rearm", "Lift a latch", frozenset({R, A})),
    # --- administration ---
    _see("/v1/users", "users", "All users", frozenset({A})),
    _do("/v1/users", "add_user", "Add a user", frozenset({A})),
    _do("/v1/users/{user}", "change_user", "Change roles, password or whether a user may sign in", frozenset({A}),
        method="PATCH"),
    _see("/v1/keys", "keys", "One's own keys; an administrator sees all", ANYONE),
    _do("/v1/keys", "add_key", "Make a key; it is shown this once", ANYONE),
    _do("/v1/keys/{key}", "drop_key", "Revoke a key", ANYONE, REDUCES, method="DELETE"),
    _see("/v1/audit", "audit", "Who did what, from where, and what came of it", frozenset({R, A})),
    _see("/v1/audit/check", "check_audit", "Verify the chain of the audit log", frozenset({R, A}), cost=20),
)  # fmt: skip

STREAM = Route("WS", "/v1/events", "events", "Events as they happen, from any number on", ANYONE, cost=2.0)


def by_name() -> dict[str, Route]:
    return {route.name: route for route in (*ROUTES, STREAM)}


def table() -> str:
    """The routes as a table of Markdown."""
    lines = ["| route | does | who | where money is at stake |", "|---|---|---|---|"]
    for route in (*ROUTES, STREAM):
        money = _who(route.money) if route.money is not None else ""
        lines.append(f"| `{route.method} {route.path}` | {route.summary} | {_who(route.roles)} | {money} |")
    return "\n".join(lines) + "\n"


def roles_table() -> str:
    lines = ["| role | who | may |", "|---|---|---|"]
    lines += [f"| `{role.value}` | {title} | {text} |" for role, (title, text) in ROLES.items()]
    return "\n".join(lines) + "\n"


def _who(roles: frozenset[Role]) -> str:
    if not roles:
        return "anybody"
    if roles == ANYONE:
        return "every role"
    return ", ".join(role.value for role in Role if role in roles)
