import pytest

from ingest.armour import free, is_encrypted, is_encrypted_html

BLOCK = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
SIGNATURE = "\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"


@pytest.mark.parametrize(
    ("text", "encrypted"),
    [
        (BLOCK, True),
        (f"Hello,\n\n{BLOCK}", True),
        (f"\N{NO-BREAK SPACE}{BLOCK}", True),
        ("-----BEGIN PGP MESSAGE, PART 01/02-----\n\nhQ\n", True),
        ("".join(f"> {line}\n" for line in BLOCK.splitlines()), False),
        ("Look for -----BEGIN PGP MESSAGE----- in it.", False),
        ("    -----BEGIN PGP MESSAGE-----\n    as an example\n", False),
        ("", False),
    ],
)
def test_an_encrypted_message_has_a_line_of_its_own(text: str, encrypted: bool) -> None:
    assert is_encrypted(text) == encrypted


@pytest.mark.parametrize(
    ("html", "encrypted"),
    [
        ("<div>-----BEGIN PGP MESSAGE-----<br>hQ</div>", True),
        ("<pre>\n-----BEGIN PGP MESSAGE-----\nhQ</pre>", True),
        ("<p>&nbsp;-----BEGIN PGP MESSAGE-----&nbsp;</p>", True),
        ("<p>&gt; -----BEGIN PGP MESSAGE-----</p>", False),
        ("<p>Look for -----BEGIN PGP MESSAGE----- in it.</p>", False),
    ],
)
def test_in_html_it_has_an_element_of_its_own(html: str, encrypted: bool) -> None:
    assert is_encrypted_html(html) == encrypted


@pytest.mark.parametrize(
    "head", ["Hash: SHA256\n\n", "\n", "Hash: SHA256\n \n", "Hash: SHA1\nCharset: utf-8\n\n", ""]
)
def test_the_signed_text_is_whole_whatever_stands_above_it(head: str) -> None:
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\n{head}One.\n\n- -- \nTwo.{SIGNATURE}"
    freed = free(text)
    assert freed.signed
    assert freed.text.strip() == "One.\n\n-- \nTwo."


def test_what_stands_around_the_armour_stays() -> None:
    freed = free(f"Before.\n-----BEGIN PGP SIGNED MESSAGE-----\n\nOne.{SIGNATURE}List footer")
    assert freed.text.replace("\n", " ") == "Before. One. List footer"


def test_armour_without_an_end_is_left_alone() -> None:
    text = "-----BEGIN PGP SIGNED MESSAGE-----\n\nOne."
    assert free(text).text == text
