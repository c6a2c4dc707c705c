"""Makes a model's Markdown inert: readable everywhere, active nowhere.

JupyterLab does not sanitise the Markdown of a trusted output, nbconvert sanitises none, Quarto and MyST add
their own attributes and directives. So what is saved in a notebook must be harmless under every
parser, and parsers disagree about where code, math and containers begin and end. No parser is trusted here to
agree with ours. Only forms are emitted that all of them read alike, and a form is safe in two ways at once:

* *Text* is harmless whether a parser takes it for text, code or math: it holds no ``<`` but in a few constant
  tags without attributes, no image, no link but to an absolute web or mail address, no run of three backticks
  or tildes, and no dollar except around a formula on one line. Outside formulas it holds no opening
  brace, and no backslash but at the end of a line.
* *Code* that would be harmful as text is in a fence at the first column, between blank lines, with a
  language (so its first line cannot close another fence) and without any run that could close it early.
  Where that cannot be had it is written as ``<pre><code>`` with every sign as a character reference.

What is written says what the page shows of the same text (js/render), under JupyterLab, cmark-gfm and
nbconvert: ``tests/browser/test_one_meaning.py`` compares them. Emphasis beside Chinese, Japanese and
Korean, and a paragraph with so many signs that JupyterLab would take seconds for it, are written as tags.

What changes for a reader: a remote image becomes a link; relative links and link titles become text; a
footnote stays where it was written; HTML except for a few tags shows as text; a formula that could do
something shows its source, as does a ``mermaid`` diagram; in code that is indented by four columns instead
of fenced the changed signs show as character references.
"""

from nbstream.views.inert.blocks import inert_lines
from nbstream.views.inert.characters import visible
from nbstream.views.inert.growing import GrowingMarkdown

__all__ = ["GrowingMarkdown", "inert_markdown", "visible"]


def inert_markdown(text: str) -> str:
    r"""Markdown that says what `text` says and can neither run, load nor reach anything.

    Parameters
    ----------
    text
        Markdown from a source that is not trusted, whole or cut anywhere.

    Returns
    -------
    str
        Markdown after CommonMark 0.31 with GitHub's tables and ``$`` math. A second pass changes nothing.
        The time taken grows linearly with the text.

    Examples
    --------
    >>> inert_markdown("Hi <script>alert(1)</script>")
    'Hi &lt;script>alert(1)&lt;/script>'
    >>> inert_markdown("![chart](https://example.org/c.png) or [this](javascript:alert(1))")
    '[chart](https://example.org/c.png) or [this]&#40;javascript:alert(1))'
    """
    return "\n".join(inert_lines(visible(text).split("\n")))
