"""The classifier that the rest of Unchain uses: spaCy pipeline, sensitive gate and language in one answer.

Never raises for a thread: what cannot be judged is held sensitive and claimed to be of no kind.
"""

from pathlib import Path

from spacy.language import Language

from classify.additions import NONE, Additions
from classify.evidence import evidence
from classify.features import ThreadView, view
from classify.language import UNKNOWN, language_of
from classify.pipeline_folder import SHIPPED, load, scorer_of
from classify.scorer import CLASSIFIER
from classify.sensitive import Weighed, weigh
from classify.tokens import WordTokenizer
from domain.classification import Classification, Kind, SensitiveHit
from domain.mail import Thread

_EVEN = {kind: 1.0 / len(Kind) for kind in Kind}


class SpacyClassifier:
    """Says kind, sensitivity and whether a thread should move, with calibrated probabilities."""

    def __init__(self, nlp: Language, additions: Additions = NONE) -> None:
        self._nlp = nlp
        self._scorer = scorer_of(nlp)
        self._settings = self._scorer.loaded.settings
        self._additions = additions

    @classmethod
    def load(cls, folder: Path | None = None, additions: Additions = NONE) -> "SpacyClassifier":
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
        weighed = weigh(thread, self._additions)
        hits = weighed.hits
        seen = view(thread, weighed.touched)
        if seen.is_empty:
            return self._abstention(UNKNOWN, hits, sensitive=1.0 if hits else 0.0)
        language = language_of(seen.text)
        if language not in self._settings.languages:
            return self._abstention(language, hits, sensitive=1.0 if hits else 0.0)
        return self._scored(seen, language, weighed)

    def _scored(self, seen: ThreadView, language: str, weighed: Weighed) -> Classification:
        tokenizer = self._nlp.tokenizer
        assert isinstance(tokenizer, WordTokenizer)
        doc = self._nlp(tokenizer.of_view(seen))
        settings = self._settings
        scores = {kind: doc.cats[kind.value] for kind in Kind}
        kind = max(scores, key=scores.__getitem__)
        private, moves = doc.cats["sensitive"], doc.cats["moves"]
        abstained = scores[kind] < settings.abstain_below
        would_move = moves >= settings.moves_from and not abstained
        hits = self._held(private, weighed)
        return Classification(
            kind=kind,
            scores=scores,
            sensitive=bool(hits),
            sensitive_hits=hits,
            sensitive_score=private,
            moves=would_move and not hits,
            would_move=would_move,
            moves_score=moves,
            language=language,
            abstained=abstained,
            evidence=evidence(doc, self._scorer.loaded, kind),
            classifier=settings.version,
        )

    def _held(self, chance: float, weighed: Weighed) -> tuple[SensitiveHit, ...]:
        """Return the hits that count at this chance; where the trained part holds the thread, one more."""
        worded, held_from = weighed.touched.hits, self._settings.sensitive_from
        reasons = self._settings.reasons_to_hold(
            chance,
            certain=tuple(hit.reason for hit in weighed.certain),
            worded=tuple(hit.reason for hit in worded),
        )
        hits = weighed.hits if len(reasons) > len(weighed.certain) else weighed.certain
        if CLASSIFIER not in reasons:
            return hits
        detail = f"It may be sensitive: probability {chance:.2f}, and {held_from:.2f} is enough to hold it."
        return (*hits, SensitiveHit(reason=CLASSIFIER, detail=detail, by_words=True))

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
