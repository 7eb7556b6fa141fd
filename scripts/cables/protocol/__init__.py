"""What is known of the InvenioRDM REST API, and what the client makes of each thing that can go wrong.

Facts only: `steps` holds them, `table` writes them down for the page on deposits. Nothing here opens a
socket, so that the build may read it; `deposit` acts on it.
"""

from cables.protocol.table import deposit_table, page

__all__ = ["deposit_table", "page"]
