"""Which columns an archive keeps, and how their values are written: one table of what is left out.

All that is not left out here is kept, so a column that a later release adds is in its archives.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import JSON, BigInteger, Date, DateTime, Float, LargeBinary, String, Table

from commentbox.db import Base
from commentbox.i18n import LANGUAGES
from commentbox.models import (
    AddressProof,
    Attempt,
    Ban,
    BanKind,
    Change,
    Comment,
    Decision,
    Deed,
    Delivery,
    Endpoint,
    Entrance,
    Erasure,
    ErasureMode,
    Event,
    EventType,
    Invitation,
    Mail,
    MailPreference,
    MailRefusal,
    Membership,
    Moderation,
    Moderator,
    NetworkKey,
    Report,
    Shape,
    Sighting,
    Site,
    SiteOrigin,
    State,
    Subscription,
    TextFormat,
    Thread,
    ThreadAlias,
    ThreadDecision,
    Vote,
)

Columns = Mapping[str, object]

PLACE = "the line it stands on, and what stands above it, say so"
COUNTED = "counted, or made anew from what is kept"
SECRET = "a secret: who has it can act as somebody else"
OF_THIS_SERVICE = "true of this service only, and of this hour"
OWN_NUMBER = "nothing names the row by its number"

LEFT_OUT: Mapping[type[Base], Mapping[str, str]] = {
    Site: {"id": PLACE, "key": PLACE, "version": COUNTED},
    SiteOrigin: {"id": OWN_NUMBER, "site_id": PLACE},
    Thread: {"site_id": PLACE, "count": COUNTED, "version": COUNTED},
    ThreadAlias: {"id": OWN_NUMBER, "site_id": PLACE, "thread_id": PLACE},
    Comment: {
        "site_id": PLACE,
        "thread_id": PLACE,
        "root_id": COUNTED,
        "depth": COUNTED,
        "conversation_size": COUNTED,
        "has_replies": COUNTED,
        "html": COUNTED,
        "markup_version": COUNTED,
        "text_digest": COUNTED,
        "idempotency_digest": OF_THIS_SERVICE,  # nobody tries again elsewhere what failed here
    },
    Decision: {"comment_id": PLACE, "moderator_id": PLACE},
    ThreadDecision: {
        "id": OWN_NUMBER,
        "site_id": PLACE,
        "thread_id": PLACE,
        "moderator_id": PLACE,
    },
    Report: {"comment_id": PLACE},
    Vote: {"comment_id": PLACE},
    AddressProof: {"site_id": PLACE, "comment_id": PLACE},
    Subscription: {"site_id": PLACE, "thread_id": PLACE, "comment_id": PLACE},
    Ban: {"id": OWN_NUMBER, "site_id": PLACE, "moderator_id": PLACE},
    MailRefusal: {"site_id": PLACE},
    Erasure: {"id": OWN_NUMBER, "site_id": PLACE},
    # The address of a chat is a secret itself, and so can be parts of others: see safe_address.
    Endpoint: {
        "id": OWN_NUMBER,
        "site_id": PLACE,
        "secret": SECRET,
        "old_secret": SECRET,
        "old_secret_until": SECRET,
        "last_event_before": OF_THIS_SERVICE,
        # Brought elsewhere it rests until its owner looked at its address and its secret.
        "disabled_because": OF_THIS_SERVICE,
        "failing_since": OF_THIS_SERVICE,
        "warned_at": OF_THIS_SERVICE,
        "paused_until": OF_THIS_SERVICE,
    },
    Moderator: {
        "id": OWN_NUMBER,
        "password_hash": SECRET,
        "session_number": SECRET,
        "ended_visits": OF_THIS_SERVICE,
        "totp_secret": SECRET,
        "totp_step": SECRET,
        "recovery_digests": SECRET,
        "wrong_codes": OF_THIS_SERVICE,
        "wrong_codes_since": OF_THIS_SERVICE,
    },
    Membership: {"id": OWN_NUMBER, "moderator_id": PLACE, "site_id": PLACE},
    MailPreference: {"moderator_id": PLACE},
}
"""What an archive has not of the tables that it holds, and why."""

LEFT_OUT_TABLES: Mapping[type[Base], str] = {
    NetworkKey: SECRET,  # with it a token could be traced to its network
    Invitation: "its link is signed by this service, and leads to it",
    Sighting: OF_THIS_SERVICE,
    Event: "has been told, or is about to be, and would be told twice",
    Delivery: "has been told, or is about to be, and would be told twice",
    Attempt: "has been told, or is about to be, and would be told twice",
    Mail: "has been told, or is about to be, and would be told twice",
}
"""Tables of which an archive has nothing, and why."""

BY_MODERATOR = frozenset({Decision, ThreadDecision, Ban})
"""Rows that tell who made them, by e-mail address."""


def kept_columns(row: type[Base]) -> tuple[str, ...]:
    """Return the names of the columns that an archive keeps of a table."""
    return tuple(
        column.name for column in table_of(row).columns if column.name not in LEFT_OUT[row]
    )


def written(row: type[Base], values: Mapping[str, Any]) -> dict[str, object]:
    """Return the kept columns of a row as JSON holds them."""
    return {name: as_json(values[name]) for name in kept_columns(row)}


def read(row: type[Base], columns: Columns) -> dict[str, Any]:
    """Return the values of columns; what this release does not know is passed over."""
    values: dict[str, Any] = {}
    for name in kept_columns(row):
        try:
            values |= {name: _fitting(row, name, columns[name])} if name in columns else {}
        except (ValueError, TypeError, OverflowError):
            continue  # somebody wrote it by hand: the default is better than a guess
    return values


def _fitting(row: type[Base], name: str, written: object) -> Any:
    """Return a value that all who read the column can work with. Raises ValueError and the like."""
    value, fits = from_json(table_of(row), name, written), FITS.get((row, name))
    is_missing = value is None and not table_of(row).columns[name].nullable
    if is_missing or (value is not None and fits is not None and not fits(value)):
        raise ValueError(name)
    return value


def _one_of(words: type[StrEnum]) -> Callable[[Any], bool]:
    return set(words).__contains__


def _are_reasons(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_reason, value))


def _is_reason(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("facts", {}), dict):
        return False
    if not all(isinstance(value.get(name), str) for name in ("check", "code", "message")):
        return False
    try:
        value["message"] % value.get("facts", {})
    except (KeyError, ValueError, TypeError):
        return False
    return True


def _is_wording(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() >= WORDING:
        return False
    TextFormat(value["text_format"])
    datetime.fromisoformat(value["edited_at"] or "2000-01-01")
    return all(isinstance(value[name], str) for name in WORDING - {"edited_at"})


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_deed(value: Any) -> bool:
    """Whether a deed's facts can be shown, and a merge among them taken back."""
    if not isinstance(value, dict):
        return False
    are_texts = all(isinstance(value.get(n, ""), str) for n in ("from", "to", "key"))
    are_lists = all(isinstance(value.get(n, []), list) for n in ("aliases", "conversations"))
    is_known = all(isinstance(value.get(n), str | None) for n in ("url", "title"))
    return are_texts and are_lists and is_known


