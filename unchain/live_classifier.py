"""Which trained pipeline is live: the versions beside the store, the pointer to them, and what follows it.

A version's folder is written whole before the pointer names it, and the pointer is replaced in one step, so
that a service reads the old one or the new one. One that cannot be read gives way to the one before it; the
shipped one is always the last resort.
"""

import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from classify.additions import NONE, Additions
from classify.spacy_classifier import SpacyClassifier
from domain.classification import Classification
from domain.errors import ClassifierError
from domain.mail import Thread
from unchain.examining import Classifier

logger = logging.getLogger(__name__)

KEPT = 10  # versions before the live one


class Versions:
    """The versions in a folder, oldest first; the last one is live, none is the shipped one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "live.json"

    def names(self) -> list[str]:
        """The versions that were put live and not taken back."""
        try:
            found = json.loads(self._pointer.read_text(encoding="utf-8"))["versions"]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.error("%s cannot be read (%s): the shipped classifier is used", self._pointer, error)
            return []
        return [str(name) for name in found] if isinstance(found, list) else []

    def path(self, name: str) -> Path:
        """The folder of a version."""
        return self.folder / Path(name).name

    def live(self) -> Path | None:
        """The folder of the live version; None for the shipped one."""
        names = self.names()
        return self.path(names[-1]) if names else None

    def notes(self) -> Mapping[str, object]:
        """What was noted beside the live version; empty for the shipped one."""
        live = self.live()
        if live is None or not (live / "notes.json").is_file():
            return {}
        found: dict[str, object] = json.loads((live / "notes.json").read_text(encoding="utf-8"))
        return found

    def put(self, name: str, write: Callable[[Path], None], notes: Mapping[str, object]) -> Path:
        """Write a version and make it live; raises OSError where the folder cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".draft-{secrets.token_hex(4)}"
        try:
            write(draft)
            (draft / "notes.json").write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
            place = self.path(name)
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        names = [*(each for each in self.names() if each != name), name]
        self._point(names[-KEPT - 1 :])
        return place

    def rollback(self) -> Path | None:
        """Take the live version back; answers the one before it, None for the shipped one.

        Raises ClassifierError where the shipped one is live.
        """
        names = self.names()
        if not names:
            raise ClassifierError("The shipped classifier is live; there is none before it.")
        self._point(names[:-1])
        return self.live()

    def stamp(self) -> tuple[int, int]:
        """Changes whenever another version is made live."""
        try:
            found = self._pointer.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino

    def _point(self, names: list[str]) -> None:
        draft = self.folder / f".live-{secrets.token_hex(4)}"
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"versions": names}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._pointer)


class LiveClassifier:
    """Judges with the live version, and with another one from the moment that it is live."""

    def __init__(
        self, versions: Versions, shipped: Callable[[], Classifier], additions: Additions = NONE
    ) -> None:
        self._versions = versions
        self._additions = additions
        self._shipped = shipped
        self._stamp = versions.stamp()
        self._loaded = self._load()

    @property
    def version(self) -> str:
        """Name and digest of the live pipeline."""
        return self._current().version

    def classify(self, thread: Thread) -> Classification:
        """Classify a thread with the version that is live now."""
        return self._current().classify(thread)

    def _current(self) -> Classifier:
        stamp = self._versions.stamp()
        if stamp != self._stamp:
            self._stamp, self._loaded = stamp, self._load()
            logger.info("classifier %s is live", self._loaded.version)
        return self._loaded

    def _load(self) -> Classifier:
        for name in reversed(self._versions.names()):
            try:
                return SpacyClassifier.load(self._versions.path(name), self._additions)
            except ClassifierError as error:
                logger.error("classifier %s cannot be used, the one before it is: %s", name, error)
        return self._shipped()
