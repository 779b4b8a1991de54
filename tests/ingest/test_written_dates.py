"""Dates and people as clients write them into the text of mails."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.mail import Address
from ingest.phrases import phrases
from ingest.written_dates import Order, read_written
from ingest.written_people import read_introduced, read_person

EAST = timezone(timedelta(hours=2))
LATEST = datetime(2024, 6, 1, tzinfo=EAST)
MAY = datetime(2024, 5, 3, 14, 5, tzinfo=EAST)

SAME_MOMENT = """
vendredi 3 mai 2024 à 14:05
ven. 3 mai 2024 à 14 h 05
Freitag, 3. Mai 2024 14:05
Freitag, 03. Mai 2024 um 14:05 Uhr
3 мая 2024 г., 14:05
Friday, May 3, 2024 2:05 PM
On Friday, May 3rd, 2024 at 2:05 PM
May 3 2024, at 2:05 pm
Fri 3-May-24 2:05 PM
2024-05-03T14:05:00+0200
2024-05-03T12:05:00Z
Fri, 03 May 2024 12:05:00 +0000 (UTC)
Fri May  3 14:05:00 2024
14:05 Piątek 2024-05-03
piątek, 3 maja 2024 14:05:00 CEST
pátek 3. května 2024 14:05:00 SELČ
2024. május 3., péntek 14:05
3 Mayıs 2024 Cuma 14:05
п'ятниця, 3 травня 2024 р., 14:05:00 GMT+2
perjantaina 3. toukokuuta 2024 klo 14.05.00 UTC+2
pet, 3. svi 2024. u 14:05
sexta-feira, 3 de maio de 2024 14:05
el vie, 3 may 2024 a las 14:05
viernes, 3 de mayo de 2024 2:05 p. m.
ven 3 mag 2024 alle ore 14:05
vr 3 mei 2024 om 14:05
den 3 maj 2024 kl 14:05
fredag den 3. maj 2024 kl. 14.05
R, 3. mai 2024 kell 14:05
2024 m. gegužės 3 d., pn 14:05
piektd., 2024. g. 3. maijs, plkst. 14:05
Th 6, 3 thg 5, 2024 lúc 14:05
Παρασκευή, 3 Μαΐου 2024 2:05 μμ
3 مايو 2024 في 2:05 م
٣ مايو ٢٠٢٤ ٠٢:٠٥ م
יום ו׳, 3 במאי 2024 ב-14:05
2024年5月3日(星期五) 下午2:05
2024年5月3日 金曜日 14:05
2024년 5월 3일 (금) 오후 2:05
2024년 5월 03일 금요일, 14시 05분 00초 +0200
3. 5. 2024 14:05:00
03.05.2024 14:05
03/05/24 14:05
3/05/2024 2:05 PM
5/3/2024 2:05 PM
"""


@pytest.mark.parametrize("written", SAME_MOMENT.strip().split("\n"))
def test_a_date_is_read_in_the_form_of_any_client_and_language(written: str) -> None:
    assert read_written(written, latest=LATEST) == MAY


@pytest.mark.parametrize(
    "written", ["", "yesterday", "3 May", "14:05", "31 February 2024 14:05", "0/0/0000", "5 of 12 boats"]
)
def test_what_names_no_day_is_no_date(written: str) -> None:
    assert read_written(written, latest=LATEST) is None


def test_the_order_of_day_and_month_is_not_guessed() -> None:
    assert read_written("03/05/2024 09:05", latest=LATEST) is None
    assert read_written("03/05/2024 09:05", latest=LATEST, order=Order.DAY_FIRST) == MAY.replace(hour=9)


def test_of_two_days_one_after_the_mail_itself_is_ruled_out() -> None:
    assert read_written("03/05/2024 09:05", latest=datetime(2024, 4, 1, tzinfo=EAST)) == datetime(
        2024, 3, 5, 9, 5, tzinfo=EAST
    )


def test_midnight_stands_for_a_time_that_is_not_written() -> None:
    assert read_written("3 mai 2024", latest=LATEST) == MAY.replace(hour=0, minute=0)


@pytest.mark.parametrize(
    ("written", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("11:05 PM", 23), ("2 PM", 14), ("14 h", 14)]
)
def test_hours_are_counted_to_twelve_or_twenty_four(written: str, hour: int) -> None:
    found = read_written(f"3 May 2024 {written}", latest=LATEST)
    assert found is not None
    assert found.hour == hour


def test_a_zone_that_is_written_counts() -> None:
    found = read_written("02/10/2023 4:52 PM EST", latest=LATEST)
    assert found == datetime(2023, 2, 10, 21, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "email", "name"),
    [
        ("Ines Korhola <ines@quarry.example>", "ines@quarry.example", "Ines Korhola"),
        ('"Korhola, Ines" <Ines@Quarry.example>', "ines@quarry.example", "Korhola, Ines"),
        ("'Ines' [mailto:ines@quarry.example]", "ines@quarry.example", "Ines"),
        ("Ines <ines@quarry.example<mailto:ines@quarry.example>>", "ines@quarry.example", "Ines"),
        ("ines@quarry.example <ines@quarry.example>", "ines@quarry.example", ""),
        ("ines@quarry.example (Ines Korhola)", "ines@quarry.example", "Ines Korhola"),
        ("mailto:ines@quarry.example", "ines@quarry.example", ""),
        ("Ines Korhola <ines at quarry.example>", "ines@quarry.example", "Ines Korhola"),
        ("ines at quarry.example (Ines Korhola)", "ines@quarry.example", "Ines Korhola"),
        ("desk@quarry.example [mailto:desk@quarry.example]On Behalf Of Ines", "", "Ines"),
        ("Ines at Quarry", "", "Ines at Quarry"),
        ("Korhola, Ines", "", "Korhola, Ines"),
        ("Ines Korhola/Sales/Quarry@QUARRY", "", "Ines Korhola"),
        ("CN=Ines Korhola/OU=Sales/O=Quarry", "", "Ines Korhola"),
        ("desk@quarry.example On Behalf Of Ines <ines@quarry.example>", "ines@quarry.example", "Ines"),
        ("desk@quarry.example im Auftrag von Korhola, Ines", "", "Korhola, Ines"),
        ("", "", ""),
    ],
)
def test_a_person_is_read_as_clients_write_people(written: str, email: str, name: str) -> None:
    assert read_person(written) == Address(email=email, name=name)


@pytest.mark.parametrize(
    "attribution",
    [
        'On 13/05/2024, 14:05, "Ines Korhola" <ines@quarry.example> wrote:',
        "Am 13.05.2024 um 14:05 Uhr schrieb Ines Korhola <ines@quarry.example>:",
        "Le 13 mai 2024 à 14:05:10 UTC, Ines Korhola <ines@quarry.example> a écrit :",
        "Op 13-05-2024 om 2:05 PM heeft Ines Korhola <ines@quarry.example> geschreven:",
        "Ines Korhola <ines@quarry.example> kirjoitti 13.5.2024 14.05:",
        '13.05.2024, 14:05, "Ines Korhola" <ines@quarry.example>:',
    ],
)
def test_an_attribution_names_its_author(attribution: str) -> None:
    assert read_introduced(attribution, phrases()) == Address(
        email="ines@quarry.example", name="Ines Korhola"
    )


@pytest.mark.parametrize("text", ["12 de " * 5_000, "1." * 10_000, "a@" * 10_000, "(" * 10_000, "+1" * 9_000])
def test_long_nonsense_is_neither_a_date_nor_slow(text: str) -> None:
    assert read_written(text, latest=LATEST) is None
    assert read_person(text).email == ""
