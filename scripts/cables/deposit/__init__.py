"""A release's way to a repository that speaks the InvenioRDM REST API (Zenodo and its sandbox).

`steps` holds the facts of the protocol; `journal`, `packagefile` and `releasefolder` what this machine
knows; `plan` says from these alone what comes next. `client` opens the sockets, `repository` makes the
requests, `flow` has the order of them.
"""

from cables.deposit.errors import DepositError
from cables.deposit.plan import Plan, plan
from cables.deposit.releasefolder import EXCLUDED, Release, read_release, refuse_sandbox_doi
from cables.deposit.table import deposit_table

__all__ = [
    "EXCLUDED",
    "DepositError",
    "Plan",
    "Release",
    "deposit_table",
    "plan",
    "read_release",
    "refuse_sandbox_doi",
]
