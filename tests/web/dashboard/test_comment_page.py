"""One comment's page: conversation, history, answer, edit, pin and purge; threads, log and numbers."""

import re
from datetime import timedelta

import pytest

from commentbox import clock
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.models import Entrance, Site, State
from tests.web.dashboard.people import Desk, fragment, publish, state_of, write


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


def test_the_page_shows_the_whole_conversation(ben: Desk, site: Site) -> None:
    first = publish(ben.app, site, "Womit fing es an?", name="Ada")
    second = publish(ben.app, site, "Damit.", name="Kim", parent=first.id)
    third = write(ben.app, site, "Nein, **damit**.", name="Noor", parent=second.id)
    page = ben.look(f"comments/{second.id}")
    for said in ("Womit fing es an?", "<p>Damit.</p>", "Nein, damit.", "Comment by Kim"):
        assert said in page
    assert "Nobody has decided anything" in page
    ben.decide(third, "spam", reason="Streit")
    page = ben.look(f"comments/{third.id}")
    for said in ("ben@example.org", "Streit", ">Undo</button>"):
        assert said in page


def test_an_answer_is_published_and_marked_for_readers(ben: Desk, site: Site) -> None:
    held = write(ben.app, site, "Eine Frage?", name="Noor")
    done = ben.press(
        f"/dashboard/comments/{held.id}/answer",
        text="Eine *Antwort*.",
        name="Ben",
        place="state=held",
    )
    assert done.location.startswith("/dashboard/?answered=")
    assert "Your answer is published." in ben.look(done.location.removeprefix("/dashboard/"))
    thread = fragment(ben.app.test_client())
    assert "Eine <em>Antwort</em>." in thread
    assert thread.count('part="badge">Moderator<') == 1
    comments = ben.app.test_client().get("/api/v1/sites/blog/thread?page=/post").json["comments"]
    (reply,) = comments[0]["replies"]
    assert (comments[0]["by_moderator"], reply["by_moderator"]) == (False, True)
    assert 'value="Ben"' in ben.look(f"comments/{held.id}")


