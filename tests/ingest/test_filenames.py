"""Names of attachments as clients write them: decoded, with the right ending, never a path."""

import pytest

from tests.ingest.reading import read_bytes

HEAD = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"


def name_of(fields: bytes) -> str:
    (attachment,) = read_bytes(HEAD + fields + b"\n\nxyz\n--b--\n").attachments
    return attachment.name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'filename="plan.pdf"', "plan.pdf"),
        (b"filename=the plan.pdf", "the plan.pdf"),
        (b"filename='plan.pdf'", "plan.pdf"),
        (b'filename=plan.pdf"', "plan.pdf"),
        (b'name="plan.pdf"', "plan.pdf"),
        (b"filename*=utf-8''caf%C3%A9.pdf", "café.pdf"),
        (b"filename=cafe.pdf; filename*=utf-8'fr'caf%C3%A9.pdf", "café.pdf"),
        (b"filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=.pdf", "café.pdf"),
        (b'filename*0="=?utf-8?Q?caf=C3"; filename*1="=A9.pdf?="', "café.pdf"),
        (b'filename="=?utf-8?B?Y2Fm?=\n =?utf-8?B?w6kucGRm?="', "café.pdf"),
        (b"filename==?iso-8859-1?Q?caf=E9?=.pdf", "café.pdf"),
        (b'filename="caf\xe9.pdf"', "café.pdf"),
        ('filename="会议安排.pdf"'.encode("gb18030"), "会议安排.pdf"),
        (b"filename*=shift_jis''%93%FA%96%7B.pdf", "日本.pdf"),
        (b'filename="C:\\Users\\ana\\plan.pdf"', "plan.pdf"),
        (b"filename*=utf-8''..%2F..%2Fplan.pdf", "plan.pdf"),
        ('filename="plan\u202efdp.exe"'.encode(), "plan fdp.exe"),
        (b'filename="plan\x00\x07.pdf"', "plan .pdf"),
        (b'filename=".."', "attachment.pdf"),
        (b'filename=""', "attachment.pdf"),
    ],
)
def test_a_name_is_read_as_clients_write_it(disposition: bytes, name: str) -> None:
    assert name_of(b"Content-Type: application/pdf\nContent-Disposition: attachment; " + disposition) == name


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        (b"image/jpeg", "image.jpg"),
        (b"application/msword", "attachment.doc"),
        (b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment.xlsx"),
        (b"application/octet-stream", "attachment.bin"),
        (b"video/quicktime", "video.mov"),
        (b"application/pdf; name=plan.pdf", "plan.pdf"),
        (b"application/pdf; filename=plan.pdf", "plan.pdf"),
    ],
)
def test_without_a_name_the_type_gives_one(content_type: bytes, name: str) -> None:
    assert name_of(b"Content-Type: " + content_type + b"\nContent-Disposition: attachment") == name
