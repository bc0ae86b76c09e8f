"""What a site's owner pastes into the pages."""

from commentbox.models import Site

SNIPPET = """\
<script async src="{service}/embed.js" data-site="{site}"></script>
<noscript><a href="{service}/sites/{site}/thread" referrerpolicy="no-referrer-when-downgrade">{link}</a></noscript>"""

COLOURS = "<style>comment-box {{ {properties} }}</style>\n"


def snippet(service: str, site: Site) -> str:
    """Return the snippet of a site; ``service`` is where the service is, e.g. ``https://c.example``."""
    link = "Kommentare" if site.language == "de" else "Comments"
    properties = " ".join(
        f"--comment-box-{name}: {colour};" for name, colour in sorted(site.colours.items())
    )
    colours = COLOURS.format(properties=properties) if properties else ""
    return colours + SNIPPET.format(service=service, site=site.key, link=link)
