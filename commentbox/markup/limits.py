"""How much the markup reads: the caps that keep every step's time in proportion to the text."""

MAX_SOURCE_CHARS = 100_000
"""A longer source shows as typed. A site's own limit is lower and is checked long before."""

MAX_HTML_CHARS = 2_000_000
"""Longer HTML keeps its text only. ``MAX_SOURCE_CHARS`` of Markdown cannot become as much."""

MAX_ELEMENTS = 2_500
"""A text with more, line breaks not counted, shows as typed: bleach looks through all the siblings
of an element each time it leaves one, so 30,000 list items would cost it half a minute."""

MAX_DEPTH = 24
"""Elements inside elements. bleach's time grows with the square of this, browsers' with more."""

MAX_BLOCK_LEVEL = 12
"""Quotes and list items inside each other that Markdown makes; deeper signs show as text."""
