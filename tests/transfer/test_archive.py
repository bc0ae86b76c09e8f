"""An archive loses nothing: what is imported from it is exported again byte for byte."""

import csv
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from commentbox.actions.edit import edit
from commentbox.actions.report import report
from commentbox.actions.sites import add_site
from commentbox.db import atomic, own_engine, session
from commentbox.errors import SetupError
from commentbox.i18n import language
from commentbox.models import (
    AddressProof,
    Ban,
    Comment,
    Decision,
    Endpoint,
    EventType,
    MailRefusal,
    Membership,
    Moderator,
    NetworkKey,
    Site,
    State,
    Subscription,
    Thread,
    ThreadDecision,
)
from commentbox.models import Report as ReaderReport
from commentbox.models.password import nobodys_hash
from commentbox.models.policy import POLICY
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import Place
from commentbox.reading.threads import view_thread
from commentbox.transfer.columns import read, safe_address
from commentbox.transfer.exporter import export_csv, export_site, guarded
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.record import Page
from commentbox.transfer.report import Report
from commentbox.transfer.source import SourceFile
from tests.factories import ORIGIN, WRITTEN_AT, ada, alias, rule, with_policy, write, write_held
from tests.grounds import bare_app
from tests.transfer.every_table import NUMBER, archived_rows, fill_every_table, left_out_rows
from tests.transfer.laws import require_laws
from tests.transfer.test_importer import bring, record

pytestmark = pytest.mark.usefixtures("_in_the_app")

Archive = Callable[[], Path]


@pytest.fixture
def full_site(site: Site) -> Site:
    """Return a site with everything that an archive keeps."""
    with_policy(site, moderation="open", max_depth=3, held_words="casino", name="Adas Notizen")
    first = write(site, name=" Ben ", text="*Gut*\n\n„ü“ <b>")
    reply = write(site, parent=first.id, at=WRITTEN_AT + timedelta(seconds=1, microseconds=7))
    edit(reply.id, "Besser.", WRITTEN_AT + timedelta(seconds=60))
    held = write_held(site, page="/b")
    owner = ada()
    rule(held, State.SPAM, owner, "Werbung")
    rule(reply, State.REMOVED)
    report(first.id, "Hm", "192.0.2.9", WRITTEN_AT)
    thread = session().get_one(Thread, first.thread_id)
    alias(thread, "/alt")
    with atomic() as current:
        kept = current.get_one(Thread, thread.id)
        kept.pinned_id, kept.is_open = first.id, False
        current.add(Thread(site_id=site.id, key="/leer", title="Ohne Kommentar"))
    bring(
        record("1", page=Page(key="/c"), anchor="isso-1", score=4),
        record("2", "1", page=Page(key="/c"), text="<i>x</i>", text_format="html", state="held"),
        record("3", page=Page(key="/c"), state="removed", text=""),
        record("4", "3", page=Page(key="/c")),
    )
    return site


def written(site_key: str, path: Path) -> bytes:
    """Return the archive of a site as it is now."""
    export_site(site_key, path)
    return path.read_bytes()


def bring_archive(path: Path, site_key: str = "blog", **plan: object) -> Report:
    """Import an archive."""
    return import_file(SourceFile(path), Plan(site_key, **plan))  # type: ignore[arg-type]


def forget_everything(engine: Engine) -> None:
    """Leave an empty service behind; numbers begin at 1 again."""
    with atomic() as current:
        for noun in (Site, Moderator, NetworkKey):
            current.execute(delete(noun))


