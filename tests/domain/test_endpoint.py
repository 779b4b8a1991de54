"""host:port is read as people write it, and what is wrong is named."""

import pytest

from domain.endpoint import Endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("mail.example.com:25", "mail.example.com", 25),
        (" 127.0.0.1:0 ", "127.0.0.1", 0),
        ("[::1]:8025", "::1", 8025),
        ("localhost:65535", "localhost", 65535),
    ],
)
def test_an_endpoint_is_read_and_written_back(text: str, host: str, port: int) -> None:
    endpoint = parse_endpoint(text)
    assert endpoint == Endpoint(host=host, port=port)
    assert str(endpoint) == text.strip()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mail.example.com", "not host:port"),
        ("", "not host:port"),
        (":25", "not host:port"),
        ("::1:25", "brackets"),
        ("[]:25", "not a host name"),
        ("ann@example.com:25", "not a host name"),
        ("mail.example.com:smtp", "not a port"),
        ("mail.example.com:65536", "not a port"),
        ("mail.example.com:-1", "not a port"),
        ("mail.example.com:²", "not a port"),
    ],
)
def test_what_is_wrong_is_named(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_endpoint(text)
