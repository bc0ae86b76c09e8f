"""The fragment, the hosted page and the page of a problem, as templates write them."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentbox.errors import FieldError
from commentbox.i18n import language
from commentbox.reading.view import CommentView, FormPolicy, FormView, ThreadView
from commentbox.web.rendering import comment_html, render_template, thread_html
from tests.web.elements import Document, Element, parsed

ENGLISH, GERMAN = language("en"), language("de")
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


def comment(number: int, *replies: CommentView, **changes: object) -> CommentView:
    plain = CommentView(
        id=number,
        parent=None,
        parent_name=None,
        depth=0,
        name="Ada",
        website=None,
        html="<p>Hello.</p>",
        created_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        edited_at=None,
        state="published",
        score=0,
        can_reply=True,
        replies=replies,
    )
    return plain._replace(**changes)  # type: ignore[arg-type]


def reply(number: int, parent: int, *replies: CommentView, **changes: object) -> CommentView:
    facts = {"parent": parent, "parent_name": "Ada", "depth": 1, "name": "Ben", **changes}
    return comment(number, *replies, **facts)


def thread(*comments: CommentView, **changes: object) -> ThreadView:
    plain = ThreadView(
        site="blog",
        page="/post/",
        url="https://blog.example/post/",
        title="A post",
        is_open=True,
        count=len(comments),
        version=1,
        sort="oldest",
        comments=comments,
        previous=None,
        next=None,
        action="/sites/blog/thread",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def fragment(view: ThreadView, form: FormView | None = None, **options: int) -> Document:
    return parsed(thread_html(view, form or FormView(), ENGLISH, **options))


def texts(elements: list[Element]) -> list[str]:
    return [" ".join(element.text.split()) for element in elements]


CONVERSATION = thread(
    comment(1, reply(2, 1, reply(3, 2, depth=2, parent_name="Ben", name="")), reply(4, 1)),
    comment(5, name="", website="https://cy.example/"),
)


# What is said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "Noch keine Kommentare"), (1, "1 Kommentar"), (12, "12 Kommentare")],
)
def test_the_heading_says_how_many_comments_there_are(count: int, said: str) -> None:
    html = thread_html(thread(count=count), FormView(), GERMAN)
    assert parsed(html).one(id="comments").text == said


def test_words_of_the_form_are_those_that_wordpress_readers_know() -> None:
    answer = FormView(reply_to=1, reply_to_name="Ada")
    html = thread_html(CONVERSATION, answer, GERMAN)
    assert parsed(html).one(id="cb-title").text == "Schreibe eine Antwort an Ada"
    assert parsed(html).one(cls="cb-cancel").text == "Antworten abbrechen"
    assert parsed(html).one("section")["data-write"] == "Schreibe einen Kommentar"


def test_a_fragment_says_which_language_it_is_in() -> None:
    section = parsed(thread_html(CONVERSATION, FormView(), GERMAN)).one("section")
    assert (section["lang"], section["dir"]) == ("de", "ltr")


def test_a_reply_links_to_the_comment_it_answers() -> None:
    links = [
        element
        for element in fragment(CONVERSATION).all("a")
        if element.ancestors[-1].classes == {"cb-to"}
    ]
    assert [(link.text, link["href"]) for link in links] == [
        ("in reply to Ada", "#comment-1"),
        ("in reply to Ben", "#comment-2"),
        ("in reply to Ada", "#comment-1"),
    ]


def test_a_reply_to_an_author_without_a_name_does_not_make_one_up() -> None:
    view = thread(comment(1, reply(2, 1, parent_name=""), name=""))
    assert "in reply to a comment" in texts(fragment(view).all(cls="cb-to"))


def test_an_author_without_a_name_is_anonymous() -> None:
    assert texts(fragment(thread(comment(1, name=""))).all(cls="cb-name")) == ["Anonymous"]


def test_a_removed_comment_leaves_nothing_but_its_place() -> None:
    view = thread(comment(1, reply(2, 1), state="removed", name="", html="", can_reply=False))
    document = fragment(view)
    gone = document.one(id="comment-1")
    assert texts([gone]) == ["This comment was removed."]
    assert document.one(id=gone["aria-labelledby"]).ancestors[-1] is gone
    assert len(document.all(cls="cb-reply")) == 1


def test_times_are_readable_without_the_script_and_exact_for_it() -> None:
    time = fragment(thread(comment(1))).one("time")
    assert (time["datetime"], time.text) == ("2026-03-01T12:00:00Z", "1 March 2026, 12:00 UTC")


def test_an_edited_comment_says_so() -> None:
    edited = comment(1, edited_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert texts(fragment(thread(edited)).all(cls="cb-mark")) == ["· edited"]


# How it is built


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_headings_below_the_thread_are_one_deeper_than_its_own(level: int) -> None:
    headings = [
        element
        for element in fragment(CONVERSATION, heading=level).elements
        if re.fullmatch("h[1-6]", element.tag)
    ]
    assert headings[0].tag == f"h{level}"
    assert {heading.tag for heading in headings[1:]} == {f"h{level + 1}"}


def test_replies_are_nested_lists_of_articles() -> None:
    third = fragment(CONVERSATION).one(id="comment-3")
    path = [element.tag for element in third.ancestors]
    assert path == ["section", "ol", "li", "ol", "li", "ol", "li"]


def test_every_id_is_unique_and_every_reference_leads_to_one() -> None:
    form = FormView(errors=(FieldError("text", "required", "Please fill in this field."),))
    document = fragment(replace(CONVERSATION, count=5, next="a", previous="b"), form)
    ids = [element["id"] for element in document.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for name in ("for", "form", "aria-labelledby", "aria-describedby"):
        for element in document.elements:
            assert set(element.attributes.get(name, "").split()) <= set(ids), (name, element)


def test_every_comment_and_every_reply_button_has_a_name_of_its_own() -> None:
    document = fragment(CONVERSATION)
    for article in document.all("article"):
        assert document.one(id=article["aria-labelledby"]).text.strip()
    buttons = document.all(cls="cb-reply")
    assert [button["aria-label"] for button in buttons] == [
        "Reply to Ada",
        "Reply to Ben",
        "Reply to Anonymous",
        "Reply to Ben",
        "Reply to Anonymous",
    ]
    assert all(button.text in button["aria-label"] for button in buttons)


def test_live_regions_are_there_and_empty_before_they_are_needed() -> None:
    document = fragment(CONVERSATION)
    assert document.one(role="status").text == ""
    assert document.one(role="alert").text == ""


def test_a_comment_has_few_elements() -> None:
    one, two = (
        len(fragment(thread(*view)).elements) for view in ([comment(1)], [comment(1), comment(2)])
    )
    assert two - one <= 12


def test_the_same_thread_is_the_same_bytes() -> None:
    first, second = (thread_html(CONVERSATION, FormView(), ENGLISH) for _ in range(2))
    assert first == second


def test_a_comment_alone_is_as_it_stands_in_its_thread() -> None:
    alone = comment_html(comment(1, reply(2, 1)), ENGLISH)
    inside = thread_html(thread(comment(1, reply(2, 1))), FormView(), ENGLISH)
    assert alone.split() == inside[inside.index("<li") : inside.rindex("</ol>")].split()


def test_there_is_nothing_that_a_strict_content_security_policy_forbids() -> None:
    form = FormView(errors=(FieldError("name", "required", "Please fill in this field."),))
    document = fragment(CONVERSATION, form)
    assert {element.tag for element in document.elements} & {"script", "style", "iframe"} == set()
    names = {name for element in document.elements for name in element.attributes}
    assert {name for name in names if name == "style" or name.startswith("on")} == set()


# Hostile values


def test_nothing_that_readers_type_becomes_markup() -> None:
    told = comment(1, reply(2, 1, parent_name=HOSTILE), name=HOSTILE)
    view = thread(told, page=HOSTILE, title=HOSTILE, url=f"https://blog.example/?{HOSTILE}")
    values = dict.fromkeys(("text", "name", "email", "website"), HOSTILE)
    form = FormView(
        values=values,
        errors=(FieldError("text", "bad", "“%(field)s” must be a text.", {"field": HOSTILE}),),
        problem=HOSTILE,
        reply_to=1,
        reply_to_name=HOSTILE,
        ticket=HOSTILE,
        idempotency_key=HOSTILE,
    )
    document = fragment(view, form)
    assert document.all("script") == document.all("img") == []
    assert document.one("textarea").text.removeprefix("\n") == HOSTILE
    assert document.one("section")["data-page"] == HOSTILE
    assert document.one(id="cb-title").text == f"Write a reply to {HOSTILE}"


def test_percent_signs_in_names_are_only_percent_signs() -> None:
    view = thread(comment(1, reply(2, 1, parent_name="100 %(name)s %")))
    assert texts(fragment(view).all(cls="cb-to")) == ["in reply to 100 %(name)s %"]


# The form


def test_the_form_can_be_sent_without_the_script() -> None:
    form = FormView(reply_to=1, reply_to_name="Ada", ticket="t", idempotency_key="k")
    document = fragment(CONVERSATION, form)
    sent = document.one(cls="cb-form")
    assert (sent["method"], sent["action"]) == ("post", "/sites/blog/thread")
    hidden = {
        e["name"]: e["value"] for e in document.all("input", type="hidden") if sent in e.ancestors
    }
    assert hidden == {
        "page": "/post/",
        "url": "https://blog.example/post/",
        "title": "A post",
        "parent": "1",
        "ticket": "t",
        "proof": "",
        "idempotency_key": "k",
        "lang": "en",
        "heading": "2",
    }


def test_replying_works_without_the_script() -> None:
    document = fragment(CONVERSATION)
    button = document.all(cls="cb-reply")[1]
    asked = document.one("form", id=button["form"])
    assert asked["action"] == "/sites/blog/thread#respond"
    assert asked.attributes.get("method", "get") == "get"
    assert (button["name"], button["value"]) == ("reply_to", "2")
    sent = {e["name"]: e["value"] for e in document.all("input") if asked in e.ancestors}
    assert sent == {"page": "/post/", "sort": "oldest", "lang": "en"}


def test_the_form_stands_below_the_comment_it_answers() -> None:
    document = fragment(CONVERSATION, FormView(reply_to=2, reply_to_name="Ben"))
    items = [e for e in document.one(id="respond").ancestors if e.tag == "li"]
    assert document.one(id="comment-2").ancestors[-1] is items[-1]
    assert "hidden" not in document.one(cls="cb-cancel").attributes
    assert document.one(value="2", cls="cb-reply")["aria-expanded"] == "true"


@pytest.mark.parametrize("form", [FormView(), FormView(reply_to=99, reply_to_name="Cy")])
def test_the_form_stands_at_home_when_its_comment_is_not_shown(form: FormView) -> None:
    document = fragment(CONVERSATION, form)
    assert document.one(id="respond").ancestors[-1].classes == {"cb-home"}


def test_cancelling_sends_the_form_to_the_same_thread() -> None:
    cancel = fragment(CONVERSATION).one(cls="cb-cancel")
    thread = "/sites/blog/thread?page=%2Fpost%2F&sort=oldest&lang=en"
    assert (cancel.tag, cancel["formaction"]) == ("button", f"{thread}&cancel=1#respond")
    assert "hidden" in cancel.attributes
    assert cancel.ancestors[-1].classes == {"cb-form"}


def test_every_visible_field_has_a_label_and_what_was_typed() -> None:
    typed = {"text": "\nA first line", "name": "Ada", "email": "ada@example.org", "website": "x"}
    document = fragment(thread(), FormView(values=typed))
    assert document.one("textarea", name="text").text == f"\n{typed['text']}"
    for name in ("name", "email", "website"):
        field = document.one("input", name=name)
        assert field["value"] == typed[name]
        assert document.one("label", **{"for": field["id"]}).text


@pytest.mark.parametrize("is_required", [True, False])
def test_a_field_is_marked_as_required_only_where_the_site_requires_it(is_required: bool) -> None:
    policy = FormPolicy(require_name=is_required, require_email=is_required)
    document = fragment(thread(policy=policy))
    for name in ("name", "email"):
        label = document.one("label", **{"for": f"cb-{name}"})
        assert ("required" in document.one("input", name=name).attributes) is is_required
        assert ("required" in label.text) is is_required
    assert "required" not in document.one("input", name="website").attributes


def test_a_wrong_field_says_what_is_wrong_and_the_first_one_gets_the_focus() -> None:
    form = FormView(
        errors=(
            FieldError("email", "invalid", "Please write the address like ada@example.org."),
            FieldError("text", "too_long", "At most %(max)s characters, these are %(count)s.",
                       {"max": 5, "count": 6}),
        )
    )  # fmt: skip
    document = fragment(thread(), form)
    text, email = document.one("textarea"), document.one("input", name="email")
    assert text["aria-invalid"] == email["aria-invalid"] == "true"
    assert "autofocus" in email.attributes
    assert "autofocus" not in text.attributes
    said = " ".join(document.one(id=name).text for name in text["aria-describedby"].split())
    assert "At most 5 characters, these are 6." in said
    assert "aria-invalid" not in document.one("input", name="name").attributes


def test_the_text_field_does_not_cut_what_is_pasted() -> None:
    assert "maxlength" not in fragment(thread()).one("textarea").attributes


def test_the_honeypot_is_out_of_reach_for_people() -> None:
    document = fragment(thread())
    trap = document.one("input", name="contact_me_by_fax")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert any(e.attributes.get("aria-hidden") == "true" for e in trap.ancestors)
    assert "value" not in trap.attributes


def test_remembering_is_not_ticked_and_not_sent() -> None:
    box = fragment(thread()).one("input", type="checkbox")
    assert "checked" not in box.attributes
    assert "name" not in box.attributes


def test_a_closed_thread_has_no_form() -> None:
    document = fragment(thread(comment(1, can_reply=False), is_open=False))
    assert document.all("form") == document.all("textarea") == []
    assert texts(document.all(cls="cb-closed")) == ["Comments are closed."]


def test_votes_are_offered_only_where_the_site_counts_them() -> None:
    view = thread(comment(1, score=3), comment(2), count=5)
    assert texts(fragment(view).all(cls="cb-vote")) == ["Helpful · 3", "Helpful"]
    without = fragment(replace(view, policy=FormPolicy(votes=False)))
    assert without.all(cls="cb-vote") == []
    assert "Most helpful first" not in texts(without.all("a"))


# The author's own waiting comment


def test_a_waiting_comment_stands_at_its_place_and_says_that_it_waits() -> None:
    waiting = reply(9, 2, state="held", name="Cy")
    document = fragment(CONVERSATION, FormView(waiting=waiting))
    held = document.one(id="comment-9")
    items = [e for e in held.ancestors if e.tag == "li"]
    assert document.one(id="comment-2").ancestors[-1] is items[-2]
    assert "waiting for moderation" in held.text
    assert [b for b in document.all("button") if held in b.ancestors] == []


def test_a_waiting_conversation_stands_after_the_others() -> None:
    document = fragment(CONVERSATION, FormView(waiting=comment(9, state="held")))
    assert document.all("article")[-1]["id"] == "comment-9"


# Pages of a long thread


def test_other_pages_of_a_thread_are_links() -> None:
    links = fragment(replace(CONVERSATION, previous="p", next="n")).all(cls="cb-more")
    start = "/sites/blog/thread?page=%2Fpost%2F&sort=oldest&lang=en"
    assert [(link.text, link["href"]) for link in links] == [
        ("Show earlier comments", f"{start}&before=p#comments"),
        ("Show more comments", f"{start}&after=n#comments"),
    ]


def test_a_thread_says_in_which_order_it_is() -> None:
    document = fragment(replace(CONVERSATION, count=5, sort="newest"))
    current = document.one("a", **{"aria-current": "true"})
    assert (current.text, "sort=newest" in current["href"]) == ("Newest first", True)


# Whole pages


def test_the_hosted_page_frames_the_fragment() -> None:
    html = render_template(
        "page.html",
        GERMAN,
        thread=CONVERSATION,
        fragment="",
        stylesheet="/a.css",
        style="",
        script="/a.js",
    )
    document = parsed(html.replace("<!doctype html>", ""))
    assert document.one("html")["lang"] == "de"
    assert document.one("meta", name="robots")["content"] == "noindex"
    assert document.one("title").text == "Kommentare zu „A post“"
    assert document.one("a")["href"] == "https://blog.example/post/"
    box = document.one("comment-box")
    assert (box["site"], box["page"], "inlined" in box.attributes) == ("blog", "/post/", True)


def test_a_problem_hands_back_what_was_typed() -> None:
    problem = {"title": "Not found", "detail": HOSTILE, "typed": f"\n{HOSTILE}", "back": None}
    html = render_template("problem.html", ENGLISH, problem=problem, stylesheet="/a.css")
    document = parsed(html.replace("<!doctype html>", ""))
    assert document.one("textarea").text == f"\n\n{HOSTILE}"
    assert document.one(role="alert").text == HOSTILE
    assert document.all("script") == []
