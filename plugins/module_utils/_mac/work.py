# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What one call has before it: the options understood, the Mac as it is, and the jobs of launchd that follow."""

from __future__ import annotations

import os
import sys

from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions, served
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import jobs, plan, seen, wanted
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, files, plist, service, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import install

#: A job that nobody declares.
AS_IT_IS = object()
ROOT = seen.Account("root", 0, 0, "/var/root", "/bin/sh", "System Administrator")


class Work:
    """One call of the module: what it was asked for, and the two halves of it that look and act.

    :param options: of openclaw_host, a dictionary. :param hear: runs a program, C(launchctl.run_process).
    :raises Failure: what is asked for cannot be, or the account is not as declared.
    """

    def __init__(self, options, hear):
        self.options, self.hear = options, hear
        self.wanted = wanted.of(options, (companions.MAX_FILES, companions.MAX_FILES_PER_PROCESS))
        self.label = plist.label(options["label"])
        self.launchctl = Launchctl.found(options["launchctl"], hear)
        there = seen.account(self.wanted.user, hear)
        self.account = plan.account_to_be(self.wanted, there, seen.taken(), seen.owner)
        self.state_dir = self.wanted.state_dir or os.path.join(self.account.home, ".openclaw")
        self.agents = options["launch_agents_dir"] or target.default_agents_directory(self.account.home)
        self.logs = self.wanted.log_paths or [
            served.look(self.account, self.label, options["launch_daemons_dir"], self.agents).log]
        self.place = companions.logs(self.label)

    def read(self):
        """Return the Mac as it is now, C(seen.Seen)."""
        there = seen.account(self.wanted.user, self.hear)
        return seen.read(self.wanted, there or self.account, there is not None, self.state_dir, self.logs, self.hear)

    def plan(self, found):
        """Return what differs from what is declared, and what is to be done about it, C(plan.Plan)."""
        return plan.plan(self.wanted, found, found.account or self.account, self.state_dir)

    def jobs(self, found, check_mode):
        """Bring the jobs to their states, or see what that takes.

        :returns: (diff, actions).
        """
        diff, actions = [], []
        raised = self.raising(found)
        if raised is not AS_IT_IS:
            done = self.converge(companions.limits(self.label), ROOT, raised, check_mode)
            diff, actions = done["diff"], list(done["actions"])
        if self.wanted.logs == "present":
            diff += self.parts(check_mode)
            definition = jobs.rotation(self.place, sys.executable, self.wanted, self.logs)
        if self.wanted.logs != "as_is":
            known = len(self.launchctl.actions)
            done = self.converge(self.place.label, self.account, definition if self.wanted.logs == "present" else None,
                                 check_mode)  # fmt: skip
            diff += done["diff"]
            # Of a real run this is one list, which grows.
            actions += done["actions"] if check_mode else done["actions"][known:]
        if self.wanted.logs == "absent" and os.path.lexists(self.place.directory):
            diff.append(piece(self.place.directory, "directory", "absent"))
            if not check_mode:
                install.remove(self.place)
        return diff, ["launchctl " + words for words in actions]

    def raising(self, found):
        """Return the definition of the job that raises limits, None where it shall not be, or that it is left alone."""
        if not self.wanted.limits:
            return AS_IT_IS
        path = os.path.join(self.options["launch_daemons_dir"], companions.limits(self.label) + ".plist")
        low = plan.too_low(self.wanted, found)
        return jobs.raising(files.read_plist(path).definition, self.label, low, self.wanted.limits)

    def converge(self, label, account, definition, check_mode):
        there = target.target("daemon", label, account, self.options["launch_daemons_dir"], self.agents)
        state = "present" if definition else "absent"
        patience = act.Patience(1, 0)
        return service.converge(self.launchctl, there, account, state, definition, patience, check_mode)

    def parts(self, check_mode):
        wrong = [(part, install.wrong(part)) for part in jobs.parts(self.place)]
        for part, found in wrong:
            if found and not check_mode:
                install.make(part)
        return [piece(part.path, *found) for part, found in wrong if found]


def piece(path, before, after):
    return {"before_header": path, "after_header": path, "before": before + "\n", "after": after + "\n"}
