# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac without Python gets one, once, and it is said when that cannot be done without a person.

The lab's own programs need a Python, so the one that is missing is that of the Command Line Tools.
"""

from __future__ import annotations

import pytest

HOST = "mini01"
PYTHON = "/Library/Developer/CommandLineTools/usr/bin/python3"
ONLY = {"ansible_python_interpreter": PYTHON}
GONE = "rm " + PYTHON
MARK = "/tmp/.com.apple.dt.CommandLineTools.installondemand.in-progress"


def test_it_is_predicted_installed_and_left_alone(mini):
    mini.sh(GONE)
    before = mini.disk()
    predicted = mini.play("--check", **ONLY)
    assert (predicted.rc, predicted.recap[HOST]["changed"]) == (0, 1), predicted.out
    assert "has no Python 3.9 or newer at %s (absent)" % PYTHON in predicted.out
    assert mini.disk() == before and mini.calls("softwareupdate") == []
    run = mini.play(**ONLY)
    assert run.rc == 0, run.out
    # The Python, and the Mac.
    assert run.recap[HOST]["changed"] == 2
    # The newest, which is not the last one in the order of letters.
    assert mini.calls("softwareupdate") == [
        ("softwareupdate", ["-l"]), ("softwareupdate", ["-i", "Command Line Tools for Xcode-16.4", "--verbose"])]
    assert mini.there(MARK) == []
    again = mini.play(**ONLY)
    assert (again.rc, again.recap[HOST]["changed"]) == (0, 0), again.out
    assert len(mini.calls("softwareupdate")) == 2


def test_apples_stub_is_not_run(mini):
    """Where there are no tools it opens a window and waits; the lab's is a Python, and would answer."""
    mini.sh(GONE)
    run = mini.play("--check", ansible_python_interpreter="auto")
    assert run.rc == 0 and "at /usr/bin/python3 (stub)" in run.out, run.out


@pytest.mark.parametrize("knob, said", [
    ("offline", "install: softwareupdate offers no Command Line Tools"),
    ("lie", "install: Command Line Tools for Xcode-16.4"),
])  # fmt: skip
def test_it_is_said_when_there_is_still_none(mini, knob, said):
    mini.sh(GONE)
    mini.knob("softwareupdate", knob)
    run = mini.play(**ONLY)
    assert run.rc == 2 and said in run.out, run.out
    assert run.recap[HOST]["changed"] == 0
    assert "mini01 still has no Python 3.9 or newer" in run.out and "xcode-select --install" in run.out


def test_a_link_in_the_place_of_the_mark_is_not_followed(mini):
    mini.sh(GONE + "; ln -s /etc/planted " + MARK)
    run = mini.play(**ONLY)
    assert run.rc == 2 and "install: %s is no file" % MARK in run.out, run.out
    assert mini.there("/etc/planted") == []


def test_it_can_be_left_to_others(mini):
    mini.sh(GONE)
    assert mini.play(mac_host_python=False, **ONLY).rc != 0
    assert mini.calls("softwareupdate", "xcode-select") == []
