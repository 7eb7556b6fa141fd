"""Form fields → documents, witnesses, transmissions, events, senders, recipients, identifiers.

A fact is a row of cells, and a cell knows the places it was read from. What the two texts say of one
thing makes one row: things are matched by what they are, copies by number, and the rest by order.

The rooms, each of which imports only those before it:

- rows: what a fact is;
- findings: a form field found in one of the texts, and the same thing found in both;
- form: what every kind of fact needs to know of its record;
- catalogue: what the archive's entry says of the document as a whole;
- times: the date and the time that a finding prints;
- identifiers, transmissions, events, documents, witnesses, senders, recipients: a kind of fact each;
- enclosed: what is doubtful about an enclosed document;
- unread: the lines of the form of which something is left over;
- kinds: all of them.

What others use is named here.
"""

from __future__ import annotations

from cables.facts.catalogue import catalogue_date, century_of
from cables.facts.findings import Finding, find
from cables.facts.kinds import read
from cables.facts.rows import Fact, Facts
from cables.facts.transmissions import number_of

__all__ = ["Fact", "Facts", "Finding", "catalogue_date", "century_of", "find", "number_of", "read"]
