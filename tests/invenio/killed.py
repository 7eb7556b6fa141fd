"""The deposit verb in a process that is killed at one moment, without any clean-up.

This program loads the verb once and then reads orders, one a line of JSON: `folder` to run in, `environ`,
`arguments` of the verb, the moment: `when` and `number`, and the `limit` of every file's size in bytes (none
where it is 0, as a full disk otherwise). Each is carried out in a process of its own, a
fork of this one, and answered with a line of JSON: `code` (minus nine for a process that was killed) and what
it `said`. The waits of the verb take no time here.

A killed process loses nothing that it had written, so that nothing here waits for a disk.

`when` is `before`, `after` or `during`, and what is counted: `before-request` (the NUMBERth request is made),
`after-request` (its answer has come), `during-request` (half of its body has gone); likewise `change` (the
requests that change something), `rename` (of a file) and `line` (of the journal).
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

from requests.adapters import HTTPAdapter

import deposit

# Neither a way the verb ends nor a signal.
BROKEN = 99


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


class HalfSent(io.RawIOBase):
    """A body that ends the process after its first half."""

    def __init__(self, body: Any) -> None:
        content: bytes = body if isinstance(body, bytes) else body.read()
        self._size, self._half = len(content), content[: len(content) // 2]
        self._read = False

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        """The first half, once."""
        if self._read:
            _die()
        self._read = True
        return self._half


def _half_sent(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    arguments[1].body = HalfSent(arguments[1].body)
    return arguments


def _half_written(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    handle, line = arguments
    os.pwrite(handle, line[: len(line) // 2], os.fstat(handle).st_size)
    _die()


def _every(*arguments: Any) -> bool:
    return True


def _changes(adapter: HTTPAdapter, request: Any) -> bool:
    return bool(request.method != "GET")


# What is counted: where the function stands, its name, which calls count, and what half of a call is.
COUNTED: dict[str, tuple[Any, str, Callable[..., bool], Callable[[tuple[Any, ...]], tuple[Any, ...]]]] = {
    "request": (HTTPAdapter, "send", _every, _half_sent),
    "change": (HTTPAdapter, "send", _changes, _half_sent),
    "rename": (os, "replace", _every, lambda arguments: arguments),
    "line": (os, "write", _every, _half_written),
}


def _set_moment(moment: str, number: int) -> None:
    """Have this process killed at the moment."""
    when, _, what = moment.partition("-")
    place, name, counts, half = COUNTED[what]
    real, came = getattr(place, name), 0

    def call(*arguments: Any, **more: Any) -> Any:
        nonlocal came
        counted = counts(*arguments)
        came += counted
        hit = counted and came == number
        if hit and when == "before":
            _die()
        result = real(*(half(arguments) if hit and when == "during" else arguments), **more)
        if hit and when == "after":
            _die()
        return result

    setattr(place, name, call)


def _carry_out(order: dict[str, Any], said: BinaryIO) -> NoReturn:
    for stream in (1, 2):
        os.dup2(said.fileno(), stream)
    code = BROKEN
    try:
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environ"])
        # Typed as what it is: any file of this process will do.
        os.fsync = os.fstat  # type: ignore[assignment]
        if order["limit"]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], order["limit"]))
        if order["when"]:
            _set_moment(order["when"], order["number"])
        code = deposit.main(order["arguments"], sleep=lambda seconds: None)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Carry out orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if not child:
                _carry_out(order, said)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.seek(0)
            print(json.dumps({"code": code, "said": said.read().decode()}), flush=True)


if __name__ == "__main__":
    main()
