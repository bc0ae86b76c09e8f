"""The shape of requests: bodies and parameters become typed fields, or a problem that says what is wrong."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from commentbox import markup, spam
from commentbox.errors import (
    FieldError,
    InvalidFields,
    Malformed,
    OriginRefused,
    TooLarge,
    UnsupportedType,
)
from commentbox.models import Site
from commentbox.models.page_key import explicit_key, kept_address, key_of_address
from commentbox.models.thread import TITLE_MAX_CHARS
from commentbox.origins import origin_of

MAX_BODY_KILOBYTES = 64
MAX_BODY_BYTES = MAX_BODY_KILOBYTES * 1024
MAX_FORM_BYTES = 3 * MAX_BODY_BYTES
"""A form says “ä” as “%C3%A4”: what counts is its size decoded, else long German texts would not fit."""

MAX_HANDED_BACK_BYTES = 256 * 1024
"""Of what was too large to post, this much is still shown again to who typed it. No more than the
server receives before it asks us (dispatcher.py): to wait for the rest keeps one of its threads."""

MAX_NUMBER = 2**63 - 1

HONEYPOT = spam.honeypot.FIELD
"""The field that only machines fill in; its name tempts them and no browser's autofill."""

COMMENT_FIELDS = frozenset(
    [
        "page",
        "url",
        "title",
        "parent",
        "name",
        "email",
        "website",
        "text",
        "ticket",
        "proof",
        "notify",
        "idempotency_key",
        "lang",
        "sort",
        "heading",
    ]
) | {HONEYPOT}

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_TEXT = re.compile("\0")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\.]+")


@dataclass(frozen=True)
class Fields:
    """The fields of one request, each a string or a number as sent; asking checks the value."""

    values: Mapping[str, object]

    def line(self, name: str, max_chars: int) -> str:
        """Return one line of text, "" when it is missing. Raises InvalidFields."""
        value = self._string(name)
        if _NOT_IN_A_LINE.search(value):
            raise InvalidFields(_invalid_characters(name))
        return _at_most(name, value, max_chars)

    def text(self, name: str, max_chars: int) -> str:
        """Return text of several lines that is not blank, exactly as sent. Raises InvalidFields."""
        value = self._string(name)
        if _NOT_IN_TEXT.search(value):
            raise InvalidFields(_invalid_characters(name))
        # Mostly the first characters tell already that there is something to see.
        if not (markup.visible_name(value[:100]) or markup.visible_name(value)):
            raise InvalidFields(_required(name))
        return _at_most(name, value, max_chars)

    def tick(self, name: str) -> bool:
        """Return whether a box was ticked: ``true`` in JSON, ``on`` or ``1`` in a form. Raises InvalidFields."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        if value in (None, "", "0", "1", "on", "true", "false"):
            return value in ("1", "on", "true")
        raise InvalidFields(FieldError(name, "invalid", "Send true or false."))

    def number(self, name: str) -> int | None:
        """Return a whole number of at most 63 bits; None when it is missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
            raise InvalidFields(
                FieldError(
                    name, "not_a_number", "“%(field)s” must be a whole number.", {"field": name}
                )
            )
        return value

    def _string(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise InvalidFields(
                FieldError(name, "not_a_text", "“%(field)s” must be a text.", {"field": name})
            )
        if _SURROGATE.search(value):
            raise InvalidFields(_invalid_characters(name))
        return value


def read_fields(request: Request, known: Collection[str]) -> Fields:
    """Read a JSON object or a urlencoded form of at most 64 kB with no other than the known fields.

    Raises TooLarge, UnsupportedType, Malformed and InvalidFields.
    """
    match request.mimetype:
        case "application/json":
            values = _json_object(_body(request, MAX_BODY_BYTES))
        case "application/x-www-form-urlencoded":
            values = _with_plain_line_ends(dict(_unique(_form_pairs(request))))
        case _:
            raise UnsupportedType
    if unknown := [name for name in values if name not in known]:
        raise InvalidFields(
            *(
                FieldError(
                    _printable(name),
                    "unknown_field",
                    "There is no field “%(field)s”.",
                    {"field": _printable(name)},
                )
                for name in unknown[:20]
            )
        )
    return Fields(values)


def typed_values(request: Request) -> dict[str, str]:
    """Return what a form brought, as far as it can be read, to hand it back to who typed it."""
    request.max_content_length = MAX_HANDED_BACK_BYTES
    try:
        body = request.get_data().decode("utf-8", "replace")
        if not body:
            return dict(request.form.items())
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=100))
    except (ValueError, RequestEntityTooLarge):
        return {}


