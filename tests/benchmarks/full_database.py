"""A database as a busy blog has it after some years: 100,000 comments, mostly German, by many people."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, insert

from commentbox.models import Comment, Decision, Report, Site, State, Thread
from commentbox.models.comment import text_digest

COMMENTS = 100_000
THREADS = 2_000
AUTHORS = 8_000
DAYS = 730
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BATCH = 5_000

STATES = (
    [State.PUBLISHED.value] * 190
    + [State.HELD.value] * 4
    + [State.SPAM.value] * 5
    + [State.REMOVED.value]
)

SYLLABLES = re.findall(
    r"\w+",
    "ab an auf aus be berg bund dach daten de der ein end ent er fahr ge gut haus heit ig in keit "
    "klar land lich los man mit mut ner neu ob rad recht schaft schutz sehr sicht stadt stein tag "
    "tür über um un ung ver voll vor weg werk wort zeit zu zwölf",
)

REASONS = (
    {"check": "links", "code": "too_many", "message": "x", "facts": {}},
    {"check": "pace", "code": "too_fast", "message": "x", "facts": {}},
    {"check": "ticket", "code": "missing", "message": "x", "facts": {}},
)


def fill(engine: Engine, comments: int = COMMENTS) -> None:
    """Write one site with its threads, comments, decisions and reports."""
    by_chance = Random(2026)
    with engine.begin() as connection:
        connection.execute(insert(Site), [{"id": 1, "key": "blog", "name": "Blog", "origins": []}])
        connection.execute(insert(Thread), list(_threads(comments)))
        _in_batches(connection, Comment, _comments(by_chance, comments))
        _in_batches(connection, Decision, _decisions(by_chance, comments))
        numbers = by_chance.sample(range(1, comments), comments // 500)
        _in_batches(
            connection,
            Report,
            ({"comment_id": n, "network": "r", "reason": "Werbung"} for n in sorted(numbers)),
        )
        if engine.dialect.name == "postgresql":
            for table in ("site", "thread", "comment", "decision"):
                connection.exec_driver_sql(
                    f"SELECT setval('commentbox_{table}_id_seq', {comments * 2})"
                )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")


def _threads(comments: int) -> Iterator[Mapping[str, Any]]:
    for number in range(1, THREADS + 1):
        yield {
            "id": number,
            "site_id": 1,
            "key": f"/2026/beitrag-{number}",
            "url": f"https://blog.example/2026/beitrag-{number}",
            "title": f"Beitrag {number}",
            "count": comments // THREADS,
        }


def _comments(by_chance: Random, comments: int) -> Iterator[Mapping[str, Any]]:
    words = [
        "".join(by_chance.choices(SYLLABLES, k=by_chance.randint(1, 4))) for _ in range(30_000)
    ]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    vocabulary = by_chance.choices(words, weights, k=400_000)
    first = NOW - timedelta(days=DAYS)
    for number in range(1, comments + 1):
        start = by_chance.randrange(len(vocabulary) - 60)
        text = " ".join(vocabulary[start : start + by_chance.randint(8, 60)])
        author = int(by_chance.paretovariate(0.7) * 20) % AUTHORS
        thread = by_chance.randint(1, THREADS)
        state = by_chance.choice(STATES)
        yield {
            "id": number,
            "site_id": 1,
            "thread_id": thread,
            "parent_id": None,
            "root_id": number,
            "depth": 0,
            "conversation_size": 1,
            "has_replies": False,
            "name": f"Leserin {author}",
            "email": f"leserin{author}@example.org" if author % 3 else "",
            "text": text,
            "html": f"<p>{text}</p>",
            "markup_version": 99,
            "text_digest": text_digest(text),
            "state": state,
            "network": f"{author % 4000:032x}" if number > comments * 0.99 else "",
            "reasons": [] if state == "published" else [by_chance.choice(REASONS)],
            "created_at": first + timedelta(days=DAYS) * (number / comments),
        }


def _decisions(by_chance: Random, comments: int) -> Iterator[Mapping[str, Any]]:
    for number in sorted(by_chance.sample(range(1, comments), comments // 10)):
        at = NOW - timedelta(days=DAYS) * (1 - number / comments)
        yield {
            "comment_id": number,
            "old_state": "held",
            "new_state": "published",
            "entrance": "dashboard",
            "decided_at": at + timedelta(minutes=by_chance.expovariate(1 / 90)),
        }


def _in_batches(connection: Connection, noun: Any, rows: Iterator[Mapping[str, Any]]) -> None:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            connection.execute(insert(noun), batch)
            batch = []
    if batch:
        connection.execute(insert(noun), batch)
