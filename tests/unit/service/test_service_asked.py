# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to launchctl: each asked once, whoever wants to know and however late."""
import stat
import subprocess
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import asked
from ansible_collections.clawops.openclaw.plugins.module_utils._service.asked import Questions
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl


@pytest.fixture
def program(tmp_path):
    """A launchctl that notes that it was called, and does as its first word says."""
    path = tmp_path / "launchctl"
    cases = "hang) exec sleep 60;; print) echo told; echo why >&2; exit 113;;"
    path.write_text('#!/bin/sh\necho "$@" >> %s/calls\ncase $1 in %s esac\n' % (tmp_path, cases))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def calls(program):
    return (program.parent / "calls").read_text().splitlines()


def test_a_question_is_asked_once(program):
    questions = Questions()
    argv = [str(program), "print", "system"]
    questions.ask(argv)
    answers = {questions.hear(argv, 5), questions.hear(tuple(argv), 5)}
    assert answers == {(113, "told\n", "why\n")}
    assert questions.ask(argv).communicate() == (b"told\n", b"why\n") and questions.ask(argv).returncode == 113
    assert calls(program) == ["print system"]


def test_launchctl_takes_its_answers_from_there(program):
    questions = Questions()
    launchctl = Launchctl.found(str(program), questions.hear)
    assert launchctl.call("print", "a").rc == launchctl.call("print", "a").rc == 113
    launchctl.call("print", "b")
    assert calls(program) == ["print a", "print b"]


def test_what_does_not_answer_is_killed_and_stays_unanswered(program):
    questions = Questions()
    assert questions.hear([str(program), "hang"], 0.05) == (None, "", "")
    assert questions.hear([str(program), "hang"], 5) == (None, "", "")


def test_several_that_hang_take_no_longer_than_one(program, monkeypatch):
    monkeypatch.setattr(asked, "LEAST", 0.01)
    questions = Questions()
    hanging = [[str(program), "hang", str(number)] for number in range(10)]
    for argv in hanging:
        questions.ask(argv)
    time.sleep(1)
    began = time.monotonic()
    assert {questions.hear(argv, 1) for argv in hanging} == {(None, "", "")}
    # One after the other they would take ten seconds.
    assert time.monotonic() - began < 5


def test_no_process_is_left_behind(program):
    questions = Questions()
    pending = questions.ask([str(program), "hang"])
    with pytest.raises(subprocess.TimeoutExpired):
        pending.communicate(timeout=0.01)
    questions.end()
    assert pending.returncode is not None


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(OSError):
        Questions().hear([str(tmp_path / "none")], 1)
