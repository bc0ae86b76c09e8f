"""The hosted page: all that the embed does for a reader, without JavaScript."""

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update
from werkzeug.test import TestResponse

from commentbox.actions.edit import delete
from commentbox.actions.looks import read_looks, set_looks
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, set_policy
from commentbox.clock import now
from commentbox.db import atomic
from commentbox.models import Entrance, State, Thread
from commentbox.models.site import site_with_key
from commentbox.web.page import CONTENT_SECURITY_POLICY
from tests.web.readers import ORIGIN, PAGE, Reader

HOSTED = "/sites/blog/thread"
TYPED = {"name": "Ada", "email": "ada@example.org", "website": "https://ada.example"}
WORDS = 'What I wrote: <b>"all"</b> of it & more'


def hidden(answer: TestResponse, name: str) -> str:
    """Return the value of a field that the form sends along."""
    [value] = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', form_of(answer))
    return html.unescape(value)


def form_of(answer: TestResponse) -> str:
    """Return the HTML of the form that comments are written in."""
    [form] = re.findall(r'<form class="cb-form".*?</form>', answer.text, re.DOTALL)
    return form


def heading(answer: TestResponse) -> str:
    """Return what stands above the form."""
    [title] = re.findall(r'id="cb-title">(.*?)</h', answer.text)
    return html.unescape(title)


def typed(answer: TestResponse) -> str:
    """Return what stands in the field for the text."""
    [text] = re.findall(r"<textarea.*?>\n(.*?)</textarea>", answer.text, re.DOTALL)
    return html.unescape(text)


def has_cancel(answer: TestResponse) -> bool:
    """Whether the page offers to cancel a reply."""
    [button] = re.findall(r'<button class="cb-cancel".*?>', answer.text)
    return not button.endswith(" hidden>")


def cancel(reader: Reader, page: TestResponse, text: str = WORDS, **typed: str) -> TestResponse:
    """Press the button on a page that cancels the reply being written."""
    [address] = re.findall(r'formaction="([^"#]*)#respond"', form_of(page))
    names = ("page", "url", "title", "parent", "ticket", "idempotency_key", "lang")
    fields = {name: hidden(page, name) for name in names} | {"text": text, **typed}
    return reader.form(html.unescape(address), fields)


def shown(answer: TestResponse) -> list[int]:
    """Return the numbers of the comments on the page, in order."""
    return [int(number) for number in re.findall(r'id="comment-(\d+)"', answer.text)]


# Reading


def test_an_empty_thread_has_a_form(reader: Reader):
    answer = reader.look()
    assert answer.status_code == 200
    assert heading(answer) == "Write a comment"
    assert hidden(answer, "page") == PAGE
    assert hidden(answer, "parent") == ""
    assert not has_cancel(answer)


def test_the_form_that_was_shown_can_be_sent(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"pace_seconds": "0"})
    page = reader.look(title="Social media", url=f"{ORIGIN}{PAGE}/")
    names = ("page", "url", "title", "parent", "ticket", "idempotency_key", "lang")
    fields = {name: hidden(page, name) for name in names} | {"contact_me_by_fax": ""}
    fields["title"] = "Social media"  # as the script fills it in
    sent = reader.form(HOSTED, fields | {"text": WORDS, **TYPED})
    assert sent.status_code == 303
    [comment] = reader.read()["comments"]
    assert comment["state"] == "published"
    assert reader.thread_of(comment["id"]).title == "Social media"


def test_every_form_has_a_key_and_a_ticket_of_its_own(reader: Reader):
    first, second = reader.look(), reader.look()
    assert hidden(first, "idempotency_key") != hidden(second, "idempotency_key")
    assert len(hidden(first, "idempotency_key")) >= 16


def test_a_reply_says_whom_it_answers_and_can_be_cancelled(reader: Reader):
    ada = reader.posted(name="Ada & <Co>")
    answer = reader.look(reply_to=ada.id)
    assert heading(answer) == "Write a reply to Ada & <Co>"
    assert hidden(answer, "parent") == str(ada.id)
    assert has_cancel(answer)
    assert answer.text.index(f'id="comment-{ada.id}"') < answer.text.index('id="respond"')


