# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job takes the place of another, and the run is killed before any of its deeds: the next one finishes it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap

from moving import LABEL, declared, other_scope

KILLED = """
    import json, os, signal, sys
    sys.path[:0] = json.loads(sys.argv[1])
    import conftest  # the collection under its name
    from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, rivals, service, target
    from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
    import collections, socket

    given = json.loads(sys.argv[2])
    left = given["after"]

    def count(real):
        def counted(*arguments, **keywords):
            global left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return real(*arguments, **keywords)
        return counted

    def run(argv, timeout):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.connect(given["socket"])
            sock.sendall(json.dumps({"argv": argv[1:], "cwd": "/", "tty": False, "ssh": False}).encode() + b"\\n")
            answer = json.loads(b"".join(iter(lambda: sock.recv(65536), b"")).decode())
        return answer["rc"], answer["stdout"], answer["stderr"]

    # Before each deed on disk and each order to launchd the run can end.
    for name in ("rename", "unlink", "mkdir"):
        setattr(os, name, count(getattr(os, name)))
    ordered = count(run)
    account = collections.namedtuple("Account", "name uid gid home")(*given["account"])
    place = target.target("daemon", given["label"], account, given["daemons"], given["agents"])
    service.converge(
        Launchctl("/bin/launchctl", lambda argv, timeout: (run if "print" in argv[1] else ordered)(argv, timeout)),
        place, account, "started", given["definition"], act.Patience(10, 0.1), False,
        others=rivals.Others("replace", given["records"], {}.get))
    print(left)
"""


def cut_off(mover, after):
    """Run it in a process of its own that is killed after so many deeds; returns whether it was."""
    place, definition = declared(mover.mac)
    given = {
        "after": after,
        "socket": str(mover.launchd.record / "launchd.sock"),
        "account": list(mover.mac.account),
        "label": LABEL,
        "daemons": str(mover.mac.daemons),
        "agents": str(mover.mac.agents),
        "definition": definition,
        "records": mover.records,
    }
    here = os.path.dirname(os.path.abspath(__file__))
    paths = json.dumps([os.path.dirname(here)])
    argv = [sys.executable, "-c", textwrap.dedent(KILLED), paths, json.dumps(given)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_cut_off_at_any_deed_the_next_run_finishes(mover):
    after = 0
    while True:
        path, there, dummy = other_scope(mover)
        before = path.read_bytes()
        killed = cut_off(mover, after)
        jobs = mover.jobs()
        # Never two at once, and what is needed to bring the other one back is somewhere.
        assert len(jobs) <= 1, (after, jobs)
        kept = [name for name in pathlib.Path(mover.records).rglob("*") if name.is_file()]
        assert path.exists() or any(name.read_bytes() == before for name in kept), after
        if jobs.get(there) is None and "system/" + LABEL not in jobs:
            # Not even after a power cut in between.
            mover.launchd.control("reboot")
            mover.launchd.control("login", "5020")
            assert len(mover.jobs()) <= 1, after
        done = mover()
        assert mover.jobs() == {"system/" + LABEL: done["job"]["pid"]}, after
        assert not mover()["changed"] and not os.path.exists(os.path.join(mover.records, "replacing")), after
        # Ready for the next deed.
        mover(state="absent", others="refuse")
        shutil.rmtree(mover.records)
        mover.launchd.run(["launchctl", "enable", there.replace("gui/", "user/")], 5)
        shutil.rmtree(str(mover.mac.home / "gateway.log"), ignore_errors=True)
        if not killed:
            break
        after += 1
    assert after > 8
