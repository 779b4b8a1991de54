"""What every form can write. A form is one kind of markup; forms know nothing of publications."""

from collections.abc import Sequence
from typing import Protocol

from connectors.rendering.dokuwiki import DokuWiki
from connectors.rendering.html import Confluence, Html
from connectors.rendering.markdown import Markdown
from connectors.rendering.plain import Plain
from connectors.rendering.tree import Block
from connectors.rendering.wikitext import Wikitext


class Form(Protocol):
    """A kind of markup. `line` takes bare words; `bullets` and `paragraph` take what is markup already."""

    @property
    def marker_start(self) -> str:
        """What stands before a key that machines read and people do not see; "" where none can be hidden."""
        ...

    @property
    def marker_end(self) -> str:
        """What stands behind such a key."""
        ...

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks of Markdown."""
        ...

    def line(self, text: str) -> str:
        """Words within a line, literal."""
        ...

    def heading(self, level: int, text: str) -> str:
        """The title of a section, from level 1, the title of a page."""
        ...

    def strong(self, text: str) -> str:
        """Words that stand out."""
        ...

    def bullets(self, lines: Sequence[str]) -> str:
        """A list."""
        ...

    def paragraph(self, line: str) -> str:
        """A paragraph."""
        ...

    def folded(self, summary: str, text: str) -> str:
        """Plain text that is shown on demand, where the service can do that."""
        ...


WIKITEXT: Form = Wikitext()
DOKUWIKI: Form = DokuWiki()
CONFLUENCE: Form = Confluence()
HTML: Form = Html()
MARKDOWN: Form = Markdown()
PLAIN: Form = Plain()
