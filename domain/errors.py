"""Every error that Unchain raises on purpose.

UnchainError
 ├─ ConfigError          config.toml says something wrong: where, what, what to do
 ├─ SourceError          a mail source or archive cannot be read
 ├─ StoreError           the database cannot be opened, read or written
 ├─ ListenError          an address cannot be listened on
 ├─ CorrectionError      threads cannot be joined or split as asked
 ├─ ClassifierError      a trained pipeline or labels cannot be used
 └─ ConnectorError       a space did not take what was posted
     ├─ Transient        try again later
     ├─ Refused          never try the same again
     │   └─ Conflict     somebody else has changed it meanwhile: theirs stays
     ├─ AuthLost         nothing works until an admin renews the credentials
     └─ Uncertain        may have landed: look it up, never repeat blindly

Their text is one sentence for the person who must act: what, where, what to do.
"""


class UnchainError(Exception):
    """Base of all; the text is the sentence to show."""

    exit_code = 1


class ConfigError(UnchainError):
    """The config is wrong."""

    exit_code = 2


class SourceError(UnchainError):
    """A mail source or archive cannot be read."""

    exit_code = 3


class StoreError(UnchainError):
    """The database cannot be opened, read or written."""

    exit_code = 4


class ListenError(UnchainError):
    """An address cannot be listened on."""

    exit_code = 5


class CorrectionError(UnchainError):
    """Threads cannot be joined or split as asked."""


class ClassifierError(UnchainError):
    """A trained pipeline or labels cannot be used."""

    exit_code = 6


class ConnectorError(UnchainError):
    """A space did not take what was posted."""

    exit_code = 7


class Transient(ConnectorError):
    """Try again, after `retry_after` seconds where the service said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(ConnectorError):
    """The service says no to this publication for good."""


class Conflict(Refused):
    """Somebody else has changed the entry since we wrote it; their words are not overwritten."""


class AuthLost(ConnectorError):
    """The credentials no longer work."""


class Uncertain(ConnectorError):
    """The service may have taken it; nobody knows."""
