"""Writes staged records in batches, each one transaction that keeps every law of the rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.db import Base, atomic
from commentbox.db import session as current_session
from commentbox.models import Comment, Decision, Site, State, TextFormat, Thread
from commentbox.models.comment import html_of, text_digest
from commentbox.models.site import site_with_key
from commentbox.models.thread import ThreadAlias, thread_to_write, thread_with_key
from commentbox.origins import origin_of
from commentbox.transfer.columns import read
from commentbox.transfer.history import History, add_thread_decision
from commentbox.transfer.known import Known
from commentbox.transfer.numbers import Numbers, raise_sequence
from commentbox.transfer.record import Kept, Page, Record
from commentbox.transfer.report import Report as ImportReport
from commentbox.transfer.reunion import reunite
from commentbox.transfer.staging import Asked, Staged, Staging, Stored
from commentbox.transfer.tidy import tidied_page

BATCH = 200


@dataclass
class Writer:
    """Writes what is staged into a site."""

    site_key: str
    source: str
    staged: Staging
    report: ImportReport
    is_archive: bool = False
    _is_alone: bool = False  # no decision has a number that the archive's decisions may have

    def write(self) -> Iterator[int]:
        """Write batch after batch; yield how many records are written so far."""
        done = 0
        above = self.staged.largest_anchor()
        self._is_alone = _has_no_other_decisions(self.site_key, self.staged)
        for batch in self.staged.in_turn(BATCH):
            rendered = [(each, _words(each.record)) for each in batch]  # before anybody waits
            with atomic() as session:
                site = site_with_key(session, self.site_key)
                written = self._write(session, site, rendered, above)
            # Counted and noted only once it is on disk.
            self.report.pages_created += written.pages
            self.report.states.update(written.states)
            self.report.reattached += written.reunited
            self.report.known += written.known
            self.report.new -= written.known
            done += len(batch)
            yield done
        self._finish_authors()
        self._finish_pages()
        current_session().expire_all()  # counts and places were written past what the session knows

    def _finish_pages(self) -> None:
        """Make the pages that have no comments, and keep what was done to pages."""
        for number, _ in self.staged.wanted_pages():
            with atomic() as session:
                site = site_with_key(session, self.site_key)
                _, page, thread_id, _ = self.staged.page(number)
                is_new = False
                if thread_id is None:
                    thread, is_new = self._thread(session, site, number, None)
                else:
                    thread = session.get_one(Thread, thread_id)
                for told in page.kept.below.get("decisions", ()) if page.kept else ():
                    add_thread_decision(session, thread, told, self.staged)
            self.report.pages_created += is_new

    def _finish_authors(self) -> None:
        """Join comments of one author whose first one was written after them."""
        found = self.staged.same_authors()
        while some := list(islice(found, BATCH)):
            with atomic() as session:
                session.connection().execute(
                    update(_table(Comment))
                    .where(_table(Comment).c.id == bindparam("number"))
                    .values(author_id=bindparam("first")),
                    [{"number": number, "first": first} for number, first in some],
                )

    def _write(
        self, session: Session, site: Site, rendered: Sequence[tuple[Staged, dict[str, Any]]],
        above: int,
    ) -> "Written":  # fmt: skip
        threads, created = self._threads(session, site, _began(rendered))
        known = self._written_meanwhile(session, site, rendered)
        rendered = [(each, words) for each, words in rendered if each.id not in known]
        numbers = _numbers(session, [each for each, _ in rendered], above)
        batch = _Batch(site, self.source, threads, self.staged, stored=dict(known))
        for each, words in rendered:
            batch.add(each, words, numbers[each.id])
        batch.write(session)
        self._pin(session, batch, threads)
        history = History(session, site, self.staged, self._is_alone)
        for number, record in batch.records.items():
            history.add(number, record, batch.rows[number]["thread_id"])
        history.finish()
        for id, stored in batch.stored.items():
            self.staged.is_known(id, stored)
        reunited = self._reunite(session, site, batch)
        states = Counter[str](record.state for record in batch.records.values())
        return Written(created, states, reunited, len(known))

    def _written_meanwhile(
        self, session: Session, site: Site, rendered: Sequence[tuple[Staged, dict[str, Any]]]
    ) -> dict[int, Stored]:
        """Return those of a batch that another import of the same has written since.

        Both hold the threads while they write, so that one sees what the other wrote.
        """
        asked = [_asked(each) for each, _ in rendered]
        known = Known(session, site.id, self.source, is_archive=self.is_archive)
        return {each.id: found for each, found in known.among(asked)}

    def _reunite(self, session: Session, site: Site, batch: "_Batch") -> int:
        """Let replies that came earlier find what they answer; return how many did."""
        by_source: dict[str, dict[str, int]] = {}
        for number, row in batch.rows.items():
            if row["source"] is not None:
                by_source.setdefault(row["source"], {})[row["foreign_id"]] = number
        moved = [
            each
            for source, numbers in by_source.items()
            for each in reunite(session, site.id, source, numbers)
        ]
        for each in moved:
            self.staged.is_moved(each.old_root, each.root, each.deeper)
        return len(moved)

    def _pin(self, session: Session, batch: "_Batch", threads: dict[int, int]) -> None:
        """Pin what was pinned, where the thread has nothing pinned yet."""
        for number, record in batch.records.items():
            row = batch.rows[number]
            if record.is_pinned and row["parent_id"] is None:
                nothing = (Thread.id == row["thread_id"], Thread.pinned_id.is_(None))
                session.execute(update(Thread).where(*nothing).values(pinned_id=number))
        numbers = {record.id: number for number, record in batch.records.items()}
        for page, thread in threads.items():
            kept = self.staged.page(page)[1].kept
            pinned = numbers.get(str(kept.columns.get("pinned_id"))) if kept else None
            if pinned is not None:
                nothing = (Thread.id == thread, Thread.pinned_id.is_(None))
                session.execute(update(Thread).where(*nothing).values(pinned_id=pinned))

    def _threads(
        self, session: Session, site: Site, began: dict[int, datetime | None]
    ) -> tuple[dict[int, int], int]:
        """Return the thread of each page, made where there is none, and how many were made.

        All are held against other writers, in one order, so that two imports cannot block each
        other.
        """
        known, missing = {}, []
        for page in sorted(began):
            _, _, thread, _ = self.staged.page(page)
            if thread is None:
                missing.append(page)
            else:
                known[page] = thread
        created = 0
        for page in missing:
            made, is_new = self._thread(session, site, page, began[page])
            known[page] = made.id
            created += is_new
        query = select(Thread.id).where(Thread.id.in_(known.values())).order_by(Thread.id)
        session.execute(query.with_for_update(of=Thread))
        return known, created

    def _thread(
        self, session: Session, site: Site, number: int, began: datetime | None
    ) -> tuple[Thread, bool]:
        key, page, _, aliases = self.staged.page(number)
        there = thread_with_key(session, site, key)
        is_new = there is None
        if is_new and (own := _own_number(session, page)) is not None:
            session.add(Thread(id=own, site_id=site.id, key=key))
            session.flush()
            raise_sequence(session, Thread)
        thread = there or thread_to_write(session, site, key)
        if is_new:
            _describe(thread, tidied_page(page), site)
            thread.created_at = page.created_at or began or thread.created_at
            if page.kept is not None:
                _restore(thread, page.kept, site)
        for alias in aliases:
            if thread_with_key(session, site, alias) is None:
                session.add(ThreadAlias(site_id=site.id, key=alias, thread_id=thread.id))
                session.flush()
        self.staged.set_thread(number, thread.id)
        return thread, is_new


@dataclass(frozen=True)
class Written:
    """What came of one batch."""

    pages: int  # created
    states: Counter[str]
    reunited: int
    known: int  # written by somebody else meanwhile


def _asked(each: Staged) -> Asked:
    at = each.record.created_at
    origin = "\n".join(each.record.origin) if each.record.origin else None
    return Asked(each.id, each.record.id, at.timestamp() if at else 0.0, origin)


def _began(batch: Sequence[tuple[Staged, dict[str, Any]]]) -> dict[int, datetime | None]:
    """Return the pages of a batch, each with the time of its first comment here."""
    began: dict[int, datetime | None] = {}
    for each, _ in batch:  # in the order of time
        began.setdefault(each.page, each.record.created_at)
    return began


def _describe(thread: Thread, page: Page, site: Site) -> None:
    thread.url = _address(thread.key, page.url, site)
    thread.title = page.title or None
    thread.is_open = page.is_open


def _restore(thread: Thread, kept: Kept, site: Site) -> None:
    for name, value in read(Thread, kept.columns).items():
        is_strange = name == "url" and value and not site.has_origin(origin_of(value) or "")
        if name not in ("id", "key", "pinned_id") and not is_strange:
            setattr(thread, name, value)


def _own_number(session: Session, page: Page) -> int | None:
    """Return the number that the thread had, if no other has it: feeds name threads by it."""
    number = page.kept.columns.get("id") if page.kept else None
    is_one = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**53
    return number if is_one and session.get(Thread, number) is None else None  # type: ignore[return-value]


def _has_no_other_decisions(site_key: str, staged: Staging) -> bool:
    """Whether all decisions here are the archive's own, of a run that was stopped, or there are none."""
    query = select(Site.key).join(Thread, Thread.site_id == Site.id)
    query = query.join(Comment, Comment.thread_id == Thread.id)
    query = query.join(Decision, Decision.comment_id == Comment.id).distinct()
    keys = set(current_session().scalars(query))
    return not keys or (keys == {site_key} and staged.count_known() > 0)


