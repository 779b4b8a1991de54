"""The recipes of docs/deploy/ as tests use them: a page's own blocks, with real addresses for examples."""

import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "docs" / "deploy"

# A paragraph that ends with a colon, a blank line, a fenced block.
_BLOCK = re.compile(
    r"^(?P<lead>(?:[^\n]+\n)*[^\n]+):\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_FENCE = re.compile(r"^```\w+$", re.MULTILINE)
_EXAMPLE = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


class Page:
    """One recipe. Each block stands below a paragraph that says where it goes and ends with a colon."""

    def __init__(self, name: str) -> None:
        self.path = FOLDER / name
        self.text = self.path.read_text(encoding="utf-8")
        self._blocks = {
            " ".join(found["lead"].split()): found["text"] for found in _BLOCK.finditer(self.text)
        }
        assert len(self._blocks) == len(_FENCE.findall(self.text)), "a block has no paragraph of its own"
        self._used: set[str] = set()
        self._values: dict[str, str] = {}

    @property
    def examples(self) -> set[str]:
        """The values that the page says are examples: the first column of its table "Examples"."""
        return set(_EXAMPLE.findall(self.text.partition("## Examples\n")[2].partition("\n## ")[0]))

    def fill_in(self, values: Mapping[str, str]) -> None:
        """What to write for each example; those that the page names and no others."""
        assert set(values) == self.examples
        self._values = dict(values)

    def block(self, *words: str) -> str:
        """The block whose paragraph has all of these words, filled in."""
        (lead,) = [lead for lead in self._blocks if all(word in lead for word in words)]
        self._used.add(lead)
        if not self._values:
            return self._blocks[lead]
        longest_first = sorted(self._values, key=len, reverse=True)
        examples = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        return examples.sub(lambda found: self._values[found[0]], self._blocks[lead])

    def settings(self, *words: str) -> dict[str, str]:
        """A block of main.cf as names and values."""
        lines = [line for line in self.block(*words).splitlines() if line and not line.startswith("#")]
        parts = [line.split("=", 1) for line in lines]
        return {name.strip(): value.strip().replace("/etc/postfix/", "{etc}/") for name, value in parts}

    def commands(self, *words: str) -> list[str]:
        """The commands of a console block."""
        return [line[2:] for line in self.block(*words).splitlines() if line.startswith(("$ ", "# "))]

    @property
    def unused(self) -> set[str]:
        """Paragraphs whose blocks nobody asked for: a page must not promise what no test runs."""
        return set(self._blocks) - self._used
