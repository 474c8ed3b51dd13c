"""Guidelines as HTML that is safe to show."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# A guideline stands under a second-level heading of its page.
FIRST_HEADING = 3
LAST_HEADING = 6
TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "a", "em"),
    *("strong", "del", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}
parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@lru_cache(maxsize=128)
def to_html(text: str) -> SafeString:
    """Render Markdown; HTML in it is shown as text, and headings start at the third level.

    The result depends on the text alone, so each version of a guideline is rendered once.
    """
    tokens = parser.parse(text)
    _shift_headings(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    safe = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noreferrer",
    )
    return mark_safe(safe)  # noqa: S308 - cleaned in the line above


def _shift_headings(tokens: list[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        level = FIRST_HEADING + levels.index(token.tag)
        token.tag = f"h{min(level, LAST_HEADING)}"
