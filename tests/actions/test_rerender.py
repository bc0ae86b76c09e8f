"""When the markup pipeline changes, stored comments follow, and nothing else does."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import Engine, select, update

from commentbox import markup
from commentbox.actions.rerender import BATCH, rerender
from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.models import Comment, Site
from tests.factories import write, write_held
from tests.grounds import eventually

OLD = "<p>as an older release made it</p>"


def test_html_of_an_older_pipeline_is_made_anew_from_the_source(site: Site) -> None:
    old, held = write(site, text="*one*"), write_held(site, text="*two*")
    make_old(old, held)
    assert rerender() == 2
    for comment in (old, held):
        now = stored(comment)
        assert now.html == markup.render(now.text)
        assert now.markup_version == markup.VERSION


def test_what_came_as_html_is_cleaned_anew_and_stays_html(site: Site) -> None:
    comment = write(site)
    change(comment, text="<b>Well</b><script>x</script> *said*", text_format="html")
    make_old(comment)
    assert rerender() == 1
    now = stored(comment)
    assert now.html == "<strong>Well</strong> *said*"
    assert now.text == "<b>Well</b><script>x</script> *said*"


def test_html_of_this_pipeline_is_left_alone(site: Site) -> None:
    current = write(site)
    change(current, html="<p>untouched</p>")
    version = site_version(site)
    assert rerender() == 0
    assert stored(current).html == "<p>untouched</p>"
    assert site_version(site) == version


def test_answers_become_stale_on_the_sites_that_changed_and_on_no_others(site: Site) -> None:
    other = add_site("other", ["https://other.example"])
    make_old(write(site))
    versions = site_version(site), site_version(other)
    rerender()
    assert (site_version(site), site_version(other)) == (versions[0] + 1, versions[1])


def test_what_was_edited_is_not_marked_as_edited_by_rendering(site: Site) -> None:
    comment = write(site)
    make_old(comment)
    rerender()
    assert stored(comment).edited_at is None


def test_it_goes_through_more_than_one_batch(site: Site) -> None:
    comment = write(site)
    values = {c.name: getattr(comment, c.name) for c in Comment.__table__.columns}
    copies = [values | {"id": None, "idempotency_digest": None} for _ in range(BATCH + 5)]
    with atomic() as current:
        current.execute(
            Comment.__table__.insert(), [{k: v for k, v in c.items() if k != "id"} for c in copies]
        )
    with atomic() as current:
        current.execute(update(Comment).values(markup_version=0, html=OLD))
    assert rerender() == BATCH + 6
    assert session().scalars(select(Comment).where(Comment.html == OLD)).all() == []


def test_it_waits_for_a_comment_that_somebody_is_writing_to(
    app: Flask, engine: Engine, site: Site
) -> None:
    comment, other = write(site, text="*one*"), write(site)
    make_old(comment, other)
    rendered = []
    with ThreadPoolExecutor(1) as pool:
        with atomic() as current:
            current.get_one(Comment, comment.id).write("*two*")
            current.get_one(Comment, comment.id).markup_version = 0
            current.flush()
            rendered.append(pool.submit(in_a_context, app))
            if engine.dialect.name != "sqlite":  # there, all wait while somebody writes
                assert eventually(lambda: not is_old(engine, other.id))
        assert rendered[0].result() == 2
    assert stored(comment).html == markup.render("*two*")


def in_a_context(app: Flask) -> int:
    """Render in another thread."""
    with app.app_context():
        return rerender()


def is_old(engine: Engine, number: int) -> bool:
    """Whether a comment, as others see it, has the HTML of an older pipeline."""
    with engine.connect() as connection:
        html = connection.execute(select(Comment.html).where(Comment.id == number)).scalar()
    return html == OLD


def make_old(*comments: Comment) -> None:
    """Let comments be of an older pipeline."""
    for comment in comments:
        change(comment, html=OLD, markup_version=markup.VERSION - 1)


def change(comment: Comment, **values: object) -> None:
    """Change a comment behind the back of its class."""
    with atomic() as current:
        current.execute(update(Comment).where(Comment.id == comment.id).values(**values))


def stored(comment: Comment) -> Comment:
    """Return the comment as it stands on disk."""
    session().expire_all()
    return session().get_one(Comment, comment.id)


def site_version(site: Site) -> int:
    """Return a site's version as it stands on disk."""
    session().expire_all()
    return session().get_one(Site, site.id).version
