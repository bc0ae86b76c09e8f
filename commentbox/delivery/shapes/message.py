"""What is to be said and to whom; and how a shape writes JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from commentbox.outbound import Request


@dataclass(frozen=True)
class Message:
    """One event for one endpoint; ``body`` is the payload that webhooks send."""

    shape: str
    url: str = field(repr=False)  # it may hold a token
    uid: str
    body: str
    secrets: tuple[str, ...] = field(repr=False)
    language: str


def json_request(
    url: str, body: object, headers: Mapping[str, str] | None = None, method: str = "POST"
) -> Request:
    """Return a request that carries JSON."""
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Request(url, written, {"Content-Type": "application/json", **(headers or {})}, method)


def without_query(url: str) -> tuple[str, dict[str, str]]:
    """Return an address and, apart from it, its query: where services want a token elsewhere."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(query="", fragment=""))
    return bare, dict(parse_qsl(parts.query))
