"""Which units of one text correspond to which of the other.

Units that say what they are (form fields, numbered copies) pair by that, in whatever order they stand. All
others keep their order within their zone and are aligned in the manner of Gale and Church (1993): of all ways
to cut both texts into corresponding pieces ("beads": 1-1, 1-0, 2-1 …) the likeliest is found by dynamic
programming. A bead weighs the log-likelihood ratio of its two sides corresponding against their standing
together by chance, made of

- how usual beads of its shape are (`beads.PROSE`, `beads.LABELS`);
- how well the lengths agree, in characters, given the ratio of the two texts and the scatter around it, both
  taken from the texts themselves (`measure.Measure`), and how well the numbers of full stops do;
- what the sides have in common: numbers and dates, names and cognates by their consonants after
  transliteration, brackets, the closing mark. The rarer it is in the texts, the more it weighs.

A long text is searched along a corridor only, laid through anchors that are rare in both texts and widened
where the result gives reason to doubt it (`search.likeliest`), so the cost grows with the length of the text.

The rooms, each of which imports only those before it: arrays, anchors, texts, beads, measure, corridor,
evidence, programme, search, align, links. What others use is named here.

W. A. Gale and K. W. Church, "A Program for Aligning Sentences in Bilingual Corpora", Computational
Linguistics 19(1), 1993.
"""

from __future__ import annotations

from cables.pairs.anchors import Aids
from cables.pairs.links import COPY, FIELD, ONE_SIDED, SINGLE, WEIGHED, pair_sentences, pair_units

__all__ = ["COPY", "FIELD", "ONE_SIDED", "SINGLE", "WEIGHED", "Aids", "pair_sentences", "pair_units"]
