"""A link to a comment arrives at it, wherever it is and whenever the thread loads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
OpenPage = Callable[..., Page]

FAR_DOWN = '<div style="height: 6000px">A long story</div>'
LONG_WORDS = "Many words that take their room. " * 30


@pytest.fixture
def ids(blog: Blog) -> list[int]:
    """Return the comments of a thread of four pages."""
    blog.set(page_size=10)
    return blog.write_many(40)


def assert_arrived(box: Box, number: int) -> None:
    """The comment is in view as a whole, has the focus and is marked."""
    comment = box.comment(number)
    expect(comment).to_be_focused()
    expect(comment).to_be_in_viewport(ratio=1)
    expect(comment).to_have_attribute("data-target", "")


@pytest.mark.parametrize("place", [9, 25, 39])
def test_a_link_arrives_on_any_page_of_the_thread(
    blog: Blog, ids: list[int], visit: Visit, place: int
) -> None:
    box = visit(f"{blog.publish()}#comment-{ids[place]}")
    assert_arrived(box, ids[place])


def test_a_link_arrives_though_the_thread_is_far_below(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit(f"{blog.publish(above=FAR_DOWN)}#comment-{ids[33]}")
    assert_arrived(box, ids[33])


def test_a_link_arrives_at_an_answer_of_an_answer(blog: Blog, ids: list[int], visit: Visit) -> None:
    answer = blog.write(parent=blog.write(parent=ids[30]))
    box = visit(f"{blog.publish()}#comment-{answer}")
    assert_arrived(box, answer)


def test_a_link_arrives_in_a_thread_of_long_comments(blog: Blog, visit: Visit) -> None:
    ids = [blog.write(f"{number} {LONG_WORDS}") for number in range(60)]
    last = blog.write()
    box = visit(f"{blog.publish(above=FAR_DOWN)}#comment-{last}")
    assert_arrived(box, last)
    box.page.evaluate(f"location.hash = '#comment-{ids[30]}'")
    expect(box.comment(ids[30])).to_be_focused()
    box.page.wait_for_function(
        """id => {
          const { top } = document.querySelector('comment-box').shadowRoot.getElementById(id).getBoundingClientRect();
          return top >= 0 && top < innerHeight / 2;
        }""",
        arg=f"comment-{ids[30]}",
    )


@pytest.mark.parametrize("place", [3, 35])
def test_a_link_on_the_page_leads_to_a_thread_that_has_not_been_loaded_yet(
    blog: Blog, ids: list[int], open_page: OpenPage, place: int
) -> None:
    link = f'<p><a href="#comment-{ids[place]}">What she said</a></p>'
    page = open_page(blog.publish(above=link + FAR_DOWN))
    page.get_by_role("link", name="What she said").click()
    assert_arrived(Box.of(page), ids[place])


@pytest.mark.parametrize("place", [3, 35])
def test_a_link_on_the_page_leads_to_a_comment_without_a_reload(
    blog: Blog, ids: list[int], visit: Visit, place: int
) -> None:
    link = f'<p><a href="#comment-{ids[place]}">What she said</a></p>'
    box = visit(blog.publish(above=link))
    box.page.get_by_role("link", name="What she said").click()
    assert_arrived(box, ids[place])


def test_a_comments_own_link_leads_to_it_and_does_so_again(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit()
    own = box.comment(ids[7]).locator(".cb-when")
    for _ in range(2):
        own.click()
        assert_arrived(box, ids[7])
        assert box.page.url.endswith(f"#comment-{ids[7]}")
        box.page.evaluate("scrollTo(0, 0)")
        box.text.evaluate("field => field.focus({ preventScroll: true })")


def test_an_answer_leads_to_what_it_answers(blog: Blog, visit: Visit) -> None:
    parent = blog.write(name="Ada")
    answer = blog.write(parent=parent)
    box = visit()
    box.comment(answer).get_by_role("link", name="in reply to Ada").click()
    assert_arrived(box, parent)


def test_form_and_heading_have_addresses_too(blog: Blog, ids: list[int], visit: Visit) -> None:
    box = visit(f"{blog.publish(above=FAR_DOWN)}#respond")
    expect(box.form).to_be_in_viewport()
    expect(box.text).to_be_focused()
    box.page.evaluate("location.hash = '#comments'")
    expect(box.heading).to_be_in_viewport()
    expect(box.heading).to_be_focused()
    box.element.get_by_role("link", name="Write a comment").click()
    expect(box.text).to_be_focused()


def test_a_link_to_nothing_shows_the_thread(blog: Blog, ids: list[int], visit: Visit) -> None:
    box = visit(f"{blog.publish(above=FAR_DOWN)}#comment-987654321")
    expect(box.comments).to_have_count(10)
    expect(box.heading).to_be_focused()
    expect(box.heading).to_be_in_viewport()
    expect(box.status).to_have_text(
        "The comment that this link leads to is not here, or not any more."
    )
    box.page.evaluate("location.hash = '#comment-123456789'")
    box.reply(ids[0]).click()
    expect(box.form_below(ids[0])).to_be_visible()


def test_a_link_to_a_comment_of_another_engine_leads_to_what_was_imported(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    anchors = {
        ids[35]: "remark42__comment-a1-b2",
        ids[3]: "isso-12",
        ids[30]: "atk-comment-7",
        ids[4]: "commento-00ff",
        ids[31]: "comentario-0a-1b",
        ids[5]: "5f3c0e9a7b2d4c6e8f0a1b2c",
    }
    blog.remember_anchors(anchors)
    box = visit(f"{blog.publish()}#remark42__comment-a1-b2")
    for number, anchor in anchors.items():
        box.page.evaluate("anchor => { location.hash = anchor }", anchor)
        assert_arrived(box, number)


def test_anchors_of_the_pages_own_are_no_business_of_the_box(
    blog: Blog, open_page: OpenPage
) -> None:
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{blog.publish(above=FAR_DOWN)}#recommendations-and-more")
    page.locator("comment-box").scroll_into_view_if_needed()
    expect(Box.of(page).heading).to_be_visible()
    assert not [url for url in asked if "comment=" in url]


def test_what_is_being_written_survives_the_way_to_another_page_of_the_thread(
    blog: Blog, ids: list[int], visit: Visit
) -> None:
    box = visit()
    box.reply(ids[2]).click()
    box.page.keyboard.type("Wait, what did she say?")
    box.page.evaluate(f"location.hash = '#comment-{ids[35]}'")
    assert_arrived(box, ids[35])
    box.page.evaluate(f"location.hash = '#comment-{ids[2]}'")
    assert_arrived(box, ids[2])
    box.reply(ids[2]).click()
    expect(box.text).to_have_value("Wait, what did she say?")


def test_the_hosted_page_is_linked_into_as_well(
    blog: Blog, ids: list[int], open_page: OpenPage
) -> None:
    address = blog.hosted(query=f"&comment={ids[27]}#comment-{ids[27]}")
    box = Box.of(open_page(address))
    expect(box.comment(ids[27])).to_be_in_viewport(ratio=1)
    expect(box.comment(ids[27])).to_be_focused()
