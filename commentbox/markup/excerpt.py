"""The beginning of a comment on one line: for feeds, mails, a moderator's list."""

from commentbox.markup.plain import plain_text


def excerpt(html: str, max_chars: int) -> str:
    """Return the text of rendered HTML on one line, cut after a word, e.g. ``"As Ada said, the…"``.

    At most ``max_chars`` characters, the ``…`` that marks a cut included.
    """
    text = " ".join(plain_text(html).split())
    if len(text) <= max_chars:
        return text
    cut = text[: max_chars - 1]
    if text[len(cut)].isalnum():
        cut = cut.rpartition(" ")[0] or cut  # a first word that is too long is cut inside
    return f"{cut.rstrip(' ,;:.')}…" if max_chars > 0 else ""
