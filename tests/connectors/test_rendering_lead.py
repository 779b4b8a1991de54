"""A question's page begins with question and answer in their authors' words, each leading to its mail."""

from dataclasses import replace

import pytest

from connectors.rendering import DOKUWIKI, MARKDOWN, WIKITEXT, Form, lead, page, see_also
from domain.digest import Digest, Excerpt
from domain.publication import Page, Publication
from tests.connectors.contract import post, publication

DIGEST = Digest(
    language="en",
    question=Excerpt(text="Which badge opens the bicycle room?", key="post-0"),
    answer=(
        Excerpt(text="The blue one.", key="post-1"),
        Excerpt(text="It works until eight.", key="post-1"),
        Excerpt(text="Ask the desk after that.", key="post-2"),
    ),
    decision=Excerpt(text="We keep the blue one.", key="post-2"),
)


def asked() -> Publication:
    return replace(publication(), posts=(post(0), post(1), post(2)), digest=DIGEST)


def test_question_answer_and_decision_stand_on_top_with_their_authors() -> None:
    assert lead(asked(), lambda one: f"#m{one.key[-1]}") == (
        "# Question\n\nWhich badge opens the bicycle room? ([Inès Caron, 9 March 2026, 08:15 UTC](#m0))\n\n"
        "# Answer\n\nThe blue one. It works until eight. ([Paul Ashby, 9 March 2026, 09:15 UTC](#m1))\n\n"
        "Ask the desk after that. ([Mirela Kovac, 9 March 2026, 10:15 UTC](#m2))\n\n"
        "# Decision\n\nWe keep the blue one. ([Mirela Kovac, 9 March 2026, 10:15 UTC](#m2))"
    )


def test_it_is_told_in_the_language_of_the_page() -> None:
    assert "# Réponse" in lead(replace(asked(), language="fr"))
    assert "9 mars 2026 à 08:15" in lead(replace(asked(), language="fr"))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "discussion"},
        {"digest": None},
        {"digest": replace(DIGEST, question=None)},
        {"digest": replace(DIGEST, answer=())},
        {"posts": (post(0),)},  # the answer is in no post: nothing is told of a mail that is not shown
        {"posts": (post(1), post(2))},
    ],
)
def test_without_question_and_answer_there_is_no_such_top(changed: dict[str, object]) -> None:
    assert lead(replace(asked(), **changed)) == ""  # type: ignore[arg-type]


def test_sentences_of_mails_that_are_not_shown_are_left_out() -> None:
    text = lead(replace(asked(), posts=(post(0), post(1))))
    assert "The blue one." in text
    assert "Ask the desk" not in text
    assert "Decision" not in text


@pytest.mark.parametrize("form", [WIKITEXT, DOKUWIKI, MARKDOWN], ids=["wikitext", "dokuwiki", "markdown"])
def test_every_wiki_gets_it_above_the_talk(form: Form) -> None:
    text = page(asked(), form)
    assert 0 < text.index("bicycle room?") < text.index("The blue one.") < text.index("Some words.")


def test_hostile_sentences_names_and_titles_stay_literal() -> None:
    hostile = "[x](javascript:alert(1)) <script> ~~~~ {{evil}}"
    digest = replace(DIGEST, question=Excerpt(text=hostile, key="post-0"))
    related = (Page(entry_id="1", title="](evil) [x](https://evil.example)", url="https://w.example/1"),)
    opening = replace(post(0), author="[[Evil]]")
    wanted = replace(asked(), posts=(opening, post(1), post(2)), digest=digest, related=related)

    assert r"\[x\](javascript:alert(1)) \<script\>" in lead(wanted)
    assert r"\[\[Evil\]\]" in lead(wanted)
    assert r"[\](evil) \[x\](" in see_also(wanted)
    assert see_also(wanted).endswith("(<https://w.example/1>)")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://w.example/>x", "w.example"])
def test_what_is_no_address_of_a_page_is_not_linked(url: str) -> None:
    related = (Page(entry_id="1", title="T", url=url),)
    assert see_also(replace(asked(), related=related)) == ""


def test_related_pages_are_linked_below_the_talk() -> None:
    related = (Page(entry_id="1", title="Badges and keys", url="https://w.example/badges"),)
    text = page(replace(asked(), related=related), MARKDOWN)
    assert text.index("Some words.") < text.index("See also") < text.index("https://w.example/badges")
