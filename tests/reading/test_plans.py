"""No question reads a whole table: each finds its rows by an index, on both kinds of database."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from random import Random

from sqlalchemy import Connection, Engine, event, insert

from commentbox import markup
from commentbox.db import atomic, session
from commentbox.freshness import Rows, WriteMark, watch
from commentbox.models import Comment, Moderator, Site, State, Thread
from commentbox.models.comment import text_digest
from commentbox.models.thread import thread_with_key
from commentbox.reading.basis import basis_of_counts, basis_of_newest, basis_of_thread
from commentbox.reading.counts import count_comments
from commentbox.reading.decisions import LogPlace, view_log
from commentbox.reading.dossier import view_dossier
from commentbox.reading.pages import SORTS, Place
from commentbox.reading.queue import Place as QueuePlace
from commentbox.reading.queue import count_held, view_queue
from commentbox.reading.recent import recent_of_site, recent_of_thread
from commentbox.reading.selection import Selection, Tab
from commentbox.reading.threads import view_thread
from tests.factories import ben, write

READS_ALL = re.compile(
    r"(?:SCAN|Seq Scan on) commentbox_(?:comment|thread|thread_alias|decision)\b(?! USING)"
)
THREADS, COMMENTS = 100, 3000
KEY = "/page/7"
DAY = date(2026, 3, 1)
MIDDLE = "0.1772366400000000.1500"

Ask = Callable[[], object]


def test_whether_an_answer_is_old_is_found_by_an_index(site: Site, engine: Engine) -> None:
    with atomic() as current:
        fill(current.connection(), site)
    keys = [f"/page/{number}" for number in range(20)]
    seen = watch(engine, WriteMark())
    assert seen is not None

    def ask(statement: str, parameters: Sequence[object]) -> Rows:
        """Put the question where the test listens, too."""
        written = statement if engine.dialect.name == "sqlite" else statement.replace("?", "%s")
        session().connection().exec_driver_sql(written.strip(), tuple(parameters)).all()
        return seen.ask(statement, parameters)

    newest = recent_of_site(session(), site)
    asked = {
        "thread": lambda: basis_of_thread(site, KEY, ask),
        "newest": lambda: basis_of_newest(site, newest, ask),
        "counts": lambda: basis_of_counts(site, keys, ask),
    }
    for name, question in asked.items():
        made = question()
        assert made.is_firm, name
        assert made.still_holds(ask), name
        assert not [plan for plan in plans(engine, question) if READS_ALL.search(plan)], name


def test_every_question_finds_its_rows_by_an_index(site: Site, engine: Engine) -> None:
    moderator = ben(site)
    with atomic() as current:
        fill(current.connection(), site)
    wasteful = [
        f"{name}:\n{plan}"
        for name, ask in questions(site, moderator).items()
        for plan in plans(engine, ask)
        if READS_ALL.search(plan)
    ]
    assert not wasteful, "\n\n".join(wasteful)


def questions(site: Site, moderator: Moderator) -> dict[str, Ask]:
    """Return everything that is asked while people read, post and moderate."""
    keys = [f"/page/{number}" for number in range(20)]

    def page(**place: object) -> Ask:
        return lambda: view_thread(session(), site, thread(), KEY, Place(**place))  # type: ignore[arg-type]

    def thread() -> Thread | None:
        return thread_with_key(session(), site, KEY)

    def queue(**selection: object) -> Ask:
        place = QueuePlace(Selection(**selection), after=1000)  # type: ignore[arg-type]
        return lambda: view_queue(session(), moderator, place)

    def recent() -> object:
        found = thread()
        return found and recent_of_thread(session(), found)

    asked: dict[str, Ask] = {
        f"a page sorted by {sort}, {place}": page(sort=sort, **place)
        for sort in SORTS
        for place in (
            {},
            {"after": MIDDLE},
            {"before": MIDDLE},
            {"comment": "1500"},
            {"comment": "isso-9"},
        )
    }
    return asked | {
        "a thread by an alias": lambda: thread_with_key(session(), site, "/moved"),
        "counts": lambda: count_comments(session(), site, keys),
        "recent comments of a site": lambda: recent_of_site(session(), site),
        "recent comments of a thread": recent,
        "what waits": queue(tab=Tab.HELD),
        "what is spam": queue(tab=Tab.SPAM),
        "what is reported": queue(tab=Tab.REPORTED),
        "what is said": queue(tab=Tab.ALL, words="thought 7 -zebra"),
        "what is on a page": queue(tab=Tab.ALL, page=KEY),
        "what somebody wrote": queue(tab=Tab.ALL, author="Cy"),
        "what was written on a day": queue(tab=Tab.ALL, since=DAY, until=DAY),
        "what is signed alike": queue(tab=Tab.ALL, like=1500),
        "what came from a network": queue(tab=Tab.ALL, near=1500),
        "a comment with all around it": lambda: view_dossier(
            session(), session().get_one(Comment, 1500)
        ),
        "the log": lambda: view_log(session(), moderator, LogPlace(before=1000)),
        "decisions made together": lambda: view_log(session(), moderator, LogPlace(batch=7)),
        "how many wait": lambda: count_held(session(), moderator),
        "posting": lambda: write(site, page=KEY, key="k" * 20),
    }


def plans(engine: Engine, ask: Ask) -> list[str]:
    """Return how the database finds the rows of each question, as it tells itself."""
    asked: list[tuple[str, object]] = []

    def remember(_c: object, _u: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    ask()
    event.remove(engine, "before_cursor_execute", remember)
    session().rollback()
    is_sqlite = engine.dialect.name == "sqlite"
    word = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    with engine.connect() as connection:
        if not is_sqlite:
            # The tables are small, and it would rightly read them whole where it need not.
            connection.exec_driver_sql("SET enable_seqscan = off")
        return [
            "\n".join(
                str(row[-1])
                for row in connection.exec_driver_sql(f"{word} {statement}", parameters)  # type: ignore[arg-type]
            )
            for statement, parameters in asked
            if statement.startswith("SELECT")
        ]


def fill(connection: Connection, site: Site) -> None:
    """Write some thousand comments, more than fit into one page of the database."""
    by_chance = Random(7)
    connection.execute(
        insert(Thread),
        [{"id": n, "site_id": site.id, "key": f"/page/{n}"} for n in range(1, THREADS + 1)],
    )
    states = [*[State.PUBLISHED.value] * 20, State.HELD.value, State.SPAM.value]
    rows = []
    for number in range(1, COMMENTS + 1):
        thread = number % THREADS + 1
        is_reply = number > THREADS and number % 3 == 0
        rows.append(
            {
                "id": number,
                "site_id": site.id,
                "thread_id": thread,
                "parent_id": number - THREADS if is_reply else None,
                "root_id": number - THREADS if is_reply else number,
                "depth": int(is_reply),
                "conversation_size": int(not is_reply),
                "has_replies": False,
                "name": f"Reader {number % 50}",
                "network": f"{number % 40:032}",
                "text": f"Thought {number}.",
                "html": f"<p>Thought {number}.</p>",
                "markup_version": markup.VERSION,
                "text_digest": text_digest(f"Thought {number}."),
                "state": by_chance.choice(states),
                "score": by_chance.randrange(-3, 9),
                "reasons": [],
            }
        )
    connection.execute(insert(Comment), rows)
    # Explicit numbers leave a sequence where it was.
    if connection.dialect.name == "postgresql":
        for table in ("thread", "comment"):
            connection.exec_driver_sql(
                f"SELECT setval('commentbox_{table}_id_seq', {COMMENTS * 2})"
            )
    connection.exec_driver_sql(f"UPDATE commentbox_thread SET count = {COMMENTS // THREADS}")
