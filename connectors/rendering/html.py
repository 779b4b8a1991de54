"""Clean HTML (no raw HTML of a writer passes) and Confluence's storage format, which is XHTML with macros.

https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
"""

from collections.abc import Sequence
from html import escape

from connectors.rendering.tree import (
    Block,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inlines,
    Link,
    Listing,
    Paragraph,
    Quote,
    Rule,
    Style,
    Styled,
    Table,
    Text,
)

_TAGS = {Style.EMPHASIS: "em", Style.STRONG: "strong", Style.STRUCK: "s"}
_ENDS_CDATA = "]]>"


class Html:
    """The form of whatever takes HTML: WordPress, Ghost, Matrix, mail."""

    marker_start = "<!-- unchain:"
    marker_end = " -->"

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks, one after the other."""
        return "\n".join(map(self._block, blocks))

    def line(self, text: str) -> str:
        """Words within a line, literal."""
        # WordPress takes [words] for shortcodes; a reference is the same letter for everybody else.
        return escape(text, quote=False).replace("[", "&#91;").replace("]", "&#93;")

    def heading(self, level: int, text: str) -> str:
        """The title of a section."""
        return f"<h{level}>{self.line(text)}</h{level}>"

    def strong(self, text: str) -> str:
        """Words that stand out."""
        return f"<strong>{self.line(text)}</strong>"

    def bullets(self, lines: Sequence[str]) -> str:
        """A list of lines that are markup already."""
        return "<ul>\n" + "\n".join(f"<li>{line}</li>" for line in lines) + "\n</ul>"

    def paragraph(self, line: str) -> str:
        """A line that is markup already, as a paragraph."""
        return f"<p>{line}</p>"

    def folded(self, summary: str, text: str) -> str:
        """Plain text behind a line that shows it."""
        return f"<details><summary>{self.line(summary)}</summary>\n{self.code(text, '')}\n</details>"

    def code(self, text: str, language: str) -> str:
        """Lines letter by letter."""
        named = f' class="language-{language}"' if language else ""
        return f"<pre><code{named}>{self.line(text)}</code></pre>"

    def _block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind of block
        match block:
            case Paragraph(inlines):
                return f"<p>{self._inlines(inlines)}</p>"
            case Heading(level, inlines):
                return f"<h{level}>{self._inlines(inlines)}</h{level}>"
            case Listing():
                return self._list(block)
            case Quote(blocks):
                return f"<blockquote>\n{self.blocks(blocks)}\n</blockquote>"
            case CodeBlock(text, language):
                return self.code(text, language)
            case Table():
                return self._table(block)
            case Rule():
                return "<hr />"

    def _list(self, listing: Listing) -> str:
        tag = "ul" if listing.start is None else "ol"
        start = "" if listing.start in {None, 1} else f' start="{listing.start}"'
        items = "\n".join(f"<li>{self._item(item, listing.is_simple)}</li>" for item in listing.items)
        return f"<{tag}{start}>\n{items}\n</{tag}>"

    def _item(self, blocks: Sequence[Block], is_simple: bool) -> str:
        first = blocks[0] if blocks else None
        if not (is_simple and isinstance(first, Paragraph)):
            return self.blocks(blocks)
        return "\n".join([self._inlines(first.inlines), *map(self._block, blocks[1:])])

    def _table(self, table: Table) -> str:
        head = "".join(f"<th>{self._inlines(cell)}</th>" for cell in table.head)
        rows = ("".join(f"<td>{self._inlines(cell)}</td>" for cell in row) for row in table.rows)
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        body = f"\n<tbody>\n{body}\n</tbody>" if body else ""
        return f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>{body}\n</table>"

    def _inlines(self, inlines: Inlines) -> str:
        return "".join(map(self._inline, inlines))

    def _inline(self, inline: Text | Code | Break | Styled | Link) -> str:
        match inline:
            case Text(text):
                return self.line(text)
            case Code(text):
                return f"<code>{self.line(text)}</code>"
            case Break():
                return "<br />"
            case Styled(style, inner):
                return f"<{_TAGS[style]}>{self._inlines(inner)}</{_TAGS[style]}>"
            case Link(address, inner):
                safe = escape(address.replace("[", "%5B").replace("]", "%5D"))
                return f'<a href="{safe}">{self._inlines(inner)}</a>'


class Confluence(Html):
    """The form of Confluence, Cloud and Data Center: well-formed XML with its own macros."""

    # The anchor macro shows nothing; comments do not survive in Confluence.
    marker_start = '<ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">unchain:'
    marker_end = "</ac:parameter></ac:structured-macro>"

    def code(self, text: str, language: str) -> str:
        """The code macro."""
        named = f'<ac:parameter ac:name="language">{language}</ac:parameter>' if language in LANGUAGES else ""
        # Nothing is escaped there: what people write must not read as a marker of ours.
        whole = text.replace(">unchain:", ">unchain\u2060:").replace(_ENDS_CDATA, "]]]]><![CDATA[>")
        body = f"<ac:plain-text-body><![CDATA[{whole}]]></ac:plain-text-body>"
        return f'<ac:structured-macro ac:name="code">{named}{body}</ac:structured-macro>'

    def folded(self, summary: str, text: str) -> str:
        """The expand macro."""
        title = f'<ac:parameter ac:name="title">{self.line(summary)}</ac:parameter>'
        body = f"<ac:rich-text-body>{self.code(text, '')}</ac:rich-text-body>"
        return f'<ac:structured-macro ac:name="expand">{title}{body}</ac:structured-macro>'


# What the code macro colours; a page that names another language shows an error instead of the code.
# https://confluence.atlassian.com/doc/code-block-macro-139390.html
LANGUAGES = frozenset(
    {
        "actionscript3",
        "applescript",
        "bash",
        "c",
        "cpp",
        "csharp",
        "coldfusion",
        "css",
        "delphi",
        "diff",
        "erl",
    }
    | {"groovy", "xml", "java", "jfx", "js", "php", "perl", "text", "powershell", "py", "ruby", "sql", "sass"}
    | {"scala", "vb", "yml"}
)
