"""Rate limits: one table endpoint → limit, counted per network and app."""

import hmac
import math
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, request
from flask_limiter import Limiter
from itsdangerous import Signer
from limits import parse_many
from limits.errors import ConfigurationError, StorageError

from commentbox import clock
from commentbox.errors import SetupError
from commentbox.models.network import network_of
from commentbox.settings import Settings
from commentbox.web.counts import Counts
from commentbox.web.identity import client_address
from commentbox.web.parse import cancels_reply

LIMITS: dict[str, str] = {
    "issue_ticket": "60 per minute",
    "mail_decision_act": "60 per minute",
    "mail_confirmation_act": "20 per minute",
    "mail_unsubscription_act": "60 per minute",
    "mail_refusal_act": "20 per minute",
    "preview": "20 per minute; 200 per hour",
    "edit_comment": "20 per minute",
    "patch_comment": "20 per minute",
    "delete_comment": "20 per minute",
    "delete_comment_by_method": "20 per minute",
    "comment_source": "60 per minute",
    "vote_on_comment": "30 per minute; 300 per hour",
    "report_comment": "10 per minute; 30 per hour",
    "sign_in": "20 per minute; 100 per hour",
    "sign_in_with_code": "20 per minute; 100 per hour",
    "ask_reset": "10 per minute; 30 per hour",
    "reset_password": "20 per minute",
    "accept_invitation": "20 per minute",
    "change_own_password": "10 per minute",
    "set_up_second_factor": "10 per minute",
    "take_off_second_factor": "10 per minute",
    "renew_recovery_codes": "10 per minute",
    "invite_member": "20 per minute; 100 per hour",
}
"""Endpoints without a line here are not limited, but for those that follow the operator's setting."""

ACCOUNT_LIMITS: dict[str, str] = {
    "sign_in": "10 per 15 minutes",
    "ask_reset": "3 per 15 minutes; 10 per day",
}
"""Endpoints whose form names an account: counted per account too, from whatever networks they come."""

KNOWN_BROWSER = "commentbox_known"
"""Cookie of a browser in which somebody has signed in to an account. It counts for itself: else who
knows an address could shut its owner out by trying passwords without end."""

POSTING = ("post_comment", "post_to_page")
"""Two entrances to one deed: they share the count of COMMENTBOX_POST_LIMIT."""


REFUSED, REFUSED_LIMIT = "refused posts", "30 per minute; 300 per hour"
"""Posts with a field to be mended count here and not there: who mistypes an address may try again."""


COUNTED_AS = "commentbox.counted_as"
"""In a request's environment: the key of its network, once it was asked for."""


