"""The classifier that the rest of Unchain uses: spaCy pipeline, sensitive gate and language in one answer.

Never raises for a thread: what cannot be judged is held sensitive and claimed to be of no kind.
"""

from collections.abc import Sequence
from pathlib import Path

from spacy.language import Language

from classify.evidence import evidence
from classify.features import ThreadView, view
from classify.language import UNKNOWN, language_of
from classify.pipeline_folder import SHIPPED, load, scorer_of
from classify.sensitive import Topic, gate_and_marks
from classify.tokens import WordTokenizer
from domain.classification import Classification, Kind, SensitiveHit
from domain.mail import Thread

_EVEN = {kind: 1.0 / len(Kind) for kind in Kind}


class SpacyClassifier:
    """Says kind, sensitivity and whether a thread should move, with calibrated probabilities."""

    def __init__(self, nlp: Language, additions: Sequence[Topic] = ()) -> None:
        self._nlp = nlp
        self._scorer = scorer_of(nlp)
        self._settings = self._scorer.loaded.settings
        self._additions = tuple(additions)  # further topics for the gate, from the config

    @classmethod
    def load(cls, folder: Path | None = None, additions: Sequence[Topic] = ()) -> "SpacyClassifier":
        """Load a trained folder, the shipped one by default. Raises ClassifierError where it is none."""
        return cls(load(folder or SHIPPED), additions)

    @property
    def version(self) -> str:
        """Name and digest of the trained pipeline."""
        return self._settings.version

    def classify(self, thread: Thread) -> Classification:
        """Classify a thread; abstains on empty threads and unknown languages, and never raises."""
        with self._nlp.memory_zone():
            return self._safely(thread)

    def _safely(self, thread: Thread) -> Classification:
        try:
            return self._judge(thread)
        except Exception as error:  # noqa: BLE001 - fails closed: what cannot be judged stays in the mail
            sentence = f"It could not be judged ({type(error).__name__})."
            hit = SensitiveHit(reason="gate failed", detail=sentence)
            return self._abstention(UNKNOWN, (hit,), sensitive=1.0)

    def _judge(self, thread: Thread) -> Classification:
        hits, marks = gate_and_marks(thread, self._additions)
        seen = view(thread, marks)
        if seen.is_empty:
            return self._abstention(UNKNOWN, hits, sensitive=1.0 if hits else 0.0)
        language = language_of(seen.text)
        if language not in self._settings.languages:
            return self._abstention(language, hits, sensitive=1.0 if hits else 0.0)
        return self._scored(seen, language, hits)

    def _scored(self, seen: ThreadView, language: str, hits: tuple[SensitiveHit, ...]) -> Classification:
        tokenizer = self._nlp.tokenizer
        assert isinstance(tokenizer, WordTokenizer)
        doc = self._nlp(tokenizer.of_view(seen))
        settings = self._settings
        scores = {kind: doc.cats[kind.value] for kind in Kind}
        kind = max(scores, key=scores.__getitem__)
        private, moves = doc.cats["sensitive"], doc.cats["moves"]
        abstained = scores[kind] < settings.abstain_below
        if private >= settings.sensitive_from:
            held_from = settings.sensitive_from
            detail = (
                f"It may be sensitive: probability {private:.2f}, and {held_from:.2f} is enough to hold it."
            )
            hits = (*hits, SensitiveHit(reason="classifier", detail=detail))
        return Classification(
            kind=kind,
            scores=scores,
            sensitive=bool(hits),
            sensitive_hits=hits,
            sensitive_score=private,
            moves=moves >= settings.moves_from and not hits and not abstained,
            moves_score=moves,
            language=language,
            abstained=abstained,
            evidence=evidence(doc, self._scorer.loaded, kind),
            classifier=settings.version,
        )

    def _abstention(
        self, language: str, hits: tuple[SensitiveHit, ...], *, sensitive: float
    ) -> Classification:
        return Classification(
            kind=Kind.PERSONAL,  # the kind that no default rule moves
            scores=dict(_EVEN),
            sensitive=bool(hits),
            sensitive_hits=hits,
            sensitive_score=sensitive,
            moves=False,
            language=language,
            abstained=True,
            classifier=self.version,
        )
