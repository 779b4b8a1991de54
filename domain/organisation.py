"""Who is internal, which groups there are and which languages are spoken."""

from pydantic import Field, field_validator

from domain.mail import Address
from domain.options import Options


class Organisation(Options):
    """The `[organisation]` section."""

    name: str = Field(description="Shown on pages and in mails.")
    domains: tuple[str, ...] = Field(min_length=1, description="Mail domains whose people are internal.")
    languages: tuple[str, ...] = Field(
        default=("en", "fr"), min_length=1, description="First = default. en and fr have templates."
    )
    url: str = Field(description="Where people reach the commons, e.g. https://commons.example.com")
    address: str | None = Field(
        default=None, description="Unchain's own address; default: unchain@ the first domain."
    )
    admins: tuple[str, ...] = Field(default=(), description="Addresses that may use the console.")

    @field_validator("domains")
    @classmethod
    def _lower(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.lower().lstrip("@") for domain in domains)

    @property
    def own_address(self) -> str:
        """The address that Unchain writes from and is written to."""
        return (self.address or f"unchain@{self.domains[0]}").lower()

    def is_internal(self, address: Address | str) -> bool:
        """Whether an address belongs to one of the domains."""
        email = address if isinstance(address, str) else address.email
        return email.rpartition("@")[2].lower() in self.domains


class Group(Options):
    """One of `[[groups]]`: people, and the list addresses that reach them."""

    name: str = Field(description="Used in audience = 'group:NAME' and in a rule's groups.")
    members: tuple[str, ...] = Field(default=(), description="Addresses of the people.")
    addresses: tuple[str, ...] = Field(default=(), description="List addresses that reach this group.")
    everyone: bool = Field(default=False, description="Whether it stands for all internal people.")

    @field_validator("members", "addresses")
    @classmethod
    def _lower(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value.lower() for value in values)
