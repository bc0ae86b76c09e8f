"""Markdown as comment boxes mean it: CommonMark without what shouts, hides text or loads images.

- A single line break is a line break; addresses become links; ``~~struck~~`` is struck.
- No raw HTML, no headings, no tables, no rules: their signs show as they were typed.
- No indented code: in a comment box, spaces at a line's start are a habit, not code.
- No reference definitions: they would vanish from the text, and one could be used a thousand times.
- No titles of links: nobody sees them on a telephone, and few elsewhere.
- An image becomes a link to it: a reader's browser asks nobody whom the reader has not chosen, and
  what the author pointed at is not lost.
"""

import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, blockquote, hr, list_block
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from commentbox.markup.addresses import safe_href
from commentbox.markup.limits import MAX_BLOCK_LEVEL, MAX_SOURCE_CHARS
from commentbox.markup.links import START_OF_BARE, bare_address
from commentbox.markup.plain import has_too_many_elements, unparsed

_BLOCKS = ["blockquote", "fence", "hr", "list"]
_INLINES = ["autolink", "backticks", "emphasis", "entity", "escape", "image", "link", "newline"]
_PAIRS = ["balance_pairs", "emphasis", "fragments_join", "strikethrough"]

# Where plain text stops and rules are asked: markdown-it's own signs, less those of rules that are
# not used here, and the start of an address.
_END_OF_TEXT = re.compile(rf"[\n!&*<>\[\]\\_`~]|{START_OF_BARE}", re.IGNORECASE)

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def to_html(source: str) -> str:
    """Turn Markdown into HTML, not yet to be trusted; what is too much stays as it was typed."""
    if len(source) > MAX_SOURCE_CHARS:
        return unparsed(source)
    html = str(_MARKDOWN.render(source)).rstrip("\n")
    return unparsed(source) if has_too_many_elements(html) else html


class CommentRenderer(RendererHTML):
    """Writes images in the way of comments."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Show fenced code; words beside the fence that name no language belong to the code.

        So does the one word of a fence without any, and a fence with nothing at all is a flourish:
        nothing that was typed is lost.
        """
        token = tokens[idx]
        info = token.info.strip()
        if not (info or token.content.strip()):
            return f"<p>{escapeHtml(token.markup)}</p>\n"
        if " " in info or "\t" in info or not token.content.strip():
            content = "\n".join(part for part in (info, token.content) if part)
            return f"<pre><code>{escapeHtml(content)}</code></pre>\n"
        return super().fence(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Show an image as a link named by its description."""
        image = tokens[idx]
        link = Token("link_open", "a", 1, attrs={"href": image.attrs["src"]})
        name = self.renderInline(image.children or [], options, env)
        return f"{self.renderToken([link], 0, options, env)}{name}</a>"


def _capped(rule: BlockRule) -> BlockRule:
    # markdown-it drops what is nested deeper than its own limit; a rule that steps back leaves
    # the signs to the paragraph instead, and nothing that was typed is lost.
    def step_back_when_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < MAX_BLOCK_LEVEL and rule(state, start, end, silent)

    return step_back_when_deep


def signs_of_a_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Markdown rule: what would draw a line across the page shows as its signs, ``* * *``."""
    if not hr(state, start, end, True):
        return False
    if not silent:
        state.line = start + 1
        state.push("paragraph_open", "p", 1)
        inline = state.push("inline", "", 0)
        inline.children = []
        inline.content = state.getLines(start, state.line, 0, False).strip()
        state.push("paragraph_close", "p", -1)
    return True


def _comment_markdown() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": 2 * MAX_BLOCK_LEVEL}
    markdown = MarkdownIt("zero", options, renderer_cls=CommentRenderer)
    markdown.enable([*_BLOCKS, *_INLINES, *_PAIRS])
    # "alt" says which other blocks each of them ends, as in markdown-it itself.
    inside: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    markdown.block.ruler.at("blockquote", _capped(blockquote), inside)
    markdown.block.ruler.at("list", _capped(list_block), {"alt": ["paragraph", "blockquote"]})
    markdown.block.ruler.at("hr", signs_of_a_rule, inside)
    markdown.inline.ruler.after("text", "bare_address", bare_address)
    markdown.inline.terminator_re = _END_OF_TEXT
    markdown.validateLink = lambda url: safe_href(url) is not None  # type: ignore[method-assign]
    markdown.render("*")  # its rules are sorted at first use: here, not in two threads at once
    return markdown


_MARKDOWN = _comment_markdown()
