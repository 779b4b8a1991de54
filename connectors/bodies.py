"""What a request carries: JSON, a form, bytes as they are, or files; and how aiohttp is told of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

from domain.publication import File


class Body(Protocol):
    """The content of a request."""

    @property
    def media_type(self) -> str:
        """The Content-Type; empty where it is made while sending."""
        ...

    def content(self) -> bytes | aiohttp.FormData:
        """What is sent; made anew for each request."""
        ...


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """Bytes that are sent just so, for what is signed and for files."""

    raw: bytes = field(repr=False)
    media_type: str

    def content(self) -> bytes:
        """The bytes themselves."""
        return self.raw


@dataclass(frozen=True)
class Json:
    """A value as JSON (RFC 8259) in UTF-8."""

    value: object
    media_type: str = "application/json"

    def content(self) -> bytes:
        """The value, letters as they are; a lone surrogate, which UTF-8 has no form for, becomes `?`."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(frozen=True)
class Form:
    """Fields as application/x-www-form-urlencoded."""

    fields: Mapping[str, str] = field(repr=False)
    media_type: str = ""

    def content(self) -> aiohttp.FormData:
        """The fields in their order."""
        return aiohttp.FormData(dict(self.fields))


@dataclass(frozen=True)
class Upload:
    """Fields and files as multipart/form-data (RFC 7578); each file under the name of its field."""

    fields: Mapping[str, str] = field(repr=False)
    files: Sequence[tuple[str, File]]
    media_type: str = ""

    def content(self) -> aiohttp.FormData:
        """The fields, then the files."""
        form = aiohttp.FormData(quote_fields=False)
        for name, value in self.fields.items():
            form.add_field(name, value)
        for name, file in self.files:
            safe = file.name.replace('"', "'").replace("\r", " ").replace("\n", " ")
            form.add_field(name, file.content, filename=safe, content_type=file.media_type)
        return form
