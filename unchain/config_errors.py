"""Turning pydantic's findings into sentences for the person who edits config.toml."""

import difflib
import re
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.options import Secret
from unchain.toml_lines import line_of

Loc = tuple[str | int, ...]


def explain(error: ValidationError, text: str, path: Path, root: type[BaseModel]) -> str:
    """One line for each mistake, in the order of the file: `path:line: place: what, and what to do`."""
    lines: dict[tuple[int, str], None] = {}
    for finding in error.errors():
        cause = finding.get("ctx", {}).get("error")
        loc: Loc = getattr(cause, "loc", finding["loc"])
        keys = _keys_alone(root, loc) + (("type",) if finding["type"].startswith("union_tag") else ())
        line = line_of(text, keys)
        lines[(line, f"{path}:{line}: {_place(keys)}: {_sentence(finding, loc, root)}")] = None
    return "\n".join(sentence for _, sentence in sorted(lines))


def invalid_toml(error: str, text: str, path: Path) -> str:
    """The sentence for a text that is no TOML, with its line brought to the front."""
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", error)
    line = int(where[1]) if where and where[1] else len(text.splitlines())
    column = f", column {where[2]}" if where and where[2] else ""
    message = error[: where.start()] if where else error
    return f"{path}:{line}: not valid TOML{column}: {message[:1].lower()}{message[1:]}"


def _place(loc: Loc) -> str:
    place = ""
    for part in loc:
        if isinstance(part, int):
            place += f" {part + 1}"
        elif part.isidentifier():
            place += f".{part}" if place else part
    return place or "the file"


def _sentence(finding: ErrorDetails, loc: Loc, root: type[BaseModel]) -> str:
    return _about_key(finding, loc, root) or _about_shape(finding, loc) or _about_value(finding, loc, root)


def _about_key(finding: ErrorDetails, loc: Loc, root: type[BaseModel]) -> str | None:
    """What to say of a key that is missing or unknown."""
    name, places = str(loc[-1]) if loc else "", _places_at(root, loc[:-1])
    if finding["type"] == "missing":
        is_section = any(_is_section(_fields(place).get(name)) for place in places if _is_section(place))
        return f'the {"section" if is_section else "key"} "{name}" is missing; add it'
    if finding["type"] == "union_tag_not_found":
        return 'the key "type" is missing; add it'
    if finding["type"] == "extra_forbidden":
        return f'unknown key "{name}"; {nearest(name, _keys_at(root, loc[:-1]))}'
    return None


def _about_shape(finding: ErrorDetails, loc: Loc) -> str | None:
    """What to say where a section or list should be, and something else is."""
    match finding["type"]:
        case "model_type" if finding["ctx"]["class_name"] == Secret.__name__:
            return 'a secret does not stand in the file; write { env = "NAME" } or { file = "path" }'
        case "model_type":
            return f"should be a section with keys of its own, not {_shown(finding['input'])}"
        case "tuple_type" if isinstance(finding["input"], dict):
            return f"there may be several of these: write [[{'.'.join(map(str, loc))}]]"
        case "tuple_type":
            return f"should be a list in brackets, not {_shown(finding['input'])}"
        case _:
            return None


def _about_value(finding: ErrorDetails, loc: Loc, root: type[BaseModel]) -> str:
    kind = finding["type"]
    cause = finding.get("ctx", {}).get("error")
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        expected = str(finding["ctx"].get("expected") or finding["ctx"].get("expected_tags", ""))
        choices = [word.strip(" '\"") for word in expected.replace(" or ", ", ").split(",")]
        given = finding["ctx"].get("tag") or finding["input"]
        return f'"{given}" is not known here; {nearest(str(given), choices)}'
    if cause is not None:
        choices = list(getattr(cause, "choices", ()))
        given = str(cause).partition('"')[2].rpartition('"')[0]
        return f"{cause}; {nearest(given, choices)}" if choices else str(cause)
    if kind == "string_pattern_mismatch":
        return f"{_shown(finding['input'])} does not fit. {_description_of(root, loc)}"
    message = finding["msg"]
    return f"{message[:1].lower()}{message[1:]}, not {_shown(finding['input'])}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(word: str, choices: Iterable[str]) -> str:
    """What to do about a word that is not known: the nearest right one, or all of them."""
    known = sorted(set(choices))
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"write one of: {', '.join(known)}" if known else "remove it"


def _keys_at(root: type[BaseModel], loc: Loc) -> list[str]:
    return [key for place in _places_at(root, loc) if _is_section(place) for key in _fields(place)]


def _description_of(root: type[BaseModel], loc: Loc) -> str:
    """What the config's page says about a key."""
    for place in _places_at(root, loc[:-1]):
        if isinstance(place, type) and issubclass(place, BaseModel) and loc[-1] in place.model_fields:
            return place.model_fields[str(loc[-1])].description or ""
    return ""


def _places_at(root: type[BaseModel], loc: Loc) -> list[object]:
    places: list[object] = [root]
    for part in loc:
        places = _deeper(places, part) or _tagged(places, part) or places
    return places


def _keys_alone(root: type[BaseModel], loc: Loc) -> Loc:
    """A path without the tags of unions, which pydantic puts into it but nobody writes as keys."""
    places, keys = [cast(object, root)], list[str | int]()
    for part in loc:
        if not _tagged(places, part):
            keys.append(part)
        places = _deeper(places, part) or _tagged(places, part) or places
    return tuple(keys)


def _deeper(places: list[object], part: str | int) -> list[object]:
    return [deeper for place in places for deeper in _step(place, part)]


def _tagged(places: list[object], part: str | int) -> list[object]:
    """Those of several sections whose `type` is this; none where there is only one."""
    sections = [place for place in places if _is_section(place)]
    kinds = [typing.get_args(_fields(section).get("type")) for section in sections]
    return (
        [each for each, kind in zip(sections, kinds, strict=True) if part in kind]
        if len(sections) > 1
        else []
    )


def _fields(section: object) -> dict[str, object]:
    assert isinstance(section, type)
    assert issubclass(section, BaseModel)
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def _is_section(place: object) -> bool:
    return isinstance(place, type) and issubclass(place, BaseModel)


def _step(place: object, part: str | int) -> list[object]:
    if isinstance(part, int):
        return [place]
    if not _is_section(place) or part not in _fields(place):
        return []
    return _unwrapped(_fields(place)[part])


def _unwrapped(annotation: object) -> list[object]:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, tuple, list, typing.Annotated):
        return [inner for argument in typing.get_args(annotation) for inner in _unwrapped(argument)]
    return [annotation]