def _address(key: str, url: str, site: Site) -> str | None:
    """Return the page's address on the blog as it is now, whose host may be another one."""
    if url and site.has_origin(origin_of(url) or ""):
        return url
    return f"{site.origins[0].origin}{key}" if key.startswith("/") and site.origins else None


def _numbers(session: Session, batch: Sequence[Staged], above: int) -> dict[int, int]:
    """Return a number for each record: its own if it has one that is free, else a new one."""
    numbers = Numbers(session, above)
    wanted = {each.id: each.record.number for each in batch if each.record.number is not None}
    free = numbers.keep(set(wanted.values())) if wanted else frozenset()
    kept = {id: number for id, number in wanted.items() if number in free}
    others = [each.id for each in batch if each.id not in kept]
    return kept | dict(zip(others, numbers.take(len(others)), strict=True)) if others else kept


def _table(row: type[Base]) -> Table:
    return cast(Table, row.__table__)


def _words(record: Record) -> dict[str, Any]:
    return {
        "text": record.text,
        "text_format": record.text_format,
        "html": html_of(record.text, TextFormat(record.text_format)),
        "markup_version": markup.VERSION,
        "text_digest": text_digest(record.text),
    }


@dataclass
class _Batch:
    """The rows of one transaction, and what they change in rows that are there already."""

    site: Site
    source: str
    threads: dict[int, int]
    staged: Staging
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)  # by number
    stored: dict[int, Stored] = field(default_factory=dict)  # by staged id
    shown_in_threads: Counter[int] = field(default_factory=Counter)
    grown: Counter[int] = field(default_factory=Counter)  # published ones, by number of the root
    answered: set[int] = field(default_factory=set)
    records: dict[int, Record] = field(default_factory=dict)  # by number

    def add(self, each: Staged, words: dict[str, Any], number: int) -> None:
        """Add a record; its parent is here, in the database, or there is none."""
        above = each.above or self.stored.get(each.parent or 0)
        record, thread = each.record, self.threads[each.page]
        root = above.root if above else number
        depth = above.depth + 1 if above else 0
        self.stored[each.id] = Stored(number, root, depth)
        self.records[number] = record
        self.rows[number] = {
            **words,
            **self._origin(record),
            "awaited_id": each.awaited,
            "id": number,
            "site_id": self.site.id,
            "thread_id": thread,
            "parent_id": above.number if above else None,
            "root_id": root,
            "depth": depth,
            "conversation_size": 0,
            "has_replies": False,
            "name": record.name,
            "email": record.email,
            "website": record.website,
            "state": record.state,
            "reasons": [],
            "score": record.score,
            "is_by_moderator": record.is_staff,
            "network": "",
            "created_at": record.created_at,
            "edited_at": record.edited_at,
            **self._kept(record, number),
        }
        is_published = State(record.state) is State.PUBLISHED
        self.shown_in_threads[thread] += is_published
        self.grown[root] += is_published
        if above:
            self.answered.add(above.number)

    def _origin(self, record: Record) -> dict[str, str | None]:
        source, foreign_id = record.origin or (self.source, record.id)
        return {"source": source, "foreign_id": foreign_id, "anchor": record.anchor or None}

    def _kept(self, record: Record, number: int) -> dict[str, Any]:
        """Return the columns that only an archive tells."""
        if record.kept is None:
            return {}
        columns = read(Comment, record.kept.columns)
        if number != record.number:
            # Under a new number it is known by the old one, and old links lead to it.
            own = {"source": self.source, "foreign_id": record.id, "anchor": f"comment-{record.id}"}
            columns |= {} if record.origin else own
        columns["author_id"] = self._first_of_author(columns.get("author_id"), number)
        for name in ("id", "parent_id", "text", "text_format", "state", "created_at"):
            columns.pop(name, None)
        return {"reasons": []} | columns

    def _first_of_author(self, told: object, number: int) -> int | None:
        """Return the number here of the first comment by the same author."""
        if told is None:
            return None
        here = next((n for n, record in self.records.items() if record.id == str(told)), None)
        first = here or self.staged.number_of(str(told))
        if first is None:
            self.staged.is_by_author_of(number, str(told))
        return first

    def write(self, session: Session) -> None:
        """Insert the rows, and bring counts and versions of all others along."""
        if not self.rows:  # all of them were written meanwhile
            return
        for number in self.answered & self.rows.keys():
            self.rows[number]["has_replies"] = True
        for number in self.grown.keys() & self.rows.keys():
            self.rows[number]["conversation_size"] = self.grown[number]
        # Past the session, which would make a statement of its own for each set of empty columns.
        for _, alike in groupby(self.rows.values(), key=dict.keys):
            session.connection().execute(insert(_table(Comment)), list(alike))
        self._bring_along(session)

    def _bring_along(self, session: Session) -> None:
        comments, threads = _table(Comment), _table(Thread)
        connection = session.connection()
        if answered := self.answered - self.rows.keys():
            connection.execute(
                update(comments).where(comments.c.id.in_(sorted(answered))).values(has_replies=True)
            )
        size = comments.c.conversation_size + bindparam("more")
        grown = [
            {"number": number, "more": more}
            for number, more in sorted(self.grown.items())
            if more and number not in self.rows
        ]
        if grown:
            query = update(comments).where(comments.c.id == bindparam("number"))
            connection.execute(query.values(conversation_size=size), grown)
        connection.execute(
            update(threads)
            .where(threads.c.id == bindparam("number"))
            .values(count=threads.c.count + bindparam("more"), version=threads.c.version + 1),
            [{"number": n, "more": more} for n, more in sorted(self.shown_in_threads.items())],
        )
