"""Deposit a release on Zenodo, one confirmed step at a time.

Without --reserve, --upload or --publish the plan is printed and nothing is sent. --reserve makes the draft
and writes its DOI into [doi] of package.toml; then build, commit, tag and release, so that the DOI stands in
every file. --upload sends the release and reads every byte of it back. --publish VERSION publishes what was
read back; it cannot be undone. Each run goes on where the last one ended, however that was.

The sandbox is meant unless --production is given. Access tokens come from the environment, one for each
purpose: CABLES_SANDBOX_DEPOSIT_TOKEN and CABLES_SANDBOX_PUBLISH_TOKEN, or CABLES_DEPOSIT_TOKEN and
CABLES_PUBLISH_TOKEN with --production. Run it in the folder that holds package.toml.

Exit code: 0 done, 1 not done (the reason is printed), 2 wrong use.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from cables import verbs
from cables.deposit import DepositError, Release, plan, read_release
from cables.deposit.journal import of_package, open_journal, read_journal
from cables.deposit.packagefile import Package, read_package
from cables.deposit.servers import Server, Target, target
from cables.deposit.token import Purpose, Token, token_for_publishing, token_from, tokens_set

PACKAGE = Path("package.toml")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = verbs.parser(__doc__)
    parser.add_argument("--release", type=Path, default=Path("dist"), metavar="DIR", help="default: dist")
    steps = parser.add_mutually_exclusive_group()
    steps.add_argument("--reserve", action="store_true", help="make the draft and reserve its DOI")
    steps.add_argument("--upload", action="store_true", help="send the release and read it back")
    steps.add_argument("--publish", metavar="VERSION", help="publish this version, read back before")
    parser.add_argument("--production", action="store_true", help="zenodo.org, not its sandbox")
    parser.add_argument(
        "--journal", type=Path, default=Path(".deposit.jsonl"), metavar="FILE", help="default: .deposit.jsonl"
    )
    return parser.parse_args(argv)


def _say(line: str) -> None:
    print(line, flush=True)


def _warn(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _release_if_there(folder: Path) -> Release | None:
    return read_release(folder) if folder.exists() else None


def _print_plan(
    options: argparse.Namespace, package: Package, where: Target, environ: Mapping[str, str]
) -> None:
    journalled = of_package(read_journal(options.journal), package.name)
    release = _release_if_there(options.release)
    _say(str(plan(package, where, release, journalled, tokens_set(environ, where.server))))


def _converse(
    options: argparse.Namespace, package: Package, where: Target, token: Token, sleep: Callable[[float], None]
) -> None:
    # Not imported for a plan: the libraries that speak to a network try it out as they are loaded.
    from cables.deposit import flow
    from cables.deposit.client import Client, Waiting
    from cables.deposit.repository import Repository, Subject

    jitter = random.Random(f"{package.name} {package.version}")
    home = f" (+{package.homepage})" if package.homepage else ""
    waiting = Waiting(sleep, jitter, tell=_warn)
    client = Client(where, token, f"{package.name}/{package.version}{home}", waiting)
    with open_journal(options.journal) as journal:
        repository = Repository(client, journal, Subject(where.server, package.name, package.version))
        known = of_package(journal.entries, package.name)
        end: flow.Reserved | flow.Verified | flow.Published
        if options.reserve:
            there = partial(_release_if_there, options.release)
            end = flow.reserve(repository, package, PACKAGE, where.server, known, there, _say)
        else:
            release = read_release(options.release)
            if options.upload:
                end = flow.upload(repository, package, where.server, known, release, _say)
            else:
                end = flow.recall(repository, package, where.server, known, release)
                if isinstance(end, flow.Verified):
                    end = flow.publish(repository, end)
    _say(flow.told(end, package, where))


def main(
    argv: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the verb; the exit code. `sleep` takes seconds."""
    options = _arguments(argv)
    server = Server.PRODUCTION if options.production else Server.SANDBOX
    try:
        package = read_package(PACKAGE)
        where = target(server, environ)
        if not (options.reserve or options.upload or options.publish is not None):
            _print_plan(options, package, where, environ)
            return 0
        if options.publish is not None:
            if options.publish != package.version:
                raise DepositError(f"--publish {options.publish!r}: {PACKAGE} says {package.version!r}")
            token = token_for_publishing(environ, server)
        else:
            token = token_from(environ, server, Purpose.DEPOSIT)
        _converse(options, package, where, token, sleep)
    except DepositError as error:
        _warn(str(error))
        return 1
    except KeyboardInterrupt:
        _warn("Stopped; the same command goes on from here.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