def _is_address(value: Any) -> bool:
    parts = urlsplit(value)  # a ValueError is an answer, too, and so is one of the port
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


def _are_event_types(value: Any) -> bool:
    return isinstance(value, list) and all(each in list(EventType) for each in value)


WORDING = frozenset({"text", "text_format", "name", "website", "edited_at"})

FITS: Mapping[tuple[type[Base], str], Callable[[Any], bool]] = {
    (Site, "moderation"): _one_of(Moderation),
    (Site, "language"): LANGUAGES.__contains__,
    (Site, "texts"): _are_words,
    (Site, "colours"): _are_words,
    (Comment, "reasons"): _are_reasons,
    (Decision, "change"): _one_of(Change),
    (Decision, "old_state"): _one_of(State),
    (Decision, "new_state"): _one_of(State),
    (Decision, "entrance"): _one_of(Entrance),
    (Decision, "before"): _is_wording,
    (ThreadDecision, "deed"): _one_of(Deed),
    (ThreadDecision, "entrance"): _one_of(Entrance),
    (ThreadDecision, "facts"): _is_deed,
    (Ban, "kind"): _one_of(BanKind),
    (Endpoint, "shape"): _one_of(Shape),
    (Endpoint, "url"): _is_address,
    (Endpoint, "events"): _are_event_types,
    (Erasure, "mode"): _one_of(ErasureMode),
}
"""What a column's value must be beside its type: one that no release wrote would end every page that shows it."""


def is_whole(row: type[Base], values: Mapping[str, Any]) -> bool:
    """Whether all columns are there that the table asks for and no default fills."""
    table = table_of(row)
    return all(
        column.nullable
        or column.default is not None
        or column is table.autoincrement_column
        or name in values
        for name, column in table.columns.items()
        if name not in LEFT_OUT[row]
    )


def safe_address(url: str, shape: str) -> str:
    """Return what may be told of an endpoint's address.

    ``"https://hooks.example/comments"`` for ``"https://me:password@hooks.example/comments?key=7"``;
    who knows the address of a chat can write there, so of that one there is the host.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    return f"{parts.scheme}://{host}{parts.path if shape == Shape.WEBHOOK else '/'}"


def table_of(row: type[Base]) -> Table:
    """Return the table of a row's class."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def as_json(value: object) -> object:
    """Return a value as JSON holds it: times in RFC 3339 and UTC, bytes in hex."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def from_json(table: Table, name: str, value: Any) -> Any:
    """Return what ``as_json`` wrote as the column takes it. Raises ValueError and TypeError."""
    kind = getattr(table.columns[name].type, "impl", table.columns[name].type)
    if value is None and table.columns[name].nullable:
        return None
    if isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        return _moment(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(value)
    return _checked(kind, value)


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment.astimezone(UTC)


def _checked(kind: Any, value: Any) -> Any:
    if isinstance(kind, Float) and isinstance(value, int):
        return float(value)
    if type(value) is not kind.python_type:
        raise TypeError(kind)
    if isinstance(kind, String) and kind.length is not None and len(value) > kind.length:
        raise ValueError(kind)
    limit = 2**63 if isinstance(kind, BigInteger) else 2**31
    if type(value) is int and not -limit <= value < limit:
        raise OverflowError(kind)
    return value
