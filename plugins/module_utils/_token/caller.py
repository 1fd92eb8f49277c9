# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Whether anybody waits for what this task will tell.

A new token that nobody hears of is worse than the old one: the rest of the play, which would hand it on, is not coming.
So a lost connection, or a signal to end, is a failure like any other, and what was changed is undone.
"""

from __future__ import annotations

import select
import signal

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_STDOUT = 1


class Caller:
    """Whoever reads the result of this task. Used with C(with), in the main thread.

    :param stream: descriptor that the result will be written to.
    """

    def __init__(self, stream=_STDOUT):
        self._stream = stream
        self._before = {}
        self._ended_by = None

    def __enter__(self):
        self._before = {number: signal.signal(number, self._told_to_end) for number in _SIGNALS}
        return self

    def __exit__(self, *_error):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told_to_end(self, number, _frame):
        self.shield()
        self._ended_by = signal.Signals(number).name
        raise self._interrupted()

    def _interrupted(self):
        return Failure(
            "interrupted", "this task was told to end (%s)." % self._ended_by, "host", "run the play again."
        )

    def shield(self):
        """From here on no signal ends the task: what is being undone has to be undone."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def require(self):
        """:raises Failure: C(caller_gone) when the other end of the connection is closed; C(interrupted)."""
        if self._ended_by:
            # Whoever was being asked something at that moment may have taken it for an answer.
            raise self._interrupted()
        poll = select.poll()
        # Nothing but what poll always tells: that the pipe has lost its reader, or the socket its peer.
        poll.register(self._stream, 0)
        if any(event & (select.POLLERR | select.POLLHUP) for _stream, event in poll.poll(0)):
            raise Failure(
                "caller_gone",
                "the connection over which this task would tell its result is lost.",
                "network",
                "see that the host can be reached, then run the play again.",
            )
