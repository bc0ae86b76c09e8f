"""Authors change and take back their own words, for as long as the site lets them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.edit import delete, edit, source_of
from commentbox.db import atomic, session
from commentbox.errors import EditRefused, UnknownComment
from commentbox.models import Comment, Decision, Entrance, Site, State, TextFormat, Thread
from tests.factories import WRITTEN_AT, rule, with_policy, write, write_held

SOON = WRITTEN_AT + timedelta(seconds=899)
LATE = WRITTEN_AT + timedelta(seconds=900)


def test_an_edit_changes_text_and_html_and_says_when(site: Site) -> None:
    comment = write(site, text="Frist!")
    version = thread().version
    edit(comment.id, "*First!*", SOON)
    changed = stored(comment)
    assert (changed.text, changed.html.strip()) == ("*First!*", "<p><em>First!</em></p>")
    assert changed.edited_at == SOON
    assert thread().version > version
    assert thread().count == 1


def test_after_the_window_nothing_can_be_changed(site: Site) -> None:
    comment = write(site, text="Frist!")
    for deed in (lambda: edit(comment.id, "First!", LATE), lambda: delete(comment.id, LATE)):
        with pytest.raises(EditRefused):
            deed()
    with pytest.raises(EditRefused):
        source_of(comment.id, LATE)
    assert stored(comment).text == "Frist!"


def test_the_window_is_the_sites(site: Site) -> None:
    comment = write(site)
    with_policy(site, edit_window_seconds=0)
    with pytest.raises(EditRefused):
        edit(comment.id, "At once?", WRITTEN_AT)
    with_policy(site, edit_window_seconds=86_400)
    assert edit(comment.id, "A day later.", WRITTEN_AT + timedelta(hours=23)).text


@pytest.mark.parametrize("state", [State.SPAM, State.REMOVED])
def test_what_a_moderator_took_down_cannot_be_changed(site: Site, state: State) -> None:
    comment = rule(write(site, text="Buy!"), state)
    with pytest.raises(EditRefused):
        edit(comment.id, "Please buy!", SOON)
    assert stored(comment).text == "Buy!"


def test_the_source_is_what_was_typed_with_the_end_of_the_window(site: Site) -> None:
    source = source_of(write(site, text=" *Hm* ").id, SOON)
    assert (source.text, source.edit_until) == (" *Hm* ", LATE)


def test_an_edit_that_gains_links_above_the_limit_waits_again(site: Site) -> None:
    comment = write(site, text="A harmless remark.")
    edit(comment.id, "https://a.example https://b.example https://c.example", SOON)
    assert stored(comment).state == State.HELD
    assert thread().count == 0
    kept = session().scalars(select(Decision)).one()
    assert (kept.entrance, kept.reason, kept.new_state) == (Entrance.RULE, "links", State.HELD)


def test_an_edit_that_says_what_stands_in_other_threads_waits_again(site: Site) -> None:
    advert = "The same advertisement in every thread, for a very good thing indeed."
    first, second = write(site, page="/a"), write(site, page="/b")
    edit(first.id, advert, SOON)
    assert stored(first).state == State.PUBLISHED
    edit(second.id, f" {advert}", SOON)
    assert stored(second).state == State.HELD
    edit(first.id, f"{advert} ", SOON)
    assert stored(first).state == State.PUBLISHED


def test_an_edit_may_keep_the_links_a_moderator_has_seen(site: Site) -> None:
    links = "https://a.example https://b.example https://c.example"
    comment = rule(write(site, text=links), State.PUBLISHED)
    edit(comment.id, f"See {links}", SOON)
    assert stored(comment).state == State.PUBLISHED


def test_an_edit_that_turns_seen_links_into_others_waits_again(site: Site) -> None:
    seen = "https://a.example https://b.example https://c.example"
    comment = rule(write(site, text=seen), State.PUBLISHED)
    edit(comment.id, "https://a.example https://b.example https://evil.example", SOON)
    assert stored(comment).state == State.HELD


def test_where_every_comment_waits_an_edited_one_waits_again(site: Site) -> None:
    with_policy(site, moderation="all")
    comment = rule(write(site), State.PUBLISHED)
    edit(comment.id, "Something else.", SOON)
    assert stored(comment).state == State.HELD


def test_a_held_comment_stays_held_when_it_is_edited(site: Site) -> None:
    comment = write_held(site)
    version = thread().version
    edit(comment.id, "Better.", SOON)
    assert stored(comment).state == State.HELD
    assert thread().version >= version


def test_a_deleted_comment_keeps_its_place_and_nothing_else(site: Site) -> None:
    comment = write(site, text="My number is 555.")
    reply = write(site, parent=comment.id)
    version = thread().version
    delete(comment.id, SOON)
    gone = stored(comment)
    assert gone.state == State.REMOVED
    assert (gone.name, gone.email, gone.website, gone.network, gone.text) == ("", "", "", "", "")
    assert "555" not in gone.html
    assert stored(reply).parent_id == comment.id
    assert (thread().count, thread().version) == (1, version + 1)


def test_deleting_is_recorded_as_the_authors_own_decision(site: Site) -> None:
    delete(write(site).id, SOON)
    kept = session().scalars(select(Decision)).one()
    assert (kept.entrance, kept.moderator_id) == (Entrance.AUTHOR, None)


def test_what_was_deleted_cannot_be_edited_or_deleted_again(site: Site) -> None:
    comment = write(site)
    delete(comment.id, SOON)
    with pytest.raises(EditRefused):
        delete(comment.id, SOON)
    with pytest.raises(EditRefused):
        edit(comment.id, "Here I am again.", SOON)


def test_an_unknown_comment_cannot_be_changed(site: Site) -> None:
    with pytest.raises(UnknownComment):
        edit(12345, "Hello?", SOON)
    with pytest.raises(UnknownComment):
        delete(12345, SOON)


def stored(comment: Comment) -> Comment:
    """Return the comment as it stands on disk."""
    session().expire_all()
    return session().get_one(Comment, comment.id)


def thread() -> Thread:
    """Return the only thread as it stands on disk."""
    session().expire_all()
    return session().scalars(select(Thread)).one()


def test_what_came_as_html_is_edited_as_markdown(site: Site) -> None:
    comment = write(site)
    with atomic() as current:
        current.get_one(Comment, comment.id).write("<b>Well</b> said", TextFormat.HTML)
    assert source_of(comment.id, WRITTEN_AT).text == "**Well** said"
    edited = edit(comment.id, "**Better** said", WRITTEN_AT)
    assert (edited.text, edited.text_format) == ("**Better** said", "markdown")
    assert edited.html == "<p><strong>Better</strong> said</p>"
