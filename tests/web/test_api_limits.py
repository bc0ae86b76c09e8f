"""Rate limits: counted by network, per app, for one deed however it is done."""

from collections.abc import Callable

import pytest
from flask import Flask
from redis import Redis

from commentbox import create_app
from commentbox.errors import SetupError
from tests.ports import free_port
from tests.web.readers import Reader, codes

NewApp = Callable[..., Flask]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return SQLite's address: limits are not counted in the database."""
    return sqlite_url


@pytest.fixture
def limited(elsewhere: Callable[..., Reader]) -> Callable[..., Reader]:
    """Return a function that makes a reader of a new app with a limit on posts."""
    return lambda limit, **settings: elsewhere(COMMENTBOX_POST_LIMIT=limit, **settings)


def statuses(reader: Reader, count: int) -> list[int]:
    """Post several different comments."""
    return [reader.post(f"Number {n} of {reader.address}").status_code for n in range(count)]


def test_posts_above_the_limit_are_refused_and_not_stored(limited):
    reader = limited("2 per minute")
    assert statuses(reader, 2) == [201, 201]
    before = reader.stored()
    answer = reader.post("One too many")
    assert (answer.status_code, codes(answer)) == (429, ("rate_limited",))
    assert reader.stored() == before


@pytest.mark.parametrize(
    ("limit", "shortest", "longest"),
    [
        ("1 per minute", 1, 60),
        ("1 per hour", 3_500, 3_600),
        ("1 per day; 5 per minute", 86_300, 86_400),
        ("1 per minute; 5 per day", 1, 60),
    ],
)
def test_retry_after_is_that_of_the_limit_that_was_broken(
    limited, limit: str, shortest: int, longest: int
):
    reader = limited(limit)
    assert statuses(reader, 2) == [201, 429]
    assert shortest <= int(reader.post().headers["Retry-After"]) <= longest


def test_retry_after_ends_with_the_window(limited, redis_url: str):
    reader = limited("1 per hour", COMMENTBOX_RATELIMIT_STORAGE_URL=redis_url)
    assert statuses(reader, 2) == [201, 429]
    with Redis.from_url(redis_url) as redis:
        [count] = redis.keys()
        redis.expire(count, 7)
    assert 1 <= int(reader.post().headers["Retry-After"]) <= 7


def test_two_entrances_share_one_count(limited):
    reader = limited("2 per minute")
    assert reader.post("By JSON").status_code == 201
    assert reader.post_by_page("By the page").status_code == 303
    assert reader.post("By JSON again").status_code == 429
    assert reader.post_by_page("By the page again").status_code == 429


def test_networks_are_counted_apart(limited):
    reader = limited("1 per minute")
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8:a:1::1", "2001:db8:a:2::1", ""):
        assert statuses(Reader(reader.app, reader.site, address), 2) == [201, 429]


def test_the_addresses_of_one_household_share_a_count(limited):
    reader = limited("1 per minute")
    neighbours = [Reader(reader.app, reader.site, f"2001:db8:a:b::{n:x}") for n in (1, 2, 0xFFFF)]
    assert [statuses(each, 1) for each in neighbours] == [[201], [429], [429]]
    mapped = [Reader(reader.app, reader.site, a) for a in ("192.0.2.9", "::ffff:192.0.2.9")]
    assert [statuses(each, 1) for each in mapped] == [[201], [429]]


def test_two_apps_count_apart(limited):
    first, second = limited("1 per minute"), limited("1 per minute")
    assert statuses(first, 2) == [201, 429]
    there = Reader(second.app, second.site, first.address)
    assert [there.post(text).status_code for text in ("Other", "Another")] == [201, 429]


def test_what_is_refused_for_a_field_does_not_use_up_the_limit(limited, redis_url: str):
    for storage in ("memory://", redis_url):
        reader = limited("1 per minute", COMMENTBOX_RATELIMIT_STORAGE_URL=storage)
        for _ in range(3):
            assert reader.post(f"With {storage}", email="nowhere").status_code == 422
            assert reader.post_by_page(f"With {storage}", email="nowhere").status_code == 422
        assert reader.post(f"With {storage}").status_code == 201
        assert reader.post("Again", email="nowhere").status_code == 429


def test_refused_posts_have_a_wider_limit_of_their_own(limited):
    reader = limited("5 per minute")
    refused = [reader.post("", email="nowhere").status_code for _ in range(31)]
    assert (set(refused[:-1]), refused[-1]) == ({422}, 429)


def test_who_is_turned_away_is_told_so_in_the_language_of_the_page(limited):
    reader = limited("1 per minute")
    assert statuses(reader, 1) == [201]
    in_the_body = reader.post("Noch einer", lang="de")
    german = Reader(
        reader.app, reader.site, reader.address, {**reader.headers, "Accept-Language": "de-AT"}
    )
    for answer in (
        in_the_body,
        reader.post_by_page("Noch einer", lang="de"),
        german.post("Dritter"),
    ):
        assert answer.status_code == 429
        assert "Zu viele Anfragen" in answer.text


