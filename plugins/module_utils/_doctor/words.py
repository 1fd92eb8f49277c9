# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What judges say, as it may be told: without secrets, and about the host instead of the copy they looked at. Pure."""

from __future__ import annotations

import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import dotenv
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint, secrets_in
from ansible_collections.clawops.openclaw.plugins.module_utils._service.secretive import is_secret_name, is_secret_value

#: Secrets shorter than this are not looked for: that would garble numbers and ordinary words.
_UNMISTAKABLE = 8
#: A text with quotes around it in a configuration that nobody can read: it may be anything.
_QUOTED = re.compile(r"[\"']([^\"'\s/]{12,})(?=[\"'\s]|\Z)")
#: What is a secret wherever it stands.
_KNOWN_SHAPES = re.compile(
    r"\b(?:sk-|ghp_|github_pat_|xox[abp]-|AKIA|eyJ)[A-Za-z0-9_.-]{8,}"
    r"|(?<=[Bb]earer )[A-Za-z0-9_.~+/=-]{8,}|(?<=://)[^/\s@]+(?=@)"
)


def known_secrets(config, dotenvs, environment):
    """Return every secret that a judge could quote.

    :param config: text of openclaw.json. :param dotenvs: texts of C(.env) files. :param environment: mapping.
    """
    found = set()
    try:
        found |= secrets_in(json5.loads(config))
    except (ValueError, RecursionError):
        found |= set(_QUOTED.findall(config))
    named = [(item.name, item.value.strip()) for text in dotenvs for item in dotenv.assignments(text)]
    named += list(environment.items())
    found |= {value for name, value in named if is_secret_name(name) or is_secret_value(value)}
    return {secret for secret in found if len(secret) >= _UNMISTAKABLE}


class Words:
    """Puts texts in order.

    :param secrets: set of texts. :param places: pairs (path in the copy, path on the host), the longest first.
    """

    def __init__(self, secrets, places):
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._places = places

    def __call__(self, text):
        """Return a text as it may be told; C(None) for none."""
        if text is None:
            return None
        for secret in self._secrets:
            text = text.replace(secret, fingerprint(secret))
        text = _KNOWN_SHAPES.sub(lambda match: fingerprint(match.group()), text)
        for copy, real in self._places:
            text = text.replace(copy, real)
        return text
