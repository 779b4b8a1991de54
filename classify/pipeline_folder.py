"""Makes, saves and loads the spaCy pipeline of the classifier: a blank language, own tokenizer, one scorer.

The folder holds no vocabulary: strings of the training threads never reach the disk.
"""

from pathlib import Path

import spacy
from spacy.language import Language

from classify.scorer import FACTORY, Tables, ThreadScorer
from classify.tokens import TOKENIZER, lean_vocab
from domain.errors import ClassifierError

SHIPPED = Path(__file__).parent / "trained"
_LEFT_OUT = ("vocab", "tokenizer")


def build(tables: Tables | None = None) -> Language:
    """Return the pipeline; without tables it must be filled from disk."""
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    lean_vocab(nlp)
    scorer = nlp.add_pipe(FACTORY)
    assert isinstance(scorer, ThreadScorer)
    scorer.tables = tables
    return nlp


def save(nlp: Language, folder: Path) -> None:
    """Write the pipeline without vocabulary."""
    nlp.to_disk(folder, exclude=list(_LEFT_OUT))


def load(folder: Path) -> Language:
    """Read a pipeline. Raises ClassifierError where the folder holds none."""
    if not (folder / FACTORY).is_dir() or not (folder / "config.cfg").is_file():
        raise ClassifierError(
            f"{folder}: no trained classifier there; run unchain train, or leave the path out."
        )
    nlp = build()
    try:
        nlp.from_disk(folder, exclude=list(_LEFT_OUT))
    except (OSError, ValueError, KeyError) as error:
        raise ClassifierError(f"{folder}: the trained classifier is broken ({error}).") from error
    return nlp


def scorer_of(nlp: Language) -> ThreadScorer:
    """Return the scorer of a pipeline made here."""
    scorer = nlp.get_pipe(FACTORY)
    assert isinstance(scorer, ThreadScorer)
    return scorer
