"""Links to comments of the old engine keep leading to them."""

import pytest

from commentbox.db import session
from commentbox.i18n import language
from commentbox.models import Site
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import Place, comment_named
from commentbox.reading.threads import view_thread
from commentbox.reading.view import FormView
from commentbox.transfer.importer import Plan, import_found
from commentbox.transfer.record import Page, Record
from commentbox.web.rendering import thread_html
from tests.factories import with_policy, write
from tests.transfer.test_importer import NOON

pytestmark = pytest.mark.usefixtures("_in_the_app")


def bring(*anchors: str, page: str = "/a", source: str = "isso") -> None:
    """Import a conversation for each anchor."""
    found = [
        Record(id=anchor, page=Page(key=page), text=anchor, created_at=NOON, anchor=anchor)
        for anchor in anchors
    ]
    import_found(found, Plan("blog", format="isso", source=source))
    session().expire_all()  # the import counts by statements of which the session knows nothing


def named(site: Site, anchor: str, page: str = "/a") -> str | None:
    """Return the text of the comment that an anchor leads to."""
    thread = thread_with_key(session(), site, page)
    assert thread is not None
    comment = comment_named(session(), thread, anchor)
    return comment.text if comment else None


def test_an_old_anchor_leads_to_the_comment_in_its_thread(site: Site) -> None:
    bring("isso-1", "isso-2", "remark42__comment-a1-b2")
    bring("comment-7", page="/b", source="disqus")
    assert named(site, "isso-2") == "isso-2"
    assert named(site, "remark42__comment-a1-b2") == "remark42__comment-a1-b2"
    assert named(site, "isso-3") is None
    assert named(site, "comment-7") is None
    assert named(site, "comment-7", "/b") == "comment-7"


def test_our_own_number_comes_before_the_same_one_of_another_engine(site: Site) -> None:
    mine = write(site, page="/a", text="Mine")
    bring(f"comment-{mine.id}", "comment-900")
    assert named(site, f"comment-{mine.id}") == "Mine"
    assert named(site, str(mine.id)) == "Mine"
    assert named(site, "comment-900") == "comment-900"
    assert named(site, "900") == "comment-900"


def test_the_page_that_holds_it_is_shown_with_the_anchor_in_place(site: Site) -> None:
    site = with_policy(site, page_size=1)
    bring("isso-1", "isso-2", "isso-3")
    thread = thread_with_key(session(), site, "/a")
    view = view_thread(session(), site, thread, "/a", Place(comment="isso-2"))
    assert view.comments[0].anchor == "isso-2"
    html = thread_html(view, FormView(), language("en"))
    assert f'id="comment-{view.comments[0].id}"' in html
    assert 'id="isso-2"' in html


def test_no_two_comments_of_a_page_answer_to_one_anchor(site: Site) -> None:
    mine = write(site, page="/a")
    bring(f"comment-{mine.id}")
    thread = thread_with_key(session(), site, "/a")
    view = view_thread(session(), site, thread, "/a", Place())
    assert [comment.anchor for comment in view.comments] == [None, None]
