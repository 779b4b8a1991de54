"""Base of every config section: frozen, unknown keys refused, secrets never printed."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Options(BaseModel):
    """A section of config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(Options):
    """A secret by reference: `{ env = "NAME" }` or `{ file = "path" }`, never in the file itself."""

    env: str | None = Field(default=None, description="Name of the environment variable that holds it.")
    file: Path | None = Field(default=None, description="File whose first line holds it.")

    @model_validator(mode="after")
    def _exactly_one(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret needs either env or file")
        return self

    def reveal(self) -> str:
        """The secret itself. Raises LookupError or OSError where it is not there."""
        if self.env is not None:
            if self.env not in os.environ:
                raise LookupError(f"the environment variable {self.env} is not set")
            return os.environ[self.env]
        assert self.file is not None
        return self.file.read_text(encoding="utf-8").partition("\n")[0]


Port = Annotated[int, Field(ge=0, le=65535)]
