"""Every command does its work, or says in one sentence what to do instead."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, text

from commentbox import create_app, markup, schema, server
from commentbox.actions.moderators import find_moderator
from commentbox.cli import commands
from commentbox.db import engine_options, session
from commentbox.models import Comment, Site
from commentbox.models.policy import POLICY
from commentbox.models.site import site_with_key
from tests.cli.conftest import Cli, told
from tests.factories import write
from tests.ports import free_port
from tests.web.dashboard.people import Desk


def test_without_a_command_the_commands_are_named(cli: Cli) -> None:
    shown = cli("--help")
    assert shown.exit_code == 0
    for name in ("demo", "serve", "upgrade", "site", "moderator", "render", "rerender"):
        assert f"\n  {name} " in shown.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["site"],
        ["site", "add"],
        ["site", "add", "blog"],
        ["site", "set", "blog"],
        ["site", "set", "blog", "max_depth"],
        ["moderator", "add"],
        ["moderator", "add", "ben@example.org", "--role", "king"],
        ["render", "--site", "blog"],
        ["serve", "--port", "0"],
        ["serve", "--port", "http"],
        ["serve", "--workers", "0"],
        ["demo", "--port", "65535"],
        ["upgrade", "--now"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(cli: Cli, arguments: list[str]) -> None:
    assert cli(*arguments).exit_code == 2


def test_a_site_is_added_and_its_snippet_printed(cli: Cli) -> None:
    added = cli(
        *("site", "add", "blog", "--origin", "https://Blog.example/"),
        COMMENTBOX_PUBLIC_URL="https://comments.example.org",
    )
    assert added.exit_code == 0, added.output
    assert "https://blog.example" in added.stdout
    script = '<script async src="https://comments.example.org/embed.js" data-site="blog"></script>'
    assert script in added.stdout
    link = 'href="https://comments.example.org/sites/blog/thread"'
    assert link in added.stdout
    assert ">Comments</a>" in added.stdout


def test_while_the_address_is_unknown_an_example_stands_for_it_and_this_is_said(cli: Cli) -> None:
    added = cli("site", "add", "blog", "--origin", "https://blog.example")
    assert "COMMENTBOX_PUBLIC_URL" in added.stderr
    known = cli(
        *("site", "add", "blog", "--origin", "https://blog.example"),
        COMMENTBOX_PUBLIC_URL="https://comments.example.org",
    )
    assert known.stderr == ""


def test_the_version_is_told(cli: Cli) -> None:
    assert version("commentbox") in cli("--version").stdout


def test_a_german_site_has_a_german_snippet(cli: Cli) -> None:
    added = cli("site", "add", "blog", "--origin", "https://blog.example", "--language", "de")
    assert ">Kommentare</a>" in added.stdout


def test_sites_are_listed_for_people_and_for_scripts(cli: Cli) -> None:
    assert cli("site", "list").stdout == ""
    assert json.loads(cli("site", "list", "--json").stdout) == []
    cli("site", "add", "shop", "--origin", "https://shop.example")
    cli("site", "add", "blog", "--origin", "https://blog.example", "--origin", "http://localhost")
    listed = json.loads(cli("site", "list", "--json").stdout)
    assert [site["key"] for site in listed] == ["blog", "shop"]
    assert listed[0]["origins"] == ["https://blog.example", "http://localhost"]
    assert set(listed[0]["policy"]) == set(POLICY) - {"name"}
    assert "blog: https://blog.example, http://localhost" in cli("site", "list").stdout


def test_policy_is_set_by_name_and_value(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    changed = cli("site", "set", "blog", "max_depth=2", "moderation=all", "name=A=B")
    assert changed.exit_code == 0, changed.output
    assert "max_depth = 2" in changed.stdout
    listed = json.loads(cli("site", "list", "--json").stdout)
    assert (listed[0]["policy"]["max_depth"], listed[0]["policy"]["moderation"]) == (2, "all")
    assert listed[0]["name"] == "A=B"


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["site", "add", "My Blog", "--origin", "https://blog.example"], "hyphens"),
        (["site", "add", "shop", "--origin", "shop.example"], "https://example.org"),
        (["site", "add", "shop", "--origin", "https://a.example", "--language", "xx"], "de, en"),
        (["site", "set", "shop", "max_depth=2"], "commentbox site add"),
        (["site", "set", "blog", "max_depth=many"], "from 0 to 10"),
        (["site", "set", "blog", "colour=red"], "max_depth"),
        (["site", "set", "blog", "is_open=maybe"], "yes or no"),
        (["render", "--site", "shop", "--page", "/a"], "commentbox site add"),
        (["render", "--site", "blog", "--page", "undefined"], "not a page"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_one_sentence_with_the_remedy(
    cli: Cli, arguments: list[str], remedy: str
) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    public = {"COMMENTBOX_PUBLIC_URL": "https://comments.example.org"}
    assert remedy in told(cli(*arguments, **public))


@pytest.mark.parametrize("command", [["site", "list"], ["serve"], ["upgrade"], ["rerender"]])
def test_a_wrong_setting_stops_every_command(cli: Cli, command: list[str]) -> None:
    assert "COMMENTBOX_DATABASE" in told(cli(*command, COMMENTBOX_DATABASE="x"))
    assert "COMMENTBOX_PUBLIC_URL" in told(cli(*command, COMMENTBOX_PUBLIC_URL="example.org"))


def test_a_moderator_is_added_with_a_password_from_a_pipe(cli: Cli, data_dir: Path) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    added = cli(
        *("moderator", "add", "Ben@example.org", "--site", "blog", "--password-stdin"),
        input="four words of Ben's\n",
    )
    assert added.exit_code == 0, added.output
    assert "ben@example.org moderates blog and can sign in" in added.stdout
    assert "four words" not in added.output
    with service(data_dir).app_context():
        assert find_moderator("ben@example.org", "four words of Ben's") is not None


def test_an_invitation_and_a_new_password_are_links_to_pass_on(cli: Cli, data_dir: Path) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    invited = cli("moderator", "invite", "ben@example.org", "--site", "blog")
    assert invited.exit_code == 0, invited.output
    path = invited.stdout.strip().removeprefix("http://127.0.0.1:8080")
    assert "ben@example.org" in service(data_dir).test_client().get(path).text
    cli("moderator", "add", "ada@example.org", "--password-stdin", input="four words of Ada's\n")
    lost = cli("moderator", "reset", "ADA@example.org", "--without-second-factor")
    path = lost.stdout.strip().removeprefix("http://127.0.0.1:8080")
    assert "ada@example.org" in service(data_dir).test_client().get(path).text
    unknown = cli("moderator", "reset", "nobody@example.org")
    assert unknown.exit_code == 1
    assert "commentbox moderator add" in unknown.stderr


def test_the_first_account_owns_every_site_and_later_ones_moderate(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    for name, more in (("ada", []), ("ben", []), ("cy", ["--site", "blog"])):
        address = f"{name}@example.org"
        added = cli("moderator", "add", address, *more, "--password-stdin", input="four words\n")
        assert added.exit_code == 0, added.output
    assert cli("moderator", "list").stdout.splitlines() == [
        "ada@example.org owns every site.",
        "ben@example.org moderates every site.",
        "cy@example.org moderates blog.",
    ]
    listed = json.loads(cli("moderator", "list", "--json").stdout)
    assert listed[2] == {
        "email": "cy@example.org",
        "roles": [{"role": "moderator", "site": "blog"}],
    }
    assert listed[0]["roles"] == [{"role": "owner", "site": None}]


def test_an_account_is_removed_with_its_sessions_but_not_the_last_owner(
    cli: Cli, data_dir: Path
) -> None:
    for name in ("ada", "ben"):
        address = f"{name}@example.org"
        cli("moderator", "add", address, "--password-stdin", input="four words\n")
    app = service(data_dir)
    with app.app_context():
        signed_in = find_moderator("ben@example.org", "four words")
    assert signed_in is not None
    browser = Desk.of(app, signed_in).client
    assert browser.get("/dashboard/").status_code == 200
    assert cli("moderator", "remove", "Ben@example.org").exit_code == 0
    assert browser.get("/dashboard/").status_code == 303
    assert "needs an owner" in told(cli("moderator", "remove", "ada@example.org"))
    assert "no account" in told(cli("moderator", "remove", "ben@example.org"))


def test_a_site_is_removed_after_a_yes(cli: Cli, data_dir: Path) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    with service(data_dir).app_context():
        write(blog())
    refused = cli("site", "remove", "blog", input="n\n")
    assert refused.exit_code == 1
    assert "blog" in cli("site", "list").stdout
    removed = cli("site", "remove", "blog", "--yes")
    assert removed.stdout == "“blog” is removed, with 1 comments.\n"
    assert cli("site", "list").stdout == ""
    assert "commentbox site add" in told(cli("site", "remove", "blog", "--yes"))


def test_the_doctor_tells_what_is_well_and_what_is_not(cli: Cli) -> None:
    looked = cli("doctor")
    assert looked.exit_code == 0, looked.output
    assert "✓ The database (sqlite)" in looked.stdout
    assert "– There is no site" in looked.stdout
    page = cli("doctor", f"http://127.0.0.1:{free_port()}/")
    assert page.exit_code == 1
    assert page.stdout.splitlines()[-1].startswith("✗ ")
    assert page.stderr == "Error: Something is wrong: see above what to do about it.\n"
    found = json.loads(cli("doctor", "--json").stdout)
    assert {each["level"] for each in found} == {"good", "hint"}


def test_a_password_is_asked_twice_and_not_shown(cli: Cli) -> None:
    asked = cli("moderator", "add", "ada@example.org", input="a long password\na long password\n")
    assert asked.exit_code == 0, asked.output
    assert "a long password" not in asked.output


@pytest.mark.parametrize(
    ("email", "password", "remedy"),
    [
        ("ben", "four words of Ben's", "ada@example.org"),
        ("ben@example.org", "short", "8 to 1000"),
        ("ben@example.org", "", "8 to 1000"),
    ],
)
def test_a_bad_account_is_refused_with_the_remedy(
    cli: Cli, email: str, password: str, remedy: str
) -> None:
    refused = cli("moderator", "add", email, "--password-stdin", input=f"{password}\n")
    assert remedy in told(refused)


def test_an_account_for_an_unknown_site_is_refused(cli: Cli) -> None:
    refused = cli(
        *("moderator", "add", "ben@example.org", "--site", "shop", "--password-stdin"),
        input="four words of Ben's\n",
    )
    assert "commentbox site add" in told(refused)


def test_a_thread_is_printed_for_a_static_build(cli: Cli, data_dir: Path) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    with service(data_dir).app_context():
        write(blog(), text="In *any* page.", page="/a")
    public = {"COMMENTBOX_PUBLIC_URL": "https://comments.example.org"}
    printed = cli("render", "--site", "blog", "--page", "/a", "--lang", "de", **public)
    assert printed.exit_code == 0, printed.output
    assert "In <em>any</em> page." in printed.stdout
    assert "https://comments.example.org/sites/blog/thread" in printed.stdout
    assert "Schreibe einen Kommentar" in printed.stdout


def test_printing_needs_to_know_where_the_service_is(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    assert "COMMENTBOX_PUBLIC_URL" in told(cli("render", "--site", "blog", "--page", "/a"))


def test_stored_comments_are_rendered_again(cli: Cli, data_dir: Path) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    app = service(data_dir)
    with app.app_context():
        number = write(blog(), text="*Again*").id
    with app.extensions["commentbox"].database.engine.begin() as connection:
        connection.execute(text("UPDATE commentbox_comment SET html = 'old', markup_version = 0"))
    assert cli("rerender").stdout == "1 comments were rendered.\n"
    assert cli("rerender").stdout == "0 comments were rendered.\n"
    with app.app_context():
        assert session().get_one(Comment, number).html == markup.render("*Again*")


def test_a_new_database_is_upgraded_and_an_upgraded_one_left_alone(
    cli: Cli, tmp_path: Path
) -> None:
    fresh = {"COMMENTBOX_DATA_DIR": str(tmp_path / "fresh")}
    newest = schema.newest_revision()
    assert cli("upgrade", **fresh).stdout == f"The schema went from nothing to {newest}.\n"
    assert cli("upgrade", **fresh).stdout == f"The schema is up to date ({newest}).\n"


@pytest.mark.usefixtures("_connections_end")
def test_postgresql_is_upgraded_by_the_command_that_its_refusal_names(
    cli: Cli, bare_postgresql_url: str
) -> None:
    there = {"COMMENTBOX_DATABASE_URL": bare_postgresql_url}
    assert "commentbox upgrade" in told(cli("site", "list", **there))
    assert cli("upgrade", **there).exit_code == 0
    assert cli("site", "list", **there).exit_code == 0


def test_a_database_that_cannot_be_reached_is_told_in_one_sentence(cli: Cli) -> None:
    nowhere = {"COMMENTBOX_DATABASE_URL": "postgresql://ada:s3cret@127.0.0.1:1/comments"}
    for command in (["site", "list"], ["upgrade"], ["serve"]):
        sentence = told(cli(*command, **nowhere))
        assert "127.0.0.1" in sentence
        assert "s3cret" not in sentence


def test_a_file_that_is_no_database_is_told_in_one_sentence(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada, " * 100, encoding="ascii")
    sentence = told(cli("site", "list", COMMENTBOX_DATABASE_URL=f"sqlite:///{tmp_path}/letter.txt"))
    assert "not a database" in sentence
    nowhere = told(cli("site", "list", COMMENTBOX_DATABASE_URL=f"sqlite:///{tmp_path}/no/x.db"))
    assert "COMMENTBOX_DATABASE_URL" in nowhere
    in_a_file = told(cli("upgrade", COMMENTBOX_DATA_DIR=str(tmp_path / "letter.txt")))
    assert "COMMENTBOX_DATA_DIR" in in_a_file


@pytest.mark.parametrize(
    "command",
    [
        ["site", "add", "blog", "--origin", "https://blog.example", "--name", "\udcff"],
        ["site", "set", "blog", "name=\udcff"],
        ["thread", "close", "--site", "blog", "--page", "\udcff"],
        ["render", "--site", "blog", "--page", "\udcff"],
        ["moderator", "add", "\udcff@example.org", "--password-stdin"],
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_what_is_not_utf_8_is_told_in_one_sentence(cli: Cli, command: list[str]) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    public = {"COMMENTBOX_PUBLIC_URL": "https://comments.example.org"}
    assert "UTF-8" in told(cli(*command, input="four words of Ben's\n", **public))


def test_a_port_that_is_taken_is_told_in_one_sentence(cli: Cli, live_service: object) -> None:
    port = live_service.url.rpartition(":")[2]  # type: ignore[attr-defined]
    assert "--port" in told(cli("serve", "--port", port))
    assert "--port" in told(cli("demo", "--port", port))


def test_a_host_that_cannot_be_one_is_told_in_one_sentence(cli: Cli) -> None:
    assert "--host" in told(cli("serve", "--host", ""))
    assert server.address_of("::1", 8080) == "http://[::1]:8080"
    assert server.address_of("localhost", 8080) == "http://localhost:8080"


def test_under_flask_the_commands_work_on_the_hosts_app(data_dir: Path) -> None:
    info = ScriptInfo(create_app=lambda: service(data_dir))
    added = CliRunner().invoke(
        commands, ["site", "add", "blog", "--origin", "https://blog.example"], obj=info
    )
    assert added.exit_code == 0, added.output
    url = f"sqlite:///{data_dir}/commentbox.sqlite3"
    engine = create_engine(url, **engine_options(url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT key FROM commentbox_site")).scalars().all() == [
            "blog"
        ]
    engine.dispose()


def test_under_flask_an_app_without_comments_is_told_so() -> None:
    info = ScriptInfo(create_app=lambda: Flask("plain"))
    for command in (["site", "list"], ["upgrade"]):
        assert "CommentBox(app)" in told(CliRunner().invoke(commands, command, obj=info))


def service(data_dir: Path) -> Flask:
    """Return the service on the commands' data folder."""
    return create_app(
        {"COMMENTBOX_DATA_DIR": data_dir, "COMMENTBOX_SECRET_KEY": "known to every test"}
    )


def blog() -> Site:
    """Return the site “blog”."""
    return site_with_key(session(), "blog")


def test_a_site_gets_its_own_words_and_colours(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    given = cli("site", "looks", "blog", "accent=#AA3300", "send=Post  it", "rules=Be kind.")
    assert given.output.splitlines() == ["rules = Be kind.", "send = Post it", "accent = #aa3300"]
    assert cli("site", "looks", "blog", "rules=").output == "send = Post it\naccent = #aa3300\n"
    for wrong, remedy in (("accent=red", "Write a colour like"), ("size=3", "accent, danger")):
        refused = cli("site", "looks", "blog", wrong)
        assert refused.exit_code == 1
        assert remedy in refused.stderr
    assert (
        "--comment-box-accent: #aa3300;"
        in cli("site", "add", "blog", "--origin", "https://b.example").output
    )
