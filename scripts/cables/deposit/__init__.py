"""A release's way to a repository that speaks the InvenioRDM REST API (Zenodo and its sandbox).

The facts of the protocol are in `cables.protocol`. Here `journal`, `packagefile` and `releasefolder` hold
what this machine knows; `plan` says from these alone what comes next. `client` opens the sockets,
`repository` makes the requests, `flow` has the order of them.
"""

from cables.deposit.errors import DepositError
from cables.deposit.plan import Plan, plan
from cables.deposit.releasefolder import EXCLUDED, Release, read_release, refuse_sandbox_doi

__all__ = [
    "EXCLUDED",
    "DepositError",
    "Plan",
    "Release",
    "plan",
    "read_release",
    "refuse_sandbox_doi",
]
