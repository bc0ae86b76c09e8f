"""A site is read again as soon as it has changed, whoever changed it."""

from sqlalchemy import create_engine

from commentbox.actions.sites import add_site, set_origins, set_policy
from commentbox.db import current_database, engine_options
from commentbox.freshness import WriteMark, watch
from commentbox.web.known_sites import KnownSites
from tests.grounds import bare_app, heard
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
    with reader.app.app_context():
        engine = current_database().engine
    with heard(engine) as asked:
        assert reader.client.post(path, headers={"Origin": ORIGIN}).status_code == 200
    assert not [statement for statement in asked if "commentbox_site_origin" in statement]


def test_who_reads_a_site_first_never_needs_two_connections_of_the_pool(sqlite_url: str):
    # Sixteen threads that hold one and wait for another would stand still until all give up.
    only_one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 1}
    engine = create_engine(sqlite_url, **engine_options(sqlite_url), **only_one)
    with bare_app(engine).app_context():
        add_site("blog", [ORIGIN])
    seen = watch(engine, WriteMark())
    assert seen is not None
    with bare_app(engine).app_context():
        assert KnownSites(seen.ask).with_key("blog").has_origin(ORIGIN)
    engine.dispose()
