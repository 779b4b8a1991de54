"""What the pipeline needs of a classifier; classify.spacy_classifier.SpacyClassifier fits."""

from typing import Protocol

from domain.classification import Classification
from domain.mail import Thread


class Classifier(Protocol):
    """Says what a thread is. Never raises; abstains where it does not know."""

    @property
    def version(self) -> str:
        """Name and version of the trained pipeline."""
        ...

    def classify(self, thread: Thread) -> Classification:
        """The kind of a thread, whether it is sensitive and whether it should move."""
        ...
