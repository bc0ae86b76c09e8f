"""A site is read again as soon as it has changed, whoever changed it."""

from sqlalchemy import event

from commentbox.actions.sites import set_origins, set_policy
from commentbox.db import current_database
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, Reader

ELSEWHERE = "https://moved.example"


@ON_BOTH_DATABASES
def test_a_change_of_origins_or_rules_counts_for_the_next_request(reader: Reader):
    reader.posted("Before")
    moved = Reader(reader.app, reader.site, headers={"Origin": ELSEWHERE})
    assert moved.post("Too early").status_code == 403
    with reader.app.app_context():
        set_origins(reader.site.key, [ELSEWHERE])
    assert moved.post("Welcome").status_code == 201
    assert reader.post("From the old address").status_code == 403
    with reader.app.app_context():
        set_policy(reader.site.key, {"require_name": "yes"})
    assert moved.post("Nameless").status_code == 422


@ON_BOTH_DATABASES
def test_an_unchanged_site_is_read_by_its_version_and_by_nothing_else(reader: Reader):
    path = f"/api/v1/sites/{reader.site.key}/tickets"
    assert reader.client.post(path, headers={"Origin": ORIGIN}).status_code == 200
    asked: list[str] = []
    with reader.app.app_context():
        engine = current_database().engine
    event.listen(engine, "before_cursor_execute", note := lambda *about: asked.append(about[2]))
    assert reader.client.post(path, headers={"Origin": ORIGIN}).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    assert not [statement for statement in asked if "commentbox_site_origin" in statement]
