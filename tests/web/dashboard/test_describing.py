"""Who moderates a site says what its pages are called and where they are."""

from commentbox.db import session
from commentbox.models import Site, Thread
from tests.web.dashboard.people import Desk, publish, write


def thread_of(desk: Desk, site: Site) -> Thread:
    """Return the thread of a published comment."""
    comment = publish(desk.app, site)
    with desk.app.app_context():
        return session().get_one(Thread, comment.thread_id)


def test_the_title_and_address_that_are_given_are_what_readers_see(ben: Desk, site: Site) -> None:
    thread = thread_of(ben, site)
    path, url = f"/dashboard/threads/{thread.id}/describe", "https://blog.example/post"
    assert ben.press(path, title="Leitlinien", url=url).status_code == 303
    shown = ben.client.get("/sites/blog/thread?page=/post").text
    assert "<title>Comments on “Leitlinien”</title>" in shown
    assert f'<link rel="canonical" href="{url}">' in shown
    assert "described" in ben.look(f"threads/{thread.id}")
    assert "described" in ben.look("log/threads")


def test_an_address_of_another_site_is_refused_and_handed_back(ben: Desk, site: Site) -> None:
    thread = thread_of(ben, site)
    path = f"/dashboard/threads/{thread.id}/describe"
    refused = ben.press(path, title="Leitlinien", url="https://evil.example/post")
    assert refused.status_code == 422
    assert "https://blog.example" in refused.text
    assert 'value="https://evil.example/post"' in refused.text


def test_nobody_describes_the_pages_of_others(cy: Desk, site: Site) -> None:
    with cy.app.app_context():
        held = write(cy.app, site)
    path = f"/dashboard/threads/{held.thread_id}/describe"
    assert cy.press(path, title="Mine", url="").status_code == 404