def test_a_reply_shows_the_page_of_the_thread_that_holds_its_parent(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"page_size": "2"})
    posted = [reader.posted(f"Number {n}") for n in range(6)]
    assert posted[4].id not in shown(reader.look())
    answer = reader.look(reply_to=posted[4].id)
    assert posted[4].id in shown(answer)
    assert hidden(answer, "parent") == str(posted[4].id)


@pytest.mark.parametrize("asked", ["987654", "0", "-1", "one", "", "9" * 30, "1.5", "٣"])
def test_a_reply_to_nothing_is_a_plain_form(reader: Reader, asked: str):
    reader.posted()
    answer = reader.look(reply_to=asked)
    assert answer.status_code == 200
    assert heading(answer) == "Write a comment"
    assert hidden(answer, "parent") == ""
    assert not has_cancel(answer)
    assert ("The comment you wanted to answer is not there any more" in answer.text) == bool(asked)


@pytest.mark.parametrize("state", [State.HELD, State.SPAM, State.REMOVED])
def test_a_reply_to_what_nobody_sees_is_a_plain_form(reader: Reader, state: State):
    comment = reader.posted()
    with reader.app.app_context():
        decide(comment.id, state, Ruling(Entrance.CLI))
    assert hidden(reader.look(reply_to=comment.id), "parent") == ""


def test_a_reply_to_another_thread_is_a_plain_form(reader: Reader):
    reader.posted()
    elsewhere = reader.posted(page="/elsewhere")
    assert hidden(reader.look(reply_to=elsewhere.id), "parent") == ""


def test_a_closed_thread_has_no_form(reader: Reader):
    comment = reader.posted()
    close(reader)
    answer = reader.look(reply_to=comment.id)
    assert answer.status_code == 200
    assert "cb-form" not in answer.text
    assert "Comments are closed." in answer.text


def test_the_page_speaks_the_language_asked_for_and_else_the_sites(reader: Reader):
    with reader.app.app_context():
        add_site("zeitung", [ORIGIN], language="de")
    german = reader.client.get("/sites/zeitung/thread", query_string={"page": PAGE})
    assert '<html lang="de"' in german.text
    assert heading(german) == "Schreibe einen Kommentar"
    assert '<html lang="de"' in reader.look(lang="de-AT").text
    assert '<html lang="en"' in reader.look(lang="xx").text


REFERRERS = {
    f"{ORIGIN}{PAGE}/?utm_source=x": 200,
    f"{ORIGIN}": 200,
    "https://evil.example/2026/": 422,
    "https://blog.example.evil.example/": 422,
    "http://blog.example/": 422,
    "nonsense": 422,
    "": 422,
}


@pytest.mark.parametrize("referrer", REFERRERS)
def test_the_referring_page_decides_for_registered_origins_only(reader: Reader, referrer: str):
    answer = reader.client.get(HOSTED, headers={"Referer": referrer})
    assert answer.status_code == REFERRERS[referrer]
    if answer.status_code == 200:
        assert hidden(answer, "page") == (urlsplit(referrer).path.rstrip("/") or "/")


def test_a_named_page_wins_over_the_referring_one(reader: Reader):
    query = urlencode({"page": "/named"})
    answer = reader.client.get(f"{HOSTED}?{query}", headers={"Referer": f"{ORIGIN}/other"})
    assert hidden(answer, "page") == "/named"


def test_without_a_page_the_remedy_is_told(reader: Reader):
    answer = reader.client.get(HOSTED)
    assert answer.status_code == 422
    assert "go back to that page" in answer.text
    assert "marked fields" not in answer.text


def test_an_unknown_site_is_a_page_too(reader: Reader):
    answer = reader.client.get("/sites/elsewhere/thread?page=/a")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "elsewhere" in answer.text


# Sending


