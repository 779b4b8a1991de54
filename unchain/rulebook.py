"""What the config says about judging threads, as the pipeline uses it; replaced whole on reload."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.organisation import Group, Organisation
from domain.space import Space
from router.budget import BudgetOptions
from router.options import RuleOptions
from unchain.config import Config, SettleOptions, version_of


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """One version of the rules with everything they refer to."""

    organisation: Organisation
    groups: tuple[Group, ...]
    spaces: Mapping[str, Space]
    rules: tuple[RuleOptions, ...]
    settle: SettleOptions
    budget: BudgetOptions
    version: str


def rulebook_of(config: Config) -> Rulebook:
    """The rulebook in a config."""
    return Rulebook(
        organisation=config.organisation,
        groups=config.groups,
        spaces={options.name: options.space for options in config.spaces},
        rules=config.rules,
        settle=config.settle,
        budget=config.budget,
        version=version_of(config),
    )
