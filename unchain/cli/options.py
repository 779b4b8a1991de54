"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The config file.", dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
