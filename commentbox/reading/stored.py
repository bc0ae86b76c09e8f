"""Rows as the driver gives them, as nouns to be shown: they belong to no session."""

from collections.abc import Sequence
from typing import Any

from commentbox.db import moment
from commentbox.models import Thread

THREAD = (
    Thread.id,
    Thread.version,
    Thread.created_at,
    Thread.key,
    Thread.url,
    Thread.title,
    Thread.is_described,
    Thread.is_open,
    Thread.count,
    Thread.pinned_id,
)
"""The columns that ``thread_of_row`` reads, in this order."""


def thread_of_row(site_id: int, row: Sequence[Any]) -> Thread:
    """Return a thread of the site."""
    number, version, created_at, key, url, title, is_described, is_open, count, pinned_id = row
    return Thread(
        id=number,
        site_id=site_id,
        key=key,
        url=url,
        title=title,
        is_described=bool(is_described),
        is_open=bool(is_open),
        count=count,
        version=version,
        pinned_id=pinned_id,
        created_at=moment(created_at),
    )