def test_a_published_comment_is_one_step_away(reader: Reader):
    sent = reader.post_by_page(WORDS)
    assert sent.status_code == 303
    own = reader.client.get(sent.location)
    [number] = shown(own)
    assert urlsplit(sent.location).fragment == f"comment-{number}"
    assert "waiting" not in sent.location
    assert '<p class="cb-status" role="status">Your comment is published.</p>' in own.text
    assert '<p class="cb-status" role="status"></p>' in reader.look(comment=number).text


def test_a_held_comment_is_shown_to_its_author_only(reader: Reader):
    sent = reader.post_by_page(WORDS, ticket=None)
    own = reader.client.get(sent.location)
    [number] = shown(own)
    assert urlsplit(sent.location).fragment == f"comment-{number}"
    assert '<p class="cb-status" role="status">Your comment is waiting' in own.text
    for query in ({}, {"comment": number}, {"waiting": "forged"}, {"waiting": ""}):
        everybody = reader.look(**query)
        assert everybody.status_code == 200
        assert shown(everybody) == []
    assert reader.read()["comments"] == []


def test_a_held_reply_stands_below_what_it_answers(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"page_size": "1"})
    reader.posted("The first")
    parent = reader.posted("The second")
    reader.posted("The third")
    sent = reader.post_by_page(WORDS, parent=parent.id, ticket=None)
    own = shown(reader.client.get(sent.location))
    assert own[:2] == [parent.id, int(sent.location.rpartition("-")[2])]


def test_a_waiting_token_serves_in_its_own_thread_only(reader: Reader):
    reader.posted()
    sent = reader.post_by_page(WORDS, page="/elsewhere", ticket=None)
    token = parse_qs(urlsplit(sent.location).query)["waiting"][0]
    assert len(shown(reader.look(waiting=token))) == 1
    assert len(shown(reader.look(page="/elsewhere", waiting=token))) == 1


def test_an_edit_token_shows_nothing(reader: Reader):
    held = reader.posted(ticket=None)
    assert shown(reader.look(waiting=held.edit_token)) == []


def test_a_waiting_token_ends_with_the_wait(reader: Reader):
    sent = reader.post_by_page(WORDS, ticket=None)
    number = int(sent.location.rpartition("-")[2])
    with reader.app.app_context():
        delete(number, now())
    answer = reader.client.get(sent.location)
    assert (answer.status_code, shown(answer)) == (200, [])


def test_who_cancels_a_reply_keeps_what_was_typed(reader: Reader):
    page = reader.look(reply_to=reader.posted().id)
    before = reader.stored()
    answer = cancel(reader, page, **TYPED)
    assert answer.status_code == 200
    assert typed(answer) == WORDS
    for value in TYPED.values():
        assert f'value="{html.escape(value)}"' in form_of(answer)
    assert (heading(answer), hidden(answer, "parent")) == ("Write a comment", "")
    assert not has_cancel(answer)
    assert hidden(answer, "ticket") == hidden(page, "ticket")
    assert "Set-Cookie" not in answer.headers
    assert reader.stored() == before


def test_who_cancels_a_reply_stays_on_that_page_of_the_thread(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"page_size": "2"})
    posted = [reader.posted(f"Number {n}").id for n in range(6)]
    for sort in ("oldest", "newest"):
        page = reader.look(reply_to=posted[2], sort=sort, lang="de")
        answer = cancel(reader, page)
        assert shown(answer) == shown(page)
        assert heading(answer) == "Schreibe einen Kommentar"


@pytest.mark.parametrize("text", ["", "\0", "x" * 20_000])
def test_what_could_not_be_posted_is_kept_as_well(reader: Reader, text: str):
    answer = cancel(reader, reader.look(reply_to=reader.posted().id), text, email="nobody")
    assert answer.status_code == 200
    assert typed(answer) == text
    assert "aria-invalid" not in answer.text


