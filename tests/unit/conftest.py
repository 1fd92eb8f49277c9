# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets tests import the collection by its real name from this clone, with or without Ansible installed."""
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _namespace(name, path):
    module = types.ModuleType(name)
    module.__path__ = [str(path)] if path else []
    sys.modules[name] = module
    parent, _dot, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


_namespace("ansible_collections", None)
_namespace("ansible_collections.clawops", None)
_namespace("ansible_collections.clawops.openclaw", ROOT)
