"""Say who may use a node: users, what they may, and their keys.

Works on the node's database itself, on its machine, whether the node runs or not. The roles are developer, portfolio,
risk and administrator.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lingua.cli import exits
from lingua.cli.commands.secrets import asked, live

DEFAULT = "sqlite:///node.db"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database", metavar="URL", default=DEFAULT, help=f"the node's database (default: {DEFAULT}), or its file"
    )
    actions = parser.add_subparsers(
        dest="action", metavar="{add,list,password,roles,key,disable,enable}", required=True
    )
    add = actions.add_parser("add", help="add a user; the password is asked for or read from the standard input")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", metavar="ROLE", action="append", required=True, help="may be repeated")
    actions.add_parser("list", help="all users and keys")
    roles = actions.add_parser("roles", help="other roles for a user")
    roles.add_argument("name", metavar="NAME")
    roles.add_argument("--role", metavar="ROLE", action="append", required=True, help="may be repeated")
    key = actions.add_parser("key", help="make a key for a user and print it, this once")
    key.add_argument("name", metavar="NAME")
    key.add_argument("--label", metavar="TEXT", default="made by lingua user", help="what it is for")
    key.add_argument("--days", metavar="N", type=float, default=90.0, help="until it ends; 0 for no end (default: 90)")
    key.add_argument("--read-only", action="store_true", help="it changes nothing")
    for name, text in (("password", "another password"), ("disable", "let nobody in"), ("enable", "let in again")):
        actions.add_parser(name, help=text).add_argument("name", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    store_module, people_module = live("lingua_runtime.api.store"), live("lingua_runtime.api.people")
    errors, audits = live("lingua_runtime.api.errors"), live("lingua_runtime.api.audit")
    # The log of a node is a log of its own; here the command says what it did.
    live("lingua_runtime.observe.logs").configure(level="error")
    url = options.database if "://" in options.database else f"sqlite:///{options.database}"
    try:
        store = store_module.Store(url)
        people, audit = people_module.People(store), audits.Audit(store)
        if options.action == "list":
            show(people)
            return exits.FINE
        detail = {"roles": options.role} if getattr(options, "role", None) else {}

        def note(outcome: str) -> None:
            audit.write(people_module.CONSOLE, f"user_{options.action}", options.name, "console", outcome, detail)

        note(audits.ASKED)
        try:
            act(people, options)
        except errors.ApiError:
            note(audits.REFUSED)
            raise
        note(audits.DONE)
    except errors.ApiError as problem:
        raise exits.UsageFailure(problem.why, problem.mend) from None
    except store_module.StoreError as problem:
        raise exits.UsageFailure(str(problem)) from None
    return exits.FINE


def act(people: Any, options: argparse.Namespace) -> None:
    name = options.name
    match options.action:
        case "add":
            people.add_user(name, options.role, asked(f"password of {name}: "))
        case "roles":
            people.change_user(name, roles=options.role)
        case "password":
            people.change_user(name, password=asked(f"new password of {name}: "))
        case "disable" | "enable":
            people.change_user(name, is_active=options.action == "enable")
        case "key":
            text, _ = people.add_key(name, options.label, is_read_only=options.read_only, days=options.days)
            print(text)
    if options.action != "key":
        print(f"{name}: done", file=sys.stderr)


def show(people: Any) -> None:
    keys = people.keys()
    for user in people.users():
        state = "" if user.is_active else "  disabled"
        print(f"{user.name:<20} {', '.join(user.roles)}{state}")
        for key in keys:
            if key.user == user.name:
                print(f"  key {key.id}  {key.label}{'  reads only' if key.is_read_only else ''}")
