"""Runs one target: python -m tests.fuzz TARGET [FOLDER or one input] [libFuzzer's options].

The folder keeps what led to new places in the code; `crash-…` in it is an input that broke a promise. Without
a folder nothing is kept. Where atheris cannot be installed the same changes are made blindly.
"""

import random
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

SEED = 20260105
RUNS = "-runs="


def main() -> None:
    """Run the target that is named until something breaks or the options end it."""
    target, *rest = sys.argv[1:]
    folders = [word for word in rest if not word.startswith("-")]
    options = [word for word in rest if word.startswith("-")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(folders[0] if folders else scratch)
        if folder.is_file():
            _once(target, folder)
        elif find_spec("atheris") is not None:
            _with_atheris(target, folder, options)
        else:
            _without(target, options)


def _once(target: str, path: Path) -> None:
    from tests.fuzz.targets import TARGETS

    TARGETS[target](path.read_bytes())


def _with_atheris(target: str, folder: Path, options: list[str]) -> None:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # not to be had on every machine

    with atheris.instrument_imports(include=["ingest"]):
        from tests.fuzz.targets import LONGEST, TARGETS
    from tests.fuzz.mutations import mutated
    from tests.fuzz.seeds import write_seeds

    write_seeds(target, folder)

    def mutate(content: bytes, longest: int, seed: int) -> bytes:
        return mutated(content, random.Random(seed), longest)

    defaults = [
        f"-max_len={LONGEST}",
        f"-seed={SEED}",
        "-timeout=120",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    arguments = [sys.argv[0], *defaults, f"-artifact_prefix={folder}/", *options, str(folder)]
    atheris.Setup(arguments, TARGETS[target], custom_mutator=mutate)
    atheris.Fuzz()


def _without(target: str, options: list[str]) -> None:
    from tests.fuzz.mutations import mutated
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import LONGEST, TARGETS

    dice = random.Random(SEED)
    runs = next((int(option.removeprefix(RUNS)) for option in options if option.startswith(RUNS)), 10_000)
    known, run = seeds(target), TARGETS[target]
    for content in known[:runs]:
        run(content)
    for _run in range(runs - len(known)):
        run(mutated(dice.choice(known), dice, LONGEST))


if __name__ == "__main__":
    main()
