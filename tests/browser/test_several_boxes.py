"""Several boxes on a page, and pages that change under a box without being loaded anew."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from commentbox.__about__ import __version__
from tests.browser.blog import PAGE, Blog
from tests.browser.box import Box

OpenPage = Callable[..., Page]

TWO = '<comment-box site="blog" page="/a"></comment-box><comment-box site="blog" page="/b"></comment-box>'


def test_two_boxes_on_a_page_do_not_meddle_with_each_other(blog: Blog, open_page: OpenPage) -> None:
    in_a, in_b = blog.write(name="Ada", page="/a"), blog.write(name="Ben", page="/b")
    page = open_page(blog.publish(TWO, blog.script()))
    a, b = Box.of(page), Box.of(page, 1)
    assert (a.ids(), b.ids()) == ([in_a], [in_b])

    a.text.fill("For A")
    b.reply(in_b).click()
    expect(b.text).to_be_focused()
    b.write("For B", name="Cy")
    expect(a.form_at_home()).to_be_visible()
    expect(a.text).to_have_value("For A")
    page.keyboard.press("Escape")
    expect(b.reply(in_b)).to_be_focused()

    b.send.click()
    expect(b.comments).to_have_count(2)
    a.send.click()
    expect(a.comments).to_have_count(2)
    expect(a.comments.last).to_contain_text("For A")
    expect(b.comments.last).to_contain_text("For B")


def test_every_tag_stands_for_the_thread_that_it_names(blog: Blog, open_page: OpenPage) -> None:
    in_a, in_b = blog.write(page="/a"), blog.write(page="/b")
    page = open_page(blog.publish(blog.snippet(page="/a"), blog.snippet(page="/b")))
    assert (Box.of(page).ids(), Box.of(page, 1).ids()) == ([in_a], [in_b])
    expect(page.locator("comment-box")).to_have_count(2)


def test_a_script_that_comes_twice_harms_nothing(blog: Blog, open_page: OpenPage) -> None:
    number = blog.write(page="/a")
    one = '<comment-box site="blog" page="/a"></comment-box>'
    page = open_page(blog.publish(one, blog.script(), blog.script(), blog.snippet()))
    box = Box.of(page)
    box.reply(number).click()
    expect(box.form_below(number)).to_be_visible()
    expect(page.locator("comment-box")).to_have_count(1)


def test_a_box_that_is_taken_out_and_put_back_works_as_before(
    blog: Blog, open_page: OpenPage
) -> None:
    number = blog.write(name="Ada")
    box = Box.of(open_page(blog.publish()))
    box.write("Still here")
    box.page.evaluate("window.kept = document.querySelector('comment-box'); kept.remove()")
    expect(box.heading).to_have_count(0)
    box.page.evaluate("document.querySelector('main').append(kept)")
    expect(box.text).to_have_value("Still here")

    box.reply(number).click()
    expect(box.form_below(number)).to_be_visible()
    box.reply(number).click()
    expect(box.form_at_home()).to_be_visible()
    box.send.click()
    expect(box.comments).to_have_count(2)
    assert len(blog.stored()) == 2


def test_a_box_that_gets_another_page_shows_its_thread(blog: Blog, open_page: OpenPage) -> None:
    in_a, in_b = blog.write(page="/a"), blog.write(page="/b")
    one = '<comment-box site="blog" page="/a"></comment-box>'
    box = Box.of(open_page(blog.publish(one, blog.script())))
    box.write("A draft for A")
    box.page.evaluate("document.querySelector('comment-box').setAttribute('page', '/b')")
    expect(box.comment(in_b)).to_be_visible()
    expect(box.comment(in_a)).to_have_count(0)
    expect(box.text).to_have_value("")
    box.write("Said on B")
    box.send.click()
    expect(box.comments).to_have_count(2)
    assert blog.stored()[-1].thread_id == blog.stored()[1].thread_id
    box.page.evaluate("document.querySelector('comment-box').setAttribute('page', '/a')")
    expect(box.comment(in_a)).to_be_visible()
    expect(box.text).to_have_value("A draft for A")


def test_of_attributes_that_change_quickly_the_last_count(blog: Blog, open_page: OpenPage) -> None:
    numbers = {page: blog.write(page=page) for page in ("/a", "/b", "/c")}
    one = '<comment-box site="blog" page="/a"></comment-box>'
    box = Box.of(open_page(blog.publish(one, blog.script())))
    box.page.evaluate(
        """for (const page of ['/b', '/c', '/a', '/b', '/c'])
          document.querySelector('comment-box').setAttribute('page', page)"""
    )
    expect(box.comment(numbers["/c"])).to_be_visible()
    expect(box.comments).to_have_count(1)


def test_a_box_that_is_taken_out_while_it_loads_says_nothing(
    blog: Blog, open_page: OpenPage
) -> None:
    blog.write()
    page = open_page(blog.publish("", blog.script(), "<p>Ready</p>"))
    page.wait_for_function("!!customElements.get('comment-box')")
    with page.expect_request("**/embed/blog/thread?*"):
        page.evaluate(
            """() => {
              const box = document.createElement('comment-box');
              box.setAttribute('site', 'blog');
              box.setAttribute('loading', 'eager');
              document.querySelector('main').append(box);
              window.box = box;
              setTimeout(() => box.remove(), 0);
            }"""
        )
    page.wait_for_function("!box.isConnected")
    page.evaluate("document.querySelector('main').append(box)")
    expect(Box.of(page).comments).to_have_count(1)


def test_an_app_that_builds_its_pages_itself_can_place_a_box(
    blog: Blog, open_page: OpenPage
) -> None:
    number = blog.write()
    page = open_page(blog.publish("", blog.script()))
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<comment-box site=blog></comment-box>')"
    )
    assert Box.of(page).ids() == [number]


def test_a_box_in_a_cloned_page_loads_again(blog: Blog, open_page: OpenPage) -> None:
    blog.write()
    box = Box.of(open_page(blog.publish()))
    box.page.evaluate("document.body.replaceWith(document.body.cloneNode(true))")
    expect(Box.of(box.page).comments).to_have_count(1)


def test_counts_come_in_one_request_and_say_what_readers_find(
    blog: Blog, open_page: OpenPage
) -> None:
    blog.write(page="/a")
    blog.write(page="/b")
    blog.write(page="/b")
    counts = "".join(
        f'<p><a href="{page}">Story: <comment-count site="blog" page="{page}">Comments</comment-count></a></p>'
        for page in ("/a", "/b", "/c", "/b")
    )
    words = 'none="No words yet" one="One word" many="{} words"'
    counts += "".join(
        f'<comment-count site="blog" page="{page}" {words}>Comments</comment-count>'
        for page in ("/a", "/b", "/c")
    )
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(blog.publish(counts, blog.script()))
    expect(page.locator("comment-count")).to_have_text(
        ["1", "2", "0", "2", "One word", "2 words", "No words yet"]
    )
    assert len([url for url in asked if "/counts?" in url]) == 1


def test_pages_that_are_none_and_long_ones_cost_the_others_no_count(
    blog: Blog, open_page: OpenPage, complaints: list[str]
) -> None:
    blog.write(page="/a")
    long = [f"/{'a' * 400}/{number}" for number in range(30)]
    tags = [f'<comment-count site="blog" page="{page}">?</comment-count>' for page in long]
    tags[15:15] = ['<comment-count site="blog" page="null">?</comment-count>']
    tags += ['<comment-count site="blog">?</comment-count>']
    tags += ['<comment-count site="blog" page="/a">?</comment-count>']
    page = open_page(blog.publish(*tags, blog.script()))
    expect(page.locator("comment-count")).to_have_text(["0"] * 31 + ["?", "1"])
    assert len(complaints) == 1
    assert "names no page" in complaints.pop()


def test_a_page_that_pins_a_release_gets_both_files_of_it(blog: Blog, open_page: OpenPage) -> None:
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    snippet = blog.snippet().replace("embed.js", f"embed-{__version__}.js")
    page.goto(blog.publish(snippet))
    box = Box.of(page)
    box.write("Pinned")
    box.send.click()
    expect(box.comments).to_have_count(1)
    scripts = [url.rpartition("/")[2] for url in asked if url.endswith(".js")]
    assert scripts == [f"embed-{__version__}.js", f"embed-more-{__version__}.js"]


def test_the_thread_of_a_page_is_found_by_its_canonical_link(
    blog: Blog, open_page: OpenPage
) -> None:
    number = blog.write()
    head = f'<link rel="canonical" href="{blog.live.url}{PAGE}/index.html">'
    url = blog.publish(path="/2026/print-version", head=head)
    assert Box.of(open_page(f"{url}?utm_source=mail")).ids() == [number]