def test_an_empty_limit_is_none(limited):
    assert set(statuses(limited(""), 20)) == {201}


def test_without_a_setting_there_is_a_limit(limited):
    assert 429 in statuses(limited(None), 10)


def test_reading_is_not_limited(limited):
    reader = limited("1 per minute")
    for _ in range(100):
        reader.read()


@pytest.mark.long
@pytest.mark.parametrize(
    ("deed", "fields", "allowed"),
    [
        ("vote", {"value": 1}, 30),
        ("report", {}, 10),
        ("edit", {"text": "a", "edit_token": "x"}, 20),
    ],
)
def test_other_deeds_have_limits_of_their_own(
    shared_reader: Reader, deed: str, fields: dict[str, object], allowed: int
):
    comment = shared_reader.posted(f"To {deed}")
    answers = [shared_reader.to_comment(comment.id, deed, **fields) for _ in range(allowed + 1)]
    assert 429 not in [answer.status_code for answer in answers[:-1]]
    assert codes(answers[-1]) == ("rate_limited",)
    assert shared_reader.post("Posting goes on").status_code == 201


@pytest.mark.parametrize(
    "limit",
    [
        "often",
        "5 per fortnight",
        "per minute",
        "5",
        "-1 per minute",
        "5 per 0 minute",
        "0 per minute",
    ],
)
def test_a_limit_that_cannot_be_read_stops_the_start(new_app: NewApp, limit: str):
    with pytest.raises(SetupError, match="COMMENTBOX_POST_LIMIT"):
        new_app(COMMENTBOX_POST_LIMIT=limit)


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "foo://localhost",
        "redis+unknown://localhost",
        "redis://127.0.0.1:99999",
        "redis://[",
        "redis://x y",
        "redis://127.0.0.1:1/abc",
        "mongodb://127.0.0.1",
        "async+memory://",
    ],
)
def test_a_storage_that_is_none_stops_the_start(new_app: NewApp, address: str):
    with pytest.raises(SetupError, match="COMMENTBOX_RATELIMIT_STORAGE_URL"):
        new_app(COMMENTBOX_RATELIMIT_STORAGE_URL=address)


def test_while_redis_is_away_posts_are_taken_and_still_counted(limited):
    dead = f"redis://127.0.0.1:{free_port()}/0"
    reader = limited("2 per minute", COMMENTBOX_RATELIMIT_STORAGE_URL=dead)
    assert statuses(reader, 3) == [201, 201, 429]
    assert 1 <= int(reader.post().headers["Retry-After"]) <= 60


def test_with_redis_two_processes_count_together(limited, redis_url: str):
    first = limited("1 per minute", COMMENTBOX_RATELIMIT_STORAGE_URL=redis_url)
    second = limited("1 per minute", COMMENTBOX_RATELIMIT_STORAGE_URL=redis_url)
    assert statuses(first, 1) == [201]
    assert Reader(second.app, second.site, first.address).post("Other").status_code == 429


def test_behind_declared_proxies_the_reader_is_counted_and_not_the_proxy(limited):
    address = "https://comments.example.org"
    reader = limited("1 per minute", COMMENTBOX_TRUSTED_PROXIES="1", COMMENTBOX_PUBLIC_URL=address)
    first, second = (
        Reader(reader.app, reader.site, "192.0.2.1", {**reader.headers, "X-Forwarded-For": address})
        for address in ("198.51.100.1", "198.51.100.2")
    )
    assert statuses(first, 1) == [201]
    assert second.post("From elsewhere").status_code == 201
    assert first.post("Again").status_code == 429


def test_undeclared_proxies_are_not_believed(limited):
    reader = limited("1 per minute")
    lying = [
        Reader(reader.app, reader.site, "192.0.2.1", {**reader.headers, "X-Forwarded-For": address})
        for address in ("198.51.100.1", "198.51.100.2")
    ]
    assert [each.post(str(n)).status_code for n, each in enumerate(lying)] == [201, 429]


def test_a_limit_does_not_reach_the_pages_of_a_host(sqlite_url: str, tmp_path):
    app = create_app(
        {
            "COMMENTBOX_DATA_DIR": tmp_path,
            "COMMENTBOX_DATABASE_URL": sqlite_url,
            "COMMENTBOX_POST_LIMIT": "1 per minute",
            "COMMENTBOX_SECRET_KEY": "known to every test",
        }
    )
    app.add_url_rule("/post", "post", lambda: "posted", methods=["POST"])
    assert {app.test_client().post("/post").status_code for _ in range(5)} == {200}
    app.extensions["commentbox"].database.engine.dispose()
