"""The blog that readers visit: its pages, and what the service behind it keeps."""

from dataclasses import dataclass
from html import escape

from sqlalchemy import select

from commentbox.actions.sites import set_policy
from commentbox.db import atomic, session
from commentbox.models import Comment, Site, State
from tests import factories
from tests.websites import LiveBlog, LiveService

PAGE = factories.PAGE


@dataclass(frozen=True)
class Blog:
    """A blog on an origin of its own, and its site “blog” at the service."""

    live: LiveBlog
    service: LiveService

    def publish(
        self,
        *boxes: str,
        path: str = f"{PAGE}/",
        lang: str = "en",
        head: str = "",
        above: str = "",
        below: str = "",
    ) -> str:
        """Publish a page with the documented snippet, or with other boxes; returns its address."""
        return self.live.publish(
            path,
            f"""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Social media</title>
{head}
</head>
<body>
<main>
<article><h1>Social media</h1><p>Does a company need <a href="#rules">rules</a> for it?</p></article>
{above}
{"".join(boxes) or self.snippet()}
{below}
</main>
</body>
</html>""",
        )

    def snippet(self, site: str = "blog", **attributes: str) -> str:
        """Return the snippet as it is documented, e.g. with ``page="/a/"``."""
        return f"""<script async src="{self.service.url}/embed.js" data-site="{site}"{
            "".join(f' data-{name}="{escape(value)}"' for name, value in attributes.items())
        }></script>
<noscript><a href="{self.service.url}/sites/{site}/thread"
  referrerpolicy="no-referrer-when-downgrade">Comments</a></noscript>"""

    def script(self) -> str:
        """Return the script alone, for pages that place their threads themselves."""
        return f'<script async src="{self.service.url}/embed.js"></script>'

    def hosted(self, page: str = PAGE, query: str = "") -> str:
        """Return the address of a page's thread at the service."""
        return f"{self.service.url}/sites/blog/thread?page={page}{query}"

    def write(self, text: str = "", **words: object) -> int:
        """Let Cy write something, and return the comment's number; see ``factories.write``."""
        with self.service.app.app_context():
            return factories.write(self._site(), text=text, **words).id

    def write_many(self, count: int, **words: object) -> list[int]:
        """Let Cy start as many conversations."""
        return [self.write(**words) for _ in range(count)]

    def rule(self, number: int, to: State) -> None:
        """Let a moderator decide on a comment."""
        with self.service.app.app_context():
            factories.rule(session().get_one(Comment, number), to)

    def remember_anchors(self, anchors: dict[int, str]) -> None:
        """Let comments be imported ones, which other anchors lead to."""
        with self.service.app.app_context(), atomic() as current:
            for number, anchor in anchors.items():
                current.get_one(Comment, number).anchor = anchor

    def set(self, **policy: object) -> None:
        """Set the site's policy, e.g. ``set(page_size=2)``."""
        with self.service.app.app_context():
            set_policy("blog", {name: str(value) for name, value in policy.items()})

    def stored(self) -> list[Comment]:
        """Return every comment that is kept, oldest first."""
        with self.service.app.app_context():
            return list(session().scalars(select(Comment).order_by(Comment.id)))

    def _site(self) -> Site:
        return session().scalars(select(Site).where(Site.key == "blog")).one()
