# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""The one shape in which everything in this collection refuses or fails."""

from __future__ import annotations

#: Where a fault lives; the first question of every runbook.
LAYERS = ("input", "host", "service", "network", "config", "auth", "provider")


class Failure(Exception):
    """A refusal or a fault that an operator can act on.

    :param code: stable identifier, lower case with underscores (C(port_held)); never reworded.
    :param message: one sentence that names the thing (file, key, value, process) and what is wrong with it.
    :param layer: one of :data:`LAYERS`.
    :param hint: what to do next, as a sentence or a command.
    :param details: further plain data for machines. Never a secret.
    """

    def __init__(self, code, message, layer, hint, **details):
        if layer not in LAYERS:
            raise ValueError("unknown layer %r" % (layer,))
        super().__init__(message)
        self.code = code
        self.message = message
        self.layer = layer
        self.hint = hint
        self.details = details

    def as_dict(self):
        """Return the failure as the plain mapping that modules return under C(failure)."""
        return dict(self.details, code=self.code, message=self.message, layer=self.layer, hint=self.hint)

    def sentence(self):
        """Return what a person reads: the message, then the next step."""
        return "%s Next: %s" % (self.message, self.hint)


def check_numbers(params, ranges):
    """Refuse numbers that make no sense.

    :param ranges: tuples (option, lowest, highest). :raises Failure: C(option_invalid), naming option and value.
    """
    for option, low, high in ranges:
        value = params[option]
        if value is not None and not low <= value <= high:
            raise Failure(
                "option_invalid",
                "option %r is %s, but must be from %s to %s." % (option, value, low, high),
                "input",
                "correct %r in the task." % option,
                option=option,
            )
