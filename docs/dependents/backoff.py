# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stays connected to an OpenClaw Gateway without becoming its trouble. A template: copy it beside your program.

Python 3.9 and its standard library. docs/dependents.md says why it does what it does, and shows how it is used.
"""

from __future__ import annotations

import random
import time

#: What the Gateway says to a client that is wrong itself, by how the code begins. It will say so again, and answers
#: each further attempt later, until it locks the address out.
FINAL = (
    "AUTH_", "AUTHENTICATED_", "CLIENT_", "CONTROL_UI_", "DEVICE_", "INVALID_", "MISSING_SCOPE", "PAIRING_REQUIRED",
    "PROTOCOL_MISMATCH", "UNKNOWN_METHOD", "close_1002", "close_1003", "close_1008", "close_1009",
)  # fmt: skip


class Ended(Exception):
    """How a connection ended.

    :param code: C(error.details.code) of the last answer (C(error.code) where it has no details), or C(close_NNNN) with
        the code of the close frame; C(close_1006) where there was none.
    :param retry_after: seconds that the Gateway asks for (C(error.retryAfterMs) / 1000), or None.
    """

    def __init__(self, code, retry_after=None):
        super().__init__(code)
        self.code, self.retry_after = code, retry_after


class Refused(Exception):
    """The Gateway does not want this client as it is: a person, or another credential, is needed."""


def is_final(code):
    """Whether trying again can only make it worse."""
    return code.startswith(FINAL)


class Backoff:
    """How long to wait after each end of a connection.

    :param first: seconds after the first end. It doubles with each end, up to C(cap).
    :param stable: seconds that a connection must have lasted for the count to begin anew. One that is accepted and then
        lost at once is no success.
    """

    def __init__(self, first=1.0, cap=60.0, stable=60.0, uniform=random.uniform):
        self.first, self.cap, self.stable, self.uniform = first, cap, stable, uniform
        self.ends = 0

    def after(self, lasted, retry_after=None):
        """Return the seconds to wait after a connection that lasted so many seconds."""
        self.ends = 1 if lasted >= self.stable else self.ends + 1
        longest = min(self.cap, self.first * 2 ** min(self.ends - 1, 30))
        # Half of it is chance: clients that lost one Gateway together do not come back together.
        return max(self.uniform(longest / 2, longest), retry_after or 0.0)


def stay_connected(session, backoff=None, say=print, clock=time.monotonic, sleep=time.sleep):
    """Connect, and connect again, for ever.

    :param session: function without arguments that connects, works, and raises :class:`Ended` when the connection has
        ended. C(OSError) counts as a Gateway that is not there. What it raises else ends this function.
    :raises Refused: trying again is useless.
    """
    backoff = backoff or Backoff()
    while True:
        began, retry_after = clock(), None
        try:
            session()
            code = "close_1000"
        except Ended as ended:
            code, retry_after = ended.code, ended.retry_after
        except OSError as error:
            code = type(error).__name__
        if is_final(code):
            raise Refused("the Gateway said %s; not tried again." % code)
        seconds = backoff.after(clock() - began, retry_after)
        say("the Gateway is away (%s); again in %.1f s." % (code, seconds))
        sleep(seconds)
