# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Has OpenClaw's doctor take over what a release does not take over when it starts, and nothing else.

The doctor knows how, and does more: it writes what it thinks of into C(openclaw.json), too. So it gets a copy of that.
(To put the file back afterwards would not do: OpenClaw restores what it has last seen when a file has shrunk.) Its exit
code is not asked: what counts is whether the files are taken over.
"""

from __future__ import annotations

import os

from ansible_collections.clawops.openclaw.plugins.module_utils import _cli, _hold
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import acting_as
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import check

#: Seconds to wait for a doctor that nobody waits for any more.
_PATIENCE_S = 300


def run(area, command, remaining, timeout):
    """Run the doctor of a release on a state directory that nobody uses.

    What was there before is kept first, see :meth:`area.Area.keep_legacy`. A run that was killed is done again.

    :param area: :class:`area.Area`. :param command: C(openclaw) of the release.
    :param remaining: function without arguments that returns the files which are still to be taken over.
    :param timeout: seconds.
    :raises Failure: C(takeover_failed), C(takeover_busy), C(state_unreadable).
    """
    area.keep_legacy()
    # A copy that a killed run has left is written over here, and removed with this one.
    config = area.note("doctor/openclaw.json", check.whole_config(area) or b"{}")
    try:
        words = [command, "doctor", "--fix", "--non-interactive"]
        environment = _environment(area, command, config)
        with _hold.held(area.place, _PATIENCE_S, _busy(area)) as lock:
            answer = _cli.ask(words, area.account, environment, area.state_dir, timeout, keep_open=(lock,))
    finally:
        with acting_as(area.account):
            _cli.discard(os.path.dirname(config))
    left = remaining()
    if left:
        # It has seen every secret there is, so what it said is told to nobody but the account.
        said = area.note("doctor.log", (answer.out + "\n" + answer.err).encode("utf-8"))
        raise _failed(area, command, left, answer, timeout, said)


def settle(area):
    """Wait for a doctor that a killed run has left behind: it works on, and nobody else may meanwhile.

    :raises Failure: C(takeover_busy).
    """
    if os.path.isdir(area.place):
        with _hold.held(area.place, _PATIENCE_S, _busy(area)):
            pass


def _environment(area, command, config):
    return dict(
        _cli.ONE_PROCESS,
        PATH=os.pathsep.join((os.path.dirname(command),) + _cli.SEARCHED),
        HOME=area.account.home,
        USER=area.account.name,
        LOGNAME=area.account.name,
        LC_ALL="C",
        NO_COLOR="1",
        DO_NOT_TRACK="1",
        OPENCLAW_STATE_DIR=area.state_dir,
        OPENCLAW_CONFIG_PATH=config,
        # Definitions of services are ours.
        OPENCLAW_SUPERVISOR_MODE="external",
        OPENCLAW_SERVICE_REPAIR_POLICY="external",
        OPENCLAW_NO_AUTO_UPDATE="1",
    )


def _busy(area):
    return Failure(
        "takeover_busy",
        "OpenClaw's doctor, started by a run that was killed, is still at work on %s." % area.state_dir,
        "host",
        "wait for it to end (lsof %s names it), then run again." % area.place,
        path=area.place,
    )


def _failed(area, command, left, answer, timeout, said):
    ended = "ended with exit code %s" % answer.code if answer.ended == "exit" else {
        "timeout": "did not end within %d s" % timeout, "flood": "did not stop talking", "missing": "is not there",
    }[answer.ended]  # fmt: skip
    return Failure(
        "takeover_failed",
        "%s doctor --fix %s, and %s is still to be taken over." % (
            command, ended, ", ".join(area.path(path) for path in left)),
        "host",
        "read why (sudo tail -50 %s on the host), then run again." % said,
        path=said,
        paths=left,
    )  # fmt: skip
