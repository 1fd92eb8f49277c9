# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of tests/lab/lab."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys

from launchd_double.profiles import PROFILES

from . import cache, faults, machine, record
from .errors import LabError
from .lab import Lab, say
from .paths import DEFAULT_MACOS, DEFAULT_OPENCLAW, DEFAULT_PYTHON, HERE


def _up(lab: Lab, args) -> int:
    print(lab.up(args.hosts, args.openclaw, args.python, args.real, args.macos))
    return 0


def _exec(lab: Lab, args) -> int:
    if not args.command:
        raise LabError("no command given", "write: exec HOST -- COMMAND")
    return machine.run_inside(lab.load().running(args.host)["pid1"]["pid"], args.user, args.command, args.chdir)


def _shell(lab: Lab, args) -> int:
    return machine.run_inside(lab.load().running(args.host)["pid1"]["pid"], args.user, ["/bin/bash", "-l"])


def _inventory(lab: Lab, _args) -> int:
    print(lab.load().paths.inventory)
    return 0


def _status(lab: Lab, args) -> int:
    found = lab.load().status()
    if args.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"lab {found['name']}: OpenClaw {found['openclaw']}, Node {found['node']}, Python {found['python']}, "
          f"network {found['subnet']}, mirror {found['mirror']['state']}")  # fmt: skip
    for name, host in found["hosts"].items():
        print(f"{name}  {host['state']:4}  {host['address']}  pid {host['pid'] or '-'}  boots {host['boots']}  "
              f"{host['gateway']}  macOS {host['macos']}")  # fmt: skip
    return 0


def _reset(lab: Lab, args) -> int:
    lab.reset(args.host)
    return 0


def _clone(lab: Lab, args) -> int:
    lab.clone(args.host, args.others)
    return 0


def _reboot(lab: Lab, args) -> int:
    lab.reboot(args.host)
    return 0


def _down(lab: Lab, _args) -> int:
    lab.down()
    return 0


def _log(lab: Lab, args) -> int:
    lab.load().host(args.host)
    for entry in record.merged(lab.paths.host(args.host) / "record"):
        print(json.dumps(entry))
    return 0


def _checksum(lab: Lab, args) -> int:
    script = (HERE / "lablib/checksum.py").read_text()
    command = ["/usr/bin/python3", "-IS", "-c", script, *(["list"] if args.list else [])]
    return machine.run_inside(lab.load().running(args.host)["pid1"]["pid"], "root", command, "/")


def _faults(_lab: Lab, _args) -> int:
    print(faults.listing())
    return 0


def _inject(lab: Lab, args) -> int:
    lab.load().inject(args.host, args.fault, args.parameters)
    return 0


def _clear(lab: Lab, args) -> int:
    lab.load().launchd(args.host, "clear", *args.fault)
    return 0


def _launchd(lab: Lab, args) -> int:
    print(lab.load().launchd(args.host, *args.words), end="")
    return 0


def _login(lab: Lab, args) -> int:
    lab.load().login(args.host, args.user)
    return 0


def _logout(lab: Lab, args) -> int:
    lab.load().logout(args.host, args.user)
    return 0


def _autologin(lab: Lab, args) -> int:
    lab.load().autologin(args.host, args.user)
    return 0


def _cache(_lab: Lab, args) -> int:
    cache.warm(args.openclaw, say)
    return 0


def parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default=argparse.SUPPRESS, help="which lab (default: $OPENCLAW_LAB_NAME, 'default')")
    top = argparse.ArgumentParser(prog="lab", description="Mac minis, simulated on a Linux machine.", parents=[common])
    words = top.add_subparsers(dest="word", required=True, metavar="WORD")

    def word(name: str, run, text: str, host: bool = False) -> argparse.ArgumentParser:
        added = words.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(run=run)
        if host:
            added.add_argument("host", metavar="HOST")
        return added

    up = word("up", _up, "bring hosts up; prints the inventory's path")
    up.add_argument("--hosts", type=int, default=1, metavar="N")
    up.add_argument("--real", type=int, metavar="R",
                    help="hosts after the R-th get a light stand-in for the Gateway (default: none does)")  # fmt: skip
    up.add_argument("--openclaw", metavar="VERSION", help=f"of a new lab (default: {DEFAULT_OPENCLAW})")
    up.add_argument("--python", metavar="X.Y", help=f"of a new lab's hosts (default: {DEFAULT_PYTHON})")
    up.add_argument("--macos", type=int, default=DEFAULT_MACOS, choices=sorted(PROFILES), metavar="R",
                    help=f"major release of new hosts: {', '.join(map(str, sorted(PROFILES)))} "
                         f"(default: {DEFAULT_MACOS})")  # fmt: skip
    run = word("exec", _exec, "run a command inside a host; returns its exit code", host=True)
    run.add_argument("--user", default="root")
    run.add_argument("--chdir", metavar="DIR", help="start there instead of the user's home")
    run.add_argument("command", nargs="*", metavar="-- COMMAND")
    word("inventory", _inventory, "print the inventory's path")
    word("status", _status, "show the lab").add_argument("--json", action="store_true")
    word("log", _log, "launchctl calls, launchd's deeds and other doubles' calls, as JSON lines", host=True)
    word("checksum", _checksum, "sum over the host's disk (not /tmp, /var/run, /var/log)", host=True).add_argument(
        "--list", action="store_true", help="a line per file instead, for diff")  # fmt: skip
    word("faults", _faults, "list the faults there are")
    inject = word("inject", _inject, "break a host", host=True)
    inject.add_argument("fault", metavar="FAULT")
    inject.add_argument("parameters", nargs="*", metavar="k=v")
    word("clear", _clear, "mend launchd's faults", host=True).add_argument("fault", nargs="*", metavar="FAULT")
    word("launchd", _launchd, "talk to the launchd double: launchd HOST help", host=True).add_argument(
        "words", nargs="+", metavar="WORD")  # fmt: skip
    for name, run_word, text in (
        ("login", _login, "log a user in at the screen"), ("logout", _logout, "log the user out at the screen"),
        ("autologin", _autologin, "set who is logged in after a boot; 'off' for nobody"),
    ):  # fmt: skip
        word(name, run_word, text, host=True).add_argument("user", nargs="?", default="openclaw", metavar="USER")
    word("reset", _reset, "make a host a virgin Mac again", host=True)
    word("clone", _clone, "give other hosts the disk of this one, and boot them", host=True).add_argument(
        "others", nargs="+", metavar="OTHER")  # fmt: skip
    word("reboot", _reboot, "power cut, then boot; the disk stays", host=True)
    word("shell", _shell, "open a shell inside a host", host=True).add_argument("--user", default="root")
    word("cache", _cache, "fill the cache, also with all that an npm install in a host needs").add_argument(
        "--openclaw", default=DEFAULT_OPENCLAW, metavar="VERSION")  # fmt: skip
    word("down", _down, "remove the lab and everything of it")
    return top


def main(argv: list[str]) -> int:
    os.umask(0o022)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # argparse would take the command's own options for the lab's: what follows "--" never reaches it.
    ours, theirs = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    args = parser().parse_args(ours)
    if theirs:
        args.command = getattr(args, "command", []) + theirs
    name = getattr(args, "name", None) or os.environ.get("OPENCLAW_LAB_NAME") or "default"
    try:
        return args.run(Lab(name), args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
