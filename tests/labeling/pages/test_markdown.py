"""Guidelines as safe HTML."""

import pytest

from labeling.markdown import to_html


def test_common_marks() -> None:
    assert to_html("**a** *b* `c`\n\n- d") == (
        "<p><strong>a</strong> <em>b</em> <code>c</code></p>\n<ul>\n<li>d</li>\n</ul>\n"
    )


def test_headings_begin_at_the_third_level_without_gaps() -> None:
    assert to_html("# a\n### b\n# c") == "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>\n"
    assert to_html("### a\n#### b") == "<h3>a</h3>\n<h4>b</h4>\n"


def test_html_is_shown_as_text() -> None:
    assert to_html("<b onclick=x>a</b>") == "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
)
def test_a_link_that_runs_something_is_no_link(link: str) -> None:
    assert "href" not in to_html(f"[a]({link})")


def test_a_link_to_a_page_stays() -> None:
    assert to_html("[a](https://example.org)") == (
        '<p><a href="https://example.org" rel="noreferrer">a</a></p>\n'
    )


def test_pictures_are_left_out() -> None:
    assert to_html("![a](https://example.org/a.png)") == "<p></p>\n"


def test_tables() -> None:
    assert "<td>1</td>" in to_html("|a|\n|-|\n|1|")
