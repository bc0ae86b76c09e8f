"""All commands, in the order in which they are listed."""

import click

from commentbox.cli.backup import backup, restore
from commentbox.cli.demo import demo
from commentbox.cli.doctor import doctor
from commentbox.cli.exporting import export
from commentbox.cli.group import Commands
from commentbox.cli.importing import import_comments, retract_import
from commentbox.cli.moderator import moderator
from commentbox.cli.person import person
from commentbox.cli.render import render
from commentbox.cli.rerender import rerender
from commentbox.cli.serve import serve
from commentbox.cli.site import site
from commentbox.cli.thread import thread
from commentbox.cli.upgrade import upgrade
from commentbox.cli.webhook import webhook
from commentbox.cli.worker import worker

commands = Commands("commentbox", help="A comment engine for any page.")
click.version_option(package_name="commentbox")(commands)
for command in (
    demo,
    serve,
    worker,
    upgrade,
    doctor,
    site,
    thread,
    moderator,
    webhook,
    import_comments,
    retract_import,
    export,
    person,
    backup,
    restore,
    render,
    rerender,
):
    commands.add_command(command)