def test_a_wrong_answer_comes_back_with_what_was_typed(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for text, name, problem in (
        ("  ", "Ben", "Please fill in this field."),
        ("x" * 10_001, "Ben", "characters, these are"),
        ("Well.", "B" * 101, "characters, these are"),
    ):
        answer = ben.press(f"/dashboard/comments/{held.id}/answer", text=text, name=name)
        assert answer.status_code == 422
        assert problem in answer.text
        assert text.strip() in answer.text
        assert name in answer.text
    assert state_of(ben.app, held) == State.HELD


def test_an_edit_is_seen_by_readers_and_undone(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site, "So ein Mist!", name="Kim")
    path = f"/dashboard/comments/{comment.id}/edit"
    wrong = ben.press(path, text="", name="Kim", website="nonsense://x")
    assert wrong.status_code == 422
    assert "nonsense://x" in wrong.text
    done = ben.press(path, text="So ein …!", name="Kim", website="https://kim.example")
    assert "So ein …!" in fragment(ben.app.test_client())
    there = ben.look(done.location.removeprefix("/dashboard/"))
    assert "The comment by Kim is changed." in there
    undo = re.findall(r'action="(/dashboard/decisions/[0-9]+/undo)"', there)
    ben.press(undo[0], place=f"comment={comment.id}")
    thread = fragment(ben.app.test_client())
    assert "So ein Mist!" in thread
    assert "kim.example" not in thread


def test_a_pinned_conversation_comes_first_for_readers(ben: Desk, site: Site) -> None:
    publish(ben.app, site, "Erster.")
    second = publish(ben.app, site, "Zweiter.")
    ben.press(f"/dashboard/comments/{second.id}/pin")
    thread = fragment(ben.app.test_client())
    assert thread.index("Zweiter.") < thread.index("Erster.")
    assert 'part="badge">Pinned<' in thread
    assert "Pin to the top" not in ben.look(f"comments/{second.id}")
    ben.press(f"/dashboard/comments/{second.id}/unpin")
    assert 'part="badge"' not in fragment(ben.app.test_client())


def test_a_purge_asks_first_and_leaves_nothing(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site, "Meine Adresse ist geheim.", name="Kim")
    ben.decide(comment, "held", reason="Kims Adresse")
    path = f"comments/{comment.id}/purge"
    assert "for good?" in ben.look(path)
    ben.press(f"/dashboard/{path}")
    for page in ("?state=all", f"comments/{comment.id}", "log"):
        seen = ben.look(page)
        assert "geheim" not in seen
        assert "Kim" not in seen
    assert "Nothing was found here." in ben.look("?state=all&q=geheim")
    assert ben.decide(comment, "published").status_code == 403


def test_the_log_tells_everything_and_undoes_it(ada: Desk, ben: Desk, site: Site) -> None:
    comments = [write(ben.app, site, f"Nummer {n}.", name="Noor") for n in range(2)]
    ada.decide(comments[0], "published")
    ben.decide(comments[1], "spam")
    log = ben.look("log")
    assert log.index("Nummer 1.") < log.index("Nummer 0.")
    assert "ada@example.org" in log
    assert "Nummer 0." not in ben.look("log?mine=1")
    undo = re.findall(r'action="(/dashboard/decisions/[0-9]+/undo)"', log)
    done = ben.press(undo[0], place="log")
    assert done.location.startswith("/dashboard/log?decided=")
    assert state_of(ben.app, comments[1]) == State.HELD
    assert "Undone" in ben.look("log")


def test_a_reason_is_kept_with_the_decision_in_the_log_and_on_the_comment(
    ben: Desk, site: Site
) -> None:
    comment = write(ben.app, site)
    ben.decide(comment, "spam", reason="  Werbung <b>& mehr</b> ")
    for path in ("log", "?state=spam", f"comments/{comment.id}"):
        assert "Werbung <b>& mehr</b>" in ben.look(path)
    assert ben.decide(comment, "held", reason="x" * 501).status_code == 400
    ben.press("/dashboard/bulk", to="removed", place="state=spam", up_to=comment.id, reason="Doch")
    assert state_of(ben.app, comment) == State.REMOVED
    assert "Doch" in ben.look("log")
    assert "Werbung" in ben.look("log")


def test_the_log_says_by_which_entrance(ben: Desk, site: Site) -> None:
    comment = write(ben.app, site)
    with ben.app.app_context():
        decide(comment.id, State.PUBLISHED, Ruling(Entrance.MAIL, by=ben.moderator))
    assert "by a link in a mail" in ben.look("log")
    assert "by a link in a mail" in ben.look(f"comments/{comment.id}")


@pytest.mark.long
def test_the_log_goes_on_page_by_page(ben: Desk, site: Site) -> None:
    comment = write(ben.app, site)
    for n in range(60):
        ben.decide(comment, "spam" if n % 2 else "removed")
    first = ben.look("log")
    following = re.findall(r'href="/dashboard/(log\?[^"]+)" rel="next"', first)
    rows = [page.count("<tr>") - 1 for page in (first, ben.look(following[0]))]
    assert rows == [50, 10]


@pytest.mark.long
def test_a_thread_is_closed_moved_and_merged(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site, "Bleibt erhalten.")
    with ben.app.app_context():
        now = clock.now()
        page = Page("/other", "https://blog.example/other", "Other")
        other = post(site, page, Draft("Auch ich."), Sender("192.0.2.3", timedelta(minutes=1)), now)
    path = f"/dashboard/threads/{comment.thread_id}"
    assert "Ein Beitrag" in ben.look("threads")
    assert "Ein Beitrag" not in ben.look("threads?q=other")
    assert "Ein Beitrag" not in ben.look("threads?q=%25_")

    ben.press(f"{path}/open", to="closed")
    assert "Comments are closed." in fragment(ben.app.test_client())
    assert "Ein Beitrag" in ben.look("threads?closed=1")
    ben.press(f"{path}/open", to="open")

    assert ben.press(f"{path}/move", page="https://evil.example/").status_code == 422
    occupied = ben.press(f"{path}/move", page="/other")
    assert occupied.status_code == 409
    assert "merge?page=/other" in occupied.text
    assert ben.press(f"{path}/move", page="/new").status_code == 303
    for page_key in ("/post", "/new"):
        assert "Bleibt erhalten." in fragment(ben.app.test_client(), page=page_key)

    assert ben.client.get(f"{path}/merge?page=/nowhere").status_code == 422
    assert "Merge two threads?" in ben.look(f"threads/{comment.thread_id}/merge?page=/other")
    merged = ben.press(f"{path}/merge", into=other.thread_id)
    assert merged.location == f"/dashboard/threads/{other.thread_id}"
    for page_key in ("/post", "/new", "/other"):
        assert "Bleibt erhalten." in fragment(ben.app.test_client(), page=page_key)
    log = ben.look("log/threads")
    for deed in ("merged", "moved", "closed", "opened again"):
        assert deed in log
    split = re.findall(r'action="(/dashboard/thread-decisions/[0-9]+/undo)"', log)
    ben.press(split[0])
    assert "Bleibt erhalten." not in fragment(ben.app.test_client(), page="/other")
    assert "Bleibt erhalten." in fragment(ben.app.test_client(), page="/post")


def test_a_removed_address_is_in_the_log_and_comes_back_by_undo(ben: Desk, site: Site) -> None:
    thread = f"/dashboard/threads/{publish(ben.app, site).thread_id}"
    ben.press(f"{thread}/move", page="/new")
    ben.press(f"{thread}/aliases/remove", key="/post")
    log = ben.look("log/threads")
    assert "an address removed" in log
    (undo,) = re.findall(r'action="(/dashboard/thread-decisions/[0-9]+/undo)"', log)
    ben.press(undo)
    assert "Guter Punkt!" in fragment(ben.app.test_client())
    assert "an address leads here again" in ben.look("log/threads")


def test_a_thread_is_not_merged_into_one_of_anothers_site(
    ben: Desk, site: Site, other_site: Site
) -> None:
    comment, foreign = publish(ben.app, site), publish(ben.app, other_site)
    path = f"/dashboard/threads/{comment.thread_id}/merge"
    for into in (foreign.thread_id, 10**9, "x", ""):
        assert ben.press(path, into=into).status_code == 404
    assert ben.press(path, into=comment.thread_id).status_code == 403
