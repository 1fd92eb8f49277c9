# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run of this machine is gone: only what is known to have ended is, for two at once are worse than a wait."""
import os
import subprocess

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _run


@pytest.fixture
def ended():
    child = subprocess.Popen(["sleep", "60"])
    told = _run.process(child.pid)
    child.kill()
    child.wait()
    return told


def test_a_process_that_is_there_is_not_gone(monkeypatch):
    told = _run.process(os.getpid())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert not _run.is_gone(told), "its start is told in the same zone by whoever asks"


def test_one_that_has_ended_is_gone(ended):
    assert _run.is_gone(ended)


def test_another_process_of_that_number_is_not_it():
    assert _run.is_gone("%d Sun Nov 22 12:01:02 2020" % os.getpid())


@pytest.mark.parametrize("told", ["", "?", "%d" % os.getpid(), "%d soon" % os.getpid()])
def test_what_cannot_be_told_is_not_gone(told):
    assert not _run.is_gone(told)


def test_without_ps_nothing_is_known_to_be_gone(ended, monkeypatch):
    monkeypatch.setattr(_run, "process", lambda pid: None)
    assert not _run.is_gone(ended)


def test_a_second_or_two_of_jitter_is_the_same_process(monkeypatch):
    mine = _run.process(os.getpid())
    monkeypatch.setattr(_run, "process", lambda pid: "%d Sun Nov 22 12:01:04 2026" % pid)
    assert not _run.is_gone("%s Sun Nov 22 12:01:02 2026" % mine.split()[0])
