# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases as archives for a lab's hosts, packed from the lab's cache by the collection itself, once.

    python tests/bench/archives.py 2026.7.1        prints the path and the SHA-256

A host of a lab has no way out: what comes to it this way comes without a network.
"""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/lab"), str(ROOT / "build/collections")]

from ansible_collections.clawops.openclaw.plugins.module_utils._release import archive, layout
from lablib import cache, paths


class Cached(layout.Layout):
    """The cache of the lab, as if it were a root: a Node and releases, whole, each in a directory of its own."""

    def node(self, node_version):
        return str(paths.cache_root() / "node" / node_version)

    def release(self, version):
        return str(paths.cache_root() / "openclaw" / version)

    def package(self, version):
        return os.path.join(self.release(version), layout.PACKAGE)


def packed(version):
    """Return (path, SHA-256) of the archive of a release, packed first where it is not there."""
    cache.ensure(version, lambda said: print(said, file=sys.stderr))
    place = paths.cache_root() / "archives"
    place.mkdir(exist_ok=True)
    path = place / ("openclaw-%s.tar.gz" % version)
    if path.exists():
        return str(path), archive.digest_of(str(path))
    # The hosts of a lab say that they are this kind of Mac.
    return str(path), archive.pack(Cached(str(place)), version, paths.DEFAULT_NODE, "Darwin", "arm64", str(path))


if __name__ == "__main__":
    print(*packed(sys.argv[1]))
