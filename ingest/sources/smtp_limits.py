"""How much one peer may do in a while: sessions, mails, recipients, wrong passwords, errors.

Kept in memory, for each process by itself, and bounded: a peer that has been quiet is forgotten. Says only
yes and no; the dialogue finds the words.
"""

from collections import OrderedDict
from collections.abc import Callable

from pydantic import Field

from domain.options import Options
from ingest.sources.networks import Address, Network, is_within, neighbourhood

MINUTE = 60.0
MEMORY = 600.0  # seconds in which wrong passwords and errors add up
MOST_PEERS = 10_000  # remembered at a time: some megabytes


class RateLimitOptions(Options):
    """The `[ingest.smtp.rate_limit]` section."""

    mails: int = Field(default=300, ge=1, description="Mails that one peer may send in a minute.")
    recipients: int = Field(default=3000, ge=1, description="Recipients that one peer may name in a minute.")
    wrong_passwords: int = Field(
        default=10, ge=1, description="Wrong passwords in ten minutes that block a peer."
    )
    errors: int = Field(default=200, ge=1, description="Replies of class 5 in ten minutes that block a peer.")
    block: float = Field(default=600.0, gt=0, description="Seconds for which a peer is blocked.")
    exempt: tuple[Network, ...] | None = Field(
        default=None,
        description="Networks without limits, only their wrong passwords count. Default: allowed_networks.",
    )


class Allowance:
    """Uses of something that come back evenly over a span of time."""

    __slots__ = ("_at", "_used")

    def __init__(self) -> None:
        self._used = 0.0
        self._at = 0.0

    def use(self, now: float, most: int, span: float) -> bool:
        """Whether one more use in `span` seconds is within `most`; if so it is counted."""
        used = max(0.0, self._used - (now - self._at) * most / span)
        fits = used <= most - 1
        self._used = used + 1 if fits else used
        self._at = now
        return fits

    def give_back(self) -> None:
        """Take the latest use back."""
        self._used = max(0.0, self._used - 1)


class Peer:
    """One that no limit applies to, but guesses at passwords do count."""

    __slots__ = (
        "_errors",
        "_limits",
        "_mails",
        "_passwords",
        "_recipients",
        "blocked_until",
        "seen",
        "sessions",
    )

    def __init__(self, limits: "PeerLimits") -> None:
        self._limits = limits
        self._mails = Allowance()
        self._recipients = Allowance()
        self._passwords = Allowance()
        self._errors = Allowance()
        self.blocked_until = 0.0  # by the limits' clock
        self.seen = 0.0  # when it last came or went
        self.sessions = 0

    def may_connect(self) -> bool:
        """Whether this session, counted already, may go on."""
        return True

    def may_send(self) -> bool:
        """Whether it may begin one more mail."""
        return True

    def may_address(self) -> bool:
        """Whether it may name one more recipient."""
        return True

    def may_try_password(self) -> bool:
        """Whether one more password is looked at; it counts as wrong until `password_was_right`."""
        now = self._limits.clock()
        if now < self.blocked_until:
            return False
        options = self._limits.options
        if not self._passwords.use(now, options.wrong_passwords, MEMORY):
            self.blocked_until = now + options.block
            return False
        return True

    def password_was_right(self) -> None:
        """The last one tried counts no more."""
        self._passwords.give_back()

    def made_an_error(self) -> None:
        """Count a reply of class 5."""

    def leave(self) -> None:
        """Count a session out."""
        self.sessions -= 1
        self.seen = self._limits.clock()


class LimitedPeer(Peer):
    """One that all limits apply to."""

    __slots__ = ()

    def may_connect(self) -> bool:
        """Whether it is not blocked and has not too many sessions."""
        return self._limits.clock() >= self.blocked_until and self.sessions <= self._limits.max_sessions

    def may_send(self) -> bool:
        """Whether it may begin one more mail in this minute."""
        return self._mails.use(self._limits.clock(), self._limits.options.mails, MINUTE)

    def may_address(self) -> bool:
        """Whether it may name one more recipient in this minute."""
        return self._recipients.use(self._limits.clock(), self._limits.options.recipients, MINUTE)

    def made_an_error(self) -> None:
        """Count a reply of class 5; too many block it."""
        now = self._limits.clock()
        if not self._errors.use(now, self._limits.options.errors, MEMORY):
            self.blocked_until = now + self._limits.options.block


class PeerLimits:
    """What one process remembers of its peers."""

    def __init__(
        self,
        options: RateLimitOptions,
        *,
        max_sessions: int,
        exempt: tuple[Network, ...],
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives seconds that never go back; peers in `exempt` networks have no limits."""
        self.options = options
        self.max_sessions = max_sessions
        self.clock = clock
        self._exempt = exempt
        self._peers: OrderedDict[tuple[int, bool], Peer] = OrderedDict()  # whoever came last stands last

    def arrive(self, address: Address | None) -> Peer:
        """The peer that a new session belongs to, counted in; call its `leave` once in the end."""
        exempt = is_within(address, self._exempt)
        key = (neighbourhood(address), exempt)
        peer = self._peers.get(key)
        if peer is None:
            peer = Peer(self) if exempt else LimitedPeer(self)
            self._peers[key] = peer
        else:
            self._peers.move_to_end(key)
        peer.sessions += 1
        peer.seen = self.clock()
        self._forget()
        return peer

    def __len__(self) -> int:
        return len(self._peers)

    def _forget(self) -> None:
        """Look at the two that came longest ago: fewer come in than can go."""
        for _ in range(min(2, len(self._peers) - 1)):
            key, peer = next(iter(self._peers.items()))
            now = self.clock()
            quiet = now - peer.seen > MEMORY and now >= peer.blocked_until
            if peer.sessions:
                self._peers.move_to_end(key)
            elif quiet or len(self._peers) > MOST_PEERS:
                del self._peers[key]
