"""Rules of the pages of a release: each says what was written, or what a build makes of the data."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from cables.checks.fair.archive import inputs_of, name_of
from cables.checks.fair.files_of_release import AUTHORED
from cables.checks.fair.rebuilt import made_again, places_of
from cables.checks.fair.rules import missing, other_line, rule
from cables.checks.fair.versions import of_this_version
from cables.checks.loaded import Finding, Package
from cables.flat import flat_page, left_out

PAGE = ".md"
BUILT = "docs/"


@rule("pages-authored")
def pages_authored(package: Package) -> Iterator[Finding]:
    carried = inputs_of(package)
    pages = {path: carried.get(path, b"") for path in AUTHORED if path.endswith(PAGE)}
    yield from _other_pages(package, pages, "as the inputs have it")


@rule("pages-built")
@of_this_version
def pages_built(package: Package) -> Iterator[Finding]:
    made = made_again(package).built.files
    pages = {path: data for path, data in made.items() if path.startswith(BUILT)}
    yield from _other_pages(package, pages, "as a build writes it")


def _other_pages(package: Package, pages: dict[str, bytes], why: str) -> Iterator[Finding]:
    """The pages that are not what some pages become in this release."""
    made = made_again(package).built
    places = places_of(package, made)
    gone = left_out(made.files, places)
    for path, data in pages.items():
        name = posixpath.basename(path)
        expected = flat_page(path, data, places, name_of(package), gone)
        if name not in package.files:
            yield missing(name, "no such file", "every page of a release")
        elif package.files[name] != expected:
            yield other_line(name, package.files[name], expected, why)
