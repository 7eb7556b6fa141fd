"""The deposit verb in a process that ends by itself at one request, without any clean-up.

`python killed.py WHEN NUMBER ARGUMENTS...`: WHEN is `before` (the NUMBERth request is made), `after` (its
answer has come) or `during` (half of its body has gone). `before-rename` and `after-rename` count the renames
of a file instead, `before-write` and `after-write` the requests that change something. The waits of the verb
take no time here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter

import deposit

EXIT = 77


class HalfSent:
    """A body that ends the process after its first half."""

    def __init__(self, body: Any) -> None:
        self._content: bytes = body.read()
        self._read = False

    def __len__(self) -> int:
        return len(self._content)

    def read(self, size: int = -1) -> bytes:
        """The first half, once."""
        if self._read:
            os._exit(EXIT)
        self._read = True
        return self._content[: len(self._content) // 2]


def _ending(
    real: Callable[..., Any], when: str, number: int, counts: Callable[..., bool]
) -> Callable[..., Any]:
    came = 0

    def call(*args: Any, **more: Any) -> Any:
        nonlocal came
        came += counts(*args)
        hit = counts(*args) and came == number
        if hit and when == "before":
            os._exit(EXIT)
        if hit and when == "during":
            args[1].body = HalfSent(args[1].body)
        result = real(*args, **more)
        if hit and when == "after":
            os._exit(EXIT)
        return result

    return call


def main() -> int:
    """Run the verb until its end or the one set for it."""
    (when, _, what), number, arguments = sys.argv[1].partition("-"), int(sys.argv[2]), sys.argv[3:]
    if what == "rename":
        os.replace = _ending(os.replace, when, number, lambda *args: True)
    elif what == "write":
        counts: Callable[..., bool] = lambda *args: args[1].method != "GET"  # noqa: E731
        HTTPAdapter.send = _ending(HTTPAdapter.send, when, number, counts)  # type: ignore[method-assign]
    else:
        HTTPAdapter.send = _ending(HTTPAdapter.send, when, number, lambda *args: True)  # type: ignore[method-assign]
    return deposit.main(arguments, sleep=lambda seconds: None)


if __name__ == "__main__":
    sys.exit(main())
