"""How many published comments each of many pages has."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Site, Thread, ThreadAlias


def count_comments(session: Session, site: Site, keys: Collection[str]) -> dict[str, int]:
    """Return ``{key: count}`` for every key asked for, 0 where a page has no thread."""
    of_threads = session.execute(
        select(Thread.key, Thread.count).where(Thread.site_id == site.id, Thread.key.in_(keys))
    )
    counts = dict.fromkeys(keys, 0) | dict(of_threads.all())
    missing = [key for key, count in counts.items() if not count]
    of_aliases = session.execute(
        select(ThreadAlias.key, Thread.count)
        .join(Thread, Thread.id == ThreadAlias.thread_id)
        .where(ThreadAlias.site_id == site.id, ThreadAlias.key.in_(missing))
    )
    return counts | dict(of_aliases.all())