def test_an_archive_comes_back_byte_for_byte(
    full_site: Site, engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "blog.commentbox.gz"
    before = written("blog", path)
    assert written("blog", tmp_path / "again.gz") == before
    forget_everything(engine)
    dry = bring_archive(path, is_dry_run=True)
    assert session().scalars(select(Site)).all() == []
    wet = bring_archive(path)
    assert (wet.new, wet.known, wet.skipped, wet.fault) == (dry.new, 0, {}, None)
    assert (wet.pages_created, wet.states) == (dry.pages_created, dry.states)
    site = session().scalars(select(Site)).one()
    require_laws(site)
    after = written("blog", tmp_path / "after.gz")
    assert gzip.decompress(after).decode() == gzip.decompress(before).decode()
    assert after == before
    again = bring_archive(path)
    assert (again.new, again.known, again.pages_created) == (0, wet.new, 0)
    assert written("blog", tmp_path / "after.gz") == before
    assert write(site, page="/new").id > max(
        number for (number,) in session().execute(select(Comment.id).where(Comment.name != "Cy"))
    )


def test_every_column_of_every_table_comes_back_or_is_left_out_for_a_reason(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        fill_every_table(connection)
        before = archived_rows(connection)
    assert all(before.values())
    archive = written("blog", tmp_path / "a.gz")
    forget_everything(engine)
    report = bring_archive(tmp_path / "a.gz")
    assert (report.new, report.skipped, report.orphans) == (2, {}, {})
    with engine.connect() as connection:
        assert without_secrets(archived_rows(connection)) == without_secrets(before)
        assert left_out_rows(connection) == []
    require_laws(session().scalars(select(Site)).one())
    assert written("blog", tmp_path / "b.gz") == archive


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_archive_goes_to_the_other_kind_of_database_and_back(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    archives = []
    sqlite, postgresql = own_engine(sqlite_url), own_engine(postgresql_url)
    with sqlite.begin() as connection:
        fill_every_table(connection)
    for number, engine in enumerate((sqlite, postgresql, sqlite)):
        with bare_app(engine).app_context():
            if archives:
                forget_everything(engine)
                bring_archive(tmp_path / f"{number - 1}.gz")
            archives.append(written("blog", tmp_path / f"{number}.gz"))
            require_laws(session().scalars(select(Site)).one())
    sqlite.dispose()
    postgresql.dispose()
    assert archives[0] == archives[1] == archives[2]


def without_secrets(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows with the addresses of webhooks as they may be told."""
    (endpoint,) = rows["commentbox_endpoint"]
    told = {**endpoint, "url": safe_address(endpoint["url"], endpoint["shape"])}
    return rows | {"commentbox_endpoint": [told]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_belongs_to_a_site_comes_along_without_any_secret(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        fill_every_table(connection)
    text = gzip.decompress(written("blog", tmp_path / "a.gz")).decode()
    for secret in ("password_hash", "totp", "recovery", "secret", "idempotency"):
        assert secret not in text
    forget_everything(engine)
    report = bring_archive(tmp_path / "a.gz")
    assert len(report.remarks) == 3
    owner, endpoint = (
        session().scalars(select(Moderator)).one(),
        session().scalars(select(Endpoint)).one(),
    )
    assert (owner.password_hash, owner.totp_secret) == (nobodys_hash(), None)
    assert owner.owns(session().scalars(select(Site)).one().id)
    assert (endpoint.url, endpoint.is_enabled) == ("https://hooks.example:8443/comments", False)
    assert endpoint.secret.startswith("whsec_")
    assert safe_address("https://chat.example/hooks/T0/B0", "slack") == "https://chat.example/"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_a_service_with_others_all_that_names_a_comment_names_its_new_number(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        fill_every_table(connection)
    export_site("blog", tmp_path / "a.gz")
    bring_archive(tmp_path / "a.gz", "copy")
    copy = session().scalars(select(Site).where(Site.key == "copy")).one()
    first, reply = (
        session()
        .scalars(select(Comment).where(Comment.site_id == copy.id).order_by(Comment.id))
        .all()
    )
    assert first.id > NUMBER + 1
    assert (reply.parent_id, reply.author_id) == (first.id, first.id)
    thread = session().get_one(Thread, first.thread_id)
    assert (thread.site_id, thread.pinned_id) == (copy.id, first.id)
    of_comment = select(Decision).where(Decision.comment_id == first.id)
    decision = session().scalars(of_comment).one()
    assert decision.batch_id == decision.id != NUMBER
    said = session().scalars(select(ReaderReport).where(ReaderReport.comment_id == first.id)).one()
    assert said.decision_id == decision.id
    of_thread = select(ThreadDecision).where(ThreadDecision.thread_id == thread.id)
    assert session().scalars(of_thread).one().facts == {"comment": first.id}
    assert session().scalars(select(Ban.value).where(Ban.site_id == copy.id)).all() == [
        str(first.id)
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_upload_brings_no_consent_and_nobody_to_a_site(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        fill_every_table(connection)
    export_site("blog", tmp_path / "a.gz")
    other = add_site("other", [ORIGIN])
    bring_archive(tmp_path / "a.gz", "other", is_by_operator=False)
    for noun in (AddressProof, Subscription, Membership, Endpoint):
        assert session().scalars(select(noun).where(noun.site_id == other.id)).all() == []
    # What protects people counts whoever brings it.
    assert session().get(
        MailRefusal, (other.id, session().scalars(select(MailRefusal.digest)).first())
    )


def test_nothing_secret_is_in_an_archive(full_site: Site, tmp_path: Path) -> None:
    text = gzip.decompress(written("blog", tmp_path / "a.gz")).decode()
    assert "scrypt" not in text
    header, first, *_ = (json.loads(line) for line in text.splitlines())
    assert header == {"type": "commentbox", "version": 1}
    assert (first["type"], first["key"], first["max_depth"]) == ("site", "blog", 3)


def test_an_archive_in_a_service_with_other_comments_gets_new_numbers(
    full_site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "a.gz"
    export_site("blog", path)
    other = add_site("other", [ORIGIN])
    report = bring_archive(path, "other")
    assert report.new == 7
    require_laws(full_site)
    assert bring_archive(path, "other").known == 7
    numbers = select(Comment).where(Comment.site_id == other.id)
    theirs = session().scalars(numbers).all()
    assert {c.anchor for c in theirs} >= {"isso-1"}
    assert len(theirs) == 7


def test_a_newer_archive_and_a_damaged_one_say_so(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b'{"type":"commentbox","version":2}\n'))
    assert "newer release" in str(bring_archive(path).fault)
    write(site)
    export_site("blog", path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "ends too early" in str(bring_archive(path).fault)


def test_lines_written_by_hand_are_read_as_far_as_they_make_sense(
    site: Site, tmp_path: Path
) -> None:
    odd = {
        "type": "comment", "id": "x", "parent_id": [], "text": "a\0b", "state": "glorious",
        "is_by_moderator": "yes", "score": 10**30, "reasons": 7, "author_id": 2**70,
        "created_at": "tomorrow", "decisions": [7, {}], "reports": "many", "anchor": "<",
    }  # fmt: skip
    lines = [
        {"type": "commentbox", "version": 1},
        {"type": "thread", "key": "/a", "url": 7},
        odd,
        7,
    ]
    path = tmp_path / "a.json"
    text = "\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    path.write_text(text, encoding="utf-8")
    assert bring_archive(path).new == 1
    require_laws(site)


def test_no_cell_of_a_table_is_taken_for_a_formula(site: Site, tmp_path: Path) -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =2", "fine"):
        write(site, text=text, name="=HYPERLINK()")
    path = tmp_path / "a.csv"
    assert export_csv("blog", path) == 7
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"][0] for row in rows[:5]] == ["'"] * 5
    assert rows[5]["text"] == "' =2"
    assert (rows[6]["text"], rows[6]["name"]) == ("fine", "'=HYPERLINK()")
    assert guarded(None) == ""


def test_an_unknown_site_leaves_no_file(tmp_path: Path, site: Site) -> None:
    with pytest.raises(SetupError):
        export_site("nowhere", tmp_path / "a.gz")
    assert list(tmp_path.glob("*.gz*")) == []


STRANGE: dict[str, Any] = {
    "reasons": [1, {"check": "links", "code": "x", "message": "%(nothing)s", "facts": {}}],
    "edited_at": "9999-12-31T23:59:59-23:59",
    "decisions": [{"old_state": "held", "new_state": "weird", "entrance": "cli"}],
}


@pytest.mark.parametrize("looks", [["#1c66cc"], {"accent": 7}, {"accent": None}, "red", 7, None])
def test_a_site_whose_looks_nobody_could_show_gets_the_usual_ones(looks: object) -> None:
    told = {"name": "Shop", "texts": looks, "colours": looks, "moderation": "all"}
    assert read(Site, told) == {"name": "Shop", "moderation": "all"}
    words = {"accent": "#1c66cc"}
    assert read(Site, {"texts": words, "colours": words}) == {"texts": words, "colours": words}


NOON = "2026-01-01T12:00:00Z"


def site_archive(path: Path, **settings: object) -> Path:
    """Write by hand an archive of a site with one comment."""
    lines: list[dict[str, Any]] = [
        {"type": "commentbox", "version": 1},
        {"type": "site", "key": "blog", "origins": [ORIGIN], **settings},
        {"type": "thread", "key": "/a"},
        {"type": "comment", "id": 1, "text": "Gut", "state": "published", "created_at": NOON},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


NUMBERS = {name: each for name, each in POLICY.items() if each.low is not None}


@pytest.mark.parametrize("is_above", [False, True])
def test_settings_that_no_owner_could_make_are_the_usual_ones_and_told(
    engine: Engine, tmp_path: Path, is_above: bool
) -> None:
    unfit: dict[str, object] = {
        name: (each.high or 0) + 1 if is_above else (each.low or 0) - 1
        for name, each in NUMBERS.items()
    } | {"moderation": "never", "language": "tlh", "is_open": "perhaps", "held_words": "*"}
    path = site_archive(tmp_path / "a.json", **unfit, name="Adas Notizen")
    dry, wet = bring_archive(path, is_dry_run=True), bring_archive(path)
    assert wet.remarks == dry.remarks
    german = language("de")
    said = " ".join(german.said(remark) for remark in wet.remarks)
    site = session().scalars(select(Site)).one()
    assert site.name == "Adas Notizen"
    for name, value in unfit.items():
        assert getattr(site, name) == Site.__table__.columns[name].default.arg, name
        assert f"„{german.gettext(POLICY[name].label)}“ kann nicht „{value}“ sein" in said
    thread = thread_with_key(session(), site, "/a")
    assert [each.html for each in view_thread(session(), site, thread, "/a", Place()).comments]


@pytest.mark.parametrize("end", ["low", "high"])
def test_settings_at_the_ends_of_their_ranges_come_as_they_are(
    engine: Engine, tmp_path: Path, end: str
) -> None:
    told = {name: getattr(each, end) for name, each in NUMBERS.items()}
    report = bring_archive(site_archive(tmp_path / "a.json", **told, votes=False))
    assert len(report.remarks) == 1
    site = session().scalars(select(Site)).one()
    assert {name: getattr(site, name) for name in told} == told
    assert site.votes is False


@pytest.mark.parametrize(
    "odd", [None, 7, "weird", [], {}, [None], {"a": 1}, "http://[::1", "http://a:99999/"]
)
def test_what_belongs_to_a_site_is_read_as_far_as_it_makes_sense(
    engine: Engine, tmp_path: Path, odd: object
) -> None:
    path = site_archive(tmp_path / "a.json")
    kinds = {
        "account": ("email", "name", "role", "pace", "created_at"),
        "ban": ("kind", "value", "by", "reason", "until", "created_at"),
        "refusal": ("digest", "refused_at"),
        "erasure": ("digest", "mode", "erased_at"),
        "endpoint": ("url", "shape", "events", "created_at", "payload_version"),
    }
    sound: dict[str, object] = {"email": "ada@example.org", "digest": "ab" * 32, "url": "https://a"}
    lines = [
        {"type": kind, **{name: sound.get(name) for name in names}, name: odd}
        for kind, names in kinds.items()
        for name in names
    ]
    with path.open("a", encoding="utf-8") as file:
        file.writelines("\n" + json.dumps(line) for line in lines)
    assert bring_archive(path).new == 1
    require_laws(session().scalars(select(Site)).one())
    for endpoint in session().scalars(select(Endpoint)):
        assert endpoint.host == "a"
        assert endpoint.wants("comment.posted") in (True, False)
        assert set(endpoint.events) <= set(EventType)
    written("blog", tmp_path / "b.gz")


def test_what_no_release_ever_wrote_is_passed_over(site: Site, tmp_path: Path) -> None:
    deed = {"deed": "merged", "entrance": "cli", "decided_at": "2026-01-01T00:00:00Z"}
    lines: list[dict[str, Any]] = [
        {"type": "commentbox", "version": 1},
        {
            "type": "thread",
            "key": "/a",
            "url": "javascript:alert(1)",
            "decisions": [deed | {"facts": {"conversations": "all"}}, deed | {"deed": "weird"}],
        },
        {"type": "comment", "id": 7, "text": "Hello", "state": "held", **STRANGE},
    ]
    path = tmp_path / "strange.gz"
    path.write_bytes(
        gzip.compress("\n".join(json.dumps(x, separators=(",", ":")) for x in lines).encode())
    )
    assert bring_archive(path).new == 1
    comment = session().scalars(select(Comment)).one()
    assert (comment.text, comment.reasons, comment.edited_at) == ("Hello", [], None)
    assert session().scalars(select(Thread.url)).one() == f"{ORIGIN}/a"
    assert session().scalars(select(Decision)).all() == []
    assert [each.facts for each in session().scalars(select(ThreadDecision))] == [{}]
