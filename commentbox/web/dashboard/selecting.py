"""Selections as addresses: what of the queue a page shows, read from its query and written to one."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qsl, urlencode

from commentbox.reading.queue import Place
from commentbox.reading.selection import Selection, Tab

MAX_CHARS: Mapping[str, int] = {"q": 200, "site": 64, "page": 2000, "author": 254}


def read_place(parameters: Mapping[str, str]) -> Place:
    """Return the list that is asked for; what cannot be read is as if it were missing."""
    return Place(
        read_selection(parameters),
        after=read_number(parameters.get("after")),
        before=read_number(parameters.get("before")),
    )


def read_selection(parameters: Mapping[str, str]) -> Selection:
    """Return what is asked for, e.g. of ``{"state": "spam", "q": "casino"}``."""
    state = parameters.get("state")
    return Selection(
        tab=Tab(state) if state in set(Tab) else Tab.HELD,
        words=_line(parameters, "q"),
        site=_line(parameters, "site"),
        page=_line(parameters, "page"),
        author=_line(parameters, "author"),
        since=_day(parameters.get("since")),
        until=_day(parameters.get("until")),
        like=read_number(parameters.get("like")),
        near=read_number(parameters.get("near")),
    )


def read_written_place(written: str) -> tuple[Place, int | None]:
    """Return the list that a form's field ``place`` names, or the comment whose page it was on."""
    parameters = dict(parse_qsl(written[:8000]))
    return read_place(parameters), read_number(parameters.get("comment"))


def written_place(place: Place) -> str:
    """Return a list as the hidden field ``place`` holds it."""
    return urlencode(place_parameters(place))


def place_parameters(place: Place) -> dict[str, object]:
    """Return a list as the query of its address; what is not set is left out."""
    given = {"after": place.after, "before": place.before}
    here = {name: value for name, value in given.items() if value is not None}
    return selection_parameters(place.selection) | here


def selection_parameters(selection: Selection) -> dict[str, object]:
    """Return a selection as the query of an address; what is not set is left out."""
    given = {
        "state": None if selection.tab is Tab.HELD else selection.tab.value,
        "q": selection.words,
        "site": selection.site,
        "page": selection.page,
        "author": selection.author,
        "since": selection.since and selection.since.isoformat(),
        "until": selection.until and selection.until.isoformat(),
        "like": selection.like,
        "near": selection.near,
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def read_number(written: str | None) -> int | None:
    """Return a row's number; None for what cannot be one."""
    is_number = written is not None and written.isascii() and written.isdecimal()
    return int(written) if is_number and written and len(written) < 19 else None


def _line(parameters: Mapping[str, str], name: str) -> str:
    # PostgreSQL refuses NUL, and so nothing holds one.
    return parameters.get(name, "").replace("\0", "").strip()[: MAX_CHARS[name]]


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None
