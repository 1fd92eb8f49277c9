# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Gateway has one home: the same label in the other scope, and a scope that needs a login."""

import pytest
from scripted import ABSENT, NO_GUI, OK, failing, install


def test_file_of_the_other_scope(play):
    play.mac.agents.mkdir(parents=True)
    other = play.mac.agents / "x.plist"
    other.write_bytes(b"rubbish")
    failure = failing("label_in_other_scope", play, "started", play.declared(), [])
    assert str(other) in failure.message and "bootout gui/502/x" in failure.hint and str(other) in failure.hint


def test_file_of_another_name_with_the_label(play):
    install(play)
    (play.mac.daemons / "x.plist").rename(play.mac.daemons / "homebrew.plist")
    failure = failing("label_in_other_scope", play, "started", play.declared(), [], scope="agent")
    assert "homebrew.plist" in failure.message and "bootout system/x" in failure.hint


@pytest.mark.parametrize("scope, asked, other", [("daemon", "gui/502/x", "gui/502"), ("agent", "system/x", "system")])
def test_loaded_in_the_other_domain(play, scope, asked, other):
    lines = [("print " + asked, play.shown(domain=other))]
    failure = failing("label_in_other_scope", play, "started", play.declared(), lines, scope=scope)
    assert "bootout " + asked in failure.hint


def test_user_domain_that_shows_the_gui_job_is_no_second_home(play):
    path = str(play.mac.agents / "x.plist")
    play.mac.agents.mkdir(parents=True)
    install(play)
    (play.mac.daemons / "x.plist").rename(path)
    job = play.shown(domain="gui/502 [100021]", path=path)
    lines = [("print system/x", ABSENT), ("print user/502/x", job), ("print gui/502/x", job)]
    lines += [("print-disabled user/502", (0, "", ""))]
    assert play("present", play.declared(), lines, scope="agent", check_mode=True)["actions"] == []


def test_agent_without_login(play):
    lines = [("print system/x", ABSENT), ("print user/502/x", ABSENT), ("print gui/502/x", NO_GUI)]
    lines += [("print-disabled user/502", (0, "", ""))]
    before = play.mac.tree()
    failure = failing("gui_domain_absent", play, "started", play.declared(), lines, scope="agent", check_mode=True)
    assert "gui/502" in failure.message and play.mac.tree() == before


def test_login_that_ends_meanwhile(play):
    play.mac.agents.mkdir(parents=True)
    lines = [("print system/x", ABSENT), ("print user/502/x", ABSENT), ("print gui/502/x", ABSENT)]
    lines += [("print-disabled user/502", (0, "", "")), ("enable user/502/x", OK)]
    lines += [("bootstrap gui/502 %s/x.plist" % play.mac.agents, (125, "", "Domain does not support specified action"))]
    failing("gui_domain_absent", play, "started", play.declared(), lines, scope="agent")


def test_absent_and_stopped_need_no_login(play):
    lines = [("print gui/502/x", NO_GUI), ("print-disabled user/502", (0, "", ""))]
    assert not play("absent", None, lines, scope="agent")["changed"]
    assert not play("stopped", None, lines, scope="agent")["changed"]
