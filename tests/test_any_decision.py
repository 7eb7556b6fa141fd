"""Whatever stands in a cell of the decisions: it is built and holds, or is refused in words."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cables import checks, curation, inputs, package
from cables.checks import loaded
from cables.checks.registry import judge
from cables.inputs import Places
from cables.model import InputError, InputErrors

Table = list[list[str]]

# No cell is decided in this repository: a decision to put something into.
CELLS = ["119402", "transmissions", "r119402-wire", "copies_printed", "12", "11", "A slip."]
# What is right in one column and wrong in another.
WORDS = (
    "",
    "0",
    "1",
    "65",
    "999999999",
    "true",
    "yes",
    "original",
    "=",
    "; ",
    "document",
    "r119402-document",
)
ON_VALUES = [check for check in checks.CHECKS if check.on_values]


@dataclass(frozen=True, slots=True)
class Workshop:
    """The inputs of a build in a folder of their own, and the tables of decisions in it."""

    folder: Path
    known: loaded.Repository
    tables: dict[str, Table]

    def put(self, name: str, table: Table) -> None:
        """Writes a table of decisions."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        (self.folder / "data" / "curation" / f"{name}.csv").write_text(text.getvalue(), "utf-8", newline="")

    def refusals(self) -> Sequence[InputError]:
        """What the build refuses; where it refuses nothing, every check has looked at what it made."""
        try:
            read = inputs.read(inputs.of_package(self.folder))
            made = package.build(read)
        except InputErrors as errors:
            return errors.errors
        content = {**read.carried, **made.files}
        own = loaded.of_frames(self.known, made.frames, self.folder, content)
        for check in ON_VALUES:
            judge(check, own)
        return []


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("workshop")
    here = Places()
    for path in (here.raw, here.curation, here.vocabulary, here.schemas, here.package):
        there = folder / path.relative_to(inputs.REPOSITORY)
        if path.is_dir():
            shutil.copytree(path, there)
        else:
            shutil.copy(path, there)
    tables = {
        name: list(csv.reader((here.curation / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)))
        for name in curation.TABLES
    }
    tables["cells"].append(CELLS)
    return Workshop(folder, loaded.repository(), tables)


def test_the_decisions_as_they_are_hold(workshop: Workshop) -> None:
    workshop.put("cells", workshop.tables["cells"])
    assert workshop.refusals() == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_value_in_any_cell_is_built_or_refused_with_its_line(
    workshop: Workshop, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(curation.TABLES))
    table = workshop.tables[name]
    row = data.draw(st.integers(1, len(table) - 1))
    column = data.draw(st.integers(0, len(table[0]) - 1))
    elsewhere = [cells[at] for cells in table[1:] for at in range(len(cells))]
    value = data.draw(st.sampled_from(WORDS) | st.sampled_from(elsewhere) | st.text(max_size=20))
    spoilt = [[*cells] for cells in table]
    spoilt[row][column] = value
    workshop.put(name, spoilt)
    try:
        refused = workshop.refusals()
    finally:
        workshop.put(name, table)
    assert all(error.line >= 1 and error.found and error.expected for error in refused)
