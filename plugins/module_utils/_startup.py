# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A module lives for half a second, and most of that is Python importing what Ansible sent along: make that cheap.

Ansible sends modules as a zip of source, so each run compiles it, and Python compiles it twice: to find a file in a
zip, the import system asks for its name, C(zipimport) compiles the file to tell that, and again to run it.
Source: C(zipimporter.get_filename) and C(importlib._bootstrap.spec_from_loader) of CPython 3.9 to 3.14.
"""

from __future__ import annotations

import gc
import importlib.util
import pkgutil
import sys
import zipimport

#: Everything below the collection's utilities.
OURS = __name__.rpartition(".")[0] + "."


class Finder:
    """A finder for C(sys.meta_path) that tells a file in a zip by its name, without compiling it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        """Return the C(ModuleSpec) of one of our files in a zip, and C(None) for anything else."""
        if not name.startswith(OURS):
            return None
        for directory in path or ():
            loader = pkgutil.get_importer(directory)
            if isinstance(loader, zipimport.zipimporter):
                inside = "%s/%s" % (directory, name.rpartition(".")[2])
                try:
                    package = loader.is_package(name)
                except zipimport.ZipImportError:
                    continue
                place = {"location": inside + ".py", "submodule_search_locations": None}
                if package:
                    place = {"location": inside + "/__init__.py", "submodule_search_locations": [inside]}
                return importlib.util.spec_from_file_location(name, loader=loader, **place)
        return None


def importing():
    """From now on files are compiled once, and nobody looks for garbage: an import makes none.

    Does nothing where the collection was not sent, but is installed: that Python does not end soon.
    """
    if isinstance(__loader__, zipimport.zipimporter):
        gc.disable()
        sys.meta_path.insert(0, Finder)


def imported():
    """All is imported, and stays: look for garbage again, but not there. Undoes what :func:`importing` did."""
    if Finder in sys.meta_path:
        gc.freeze()
        gc.enable()