def test_a_cancelled_reply_to_what_is_gone_meanwhile_is_kept(reader: Reader):
    parent = reader.posted()
    page = reader.look(reply_to=parent.id)
    with reader.app.app_context():
        decide(parent.id, State.REMOVED, Ruling(Entrance.CLI))
    answer = cancel(reader, page)
    assert (answer.status_code, typed(answer)) == (200, WORDS)


def test_a_cancelled_reply_in_a_thread_closed_meanwhile_is_handed_back(reader: Reader):
    page = reader.look(reply_to=reader.posted().id)
    close(reader)
    answer = cancel(reader, page)
    assert (answer.status_code, typed(answer)) == (409, WORDS)


def test_cancelling_replies_uses_up_no_limit_on_posts(elsewhere):
    limited = elsewhere(COMMENTBOX_POST_LIMIT="2 per minute")
    page = limited.look(reply_to=limited.posted().id)
    assert [cancel(limited, page).status_code for _ in range(3)] == [200] * 3
    assert [limited.post_by_page(text).status_code for text in "ab"] == [303, 429]
    assert cancel(limited, page).status_code == 200
    # The other entrance knows no such button.
    path = "/api/v1/sites/blog/comments?cancel=1"
    assert limited.send(path, limited.comment()).status_code == 429


def close(reader: Reader) -> None:
    """Close every thread."""
    with reader.app.app_context(), atomic() as session:
        session.execute(update(Thread).values(is_open=False))


def test_what_was_typed_stands_in_the_form_again_beside_what_is_wrong(reader: Reader):
    parent = reader.posted()
    fields = {**TYPED, "email": "nobody", "parent": parent.id, "idempotency_key": "k" * 20}
    answer = reader.post_by_page(WORDS, **fields)
    assert answer.status_code == 422
    assert typed(answer) == WORDS
    for name in ("name", "website", "email"):
        assert f'value="{html.escape(str(fields[name]))}"' in form_of(answer)
    assert hidden(answer, "parent") == str(parent.id)
    assert hidden(answer, "idempotency_key") == "k" * 20
    assert hidden(answer, "ticket")
    assert "Please write the address like ada@example.org." in answer.text


def test_after_a_foreign_origin_nothing_typed_is_lost(reader: Reader):
    stranger = Reader(reader.app, reader.site, headers={"Origin": "https://evil.example"})
    answer = stranger.post_by_page(WORDS)
    assert answer.status_code == 403
    assert typed(answer) == WORDS


def test_after_a_gone_parent_nothing_typed_is_lost(reader: Reader):
    parent = reader.posted()
    with reader.app.app_context():
        decide(parent.id, State.REMOVED, Ruling(Entrance.CLI))
    answer = reader.post_by_page(WORDS, parent=parent.id)
    assert answer.status_code == 422
    assert typed(answer) == WORDS
    assert "The comment you answer is not there any more" in answer.text
    assert hidden(answer, "parent") == ""


def test_after_the_thread_was_closed_nothing_typed_is_lost(reader: Reader):
    reader.posted()
    close(reader)
    answer = reader.post_by_page(WORDS)
    assert answer.status_code == 409
    assert typed(answer) == WORDS
    assert "Comments are closed." in answer.text
    [back] = re.findall(r'<p><a href="(.*?)">Back to the page</a>', answer.text)
    assert reader.client.get(html.unescape(back)).status_code == 200


def test_after_too_many_requests_nothing_typed_is_lost(elsewhere):
    limited = elsewhere(COMMENTBOX_POST_LIMIT="1 per minute")
    assert limited.post_by_page("The first").status_code == 303
    answer = limited.post_by_page(WORDS)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert typed(answer) == WORDS


def test_after_a_text_that_was_too_large_nothing_typed_is_lost(reader: Reader):
    answer = reader.post_by_page(WORDS * 2_000)
    assert answer.status_code == 413
    assert typed(answer) == WORDS * 2_000


@contextmanager
def without_sites(reader: Reader) -> Iterator[None]:
    """Let the database lack what every request needs, while the block runs."""
    rename(reader, "commentbox_site", "elsewhere")
    yield
    rename(reader, "elsewhere", "commentbox_site")