def sent_language(request: Request) -> str | None:
    """Return the language that a body asks for, as far as it can be read, e.g. ``"de"``."""
    if request.mimetype != "application/json":
        return typed_values(request).get("lang")
    try:
        asked = _json_object(_body(request, MAX_BODY_BYTES)).get("lang")
    except (TooLarge, Malformed):
        return None
    return asked if isinstance(asked, str) else None


def read_parameters(request: Request) -> Fields:
    """Read the parameters of a GET; the first of several equal names counts, unknown ones are ignored."""
    return Fields(request.args.to_dict())


def cancels_reply(request: Request) -> bool:
    """Return whether the form comes from the button that cancels a reply: nothing is to be posted.

    Its address says so, because what limits requests does not read their bodies.
    """
    return "cancel" in request.args


def read_page(fields: Fields, site: Site) -> "PageFields":
    """Return which page a request means, by an explicit id or by its address.

    An address must be of the site's origins: else any page of the web could fill the site.
    Raises InvalidFields, and OriginRefused for a foreign address without an id.
    """
    page = fields.line("page", 2000)
    url = fields.line("url", 2000).strip()
    title = read_title(fields)
    is_own = bool(url) and site.has_origin(origin_of(url) or "")
    if page.strip():
        key = explicit_key(page)
        is_of_page = is_own and (not key.startswith("/") or _leads_to(url, key))
        return PageFields(key, kept_address(url) if is_of_page else None, title)
    if url and not is_own:
        raise OriginRefused(origin=origin_of(url) or url[:100], site=site.key)
    if not url:
        return PageFields(explicit_key(""), None, None)
    return PageFields(key_of_address(url), kept_address(url), title)


def read_title(fields: Fields) -> str | None:
    """Return a page's title, None where nothing of it can be seen. Raises InvalidFields."""
    title = fields.line("title", 2000).strip()[:TITLE_MAX_CHARS]
    return title if markup.visible_name(title) else None


def _leads_to(url: str, key: str) -> bool:
    try:
        return key_of_address(url) == key
    except InvalidFields:  # too long for a key: the page has an id because of such addresses
        return False


@dataclass(frozen=True)
class PageFields:
    """A page as a request names it."""

    key: str
    url: str | None
    title: str | None


@dataclass(frozen=True)
class CommentFields:
    """A comment as a request brings it, checked for shape and the site's rules."""

    text: str
    parent: int | None
    name: str
    email: str
    website: str
    honeypot: str
    ticket: str
    proof: str
    idempotency_key: str
    wants_replies: bool


