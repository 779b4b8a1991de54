from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import choose, read

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
GOOD = NOW - timedelta(hours=3)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("Mon, 06 May 2024 12:00:00 +0200", datetime(2024, 5, 6, 10, tzinfo=UTC)),
        ("6 May 2024 12:00 GMT", NOW),
        ("Mon, 6 May 24 12:00:00 -0000", NOW),
        ("Mon, 06 May 2024 08:00:00 EDT", NOW),
        ("2024-05-06 12:00:00", NOW),
        ("2024-05-06T12:00Z", NOW),
        ("lun., 06 mai 2024 14:00:00 +0200", NOW),
        ("6 août 2024 12:00", datetime(2024, 8, 6, 12, tzinfo=UTC)),
        ("06-May-2024 12:00", NOW),
        ("Mo, 6 Mai 2024 12:00:00 +0000", NOW),
        ("Mon, 06 May 2024 24:00:00 +0000", datetime(2024, 5, 7, tzinfo=UTC)),
        ("Mon, 06 May 2024 11:59:60 +0000", NOW),
        ("Mon, 06 May 2024 14:00:00 GMT+02:00 (CEST)", NOW),
        ("Mon, 06 May 2024 14:00:00 CEST", NOW),
        ("Mon May 06 14:00:00 CEST 2024", NOW),
        ("Mon May  6 12:00:00 2024", NOW),
        ("Mon, 6 May 2024 (spring (still)) 12:00 +0000", NOW),
        ("Mon, 6 May 124 12:00:00 +0000", NOW),
        ("Mon, 6 May 2024 12:00:00 0000", NOW),
        ("Mon, 6 May 2024 12:00:00.250 +0000", NOW),
        ("Mon, 6 May 2024 12.00.00 +0000", NOW),
        ("Monday, May 6, 2024 12:00 PM", NOW),
        ("6 May 2024 02:00:00 PM +0200", NOW),
        ("6th of May 2024 at 12:00", NOW),
        ("2024-05-06T14:00:00+02:00", NOW),
        ("20240506T120000Z", NOW),
        ("2024年5月6日 12:00", NOW),
        ("06.05.2024 12:00", NOW),
        ("06/05/2024 12:00", NOW),
        ("5/6/2024 12:00 PM", NOW),
        ("05/26/2024 12:00", datetime(2024, 5, 26, 12, tzinfo=UTC)),
        ("mar. 7 mai 2024 12:00", datetime(2024, 5, 7, 12, tzinfo=UTC)),
        ("Пн, 06 мая 2024 15:00:00 +0300", NOW),
        ("pon., 6 maj 2024 14:00:00 +0200", NOW),
        ("Mon, 6 May 2024", datetime(2024, 5, 6, tzinfo=UTC)),
        ("1714996800", NOW),
        ("Sat, 8 cats slept while 9 dogs did not", None),
        ("", None),
        ("yesterday", None),
        ("Mon, 99 May 2024 99:00:00 +9999", None),
        ("2024-13-41", None),
    ],
)
def test_a_date_is_read_as_clients_write_it(value: str, date: datetime | None) -> None:
    assert read(value) == date


def test_the_first_plausible_date_wins() -> None:
    future, past = NOW + timedelta(days=30), datetime(1969, 1, 1, tzinfo=UTC)
    assert choose([None, future, past, GOOD], [], at=NOW, now=NOW) == GOOD
    assert choose([future], [], at=NOW, now=NOW) == NOW


def test_the_newest_trace_field_stands_in() -> None:
    trace = "from a by b; Mon, 06 May 2024 09:00:00 +0000"
    assert choose([None], [trace, "by c; Sun, 05 May 2024 09:00:00 +0000"], at=NOW, now=NOW) == GOOD


@given(st.text(max_size=40))
def test_any_text_can_be_asked_for_its_date(value: str) -> None:
    found = read(value)
    assert found is None or found.tzinfo is not None
