"""Forms: the token that proves a form is ours (against cross-site requests), and fields read by pydantic."""

import hashlib
import hmac
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from web.site import FORM_KEY
from web.visitor import VISITOR, Visitor

PROOF_FIELD = "form"
TITLE_LENGTH = 300
TEXT_LENGTH = 200_000


class Form(BaseModel):
    """Fields of a form; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _unix_lines(text: object) -> object:
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH)]
Text = Annotated[
    str,
    BeforeValidator(_unix_lines),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_LENGTH),
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TITLE_LENGTH)]
AnyForm = TypeVar("AnyForm", bound=Form)


class StaleForm(Exception):
    """The form does not come from a page that this browser was shown."""


class WrongForm(Exception):
    """A field is missing, too long or not what it should be."""


def token_of(key: bytes, visitor: Visitor) -> str:
    """What a form must carry to be accepted from this visitor."""
    return hmac.new(key, visitor.secret.encode(), hashlib.sha256).hexdigest()


async def read(request: web.Request, form: type[AnyForm]) -> AnyForm:
    """The fields of a posted form; raises StaleForm or WrongForm."""
    fields = await request.post()
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    expected = token_of(request.app[FORM_KEY], request[VISITOR])
    if not hmac.compare_digest(texts.pop(PROOF_FIELD, "").encode(), expected.encode()):
        raise StaleForm
    try:
        return form.model_validate(texts)
    except ValidationError as error:
        raise WrongForm from error
