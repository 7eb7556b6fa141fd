"""What a deposit would do next, told without asking anyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cables.deposit.errors import DepositError
from cables.deposit.journal import Entry, Mark, was_verified
from cables.deposit.packagefile import Package
from cables.deposit.releasefolder import Release, check_names_doi
from cables.deposit.servers import Server, Target
from cables.protocol.steps import FACTS, STATE_FACTS, State, Step


@dataclass(frozen=True, slots=True)
class Plan:
    """How far a version has come as far as this machine knows; `holding` says why its release will not do."""

    package: Package
    target: Target
    release: Release | None
    state: State
    tokens: Mapping[str, bool]
    holding: str = ""

    def __str__(self) -> str:
        facts, doi = STATE_FACTS[self.state], self.package.doi
        command = facts.next.strip("`").replace("VERSION", self.package.version)
        if facts.steps:
            command = "python scripts/" + command
            command += " --production" if self.target.server is Server.PRODUCTION else ""
        tokens = [f"{name} ({'set' if there else 'not set'})" for name, there in self.tokens.items()]
        lines = [
            f"{self.package.name} {self.package.version} on the {self.target.server} ({self.target.url})",
            f"  state    {self.state}: {facts.known_by.replace('`', '')}",
            f"  doi      {f'{doi.version} (record {doi.record}, {doi.server})' if doi.record else 'none'}",
            f"  release  {self._release()}",
            f"  tokens   {', '.join(tokens)}",
            f"  next     {command}",
        ]
        if facts.steps:
            lines.append("  which asks the server, as far as each is needed:")
        lines += [f"    {FACTS[step].method:6} {FACTS[step].does}" for step in facts.steps]
        return "\n".join([*lines, "Nothing was sent."])

    def _release(self) -> str:
        if self.release is None:
            return "none yet"
        whole = f"{self.release.folder}: {len(self.release.files)} files, {self.release.size} bytes"
        return f"{whole}; {self.holding}" if self.holding else whole


def _published(journalled: tuple[Entry, ...], server: Server) -> dict[str, str]:
    """The records that were published on `server` from here, and their versions."""
    return {
        entry.record: entry.version
        for entry in journalled
        if (entry.server, entry.step, entry.mark) == (server, Step.PUBLISH, Mark.DONE)
    }


def _holding(package: Package, release: Release) -> str:
    """Why the release is not the one to upload; '' if it is."""
    if (release.name, release.version) != (package.name, package.version):
        return f"of {release.name} {release.version}, not {package.name} {package.version}"
    try:
        check_names_doi(release, package.doi)
    except DepositError as error:
        return str(error)
    return ""


def plan(
    package: Package,
    target: Target,
    release: Release | None,
    journalled: tuple[Entry, ...],
    tokens: Mapping[str, bool],
) -> Plan:
    """The plan for this version on this server. Opens no socket and writes nothing.

    `tokens` has the variables that tokens are read from, and whether each is set.
    """
    server, doi = target.server, package.doi
    published = _published(journalled, server)
    if package.version in published.values():
        return Plan(package, target, release, State.PUBLISHED, tokens)
    if doi.server != server or doi.record in published:
        return Plan(package, target, release, State.UNRESERVED, tokens)
    holding = _holding(package, release) if release else ""
    if release is None or holding:
        return Plan(package, target, release, State.RESERVED, tokens, holding)
    verified = was_verified(journalled, server, doi.record, release.manifest)
    return Plan(package, target, release, State.VERIFIED if verified else State.BUILT, tokens)
