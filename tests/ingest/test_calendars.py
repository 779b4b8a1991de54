import pytest

from ingest.calendars import calendar_text


def event(*lines: str) -> str:
    return "\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (event("SUMMARY:Lunch", "DESCRIPTION:At noon."), "At noon."),
        (event("SUMMARY:Lunch", "DESCRIPTION:"), "Lunch"),
        (event("SUMMARY;LANGUAGE=en:Lunch"), "Lunch"),
        (event("DESCRIPTION:One\\, two\\nthree\\; four\\\\"), "One, two\nthree; four\\"),
        (event("DESCRIPTION:Fold", "  ed", "\ttwice"), "Fold edtwice"),
        (event('DESCRIPTION;ALTREP="https://example.com":See the page.'), "See the page."),
        (event("SUMMARY:Lunch", "BEGIN:VALARM", "DESCRIPTION:Reminder", "END:VALARM"), "Lunch"),
        (event("DESCRIPTION:~~~~~~~~~~~~~~\\nJoin us"), "Join us"),
        ("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nDESCRIPTION:No\nEND:VTIMEZONE\nEND:VCALENDAR\n", ""),
        ("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:Paint\r\nEND:VTODO\r\n", "Paint"),
        ("rubbish", ""),
        ("", ""),
    ],
)
def test_an_invitation_says_its_description_or_its_summary(content: str, text: str) -> None:
    assert calendar_text(content) == text
