"""The box speaks the page's language, German or English, and tells times as readers do."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from commentbox import clock
from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("lang", ["de", "de-AT"])
def test_a_german_page_is_answered_in_german(blog: Blog, visit: Visit, lang: str) -> None:
    number = blog.write(name="Ada")
    box = visit(blog.publish(lang=lang))
    expect(box.heading).to_have_text("1 Kommentar")
    expect(box.title).to_have_text("Schreibe einen Kommentar")
    expect(box.element.locator("section")).to_have_attribute("lang", "de")
    answer = box.comment(number).get_by_role("button", name="Antworten")
    expect(answer).to_have_text("Antworten")
    answer.click()
    expect(box.title).to_have_text("Schreibe eine Antwort an Ada")
    expect(box.form.get_by_role("button").first).to_have_text("Antworten abbrechen")
    expect(box.send).to_have_text("Kommentar absenden")

    box.form.get_by_label("Kommentar", exact=True).fill("Jawohl!")
    box.send.click()
    expect(box.status).to_have_text("Dein Kommentar ist veröffentlicht.")
    expect(box.heading).to_have_text("2 Kommentare")
    expect(box.comments.last).to_contain_text("Antwort auf Ada")


def test_what_waits_and_what_is_wrong_is_said_in_german(
    blog: Blog, visit: Visit, complaints: list[str]
) -> None:
    blog.set(moderation="all")
    box = visit(blog.publish(lang="de"))
    expect(box.heading).to_have_text("Noch keine Kommentare")
    box.send.click()
    expect(box.alert).to_contain_text("Bitte")
    box.form.get_by_label("Kommentar", exact=True).fill("Geduld")
    box.send.click()
    expect(box.status).to_contain_text("Dein Kommentar wartet auf Freischaltung.")
    complaints[:] = [each for each in complaints if "422" not in each]


def test_the_nearest_language_counts_then_the_sites(blog: Blog, open_page: OpenPage) -> None:
    blog.set(language="de")
    url = blog.publish(
        '<comment-box loading="eager" site="blog" page="/a"></comment-box>',
        '<div lang="en"><comment-box loading="eager" site="blog" page="/a"></comment-box></div>',
        '<comment-box loading="eager" site="blog" page="/a" lang="en-GB"></comment-box>',
        '<comment-box loading="eager" site="blog" page="/a" lang="tlh"></comment-box>',
        blog.script(),
        lang="",
    )
    page = open_page(url)
    expect(page.locator("#cb-title")).to_have_text(
        [
            "Schreibe einen Kommentar",
            "Write a comment",
            "Write a comment",
            "Schreibe einen Kommentar",
        ]
    )


def test_a_language_that_changes_is_followed(blog: Blog, visit: Visit) -> None:
    box = visit(blog.publish('<comment-box site="blog"></comment-box>', blog.script()))
    expect(box.title).to_have_text("Write a comment")
    box.write("Stays as it is")
    box.page.evaluate("document.querySelector('comment-box').lang = 'de'")
    expect(box.title).to_have_text("Schreibe einen Kommentar")
    expect(box.form.locator("textarea")).to_have_value("Stays as it is")


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("en", ["9 days ago", "yesterday", "3 hours ago", "10 minutes ago"]),
        ("de", ["vor 9 Tagen", "gestern", "vor 3 Stunden", "vor 10 Minuten"]),
    ],
)
def test_recent_times_are_told_from_now(
    blog: Blog, visit: Visit, lang: str, shown: list[str]
) -> None:
    a_moment = timedelta(seconds=20)
    for ago in (timedelta(days=9), timedelta(days=1), timedelta(hours=3), timedelta(minutes=10)):
        blog.write(at=clock.now() - ago - a_moment)
    box = visit(blog.publish(lang=lang))
    expect(box.comments.locator("time")).to_have_text(shown)


def test_older_times_are_dates_of_the_readers_own_zone(blog: Blog, visit: Visit) -> None:
    number = blog.write()  # in March, at noon UTC
    box = visit(blog.publish(lang="de"), timezone_id="Asia/Tokyo", locale="en-US")
    time = box.comment(number).locator("time")
    expect(time).to_have_text("1. März 2026 um 21:00")
    expect(time).to_have_attribute("datetime", "2026-03-01T12:00:00Z")


def test_without_scripts_times_are_absolute(blog: Blog, open_page: OpenPage) -> None:
    blog.write(at=clock.now() - timedelta(hours=3))
    page = open_page(blog.hosted(query="&lang=de"), java_script_enabled=False)
    expect(page.locator("time")).to_have_text(re.compile(r"\d{4}, \d\d:\d\d UTC"))


def test_names_and_texts_of_other_scripts_keep_their_direction(blog: Blog, visit: Visit) -> None:
    number = blog.write("مرحبا بكم في المدونة", name="ليلى")
    box = visit()
    expect(box.comment(number).locator(".cb-body")).to_have_css("direction", "rtl")
    expect(box.comment(number).locator(".cb-name")).to_have_css("direction", "rtl")
    expect(box.comment(number)).to_have_css("direction", "ltr")
