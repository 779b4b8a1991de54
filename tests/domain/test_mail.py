import pytest

from domain.mail import Attachment


@pytest.mark.parametrize(
    ("content_type", "signs"),
    [
        ("application/pkcs7-signature", True),
        ("application/x-pkcs7-signature", True),
        ("application/pgp-signature", True),
        ("application/pkcs7-mime", False),
        ("application/pgp-keys", False),
    ],
)
def test_a_signature_is_told_from_other_files(content_type: str, signs: bool) -> None:
    assert Attachment(name="a", content_type=content_type, size=1).is_signature == signs
