"""Facts: who counts as a participant, what counts as a list."""

from domain.mail import Address
from domain.organisation import Group
from router.addresses import is_robot
from tests.router.samples import ALL, EVERYBODY, GROUPS, INES, MAYA, OTTO, OWN, facts, message

IT_LIST = Address(email="it@boreal.example")
BOOKS = Address(email="books@boreal.example")


def test_people_are_those_named_one_by_one() -> None:
    seen = facts(message(to=(OTTO, EVERYBODY, OWN), cc=(MAYA, Address(email="no-reply@boreal.example"))))

    assert seen.people == {"ines@boreal.example", "otto@boreal.example", "maya@boreal.example"}


def test_a_list_found_by_list_post_is_nobody() -> None:
    seen = facts(message(to=(BOOKS,), headers=(("list-post", "<mailto:books@boreal.example?x=y>"),)))

    assert seen.people == {"ines@boreal.example"}
    assert seen.lists == {"books@boreal.example"}


def test_a_list_found_by_its_id_is_nobody() -> None:
    seen = facts(message(to=(BOOKS, OTTO), list_id="Books <books.boreal.example>"))

    assert seen.people == {"ines@boreal.example", "otto@boreal.example"}
    assert seen.lists == {"books@boreal.example", "books.boreal.example"}


def test_participants_include_the_members_of_addressed_groups() -> None:
    assert facts(message(sender=MAYA, to=(IT_LIST,))).participants == {
        "maya@boreal.example",
        "ines@boreal.example",
        "otto@boreal.example",
    }


def test_our_own_mails_do_not_count() -> None:
    seen = facts(message(1), message(2, sender=OWN, to=(INES,), own_words="KEEP IN MAIL"))

    assert len(seen.messages) == 1
    assert seen.starter == "ines@boreal.example"
    assert not seen.vetoed


def test_addresses_in_capitals_are_the_same_people() -> None:
    seen = facts(message(sender=Address(email="INES@Boreal.Example"), to=(INES, OTTO)))

    assert seen.people == {"ines@boreal.example", "otto@boreal.example"}


def test_a_configured_list_on_a_foreign_domain_is_no_outsider() -> None:
    hosted = Group(name="staff", addresses=("staff@lists.example",), everyone=True)

    seen = facts(message(to=(Address(email="staff@lists.example"),)), groups=(hosted,))

    assert seen.outsiders == frozenset()
    assert seen.reaches_everyone


def test_an_everyone_group_s_members_are_all_internal_people() -> None:
    seen = facts(groups=GROUPS)

    assert seen.is_member("zoe@boreal.test", ALL)
    assert not seen.is_member("zoe@elsewhere.example", ALL)


def test_robots_are_known_by_the_local_part() -> None:
    robots = (
        "no-reply", "noreply", "do_not_reply", "donotreply", "ne-pas-repondre", "nepasrepondre",
        "mailer-daemon", "postmaster", "bounces+17", "owner-books", "books-request", "books-bounces",
        "notifications", "noreply-hr",
    )  # fmt: skip
    people = (
        "norah",
        "ines",
        "reply",
        "robotics",
        "postmann",
        "listen",
        "alerta",
        "daemonia",
        "noel",
        "root.cause",
    )

    assert [local for local in robots if not is_robot(f"{local}@boreal.example")] == []
    assert [local for local in people if is_robot(f"{local}@boreal.example")] == []


def test_who_copies_themselves_blind_hides_nobody() -> None:
    assert not facts(message(bcc=(INES,))).hidden
    assert facts(message(bcc=(INES, Address(email="eve@boreal.example")))).hidden
