"""Access tokens, from the environment and into one header, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NoReturn

from cables.deposit.errors import DepositError
from cables.deposit.servers import SERVERS, Server

HIDDEN = "***"
# The characters of a bearer token (RFC 6750, section 2.1). One so short that it may stand in any text cannot
# be kept out of what is printed.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{10,}=*")


class Purpose(StrEnum):
    """What a token is for; each has a scope, and a variable, of its own."""

    DEPOSIT = "deposit"
    PUBLISH = "publish"


SCOPES = {Purpose.DEPOSIT: "deposit:write", Purpose.PUBLISH: "deposit:actions"}


class _Bearer(str):
    """The value of the header: a string to the library that sends it, stars to whoever prints it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


class Token:
    """A secret that prints as stars, and that neither pickles nor copies its value out.

    `name` is that of the variable it came from; `advice` is for whoever's token is refused.
    """

    __slots__ = ("__bearer", "advice")

    def __init__(
        self, value: str, name: str = "the access token", advice: str = "is it the right one?"
    ) -> None:
        if not _TOKEN.fullmatch(value):
            # The value is not quoted: a token with a slip in it is a token still.
            raise DepositError(
                f"{name}: too short for an access token, or with a character that none has; copy it again"
            )
        self.__bearer = _Bearer(f"Bearer {value}")
        self.advice = advice

    def header(self) -> str:
        """The value of the `Authorization` header."""
        return self.__bearer

    def scrub(self, text: str) -> str:
        """`text` without the token, should a server have repeated it."""
        return text.replace(self.__bearer.removeprefix("Bearer "), HIDDEN)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and str.__eq__(self.header(), other.header())

    def __hash__(self) -> int:
        return hash(self.__bearer)

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not written down")

    def __getstate__(self) -> Any:
        raise TypeError("a token is not written down")


def variable(server: Server, purpose: Purpose) -> str:
    """The environment variable that holds the token of `purpose` on `server`."""
    return f"CABLES_{SERVERS[server].variable}{purpose.name}_TOKEN"


def tokens_set(environ: Mapping[str, str], server: Server) -> dict[str, bool]:
    """The variables of `server` that hold tokens, and whether each is set."""
    names = [variable(server, purpose) for purpose in Purpose]
    return {name: bool(environ.get(name, "").strip()) for name in names}


def token_from(environ: Mapping[str, str], server: Server, purpose: Purpose) -> Token:
    """The token of `purpose` on `server`; DepositError says which variable to set and with what scope."""
    name = variable(server, purpose)
    value = environ.get(name, "").strip()
    where = (
        f"the scope {SCOPES[purpose]} alone, made at {SERVERS[server].site}/account/settings/applications/"
    )
    if not value:
        raise DepositError(f"{name} is not set; expected an access token with {where}")
    return Token(value, name, f"{name} should hold a token of the account whose draft it is, with {where}")


def token_for_publishing(environ: Mapping[str, str], server: Server) -> Token:
    """The publishing token, which has to be another one than the token that uploads."""
    token = token_from(environ, server, Purpose.PUBLISH)
    uploading = environ.get(variable(server, Purpose.DEPOSIT), "").strip()
    if uploading and Token(uploading) == token:
        raise DepositError(
            f"{variable(server, Purpose.PUBLISH)} and {variable(server, Purpose.DEPOSIT)} hold the same "
            "token; publishing cannot be undone and has a token of its own"
        )
    return token
