"""Sets of mails with the threads that they make, for tests in memory and in the store."""

from hypothesis import strategies as st

from domain.mail import Automatic, Message
from tests.ingest.reading import mail

DAY = 24 * 60

ROOT = mail("root@x")
ANSWER = mail("answer@x", subject="Re: Lunch", sender="bob@example.com", answers=("root@x",), minutes=5)
DEEPER = mail("deeper@x", subject="Re: Lunch", references=("root@x", "answer@x"), minutes=9)
LOST = mail("lost@x", subject="Re: Lunch", sender="bob@example.com", minutes=30)  # names nothing
TWO_GHOSTS = (
    mail("left@x", subject="Re: Trip", references=("gone-1@x",)),
    mail("right@x", subject="Re: Trip", references=("gone-2@x",), minutes=1),
    mail("bridge@x", subject="Re: Trip", references=("gone-1@x", "gone-2@x"), minutes=2),
)
RING = (
    mail("one@x", subject="Re: Ring", answers=("three@x",)),
    mail("two@x", subject="Re: Ring", answers=("one@x",), minutes=1),
    mail("three@x", subject="Re: Ring", answers=("two@x",), minutes=2),
)

SETS: dict[str, tuple[list[Message], list[set[str | None]]]] = {
    "a chain": ([ROOT, ANSWER, DEEPER], [{"root@x", "answer@x", "deeper@x"}]),
    "the middle is missing": ([ROOT, DEEPER], [{"root@x", "deeper@x"}]),
    "a ghost root": (
        [ANSWER, mail("other@x", subject="Re: Lunch", answers=("root@x",), sender="eve@example.com")],
        [{"answer@x", "other@x"}],
    ),
    "two threads proved to be one": (list(TWO_GHOSTS), [{"left@x", "right@x", "bridge@x"}]),
    "a ring": (list(RING), [{"one@x", "two@x", "three@x"}]),
    "a mail that answers itself": ([mail("self@x", answers=("self@x",))], [{"self@x"}]),
    "no ids at all": ([mail(None, words="a"), mail(None, words="b")], [{None}, {None}]),
    "one id for two mails": (
        [mail("same@x", subject="Invoice"), mail("same@x", subject="Holidays", sender="eve@example.com")],
        [{"same@x"}, {"same@x"}],
    ),
    "one id and one subject for two people's mails": (
        [mail("same@x", minutes=1), mail("same@x", sender="eve@example.com", minutes=2)],
        [{"same@x"}, {"same@x"}],
    ),
    "copies of one mail": ([ROOT, mail("root@x", words="with a footer")], [{"root@x"}]),
    "a reply whose references were dropped": ([ROOT, ANSWER, LOST], [{"root@x", "answer@x", "lost@x"}]),
    "an answer to a reply whose references were dropped": (
        [ROOT, LOST, mail("after@x", subject="Re: Lunch", answers=("lost@x",), minutes=45)],
        [{"root@x", "lost@x", "after@x"}],
    ),
    "replies whose first mail is missing": (
        [
            mail("r1@x", subject="Re: Lunch", sender="bob@example.com", minutes=10 * DAY),
            mail("r2@x", subject="Re: Lunch", sender="eve@example.com"),
        ],
        [{"r1@x", "r2@x"}],
    ),
    "a reply in another client's language": (
        [ROOT, mail("aw@x", subject="[EXTERNAL] AW: [team] lunch", sender="bob@example.com", minutes=7)],
        [{"root@x", "aw@x"}],
    ),
    "the same subject without a reply mark": (
        [mail("w1@x", subject="Weekly report"), mail("w2@x", subject="Weekly report", minutes=7 * DAY)],
        [{"w1@x"}, {"w2@x"}],
    ),
    "a reply among strangers": (
        [ROOT, mail("far@x", subject="Re: Lunch", sender="zoe@example.net", to=("yan@example.net",))],
        [{"root@x"}, {"far@x"}],
    ),
    "a private answer to a mail on a list": (
        [ROOT, mail("private@x", subject="Re: Lunch", sender="zoe@example.net", to=("ana@example.com",))],
        [{"root@x"}, {"private@x"}],
    ),
    "a reply months later": (
        [ROOT, mail("late@x", subject="Re: Lunch", sender="bob@example.com", minutes=90 * DAY)],
        [{"root@x"}, {"late@x"}],
    ),
    "replies without a subject": (
        [mail("e1@x", subject=""), mail("e2@x", subject="Re:", sender="bob@example.com")],
        [{"e1@x"}, {"e2@x"}],
    ),
    "a robot's mails": (
        [
            mail("r1@x", subject="Re: Ticket", automatic=Automatic.ROBOT),
            mail("r2@x", subject="Re: Ticket", automatic=Automatic.ROBOT, minutes=1),
        ],
        [{"r1@x"}, {"r2@x"}],
    ),
    "a forward that names nothing": (
        [ROOT, mail("fwd@x", subject="Fwd: Lunch", sender="bob@example.com")],
        [{"root@x"}, {"fwd@x"}],
    ),
}

# Mails that name each other, share ids and subjects, or name nothing, of few people in three weeks.
MIXED = st.builds(
    mail,
    st.sampled_from(["a@x", "b@x", "c@x", "d@x", None]),
    subject=st.sampled_from(["Lunch", "Re: Lunch", "AW: lunch", "Re: Trip", "Trip"]),
    sender=st.sampled_from(["ana@example.com", "bob@example.com", "eve@example.com"]),
    to=st.sampled_from(
        [("team@example.com",), ("ana@example.com",), ("bob@example.com", "team@example.com")]
    ),
    answers=st.sampled_from([(), (), (), ("a@x",), ("b@x",), ("gone@x",), ("c@x", "d@x")]),
    minutes=st.sampled_from([0, 1, 2, 600, 601, 3 * DAY, 13 * DAY, 14 * DAY + 3, 16 * DAY]),
)
