"""Run the demo: the service, and a blog of another origin that embeds it."""

import secrets
from pathlib import Path
from textwrap import shorten

import click

from commentbox import clock, server
from commentbox.app import create_app
from commentbox.demo.blog import BlogServer
from commentbox.demo.conversations import demo_pages
from commentbox.demo.seed import seed

EMAIL = "owner@example.org"


class Show:
    """One run of the demo: the service on a port, the blog on the next one."""

    def __init__(self, host: str, port: int, data_dir: Path) -> None:
        self._host, self._port, self._data_dir = host, port, data_dir
        self._service_url = server.address_of(host, port)
        self._password = secrets.token_urlsafe(9)

    def run(self) -> None:
        """Fill the database, serve until Ctrl-C, and leave nothing running."""
        server.require_free(self._host, self._port)
        blog = BlogServer(self._host, self._port + 1, self._service_url)
        settings = {
            "COMMENTBOX_DATA_DIR": str(self._data_dir),
            "COMMENTBOX_PUBLIC_URL": self._service_url,
        }
        app = create_app(settings)
        with app.app_context():
            seed(blog.url, EMAIL, self._password, clock.now())
        blog.start()
        try:
            with server.ended_by_signals(ends_with_terminal=True):
                click.echo(self._programme(blog.url))
                server.serve(app, self._host, self._port, 1, is_quiet=True, ends_with_terminal=True)
        finally:
            blog.stop()

    def _programme(self, blog_url: str) -> str:
        service = self._service_url
        lines = ["", "commentbox is running. Open", ""]
        for page in demo_pages():
            title = shorten(page.title, 58, placeholder=" …")
            lines.append(f"  {title:<60}{blog_url}{page.path}")
        for page in demo_pages():
            hosted = f"{service}/sites/{page.site}/thread?page={page.path}"
            lines.append(f"  {f'… without JavaScript ({page.language})':<60}{hosted}")
        lines.append(f"  {'The dashboard, where held comments wait':<60}{service}/dashboard/")
        lines += ["", f"  Sign in as {EMAIL} with the password {self._password}"]
        return "\n".join([*lines, "", "Ctrl-C ends it.", ""])
