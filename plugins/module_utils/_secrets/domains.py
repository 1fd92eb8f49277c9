# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What launchd itself holds: the environments of its domains, and the job as it is loaded.

The rim starts all questions at once and collects the answers later, because each costs the start of a program.
"""

from __future__ import annotations

import collections
import os
import re
import subprocess
import time

#: All of launchd's answers together may take this many seconds.
TIMEOUT = 5.0
#: What launchctl needs of an environment; what the caller's holds (a token, say) is none of its business.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "LANG": "C"}
#: Exit codes of C(launchctl print): no such domain (112, or 125), no such service (113).
_ABSENT = (112, 113, 125)
_MAX_BYTES = 8 * 1024 * 1024

#: A question: C(about) is (what, domain, name), C(words) the arguments of launchctl.
Question = collections.namedtuple("Question", "about words")
#: An answer: C(text) is None where the domain or job does not exist or nothing was learned; C(reason) then says why
#: nothing was learned, and is None for the rest.
Answer = collections.namedtuple("Answer", "about command text reason")
#: A loaded job: list of str, dict, int or None.
Job = collections.namedtuple("Job", "arguments environment pid")

_PAIR = re.compile(r"\t\t(.*?) => ?(.*)")


def questions(names, label, uid, by_name, operators=()):
    """Return the :class:`Question` to ask launchd first; each costs the start of a program.

    The environment of the system domain is asked for with C(getenv), which acts on root's domain; print shows that of
    the others, which C(getenv) would need a session of theirs for.

    :param names: variables. :param uid: of the Gateway's account. :param operators: uids of people.
    :param by_name: root asks for each variable of the system domain, else that domain is printed.
    """
    asked = []
    if by_name:
        asked += [Question(("getenv", "system", name), ("getenv", name)) for name in names]
    else:
        asked.append(Question(("domain", "system", None), ("print", "system")))
    for number in dict.fromkeys((uid,) + tuple(operators)):
        for domain in ("user/%d" % number, "gui/%d" % number):
            asked.append(Question(("domain", domain, None), ("print", domain)))
    asked.append(_about_job("system", label))
    return asked


def _about_job(domain, label):
    return Question(("job", domain, label), ("print", "%s/%s" % (domain, label)))


def more_questions(answers, label, uid):
    """Return the :class:`Question` that answers raise: about the job, in a domain of the account that lists it."""
    own = ("user/%d" % uid, "gui/%d" % uid)
    return [_about_job(a.about[1], label) for a in answers if a.about[1] in own and a.text and label in a.text]


def environment_of_domain(text):
    """Return the variables in the output of C(launchctl print DOMAIN), as a dict."""
    return _pairs(_blocks(text).get("environment", ()))


def job(text):
    """Return the :class:`Job` in the output of C(launchctl print DOMAIN/LABEL)."""
    blocks = _blocks(text)
    environment = {}
    for name in ("inherited environment", "environment"):
        environment.update(_pairs(blocks.get(name, ())))
    pid = re.search(r"^\tpid = (\d+)$", text, re.MULTILINE)
    arguments = [line[2:] for line in blocks.get("arguments", ())]
    return Job(arguments, environment, int(pid.group(1)) if pid else None)


def _blocks(text):
    """Lines of the blocks behind exactly one tab; blocks further in repeat their names."""
    blocks, inside = {}, None
    for line in text.splitlines():
        if line.startswith("\t\t"):
            if inside is not None:
                inside.append(line)
        elif line.startswith("\t") and line.endswith(" = {"):
            inside = blocks.setdefault(line[1:-4], [])
        else:
            inside = None
    return blocks


def _pairs(lines):
    matches = (_PAIR.match(line) for line in lines)
    return {match.group(1): match.group(2) for match in matches if match}


def _process(argv):
    # run_command needs an AnsibleModule, which this level knows nothing of, and asks one thing at a time.
    return subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(_ENVIRONMENT),
        cwd="/",
    )


class Asking:
    """launchctl, asked several things at once.

    :param start: function of argv to something like C(subprocess.Popen), by default that.
    """

    def __init__(self, launchctl, asked, start=None):
        self._deadline = time.monotonic() + TIMEOUT
        self._launchctl = launchctl
        self._begin = start or _process
        self._running = [(question, self._start(question)) for question in asked]

    def _start(self, question):
        try:
            return self._begin([self._launchctl, *question.words])
        except OSError as error:
            return error

    def answers(self):
        """Yield each :class:`Answer`; what has not answered in time is killed."""
        for question, process in self._running:
            command = " ".join([self._launchctl, *question.words])
            if isinstance(process, OSError):
                yield Answer(question.about, command, None, process.strerror or "cannot be started")
                continue
            try:
                out = process.communicate(timeout=max(0.01, self._deadline - time.monotonic()))[0]
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                yield Answer(question.about, command, None, "no answer within %d seconds" % TIMEOUT)
                continue
            yield _answer(question.about, command, process.returncode, out[:_MAX_BYTES])


def _answer(about, command, code, out):
    if code == 0:
        return Answer(about, command, out.decode("utf-8", "replace"), None)
    if about[0] != "getenv" and code in _ABSENT:
        return Answer(about, command, None, None)
    return Answer(about, command, None, "exit code %d" % code)


def found(launchctl):
    """Whether there is a launchctl to ask."""
    return os.path.exists(launchctl)
