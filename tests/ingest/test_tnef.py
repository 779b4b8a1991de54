"""Winmail.dat: what comes out of it, and that no bytes hold the reader up."""

import base64
import struct

import compressed_rtf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tnefparse import TNEF

from domain.mail import Automatic, Message
from ingest.mime import take_apart
from ingest.tnef import open_packet
from tests.ingest import tnef_writer as write
from tests.ingest.reading import MAILS, read_bytes

HEAD = b"From: Ana Silva <ana@example.com>\nTo: team@example.com\nSubject: Roof\nMIME-Version: 1.0\n"
NOTE = b"Content-Type: text/plain\n\nThe plan is in it.\n"
LONG_NAME = "Plan für das Dach, 3. Entwurf – geprüft.pdf"
PLAN = write.file(
    "PLANFR~1.PDF",
    b"%PDF-1.4 roof",
    write.unicode_text(0x3707, LONG_NAME),
    write.text(0x370E, "application/pdf"),
)
RICH = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}"
    rb"{\*\htmltag19 <html>}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Le toit est fini \'e0 midi."
    rb"\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}{\*\htmltag27 </html>}}"
)
EVERYTHING = write.packet(
    write.attribute(write.MESSAGE_CLASS, b"IPM.Microsoft Mail.Note\0"),
    write.attribute(write.SUBJECT, b"Roof\0"),
    write.attribute(
        write.PROPERTIES,
        write.properties(
            write.number(0x3FDE, 65001),
            write.several(0x0E05, ["one", "two"]),
            write.named("X-Colour", "green"),
            write.binary(0x1009, compressed_rtf.compress(RICH)),
        ),
    ),
    PLAN,
    write.embedded("Quote for the roof", write.packet(write.attribute(write.SUBJECT, b"Quote\0"))),
)


def mail(packet: bytes, *, text: bytes = NOTE, kind: bytes = b"application/ms-tnef") -> Message:
    encoded = base64.encodebytes(packet)
    parts = [text] if text else []
    parts.append(
        b"Content-Type: " + kind + b'; name="winmail.dat"\nContent-Transfer-Encoding: base64\n'
        b'Content-Disposition: attachment; filename="winmail.dat"\n\n' + encoded
    )
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return read_bytes(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + body + b"--b--\n")


def names(message: Message) -> list[str]:
    return [each.name for each in message.attachments]


def of_message(*properties: bytes) -> bytes:
    return write.packet(write.attribute(write.PROPERTIES, write.properties(*properties)))


@pytest.mark.parametrize(
    "kind", [b"application/ms-tnef", b"application/vnd.ms-tnef", b"Application/Octet-Stream"]
)
def test_its_files_are_the_mails_attachments(kind: bytes) -> None:
    message = mail(EVERYTHING, kind=kind)
    assert names(message) == [LONG_NAME, "Quote for the roof.msg"]
    assert message.attachments[0].size == len(b"%PDF-1.4 roof")
    assert message.attachments[0].content_type == "application/pdf"
    assert message.own_words == "The plan is in it."


def test_its_text_is_read_where_the_mail_has_none() -> None:
    assert mail(EVERYTHING, text=b"").own_words == "Le toit est fini à midi."


def test_the_sample_packets_are_read_the_same_way_by_another_reader() -> None:
    other = TNEF(EVERYTHING)
    assert other.attachments[0].long_filename() == LONG_NAME
    assert other.attachments[0].data == b"%PDF-1.4 roof"
    assert other.attachments[1].embed.signature == TNEF.TNEF_SIGNATURE
    assert other.rtfbody == RICH
    assert "X-Colour" in [each.name_str for each in other.mapiprops]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ([write.unicode_text(0x1000, "Bitte prüfen.\r\n\r\nDanke")], "Bitte prüfen.\n\nDanke"),
        ([write.text(0x1000, "Déjà vu")], "Déjà vu"),
        ([write.number(0x3FDE, 1251), write.binary(0x1013, "<p>Готово</p>".encode("cp1251"))], "Готово"),
        ([write.number(0x3FDE, 65001), write.binary(0x1013, "<p>Œuvre</p>".encode())], "Œuvre"),
        ([write.binary(0x1009, compressed_rtf.compress(rb"{\rtf1 One\par two}"))], "One\ntwo"),
        ([write.unicode_text(0x1000, " "), write.binary(0x1013, b"<p>Only this</p>")], "Only this"),
    ],
)
def test_its_text_may_have_any_form(properties: list[bytes], words: str) -> None:
    assert mail(of_message(*properties), text=b"").own_words == words


def test_an_old_packet_has_its_text_in_an_attribute() -> None:
    packet = write.packet(write.attribute(write.BODY, "Grüße\0".encode("cp1252")))
    assert mail(packet, text=b"").own_words == "Grüße"


def test_a_short_name_in_its_codepage_is_read() -> None:
    packet = write.packet(write.file("Отчёт.txt", b"x", charset="cp1251"), codepage=1251)
    assert names(mail(packet)) == ["Отчёт.txt"]


def test_a_file_without_a_name_has_one_all_the_same() -> None:
    packet = write.packet(write.file("", b"x"), write.file("", b"y", write.text(0x370E, "image/png")))
    assert names(mail(packet)) == ["attachment.bin", "attachment.png"]


def test_pictures_in_the_text_are_inline() -> None:
    packet = write.packet(
        write.file("a.png", b"x", write.number(0x3714, 4)),
        write.file("b.png", b"y", write.flag(0x7FFE)),
        PLAN,
    )
    assert [each.inline for each in mail(packet).attachments] == [True, True, False]


def test_a_message_without_a_name_is_called_by_its_subject() -> None:
    inner = write.packet(write.attribute(write.SUBJECT, b"The third floor\0"))
    assert names(mail(write.packet(write.embedded("", inner)))) == ["The third floor.msg"]


