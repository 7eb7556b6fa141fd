"""Measure the aligner against others, and against itself on longer texts.

The texts are those of the tests' generator, paragraph by paragraph. Two tables are printed: the aligner
beside the Gale and Church of nltk and of galechurch on the same texts, with how much longer each takes and
how well it does; and the aligner alone as the texts grow, each run in a process of its own for the memory
it takes. Times differ between machines; the ratios within one run are what to compare.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import galechurch
from nltk.translate import gale_church
from rich.console import Console
from rich.table import Table

from cables import verbs
from cables.model import Link, Zone
from cables.pairs import Aids, pair_units
from cables.quality import score

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))

from corpus import MONTHS, Changes, Corpus, corpus  # noqa: E402

CHANGES = Changes(merged=0.04, split=0.04, dropped=0.02)
Pairs = Sequence[tuple[range, range]]


@dataclass(frozen=True)
class Run:
    """One alignment: seconds of processor time, the share of true links found, peak memory in MB."""

    seconds: float
    found: float
    memory: float


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = verbs.parser(__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of the texts (default: 7)")
    parser.add_argument(
        "--beside",
        type=int,
        nargs="*",
        default=[300, 1200],
        metavar="N",
        help="paragraphs, beside the others",
    )
    parser.add_argument(
        "--alone", type=int, nargs="*", default=[5000, 10000, 20000], metavar="N", help="paragraphs, alone"
    )
    parser.add_argument("--one", type=int, metavar="N", help="one run alone, as JSON")
    return parser.parse_args()


def main() -> int:
    """Measure, and print."""
    given = arguments()
    return verbs.run(lambda console: run(given, console), "not measured", "nothing more is measured")


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it, or one run."""
    if given.one is not None:
        print(json.dumps(asdict(measured(ours, corpus(given.seed, given.one, CHANGES)))))
        return 0
    console.print(beside(given.seed, given.beside), soft_wrap=False)
    console.print(alone(given.seed, given.alone), soft_wrap=False)
    return 0


def measured(align: Callable[[Corpus], Sequence[Link]], texts: Corpus) -> Run:
    """Runs an aligner once."""
    began = time.process_time()
    links = align(texts)
    seconds = time.process_time() - began
    truth = [Link(one, other, Zone.MESSAGE, "true") for one, other in texts.links]
    found = score(links, truth, {}).total.strict.f1 or 0.0
    # The kernel counts in kilobytes, but on macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(seconds, found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def ours(texts: Corpus) -> Sequence[Link]:
    """The package's own aligner."""
    with (ROOT / "data/vocabulary/transliteration.csv").open(encoding="utf-8", newline="") as table:
        letters = {row["source"]: row["target"] for row in csv.DictReader(table)}
    return pair_units(texts.original, texts.translation, Aids(letters, MONTHS))


def by_nltk(texts: Corpus) -> Sequence[Link]:
    """Gale and Church of nltk, which gives pairs of places."""
    lengths = [[len(unit.text) for unit in side] for side in (texts.original, texts.translation)]
    beads: list[tuple[range, range]] = []
    for i, j in gale_church.align_blocks(*lengths):
        if beads and (i in beads[-1][0] or j in beads[-1][1]):
            one, other = beads.pop()
            beads.append((range(one.start, max(one.stop, i + 1)), range(other.start, max(other.stop, j + 1))))
        else:
            beads.append((range(i, i + 1), range(j, j + 1)))
    return linked(texts, beads)


def by_galechurch(texts: Corpus) -> Sequence[Link]:
    """Gale and Church of galechurch."""
    found = galechurch.align(
        [unit.text for unit in texts.original], [unit.text for unit in texts.translation]
    )
    return linked(
        texts,
        [
            (range(bead.source_start, bead.source_end), range(bead.target_start, bead.target_end))
            for bead in found.beads
        ],
    )


def linked(texts: Corpus, beads: Pairs) -> list[Link]:
    """Beads as links; what is in none that has both sides is alone."""
    sides = ([unit.unit_id for unit in texts.original], [unit.unit_id for unit in texts.translation])
    pairs = [
        (tuple(sides[0][i] for i in one), tuple(sides[1][j] for j in other))
        for one, other in beads
        if one and other
    ]
    held = {unit_id for pair in pairs for side in pair for unit_id in side}
    links = [Link(one, other, Zone.MESSAGE, "length") for one, other in pairs]
    links += [Link((one,), (), Zone.MESSAGE, "one_sided") for one in sides[0] if one not in held]
    return links + [Link((), (one,), Zone.MESSAGE, "one_sided") for one in sides[1] if one not in held]


def beside(seed: int, sizes: Sequence[int]) -> Table:
    """All aligners on the same texts."""
    table = Table("paragraphs", "aligner", "seconds", "times ours", "F1", title="Beside others")
    for size in sizes:
        texts = corpus(seed, size, CHANGES)
        base = measured(ours, texts)
        for name, align in (("cables.pairs", ours), ("nltk", by_nltk), ("galechurch", by_galechurch)):
            run = base if align is ours else measured(align, texts)
            table.add_row(
                f"{size:,}",
                name,
                f"{run.seconds:.2f}",
                f"{run.seconds / base.seconds:.2f}",
                f"{run.found:.3f}",
            )
    return table


def alone(seed: int, sizes: Sequence[int]) -> Table:
    """The aligner as the texts grow."""
    table = Table("paragraphs", "seconds", "ms a paragraph", "F1", "peak MB", title="As texts grow")
    for size in sizes:
        command = [sys.executable, __file__, "--seed", str(seed), "--one", str(size)]
        run = Run(**json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        table.add_row(
            f"{size:,}",
            f"{run.seconds:.1f}",
            f"{1000 * run.seconds / size:.2f}",
            f"{run.found:.3f}",
            f"{run.memory:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
