"""A build → a release: flat files for a deposit, their hashes, and one archive of them with all inputs.

Nothing here is given a name with a folder, so that a repository without folders holds the release as it is.
The same commit and the same previous release give the same bytes.

The rooms, each of which imports only those before it: names, compared, archive, refusals, commits, contents,
folder, making. What others use is named here.
"""

from cables.release.archive import sums
from cables.release.compared import comparable
from cables.release.contents import Release
from cables.release.making import release
from cables.release.names import ABOUT, BODY, SUMS

__all__ = ["ABOUT", "BODY", "SUMS", "Release", "comparable", "release", "sums"]
