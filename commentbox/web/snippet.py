"""What a site's owner pastes into the pages."""

from commentbox.actions.looks import COLOUR, COLOURS
from commentbox.models import Site

SNIPPET = """\
<script async src="{service}/embed.js" data-site="{site}"></script>
<noscript><a href="{service}/sites/{site}/thread" referrerpolicy="no-referrer-when-downgrade">{link}</a></noscript>"""

STYLE = "<style>{rule}</style>\n"


def snippet(service: str, site: Site) -> str:
    """Return the snippet of a site; ``service`` is where the service is, e.g. ``https://c.example``."""
    link = "Kommentare" if site.language == "de" else "Comments"
    rule = colour_rule(site)
    colours = STYLE.format(rule=rule) if rule else ""
    return colours + SNIPPET.format(service=service, site=site.key, link=link)


def colour_rule(site: Site) -> str:
    """Return the style rule of a site's own colours; "" where its owner chose none."""
    properties = " ".join(
        f"--comment-box-{name}: {colour};"
        for name, colour in sorted(site.colours.items())
        if name in COLOURS and COLOUR.fullmatch(colour)
    )
    return f"comment-box {{ {properties} }}" if properties else ""
