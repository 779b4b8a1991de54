"""What people said becomes a candidate that goes live only if it is not worse, and can be taken back."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classify import comparing
from classify.adapting import Told
from classify.comparing import candidate, mark_of
from classify.pipeline_folder import SHIPPED, build, load, save, scorer_of
from classify.spacy_classifier import SpacyClassifier
from classify.training import invented_threads
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.lesson import Lesson, LessonSort
from domain.mail import Thread
from store import lessons, threads
from store.database import Database
from tests.classify.threads import thread
from tests.fakes import FakeClassifier
from tests.unchain.terminal import Run
from tests.unchain.workshop import Workshop
from unchain.learning import learn, told_threads
from unchain.live_classifier import LiveClassifier, Versions

TABLES = scorer_of(load(SHIPPED)).loaded
ROWS = invented_threads()


@pytest.fixture(autouse=True)
def _few_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "invented_threads", lambda: ROWS[::20])


def told(count: int = 24, kind: Kind | None = None) -> list[Told]:
    """Threads of which people say what is right, or all of one kind."""
    return [
        Told(id=id_, thread=each, kind=kind or label.kind, sensitive=label.sensitive, moves=label.moves)
        for id_, each, label in ROWS[1 :: len(ROWS) // count]
    ]


def wrong(count: int = 24) -> list[Told]:
    """Threads of which people say now this and now that: nothing can be learnt from it."""
    kinds = list(Kind)
    return [replace(each, kind=kinds[number % len(kinds)]) for number, each in enumerate(told(count))]


def test_the_same_lessons_make_the_same_candidate_and_row_nought_stays_nought() -> None:
    first, _ = candidate(TABLES, TABLES, told())
    second, verdict = candidate(TABLES, TABLES, told())

    assert (first.weights == second.weights).all()
    assert not first.weights[0].any()
    assert first.settings.version == verdict.version != TABLES.settings.version
    assert verdict.refusals == ()


def test_a_house_that_calls_a_thing_by_another_kind_is_heeded() -> None:
    ours = [each for each in told(300) if each.kind is Kind.UPDATE]
    lessons_ = [replace(each, kind=Kind.KNOWLEDGE) for each in ours]

    _, verdict = candidate(TABLES, TABLES, lessons_)

    assert verdict.candidate.kind_accuracy > verdict.live.kind_accuracy
    assert verdict.live.kind_accuracy < 0.3


def test_what_is_worse_is_refused_with_its_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Among the invented threads are the very ones that are mislabelled, so that what was known must fall.
    monkeypatch.setattr(comparing, "invented_threads", lambda: ROWS[1 :: len(ROWS) // 60])
    versions = Versions(tmp_path / "classifier")
    half_true = [*told(24), *(replace(each, kind=Kind.PERSONAL) for each in told(40)[::3])]
    outcome = learn(versions, [*half_true, *wrong(60)])

    if not outcome.verdict.refusals:
        pytest.fail("a candidate taught by contradictions went live")
    assert outcome.folder is None
    assert "fell from" in outcome.verdict.refusals[0]
    assert versions.live() is None


def test_too_little_or_nothing_new_is_a_sentence(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "classifier")
    with pytest.raises(ClassifierError, match="10 are needed"):
        learn(versions, told()[:3])
    learn(versions, told())
    with pytest.raises(ClassifierError, match="nothing new was said"):
        learn(versions, told())
    assert mark_of(told()[0]) in (versions.notes()["seen"])  # type: ignore[operator]


def test_threads_without_words_and_in_other_languages_teach_nothing() -> None:
    other = thread(
        "Besprechung", "Guten Tag, wir treffen uns morgen um zehn Uhr im Rathaus mit den Kollegen."
    )
    odd = [
        Told(id="empty", thread=thread("", ""), kind=Kind.UPDATE),
        Told(id="none", thread=Thread(id="none", subject="", messages=()), moves=True),
        Told(id="german", thread=other, kind=Kind.UPDATE),
    ]

    _, verdict = candidate(TABLES, TABLES, [*told(), *odd])

    assert verdict.left_out == 3


def test_a_service_takes_the_new_one_up_and_the_old_one_after_a_rollback(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "classifier")
    live = LiveClassifier(versions, FakeClassifier)
    assert live.version == "fake"

    outcome = learn(versions, told())

    assert live.version == outcome.verdict.version
    assert isinstance(SpacyClassifier.load(versions.live()).version, str)
    versions.rollback()
    assert live.version == "fake"
    with pytest.raises(ClassifierError, match="none before it"):
        versions.rollback()


def test_a_broken_version_gives_way_to_the_one_before_it_and_at_last_to_the_shipped_one(
    tmp_path: Path,
) -> None:
    versions = Versions(tmp_path / "classifier")
    good = replace(TABLES, settings=TABLES.settings.model_copy(update={"version": "good"}))
    versions.put("good", lambda place: save(build(good), place), {})
    versions.put("bad", lambda place: place.mkdir(), {})

    assert LiveClassifier(versions, FakeClassifier).version == "good"
    (tmp_path / "classifier" / "live.json").write_text("{")
    assert LiveClassifier(versions, FakeClassifier).version == "fake"


async def test_corrections_and_vetoes_of_the_store_are_lessons(shop: Workshop, database: Database) -> None:
    shop.receive_talk()
    await shop.work()
    at = datetime(2026, 3, 3, tzinfo=UTC)
    thread_id = shop.thread().id
    with database.write() as session:
        lessons.veto(session, thread_id, "bob@acme.example", at)
        (veto,) = told_threads(session)
        said = Lesson(
            sort=LessonSort.CORRECTION, kind=Kind.UPDATE, sensitive=True, by="ada@acme.example", at=at
        )
        lessons.teach(session, thread_id, said)
        (both,) = told_threads(session)
        assert threads.is_vetoed(session, thread_id)

    assert (veto.kind, veto.sensitive, veto.moves) == (None, None, False)
    assert (both.kind, both.sensitive, both.moves) == (Kind.UPDATE, True, False)


def test_the_command_tells_what_is_wrong_in_a_sentence(unchain: Run, config: Path, tmp_path: Path) -> None:
    few = unchain("train", "--from-corrections")
    assert (few.code, few.err.splitlines()[-1].count("10 are needed")) == (6, 1)
    assert unchain("train", "--rollback").code == 6
    assert unchain("train").code == 2
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"id": "a", "kind": "gossip", "sensitive": False, "moves": False}) + "\n")
    (tmp_path / "threads.jsonl").write_text("")
    wrong_kind = unchain("train", tmp_path / "threads.jsonl", labels, "--from-corrections")
    assert wrong_kind.code == 6
    assert "unknown kind 'gossip'" in wrong_kind.err
