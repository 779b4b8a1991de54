"""What a request carries: JSON, a form, bytes as they are, or files; and how an answer is read to its end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from domain.publication import File

if TYPE_CHECKING:
    from aiohttp import ClientResponse, FormData


class Body(Protocol):
    """The content of a request."""

    @property
    def media_type(self) -> str:
        """The Content-Type; empty where it is made while sending."""
        ...

    def content(self) -> "bytes | FormData":
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

    def content(self) -> "FormData":
        """The fields in their order."""
        from aiohttp import FormData  # noqa: PLC0415 — only where something is asked

        return FormData(dict(self.fields))


@dataclass(frozen=True)
class Upload:
    """Fields and files as multipart/form-data (RFC 7578); each file under the name of its field."""

    fields: Mapping[str, str] = field(repr=False)
    files: Sequence[tuple[str, File]]
    media_type: str = ""

    def content(self) -> "FormData":
        """The fields, then the files."""
        from aiohttp import FormData  # noqa: PLC0415 — only where something is asked

        form = FormData(quote_fields=False)
        for name, value in self.fields.items():
            form.add_field(name, value)
        for name, file in self.files:
            safe = file.name.replace('"', "'").replace("\r", " ").replace("\n", " ")
            form.add_field(name, file.content, filename=safe, content_type=file.media_type)
        return form


async def read_whole(response: "ClientResponse", limit: int) -> bytes | None:
    """The body of an answer; None where it is longer than `limit` bytes, of which no more is read then."""
    pieces, size = [], 0
    async for piece in response.content.iter_chunked(65_536):
        size += len(piece)
        if size > limit:
            response.close()
            return None
        pieces.append(piece)
    return b"".join(pieces)