def test_sensitivity_inside_counts() -> None:
    assert mail(of_message(write.number(0x0036, 3))).sensitivity == ("company-confidential",)
    label = "MSIP_Label_0f1e2d3c-0000-1111-2222-333344445555_Name=Staff Only; MSIP_Label_x_Enabled=true"
    assert mail(of_message(write.named("msip_labels", label))).sensitivity == ("staff only",)
    assert mail(of_message(write.named("Classification", "Restricted"))).sensitivity == ("restricted",)
    assert mail(of_message(write.number(0x0036, 0))).sensitivity == ()


@pytest.mark.parametrize("name", ["encrypted_smime", "signed_opaque"])
def test_smime_inside_is_opened_as_elsewhere(name: str) -> None:
    structure = take_apart((MAILS / "odd" / f"{name}.eml").read_bytes())
    envelope = base64.b64decode(structure.body(structure.root))
    packet = write.packet(
        write.attribute(write.MESSAGE_CLASS, b"IPM.Note.SMIME\0"), write.file("smime.p7m", envelope)
    )
    message = mail(packet, text=b"")
    assert message.encrypted == (name == "encrypted_smime")
    assert message.signed == (name == "signed_opaque")
    assert names(message) == (["smime.p7m"] if message.encrypted else [])


def test_a_clear_signature_inside_holds_the_mail() -> None:
    entity = (MAILS / "odd" / "signed_in_clear.eml").read_bytes()
    packet = write.packet(
        write.attribute(write.MESSAGE_CLASS, b"IPM.Note.SMIME.MultipartSigned\0"),
        write.file("smime.p7m", entity),
    )
    message = mail(packet, text=b"")
    assert message.own_words == "The meeting is at noon."
    assert message.signed


def test_a_licence_inside_is_encryption() -> None:
    message = mail(write.packet(write.file("message.rpmsg", b"x")))
    assert message.encrypted
    assert message.parts == ()


@pytest.mark.parametrize(
    ("message_class", "kind"),
    [
        (b"IPM.Microsoft Schedule.MtgReq\0", Automatic.ROBOT),
        (b"IPM.Schedule.Meeting.Request\0", Automatic.ROBOT),
        (b"REPORT.IPM.Note.NDR\0", Automatic.BOUNCE),
        (b"REPORT.IPM.Note.IPNRN\0", Automatic.REPORT),
        (b"IPM.Note\0", Automatic.NO),
    ],
)
def test_its_class_tells_machines_from_people(message_class: bytes, kind: Automatic) -> None:
    packet = write.packet(write.attribute(write.MESSAGE_CLASS, message_class))
    assert mail(packet).automatic is kind


def test_a_packet_alone_is_the_whole_mail() -> None:
    content = HEAD + b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"
    message = read_bytes(content + base64.encodebytes(EVERYTHING))
    assert message.own_words == "Le toit est fini à midi."
    assert len(message.attachments) == 2


def test_something_else_called_winmail_stays_a_file() -> None:
    message = mail(b"no packet at all")
    assert names(message) == ["winmail.dat"]
    assert "its winmail.dat cannot be read" in message.defects


def test_of_a_cut_packet_what_came_through_counts() -> None:
    message = mail(EVERYTHING[:-40])
    assert names(message)[0] == LONG_NAME
    assert "its winmail.dat is damaged: some of it may be missing" in message.defects


def test_a_packet_that_gives_nothing_stays_a_file() -> None:
    assert names(mail(EVERYTHING[:30])) == ["winmail.dat"]


def test_what_is_filled_up_behind_the_packet_is_no_damage() -> None:
    message = mail(EVERYTHING + bytes(64))
    assert message.defects == mail(EVERYTHING).defects


@given(st.integers(0, len(EVERYTHING)), st.integers(0, 30), st.binary(max_size=8))
def test_damage_makes_nothing_raise(at: int, length: int, put: bytes) -> None:
    mail(EVERYTHING[:at] + put + EVERYTHING[at + length :], text=b"")


def _hostile() -> dict[str, bytes]:
    claim = struct.pack("<IHHI", 1, 0x1002, 0x1234, 0xFFFFFFFF)
    nothing = struct.pack("<HHI", 0x1001, 0x1234, 4_000)
    return {
        "a count of values that is not there": write.packet(write.attribute(write.PROPERTIES, claim)),
        "a count of properties that is not there": write.packet(
            write.attribute(write.PROPERTIES, struct.pack("<I", 0xFFFFFFFF))
        ),
        "values without a size": write.packet(
            *[write.attribute(write.PROPERTIES, write.properties(*[nothing] * 100))] * 200
        ),
        "many attributes": write.packet(*[write.attribute(write.CONTENT, b"x", level=2)] * 200_000),
        "many files": write.packet(*[write.file("a.txt", b"x")] * 20_000),
        "packets in packets": _nested(200),
        "text that unpacks to much": of_message(
            write.binary(
                0x1009, bytes(8) + b"LZFu" + bytes(4) + b"\xfe\x41" + (b"\x0d\x0f" * 7 + b"\xff") * 60_000
            )
        ),
    }


def _nested(depth: int) -> bytes:
    packet = write.packet()
    for _ in range(depth):
        packet = write.packet(write.embedded("", packet))
    return packet


@pytest.mark.parametrize("content", _hostile().values(), ids=_hostile())
def test_no_packet_holds_the_reader_up(content: bytes) -> None:
    message = mail(content, text=b"")
    assert len(message.attachments) <= 1_000
    assert len(message.own_words) < 2_000_000


def test_bytes_that_are_no_packet_are_none() -> None:
    assert open_packet(b"") is None
    assert open_packet(b"PK\x03\x04") is None
