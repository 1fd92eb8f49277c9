# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""uname of Darwin."""

import os

from . import hardware
from .call import run, unknown

# In the order in which -a prints them.
_FIELDS = (
    ("s", lambda: "Darwin"), ("n", lambda: os.uname().nodename), ("r", hardware.kernel_release),
    ("v", hardware.kernel_version), ("m", lambda: "arm64"),
)  # fmt: skip
_EXTRA = {"p": lambda: "arm", "o": lambda: "Darwin"}


def main(words):
    letters = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
    known = "".join(key for key, _say in _FIELDS) + "".join(_EXTRA) + "a"
    if any(not w.startswith("-") or w.startswith("--") for w in words) or set(letters) - set(known):
        raise unknown("uname", words)
    letters = letters or "s"
    if "a" in letters:
        letters += "snrvm"
    said = [say() for key, say in _FIELDS if key in letters] + [_EXTRA[k]() for k in _EXTRA if k in letters]
    return " ".join(said) + "\n"


run("uname", main)