def read_comment(fields: Fields, site: Site, header_key: str = "") -> CommentFields:
    """Read a comment's fields; every wrong field is named at once. Raises InvalidFields."""
    errors: list[FieldError] = []

    def attempt(read: Any, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except InvalidFields as problem:
            errors.extend(problem.errors)
            return None

    comment = CommentFields(
        text=attempt(fields.text, "text", site.max_length_chars),
        parent=attempt(fields.number, "parent"),
        name=attempt(_name, fields, site.require_name),
        email=attempt(_email, fields, site.require_email),
        website=attempt(website_of, fields),
        honeypot=attempt(fields.line, HONEYPOT, 1000),
        ticket=attempt(fields.line, "ticket", 300),
        proof=attempt(fields.line, "proof", 300),
        idempotency_key=attempt(read_idempotency_key, fields, header_key),
        wants_replies=attempt(fields.tick, "notify"),
    )
    if comment.wants_replies and comment.email == "":
        errors.append(_required("email"))
    if errors:
        raise InvalidFields(*errors)
    return comment


def read_each(**reads: Callable[[], str]) -> tuple[dict[str, str], tuple[FieldError, ...]]:
    """Read fields by name, each by its function; return the values and all that is wrong with them."""
    values: dict[str, str] = {}
    errors: list[FieldError] = []
    for name, read in reads.items():
        try:
            values[name] = read()
        except InvalidFields as problem:
            errors.extend(problem.errors)
    return values, tuple(errors)


def _body(request: Request, max_bytes: int) -> bytes:
    # One more than allowed: a body without a length would be cut at the limit, not refused.
    request.max_content_length = max_bytes + 1
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        raise TooLarge(max_kilobytes=MAX_BODY_KILOBYTES) from None
    if len(body) > max_bytes:
        raise TooLarge(max_kilobytes=MAX_BODY_KILOBYTES)
    return body


def _json_object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=lambda pairs: dict(_unique(pairs)),
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict):
        raise Malformed
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _form_pairs(request: Request) -> Sequence[tuple[str, str]]:
    if body := _body(request, MAX_FORM_BYTES):
        return _form(body)
    # A host app may have read the form before us, and a body is read but once.
    pairs = [*request.form.items(multi=True)]
    if sum(len(name.encode()) + len(value.encode()) for name, value in pairs) > MAX_BODY_BYTES:
        raise TooLarge(max_kilobytes=MAX_BODY_KILOBYTES)
    return pairs


def _with_plain_line_ends(values: dict[str, str]) -> dict[str, object]:
    # Browsers send a form's line ends as CRLF, whatever was typed; the limit counts what was typed.
    return {
        name: value.replace("\r\n", "\n") if name == "text" else value
        for name, value in values.items()
    }


def _form(body: bytes) -> list[tuple[str, str]]:
    # Decoded it is never longer.
    if len(body) > MAX_BODY_BYTES and len(unquote_to_bytes(body)) > MAX_BODY_BYTES:
        raise TooLarge(max_kilobytes=MAX_BODY_KILOBYTES)
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        raise Malformed from None


def _unique(pairs: Sequence[tuple[str, Any]]) -> Sequence[tuple[str, Any]]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise Malformed("The request names a field twice: send every field once.")
    return pairs


def _name(fields: Fields, is_required: bool) -> str:
    name = fields.line("name", 100)
    if is_required and not markup.visible_name(name):
        raise InvalidFields(_required("name"))
    return name


def _email(fields: Fields, is_required: bool) -> str:
    email = fields.line("email", 254).strip()
    if is_required and not email:
        raise InvalidFields(_required("email"))
    if email and not _EMAIL.fullmatch(email):
        raise InvalidFields(
            FieldError("email", "invalid", "Please write the address like ada@example.org.")
        )
    return email


def website_of(fields: Fields) -> str:
    """Return a website's address that can be linked to, "" when it is missing. Raises InvalidFields."""
    website = fields.line("website", 500).strip()
    if website and markup.website_href(website) is None:
        raise InvalidFields(
            FieldError("website", "invalid", "Please write the address like https://example.org.")
        )
    return website


def read_idempotency_key(fields: Fields, header_key: str) -> str:
    """Return the key that a comment's further tries share, "" without one. Raises InvalidFields."""
    name = "idempotency_key"
    key = fields.line(name, 200) or Fields({name: header_key}).line(name, 200)
    if key and len(key) < 16:
        # A short key could be somebody else's by chance or by guessing.
        raise InvalidFields(
            FieldError(name, "too_short", "An idempotency key has 16 to 200 characters.")
        )
    return key


def _at_most(name: str, value: str, max_chars: int) -> str:
    if len(value) > max_chars:
        raise InvalidFields(
            FieldError(
                name,
                "too_long",
                "At most %(max)s characters, these are %(count)s.",
                {"max": max_chars, "count": len(value)},
            )
        )
    return value


def _required(name: str) -> FieldError:
    return FieldError(name, "required", "Please fill in this field.")


def _invalid_characters(name: str) -> FieldError:
    return FieldError(name, "invalid_characters", "There are characters in it that cannot be kept.")


def _printable(name: str) -> str:
    return name[:100].encode("ascii", "backslashreplace").decode("ascii")