class Limits:
    """The limits of one app; two apps in a process, and a host's own limiter, count apart."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret_key.encode()
        self._browsers = Signer(settings.secret_key, salt="commentbox.known-browser")
        self._table = LIMITS | dict.fromkeys(POSTING, _checked(settings.post_limit))
        self._limiter = Limiter(
            self._network,
            storage_uri=_counted_by_us(_checked_storage(settings.ratelimit_storage_url)),
            storage_options=_storage_options(settings.ratelimit_storage_url),
            # Readers may go on writing, counted by each process, while Redis is away.
            in_memory_fallback_enabled=True,
            headers_enabled=False,
            swallow_errors=False,
            key_prefix="commentbox",
        )

    def attach(self, blueprint: Blueprint) -> None:
        """Let the limits work on the blueprint's requests and on no others of the app.

        The limiter is handed the blueprint in place of the app: on the app it would run before
        every request of the host and take over the host's RATELIMIT_* options.
        """
        corner = SimpleNamespace(
            config={},
            extensions={},
            # There it would look for limits of a whole app. Ours are all the views' own (``limited``).
            before_request=lambda _check: None,
            after_request=blueprint.after_request,
            teardown_request=blueprint.teardown_request,
        )
        blueprint.url_value_preprocessor(partial(_exempt_from_host_limits, blueprint))
        try:
            self._limiter.init_app(cast(Flask, corner))
        except (ConfigurationError, ValueError) as error:
            raise _unusable_storage(str(error)) from error

    def reaches_storage(self) -> bool:
        """Whether what counts for all processes answers."""
        return self._limiter.storage.check()

    def limited(self, endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
        """Return the view with its limit, if the table has one."""
        if not (limit := self._table.get(endpoint)):
            return view
        scope = POSTING[0] if endpoint in POSTING else endpoint
        view = self._limiter.shared_limit(
            limit,
            scope=scope,
            methods=["POST", "PATCH", "DELETE"],
            exempt_when=_posts_nothing if endpoint in POSTING else None,
        )(view)
        if endpoint in POSTING:
            view = self._limiter.shared_limit(
                REFUSED_LIMIT, scope=REFUSED, deduct_when=_was_refused
            )(view)
        if account_limit := ACCOUNT_LIMITS.get(endpoint):
            scope = f"{endpoint} account"
            view = self._limiter.shared_limit(account_limit, scope=scope, key_func=self._account)(
                view
            )
        return view

    def give_back(self, answer: Response) -> Response:
        """Let a post that was refused for its fields not use up the limit of those that are taken.

        It was counted when it came: counted only now, many at once would all pass.
        """
        if _endpoint() in POSTING and _was_refused(answer):
            for counted in self._limiter.current_limits:
                if REFUSED not in counted.request_args:
                    with suppress(StorageError):  # away since a moment ago: then it stays counted
                        self._limiter.limiter.hit(counted.limit, *counted.request_args, cost=-1)
        return answer

    def forget(self) -> None:
        """Let everybody in again, as if nobody had come yet."""
        self._limiter.reset()

    def seconds_to_wait(self) -> int:
        """Return after how many seconds the limit that this request broke lets its network in again."""
        broken = self._limiter.current_limit
        ends_at = broken.window.reset_time if broken else 0.0
        return max(1, math.ceil(ends_at - clock.now().timestamp()))

    def _network(self) -> str:
        kept = request.environ  # each limit of an endpoint asks
        if COUNTED_AS not in kept:
            kept[COUNTED_AS] = self._key(network_of(client_address(request)) or "unknown")
        return str(kept[COUNTED_AS])

    def known_browser(self, email: str) -> str:
        """Return what a browser keeps in ``KNOWN_BROWSER`` after a sign-in; another one each time."""
        named = f"{self._key(email)}.{secrets.token_urlsafe(12)}"
        return self._browsers.sign(named).decode("ascii")

    def _account(self) -> str:
        account = self._key(request.form.get("email", "").strip().lower())
        kept = request.cookies.get(KNOWN_BROWSER, "")
        is_known = kept.startswith(f"{account}.") and self._browsers.validate(kept)
        return self._key(kept) if is_known else account

    def _key(self, counted: str) -> str:
        return hmac.digest(self._secret, counted.encode(), "sha256").hex()[:24]


def _endpoint() -> str:
    """Return what the table calls the endpoint of this request."""
    return (request.endpoint or "").rpartition(".")[2]


def _posts_nothing() -> bool:
    return _endpoint() == "post_to_page" and cancels_reply(request)


def _was_refused(answer: Response) -> bool:
    return answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def _counted_by_us(url: str) -> str:
    """Return an address of the same place; counts in memory are kept by ``Counts``."""
    return f"{Counts.STORAGE_SCHEME[0]}://" if url.startswith("memory:") else url


def _exempt_from_host_limits(
    blueprint: Blueprint, _endpoint: str | None, _values: dict[str, Any] | None
) -> None:
    """Keep a host app's own limiters off our requests: theirs count theirs, ours count ours.

    Done at each request because the host may add its limiter before or after us.
    """
    for limiter in current_app.extensions.get("limiter", ()):
        limiter.exempt(blueprint)


def _checked(limit: str) -> str:
    """Return a limit that can be read and kept; Flask-Limiter would silently use another one."""
    try:
        items = parse_many(limit) if limit else []
    except ValueError as error:
        raise _unreadable(limit) from error
    if any(item.amount < 1 for item in items) or re.search(r"(?:per|/)\s*0+\b", limit):
        raise _unreadable(limit)  # “0 per minute” lets nobody write, “5 per 0 minute” everybody
    return limit


def _unreadable(limit: str) -> SetupError:
    return SetupError(
        "COMMENTBOX_POST_LIMIT is “%(limit)s”, which cannot be read: "
        "write it like “5 per minute; 60 per hour”, or leave it empty for no limit.",
        limit=limit[:200],
    )


STORAGES = re.compile(r"memory|rediss?|redis\+(?:unix|sentinel|cluster)|memcached")

SHARED_STORAGE_TIMEOUT_SECONDS = 0.5
"""A Redis that does not answer must not keep who writes: each process counts by itself then."""


def _checked_storage(address: str) -> str:
    """Return the address of a storage that can be read. Raises SetupError."""
    try:
        parts = urlsplit(address)
        is_known = STORAGES.fullmatch(parts.scheme) is not None
        is_readable = not re.search(r"\s", address) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise _unusable_storage(str(error)) from error
    is_redis = parts.scheme in ("redis", "rediss")
    if not (
        is_known and is_readable and (not is_redis or re.fullmatch(r"(?:/[0-9]*)?", parts.path))
    ):
        raise _unusable_storage("no storage is written like this")
    return address


def _storage_options(address: str) -> dict[str, Any]:
    if not address.startswith("redis"):
        return {}
    timeouts = dict.fromkeys(
        ("socket_timeout", "socket_connect_timeout"), SHARED_STORAGE_TIMEOUT_SECONDS
    )
    return {**timeouts, "wrap_exceptions": True}


def _unusable_storage(reason: str) -> SetupError:
    # The address is not repeated: it may hold a password.
    return SetupError(
        "COMMENTBOX_RATELIMIT_STORAGE_URL cannot be used (%(reason)s): write memory://, "
        "or redis://host:6379/0 with the “redis” extra installed.",
        reason=reason,
    )
