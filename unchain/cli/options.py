"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Path("config.toml")  # where commands look unless told otherwise
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The config file.", dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
