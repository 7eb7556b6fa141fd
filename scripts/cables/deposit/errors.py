"""What stops a deposit, said to the person who can mend it."""

from __future__ import annotations


class DepositError(Exception):
    """The deposit cannot go on; what was done stays done, and the message says what to do next."""
