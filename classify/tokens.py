"""Splits texts into words for spaCy: quick, the same for English and French, blind to numbers and addresses.

spaCy's own tokenizers are not used: building the French one takes three seconds, and their exceptions
make no difference to counting words.
"""

import re
from collections.abc import Callable, Sequence

import spacy
from spacy.attrs import LOWER, NORM  # type: ignore[import-not-found]  # compiled, without stubs
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from classify.features import ThreadView

TOKENIZER = "unchain_words.v1"
TEXTS = ("subject", "opening", "answers", "passed_on")
NUMBER, LINK, ADDRESS = "<number>", "<link>", "<address>"

_TOKEN = re.compile(
    r"(?P<link>(?:https?://|www\.)\S+)"
    r"|(?P<address>[\w.+-]{1,64}@[\w-]{1,64}[\w.-]{0,64})"
    r"|(?P<number>\d[\d.,:/\-]*)"
    r"|(?:[ldjmtsnc]|qu|jusqu|lorsqu|puisqu)['’](?=\w)"  # French elision
    r"|\w{1,40}(?:['’]\w{1,20})?"
    r"|([^\w\s])\4{0,200}",
    re.IGNORECASE,
)
_MEANING = {"link": LINK, "address": ADDRESS, "number": NUMBER}


def words(text: str) -> list[str]:
    """Return the words and signs of a text in order; links, addresses and numbers by their placeholder."""
    return [_MEANING.get(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(text)]


class WordTokenizer:
    """The tokenizer of the pipeline, callable as spaCy wants it."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return the Doc of a plain text."""
        return Doc(self.vocab, words=words(text))

    def of_view(self, view: ThreadView) -> Doc:
        """Return the Doc of a view; `user_data` holds the view and at which token each text begins."""
        split = [words(getattr(view, name)) for name in TEXTS]
        doc = Doc(self.vocab, words=[word for text in split for word in text])
        doc.user_data.update(view=view, bounds=_bounds(split))
        return doc

    def to_disk(self, path: object, exclude: Sequence[str] = ()) -> None:
        """Write nothing: there is nothing learnt here, and words must not be stored."""

    def from_disk(self, path: object, exclude: Sequence[str] = ()) -> "WordTokenizer":
        """Read nothing."""
        return self

    def to_bytes(self, exclude: Sequence[str] = ()) -> bytes:
        """Return nothing."""
        return b""

    def from_bytes(self, content: bytes, exclude: Sequence[str] = ()) -> "WordTokenizer":
        """Read nothing."""
        return self


@spacy.registry.tokenizers(TOKENIZER)  # type: ignore[attr-defined,untyped-decorator]
def make_tokenizer() -> Callable[[Language], WordTokenizer]:
    """Make the tokenizer for spaCy's registry."""
    return lambda nlp: WordTokenizer(nlp.vocab)


def _bounds(split: list[list[str]]) -> tuple[int, ...]:
    ends = [0]
    for text in split:
        ends.append(ends[-1] + len(text))
    return tuple(ends)


def lean_vocab(nlp: Language) -> None:
    """Let the vocabulary compute only what is counted; spaCy's other attributes cost most of the time."""
    nlp.vocab.lex_attr_getters = {LOWER: str.lower, NORM: str.lower}  # type: ignore[attr-defined]
