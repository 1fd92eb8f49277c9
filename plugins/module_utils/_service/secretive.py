# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What in a definition is a secret, by its name or by its looks. Pure."""

from __future__ import annotations

import re

#: Names of environment variables that carry a secret. Where a file holds it, its path may be in the environment.
_SECRET_NAME = re.compile(
    r"TOKEN(?!S|IZ)|PASSW(OR)?D|PASSPHRASE|SECRET|CREDENTIAL|(API|PRIVATE|ACCESS)_?KEY", re.IGNORECASE
)
_NAMES_A_PLACE = re.compile(r"_(FILE|PATH|DIR)$", re.IGNORECASE)
#: Values that are one whatever the name: vendors' key prefixes, a key block, a password inside a URL.
_SECRET_VALUE = re.compile(r"^(sk-|ghp_|github_pat_|xox[abp]-|AKIA)|-----BEGIN |://[^/@\s]+:[^/@\s]+@")
#: Options of the Gateway that are followed by a secret.
SECRET_OPTIONS = ("--token", "--password")


def is_secret_name(name):
    """Say whether a variable of this name carries a secret (rather than the place of one)."""
    return bool(_SECRET_NAME.search(name)) and not _NAMES_A_PLACE.search(name)


def is_secret_value(value):
    """Say whether a text is recognisably a secret."""
    return bool(_SECRET_VALUE.search(value))
