"""The one form moves to the comment it answers, and nothing that was typed is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]

WAYS_TO_CANCEL = {
    "Reply again": lambda box, number: box.reply(number).click(),
    "the link": lambda box, number: box.cancel.click(),
    "Escape": lambda box, number: box.page.keyboard.press("Escape"),
}


@pytest.fixture
def conversation(blog: Blog) -> tuple[int, int]:
    """Return a comment by Ada and one by Ben."""
    return blog.write(name="Ada"), blog.write(name="Ben")


def test_reply_brings_the_one_form_below_the_comment(
    conversation: tuple[int, int], visit: Visit
) -> None:
    ada, _ = conversation
    box = visit()
    box.text.fill("Half a thought")

    box.reply(ada).click()

    expect(box.form).to_have_count(1)
    expect(box.form_below(ada)).to_be_visible()
    expect(box.title).to_have_text("Write a reply to Ada")
    expect(box.form).to_have_accessible_name("Write a reply to Ada on “Social media”")
    expect(box.text).to_be_focused()
    expect(box.text).to_have_value("Half a thought")
    expect(box.reply(ada)).to_have_attribute("aria-expanded", "true")
    expect(box.cancel).to_be_visible()


def test_a_second_reply_elsewhere_moves_the_form(
    conversation: tuple[int, int], visit: Visit
) -> None:
    ada, ben = conversation
    box = visit()
    box.reply(ada).click()
    box.page.keyboard.type("Travels along")

    box.reply(ben).click()

    expect(box.form_below(ben)).to_be_visible()
    expect(box.title).to_have_text("Write a reply to Ben")
    expect(box.text).to_be_focused()
    expect(box.text).to_have_value("Travels along")
    expect(box.reply(ada)).to_have_attribute("aria-expanded", "false")
    expect(box.reply(ben)).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("way", WAYS_TO_CANCEL)
def test_cancelling_takes_the_form_home_and_the_focus_back(
    conversation: tuple[int, int], visit: Visit, way: str
) -> None:
    ada, _ = conversation
    box = visit()
    box.reply(ada).click()
    box.page.keyboard.type("Not yet said")

    WAYS_TO_CANCEL[way](box, ada)

    expect(box.reply(ada)).to_be_focused()
    expect(box.reply(ada)).to_have_attribute("aria-expanded", "false")
    expect(box.form_at_home()).to_be_visible()
    expect(box.title).to_have_text("Write a comment")
    expect(box.text).to_have_value("Not yet said")
    expect(box.cancel).to_be_hidden()


@pytest.mark.parametrize("modifier", ["Control", "Meta"])
def test_control_or_command_with_enter_sends_and_the_reply_appears_without_a_reload(
    blog: Blog, conversation: tuple[int, int], visit: Visit, modifier: str
) -> None:
    ada, _ = conversation
    box = visit()
    box.page.evaluate("window.isTheSamePage = true")
    box.reply(ada).click()
    box.page.keyboard.type("I agree")

    box.page.keyboard.press(f"{modifier}+Enter")

    answer = box.element.locator(f"#comment-{ada} ~ .cb-replies article")
    expect(answer).to_contain_text("I agree")
    expect(answer).to_contain_text("in reply to Ada")
    expect(answer).to_be_focused()
    expect(box.heading).to_have_text("3 comments")
    expect(box.form_at_home()).to_be_visible()
    expect(box.text).to_have_value("")
    expect(box.reply(ada)).to_have_attribute("aria-expanded", "false")
    assert box.page.evaluate("window.isTheSamePage")
    assert blog.stored()[-1].parent_id == ada


def test_an_answer_can_be_answered_at_once(
    blog: Blog, conversation: tuple[int, int], visit: Visit
) -> None:
    ada, _ = conversation
    box = visit()
    for words in ("First answer", "Second answer"):
        box.reply(box.ids()[-2] if words.startswith("Second") else ada).click()
        box.write(words, name="Cy")
        box.send.click()
        expect(box.element.get_by_text(words)).to_be_visible()

    first, second = blog.stored()[-2:]
    assert (first.parent_id, second.parent_id) == (ada, first.id)
    expect(box.comment(second.id)).to_contain_text("in reply to Cy")


def test_a_name_is_shown_in_the_heading_as_it_is_written(blog: Blog, visit: Visit) -> None:
    number = blog.write(name="$& <b>{}</b>")
    box = visit()
    box.reply(number).click()
    expect(box.title).to_have_text("Write a reply to $& <b>{}</b>")


def test_the_page_hears_what_happens_and_can_stop_a_comment(
    blog: Blog, conversation: tuple[int, int], visit: Visit
) -> None:
    ada, _ = conversation
    box = visit()
    box.page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ['reply-open', 'reply-cancel', 'before-submit', 'submitted', 'count'])
            addEventListener('comment-box:' + name, (event) => heard.push(name));
          addEventListener('comment-box:before-submit', (event) => event.preventDefault(), { once: true });
        }"""
    )
    box.reply(ada).click()
    box.cancel.click()
    box.write("Stopped at first")
    box.send.click()
    assert len(blog.stored()) == 2

    box.send.click()
    expect(box.comments).to_have_count(3)
    assert box.page.evaluate("heard") == [
        "reply-open",
        "reply-cancel",
        "before-submit",
        "before-submit",
        "count",
        "submitted",
    ]
