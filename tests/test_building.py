"""What the tests are built from stays the same when a maintainer adds a cable."""

from __future__ import annotations

import shutil
from pathlib import Path

from building import FIRST, SMALL, of_the_first
from cables import inputs, package
from cables.inputs import Places
from cables.package import Build


def test_an_export_beside_the_first_changes_nothing_of_what_its_tests_see(
    build: Build, tmp_path: Path
) -> None:
    shutil.copytree(Places().raw, tmp_path / "raw")
    (tmp_path / "raw" / "000001.txt").write_text(SMALL, "utf-8")
    made = package.build(of_the_first(inputs.read(Places(raw=tmp_path / "raw"))))
    assert [one.record.record_id for one in made.readings] == [FIRST]
    assert made.files == build.files
