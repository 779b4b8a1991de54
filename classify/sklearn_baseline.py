"""The scikit-learn base line: word and letter TF-IDF with logistic regression, by folds on labelled threads.

scikit-learn is not part of an installation; it is loaded only here, and its absence is one sentence.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from classify.labelled import Label
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.mail import Thread

FOLDS = 5
MISSING = "scikit-learn is not installed, so its base line is left out: pip install scikit-learn"


def sklearn_kinds(rows: Sequence[tuple[Thread, Label]], *, seed: int = 1) -> list[Kind]:
    """Return the kind of each thread by a fit that has not seen it.

    Raises ClassifierError where scikit-learn is missing, or a kind has fewer threads than there are folds.
    """
    try:
        selection = import_module("sklearn.model_selection")
    except ImportError:
        raise ClassifierError(MISSING) from None
    truth = [label.kind.value for _, label in rows]
    rarest = min((truth.count(kind) for kind in set(truth)), default=0)
    if rarest < FOLDS or len(set(truth)) < 2:
        raise ClassifierError(f"scikit-learn's base line is left out: a kind has only {rarest} threads")
    folds = selection.StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    found = selection.cross_val_predict(_model(), [_text(thread) for thread, _ in rows], truth, cv=folds)
    return [Kind(each) for each in found]


def _model() -> Any:  # its types are not installed
    text = import_module("sklearn.feature_extraction.text")
    pipeline = import_module("sklearn.pipeline")
    linear = import_module("sklearn.linear_model")
    words = text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, max_features=60_000)
    letters = text.TfidfVectorizer(
        sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), min_df=3, max_features=60_000
    )
    joined = pipeline.make_union(words, letters)
    regression = linear.LogisticRegression(C=10, class_weight="balanced", max_iter=300)
    return pipeline.make_pipeline(joined, regression)


def _text(thread: Thread) -> str:
    """Subject, own words and a few counts as words of their own."""
    messages = [entry.message for entry in thread.messages]
    headers = {name for each in messages for name, _ in each.headers}
    authors = len({each.sender.email for each in messages})
    counts = [f"mails_{min(len(messages), 6)}", f"authors_{min(authors, 5)}"]
    counts += ["listmail"] if headers & {"list-id", "list-post"} else []
    return "\n".join([thread.subject, *(each.own_words[:5000] for each in messages), " ".join(counts)])
