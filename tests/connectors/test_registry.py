"""The [[spaces]] section: what it accepts, and the space that rules see."""

import pytest
from pydantic import ValidationError

from connectors.registry import SpaceOptions
from domain.space import Space

WIKI = {"name": "wiki", "connector": {"type": "commons", "form": "wiki"}}


@pytest.mark.parametrize("audience", ["everyone", "participants", "group:it"])
def test_a_known_audience_is_accepted(audience: str) -> None:
    assert SpaceOptions.model_validate({**WIKI, "audience": audience}).audience == audience


@pytest.mark.parametrize("audience", ["all", "group:", "group: ", "it", "", "Everyone"])
def test_an_unknown_audience_is_refused_with_the_choices(audience: str) -> None:
    with pytest.raises(ValidationError, match="write everyone, participants or group:NAME"):
        SpaceOptions.model_validate({**WIKI, "audience": audience})


@pytest.mark.parametrize(
    "section",
    [
        {**WIKI, "name": "My wiki"},
        {**WIKI, "audiense": "everyone"},
        {**WIKI, "connector": {"type": "commons", "form": "forum"}},
        {**WIKI, "connector": {"type": "commonz", "form": "wiki"}},
        {"name": "wiki"},
    ],
    ids=["blank in name", "unknown key", "unknown form", "unknown type", "no connector"],
)
def test_a_wrong_section_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SpaceOptions.model_validate(section)


def test_the_space_is_titled_by_its_name_where_nothing_else_is_said() -> None:
    options = SpaceOptions.model_validate({**WIKI, "audience": "group:it", "place": "Questions"})

    assert options.space == Space(name="wiki", audience="group:it", place="Questions", title="wiki")
