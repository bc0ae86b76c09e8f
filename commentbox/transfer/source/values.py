"""Values as other engines write them: times, numbers, yes and no, escaped words."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

_SQL_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?"
)
_NOT_STORED = re.compile("[\x00\ud800-\udfff]")
_EPOCH_MAX_SECONDS = 4_102_444_800  # the year 2100: what is larger counts milliseconds


def moment(written: object) -> datetime | None:
    """Return a time in UTC, or None where there is none.

    ``"2014-01-14 17:32:12"`` (in UTC where no zone is named), ``"2021-03-12T11:21:56.5Z"``, seconds
    or milliseconds since 1970, MongoDB's ``{"$date": …}`` and LeanCloud's ``{"iso": …}``.
    """
    if isinstance(written, dict):
        inner = next((written[k] for k in ("$date", "iso", "$numberLong") if k in written), None)
        return moment(inner)
    if isinstance(written, bool) or written is None:
        return None
    if isinstance(written, int | float):
        return _since_1970(float(written))
    text = str(written).strip()
    if re.fullmatch(r"-?\d{9,16}(\.\d+)?", text):
        return _since_1970(float(text))
    match = _SQL_TIME.match(text)
    return _parsed(match) if match else None


def text(value: object) -> str:
    """Return a text, "" for what is none; numbers as they are written."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value)


def line(value: object) -> str:
    """Return a text on one line."""
    return " ".join(text(value).split())


def unescaped(value: object) -> str:
    """Return a line whose engine stored it escaped for HTML, as it was typed."""
    return line(unescape(text(value)))


def number(value: object) -> int:
    """Return a whole number, 0 for what is none."""
    if isinstance(value, dict):
        value = value.get("$numberLong") or value.get("$numberInt")
    try:
        return int(float(text(value) or 0))
    except (ValueError, OverflowError):
        return 0


def is_yes(value: object) -> bool:
    """Whether a value of any engine says yes: ``true``, ``"true"``, ``1``, ``"t"``."""
    return text(value).strip().lower() in {"1", "t", "true", "yes", "y"} or value is True


def identifier(value: Any) -> str:
    """Return an id: a text, a number, or MongoDB's ``{"$oid": …}``."""
    if isinstance(value, dict):
        value = value.get("$oid") or value.get("objectId")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return line(value)


def mapping(value: object) -> dict[str, Any]:
    """Return an object of JSON, an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """Return the objects of an array of JSON, none for what is no array."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def storable(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON without the characters that no database stores."""
    if isinstance(value, str):
        return _NOT_STORED.sub("\ufffd", value)
    if depth > 20:
        return None
    if isinstance(value, dict):
        return {storable(key): storable(each, depth + 1) for key, each in value.items()}
    return [storable(each, depth + 1) for each in value] if isinstance(value, list) else value


def _since_1970(seconds: float) -> datetime | None:
    seconds = seconds / 1000 if abs(seconds) > _EPOCH_MAX_SECONDS else seconds
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(match: re.Match[str]) -> datetime | None:
    day, time, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z", "UTC") else zone
    try:
        at = datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year > 1970 else None