def rename(reader: Reader, table: str, name: str) -> None:
    """Give a table another name."""
    with reader.app.app_context(), atomic() as session:
        session.execute(sql(f"ALTER TABLE {table} RENAME TO {name}"))


def test_after_trouble_with_the_database_nothing_typed_is_lost(reader: Reader):
    with without_sites(reader):
        answer = reader.post_by_page(WORDS)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert typed(answer) == WORDS


def test_a_used_up_key_is_replaced_so_that_the_next_try_works(reader: Reader):
    key = "k" * 20
    assert reader.post_by_page("The first", idempotency_key=key).status_code == 303
    again = reader.post_by_page(WORDS, idempotency_key=key)
    assert again.status_code == 422
    assert typed(again) == WORDS
    next_key = hidden(again, "idempotency_key")
    assert reader.post_by_page(WORDS, idempotency_key=next_key).status_code == 303


def test_sending_twice_by_accident_posts_once(reader: Reader):
    fields = reader.comment(WORDS, idempotency_key="k" * 20)
    first, second = reader.form(HOSTED, fields), reader.form(HOSTED, fields)
    assert first.location == second.location
    assert reader.stored()["Comment"] == 1


def test_line_ends_are_counted_as_they_were_typed(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"max_length_chars": "5"})
    assert reader.post_by_page("a\r\nb\r\nc").status_code == 303
    assert reader.post_by_page("a\r\nb\r\ncd").status_code == 422
    [comment] = reader.read()["comments"]
    assert reader.row(comment["id"]).text == "a\nb\nc"


# Safety


def test_every_page_is_guarded(reader: Reader):
    refused, unknown = reader.post_by_page(""), reader.client.get("/sites/none/thread?page=/a")
    for answer in (reader.look(), refused, unknown):
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_the_owners_colours_are_the_pages_only_style_of_its_own(reader: Reader):
    with reader.app.app_context():
        set_looks("blog", read_looks({}, {"accent": "#aa3300"}))
        with atomic() as current:
            site = site_with_key(current, "blog")
            site.colours = {**site.colours, "line": "red;}</style>", "x": "#aa3300"}
    answer = reader.look()
    (style,) = re.findall("<style>(.*?)</style>", answer.text)
    rule = "comment-box { --comment-box-accent: #aa3300; }"
    assert style == f"@media (prefers-color-scheme: light) {{ {rule} }}"
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'sha256-{digest}';" in policy


def test_no_answer_sets_a_cookie(reader: Reader):
    mine = reader.posted()
    for answer in (
        reader.look(),
        reader.post_by_page(WORDS),
        reader.post_by_page(""),
        reader.post("By JSON"),
        reader.to_comment(mine.id, "vote", value=1),
        reader.client.get("/embed/blog/thread", query_string={"page": PAGE}),
        reader.client.get("/feeds/blog.atom"),
        reader.client.get("/embed.js"),
        reader.client.get("/nowhere"),
    ):
        assert "Set-Cookie" not in answer.headers


HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}%(x)s'


def test_hostile_words_are_only_words(reader: Reader):
    fields = {"name": HOSTILE, "title": HOSTILE, "page": HOSTILE}
    sent = reader.post_by_page(HOSTILE, **fields)
    assert sent.status_code == 303
    again = reader.post_by_page("", **fields, email=HOSTILE, website=HOSTILE)
    for answer in (
        reader.client.get(sent.location),
        again,
        reader.look(page=HOSTILE, lang=HOSTILE),
    ):
        assert "<script>alert" not in answer.text
        assert '"><script' not in answer.text
        assert ">49<" not in answer.text


def test_below_a_prefix_the_page_leads_to_itself(reader: Reader):
    answer = reader.client.post(
        HOSTED,
        data=reader.comment(WORDS),
        headers={"Origin": ORIGIN},
        environ_overrides={"SCRIPT_NAME": "/comments"},
    )
    assert answer.location.startswith("/comments/sites/blog/thread?")
