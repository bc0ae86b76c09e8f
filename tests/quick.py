"""What makes tests quick: what takes its time in earnest is done cheaply here, or only once."""

from typing import Any

from werkzeug.routing import Rule

from commentbox.models import password

CHEAP_SCRYPT_N = 2**8


def hash_cheaply() -> None:
    """Accounts are made and signed in to all the time here; nobody guesses their passwords."""
    password.N = CHEAP_SCRYPT_N


def remember_url_builders() -> None:
    """Compile what builds the URLs of a route once, not once for every app with that route.

    Werkzeug compiles two Python functions for each route of an app, and tests make hundreds of
    apps: five sixths of the time that it takes to make one.
    """
    compile_builder = Rule._compile_builder
    known: dict[tuple[object, ...], Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
