"""The two servers that a release may go to, and which of them a run talks to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from cables.deposit.errors import DepositError

OVERRIDE = "CABLES_DEPOSIT_URL"
_PORTS = {"http": 80, "https": 443}


class Server(StrEnum):
    """Where a deposit is made; the value stands in `[doi]` of package.toml and in the journal."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server's address, and the word that its variables carry."""

    site: str
    variable: str


SERVERS = {
    Server.SANDBOX: ServerFacts("https://sandbox.zenodo.org", "SANDBOX_"),
    Server.PRODUCTION: ServerFacts("https://zenodo.org", ""),
}

Origin = tuple[str, str, int]


def origin(url: str) -> Origin:
    """Scheme, host and port of `url`; ('', '', 0) where it is no URL, or names a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    if "@" in parts.netloc:
        return "", "", 0
    return parts.scheme, parts.hostname or "", port


@dataclass(frozen=True, slots=True)
class Target:
    """The server of this run and the address its requests go to, without a slash at the end."""

    server: Server
    url: str

    def at(self, path: str) -> str:
        """The address of `path`, which begins with a slash."""
        return f"{self.url}{path}"

    def own(self, link: str) -> str:
        """`link`, absolute or relative, as an absolute address; '' where it does not lead to this server."""
        try:
            parts = urlsplit(link)
            whole = urljoin(f"{self.url}/", link)
        except ValueError:
            return ""
        if parts.scheme and not parts.netloc:
            return ""
        return whole if origin(whole) == origin(self.url) else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def target(server: Server, environ: Mapping[str, str]) -> Target:
    """Where this run goes. `CABLES_DEPOSIT_URL` is for trials and may name nothing but this machine."""
    override = environ.get(OVERRIDE, "")
    if not override:
        return Target(server, SERVERS[server].site)
    scheme, host, _ = origin(override)
    if scheme not in _PORTS or not _is_loopback(host) or set(override) & set("?#"):
        raise DepositError(f"{OVERRIDE}: {override!r}, expected http:// or https:// and a loopback address")
    return Target(server, override.rstrip("/"))
