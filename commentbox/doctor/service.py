"""The service itself: where it keeps, counts, sends, and whether readers reach it."""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from commentbox.actions.members import somebody_owns_every_site
from commentbox.db import Database, atomic, session
from commentbox.delivery.email.postman import Postman, Undelivered
from commentbox.doctor.finding import Finding, good, hint, wrong
from commentbox.errors import SetupError, Unavailable
from commentbox.models import Site
from commentbox.outbound import Client, Request, Trouble
from commentbox.outbox import service_url
from commentbox.reading.deliveries import view_figures
from commentbox.settings import Settings

LATE = timedelta(minutes=5)
"""A worker takes what is due at once; who waits longer waits for a worker."""

SQLITE_IS_SOUND_SINCE = (3, 51, 3)
SOUND_BEFORE = {(3, 44): 6, (3, 50): 7}
"""Releases without the WAL-reset bug, by which a database could be damaged; older series that got
the repair, with its patch number. Source: sqlite.org/wal.html."""

DATABASE_PATIENCE_SECONDS = 2.0


def examine_service(app: Flask, client: Client, at: datetime) -> Iterator[Finding]:
    """Look the set-up over; ``client`` asks for the service's own address."""
    engine = app.extensions["commentbox"]
    settings: Settings = engine.settings
    database: Database = engine.database
    is_kept = True
    for finding in _database(database):
        is_kept = is_kept and finding.level != "wrong"
        yield finding
    yield from _data_dir(settings.data_dir)
    yield from _address(settings, service_url(app), client)
    yield _limits(settings, engine.limits.reaches_storage(), database)
    yield _mail(settings)
    if is_kept:
        yield from _people()
        yield _outbox(at)


def _database(database: Database) -> Iterator[Finding]:
    try:
        engine = database.engine
        with atomic(DATABASE_PATIENCE_SECONDS):
            pass
    except SetupError as error:
        yield wrong("database", str(error))
    except (SQLAlchemyError, Unavailable) as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0].rstrip(".")
        yield wrong(
            "database",
            f"Nothing can be written to the database ({reason}): see that COMMENTBOX_DATABASE_URL "
            "names one that runs, and that its file and folder may be written to.",
        )
    else:
        yield good("database", f"The database ({engine.dialect.name}) takes what is written.")
        if engine.dialect.name == "sqlite":
            version: tuple[int, int, int] = engine.dialect.dbapi.sqlite_version_info  # type: ignore[union-attr]
            yield from _sqlite(version)


def _sqlite(version: tuple[int, int, int]) -> Iterator[Finding]:
    is_sound = version >= SQLITE_IS_SOUND_SINCE
    if not (is_sound or version[2] >= SOUND_BEFORE.get(version[:2], version[2] + 1)):
        written = ".".join(str(number) for number in version)
        yield hint(
            "database",
            f"SQLite {written} has a bug that can, rarely, damage a database: “pip install "
            "pysqlite3” brings a sound one where there is a wheel of it, else update the system's.",
        )


def _data_dir(folder: Path) -> Iterator[Finding]:
    if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield hint(
            "data folder",
            f"Others on this machine can look into “{folder}”, where addresses and the secret key "
            f"are: “chmod 700 {folder}” ends that.",
        )


def _address(settings: Settings, address: str, client: Client) -> Iterator[Finding]:
    if not settings.public_url:
        yield hint(
            "address",
            "COMMENTBOX_PUBLIC_URL is not set: behind a proxy, for mails and for “commentbox "
            "render” the service has to know where readers find it.",
        )
        return
    if settings.public_url.startswith("https:") and not settings.trusted_proxies:
        yield hint(
            "address",
            "The address is one of https, so a proxy stands in front, and COMMENTBOX_TRUSTED_PROXIES "
            "is 0: all readers seem to come from the proxy and share one limit. With one proxy "
            "set it to 1.",
        )
    try:
        answer = client.send(Request(f"{address}/healthz", method="GET"))
    except Trouble as trouble:
        yield wrong(
            "address",
            f"Nothing answers at {address} ({_told(trouble)}): see that “commentbox serve” runs and "
            "that the proxy passes requests on to it.",
        )
        return
    if answer.status == 200 and b'"ok"' in answer.body:
        yield good("address", f"The service answers at {address}.")
    else:
        yield wrong(
            "address",
            f"Something else than commentbox answers at {address} (status {answer.status} at "
            "/healthz): see where COMMENTBOX_PUBLIC_URL and the proxy point to.",
        )


def _limits(settings: Settings, is_reached: bool, database: Database) -> Finding:
    if not is_reached:
        return wrong(
            "limits",
            "The storage of COMMENTBOX_RATELIMIT_STORAGE_URL does not answer: each process counts "
            "by itself until it does.",
        )
    is_in_memory = settings.ratelimit_storage_url.startswith("memory:")
    if is_in_memory and database.unchecked_engine.dialect.name != "sqlite":
        return hint(
            "limits",
            "Limits are counted in memory, each process by itself: with several, set "
            "COMMENTBOX_RATELIMIT_STORAGE_URL to a Redis.",
        )
    return good("limits", "Limits are counted.")


def _mail(settings: Settings) -> Finding:
    if not settings.sends_mail:
        return hint(
            "mail",
            "No mail is sent: with COMMENTBOX_SMTP_URL and COMMENTBOX_MAIL_FROM moderators hear of "
            "what waits, and readers of replies if they wish.",
        )
    try:
        Postman(settings.smtp_url).greet()
    except Undelivered as error:
        return wrong(
            "mail",
            f"The mail server lets us not in ({error.problem}): see that COMMENTBOX_SMTP_URL names "
            "host, port, user and password as it wants them.",
        )
    return good("mail", "The mail server lets us in.")


def _people() -> Iterator[Finding]:
    keys = session().scalars(select(Site.key).order_by(Site.key)).all()
    if keys:
        yield good("sites", f"Sites: {', '.join(keys)}.")
    else:
        yield hint(
            "sites",
            "There is no site: “commentbox site add blog --origin https://blog.example.org”.",
        )
    if not somebody_owns_every_site():
        yield hint(
            "accounts",
            "Nobody owns every site, so nobody can add sites in the dashboard: “commentbox "
            "moderator add you@example.org --role owner”.",
        )


def _outbox(at: datetime) -> Finding:
    figures = view_figures(session(), at)
    since = figures.oldest_due_at
    if since is not None and at - since > LATE:
        return wrong(
            "outbox",
            f"Webhooks and mails have waited since {since:%Y-%m-%d %H:%M} UTC: see that “commentbox "
            "serve” or “commentbox worker” runs, and what the dashboard says of deliveries.",
        )
    if figures.disabled_endpoints:
        return hint(
            "outbox",
            "A webhook endpoint is switched off after failures: see “commentbox webhook list”.",
        )
    return good("outbox", "Nothing waits to be delivered for long.")


def _told(trouble: Trouble) -> str:
    return trouble.problem.value.replace("_", " ")
