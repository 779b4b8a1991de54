"""Who is at the other end of an SMTP connection, and whether it may talk to us.

The peer may stand behind a proxy that speaks for it (the PROXY protocol, XCLIENT). How much one may do is in
smtp_limits.py; what it may say once it is let in, in smtp_session.py.
"""

from abc import abstractmethod

from aiosmtpd.proxy_protocol import get_proxy

from ingest.sources.networks import Address, is_within, parse_address
from ingest.sources.smtp_intake import Intake
from ingest.sources.smtp_limits import Peer
from ingest.sources.smtp_loop import SmtpLoop
from ingest.sources.smtp_syntax import peer_name
from ingest.sources.xclient import ToldClient, parse_xclient

PROXY_TIMEOUT = 10.0  # a proxy sends its line at once
FOREIGN = "554 5.7.1 This server takes no mail from your address"
NOBODY = ToldClient()


class SmtpPeer(SmtpLoop):
    """A connection of a peer that we know by its address."""

    _intake: Intake
    _peer: Peer  # known when it is let in

    @abstractmethod
    def _in_transaction(self) -> bool:
        """Whether a mail has been begun."""

    def _start_afresh(self) -> None:
        super()._start_afresh()
        self._address: Address | None = None  # the peer's, behind a trusted proxy
        self._allowed = False  # whether it is in the allowed networks
        self._told = NOBODY  # what XCLIENT said of it
        self._may_tell = False  # whether it may say XCLIENT
        self._counted = False  # whether the peer's limits know of this session

    def _meet(self) -> None:
        self._intake.sessions.add(self)
        peer = self._line.get_extra_info("peername")
        self._see_peer(parse_address(peer[0] if peer else ""))
        if is_within(self._address, self._intake.options.trusted_proxies):
            self._proxy_timeout = PROXY_TIMEOUT

    def connection_lost(self, error: Exception | None) -> None:
        """Count the session out."""
        self._intake.sessions.discard(self)
        self._count_out()
        super().connection_lost(error)

    def _see_peer(self, address: Address | None) -> None:
        self._address = address
        self._allowed = is_within(address, self._intake.options.allowed_networks)

    def _count_out(self) -> None:
        if self._counted:
            self._counted = False
            self._peer.leave()

    def _is_encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    async def _let_in(self) -> bool:
        """Whether the peer may talk to us; where not, it has been told so."""
        if not await self._see_proxy():
            return False
        self._may_tell = is_within(self._address, self._intake.options.xclient_from)
        return self._may_stay()

    def _may_stay(self) -> bool:
        """Count the peer in by its limits, and tell it where it may not stay."""
        self._peer = self._intake.limits.arrive(self._address)
        self._counted = True
        known = self._allowed or self._told.login or (self._may_tell and self._told is NOBODY)
        refusal = None
        if not known and self._intake.password_check is None:
            refusal = FOREIGN
        elif len(self._intake.sessions) > self._intake.options.max_sessions:
            refusal = "421 4.3.2 Too many connections, try again later"
        elif not self._peer.may_connect():
            refusal = "421 4.7.0 Too much from your address, try again later"
        if refusal is not None:
            self.hang_up(refusal)
        return refusal is None

    async def _see_proxy(self) -> bool:
        """Where a proxy speaks for the peer, learn who that is (PROXY protocol); False where it does not."""
        if self._proxy_timeout is None:
            return True
        self._reset_timeout(self._proxy_timeout)
        told = await get_proxy(self._inflow)
        if not told.valid:
            self.hang_up()
            return False
        if told.src_addr is not None:  # else the proxy speaks for itself, as in a health check
            self._see_peer(parse_address(str(told.src_addr)))
        self._reset_timeout()
        return True

    async def smtp_XCLIENT(self, arg: str | None) -> None:
        """XCLIENT (Postfix's XCLIENT_README): the session begins again, with the client that is told of."""
        if not self._may_tell:
            await self.push("550 5.7.0 You may not speak for others")
            return
        if self._in_transaction():
            await self.push("503 5.5.1 A mail has been begun")
            return
        try:
            told = parse_xclient(arg or "")
        except ValueError as error:
            await self.push(f"501 5.5.4 {error}")
            return
        await self._begin_again(told)

    async def _begin_again(self, told: ToldClient) -> None:
        assert self.session is not None
        self._told = told
        if told.changes_address:
            self._see_peer(told.address)
        self._count_out()
        self.session.host_name = None
        self.session.extended_smtp = False
        self.session.authenticated = bool(told.login)
        self._set_rset_state()  # type: ignore[no-untyped-call]
        if self._may_stay():
            await self._welcome()

    def _trace_name(self) -> str:
        """How our Received line names the peer (RFC 5321 4.4); a proxy's greeting is not the client's."""
        assert self.session is not None
        greeting = self._told.greeting or self.session.host_name or ""
        return peer_name(greeting, self._address, self._told.name)
