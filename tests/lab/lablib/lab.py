# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab: its hosts, its network, its mirror; made, kept and removed without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from . import cache, faults, hostroot, inventory, machine, net, requirements, skeleton, ssh
from .errors import LabError
from .locks import locked
from .paths import DEFAULT_MACOS, DEFAULT_OPENCLAW, DEFAULT_PYTHON, HERE, MIRROR_PORT, LabPaths
from .pythons import choose

_T0 = time.monotonic()


def say(text: str) -> None:
    """Progress, for people: on stderr, with the seconds since the start."""
    print(f"lab {time.monotonic() - _T0:6.1f}s  {text}", file=sys.stderr, flush=True)


class Lab:
    """One lab, by its paths and the state written in its directory."""

    def __init__(self, name: str):
        self.paths = LabPaths(name)
        self.state: dict = {}

    # -- state -------------------------------------------------------------------------------------------------

    def lock(self):
        return locked(f"lab-{self.paths.id}", say)

    def load(self) -> Lab:
        """Read the state; raises when this lab is not up."""
        try:
            self.state = json.loads(self.paths.file.read_text())
            self.paths.use_id(self.state["id"])
        except FileNotFoundError:
            raise LabError(f"lab {self.paths.name!r} is not up",
                           f"run: tests/lab/lab --name {self.paths.name} up --hosts 1") from None  # fmt: skip
        except (ValueError, KeyError):
            raise LabError(f"{self.paths.file} is damaged",
                           f"run: tests/lab/lab --name {self.paths.name} down") from None  # fmt: skip
        return self

    def save(self) -> None:
        fresh = self.paths.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.state, indent=2) + "\n")
        fresh.replace(self.paths.file)

    def host(self, name: str) -> dict:
        try:
            return self.state["hosts"][name]
        except KeyError:
            known = ", ".join(sorted(self.state["hosts"])) or "none"
            raise LabError(f"no host {name!r} in lab {self.paths.name!r}", f"it has: {known}") from None

    def running(self, name: str) -> dict:
        host = self.host(name)
        if not machine.alive(host["pid1"]):
            raise LabError(f"host {name} is off", f"run: tests/lab/lab --name {self.paths.name} reboot {name}")
        return host

    # -- up ----------------------------------------------------------------------------------------------------

    def up(self, hosts: int, openclaw: str | None, python: str | None, real: int | None = None,
           macos: int = DEFAULT_MACOS) -> Path:  # fmt: skip
        """Bring the lab to at least C(hosts) running hosts; return the inventory's path.

        C(openclaw) (a version) and C(python) ("3.9") are chosen when the lab is new; None: the defaults.
        C(real): new hosts with a higher number than this get the light stand-in for the Gateway; None: none does.
        C(macos): major release of new hosts; those that are there keep theirs.
        """
        if not 1 <= hosts <= 90:
            raise LabError(f"--hosts {hosts} is out of range", "give 1 to 90")
        requirements.check()
        requirements.check_kernel()
        with self.lock():
            fresh = not self.paths.file.exists()
            if fresh:
                self._create(openclaw or DEFAULT_OPENCLAW, python or DEFAULT_PYTHON)
            else:
                self.load()
                self._keep_choices({"openclaw": openclaw, "asked_python": python})
            self._network()
            self._hosts(hosts, hosts if real is None else real, macos)
            self._wait_for_mirror()
            self._write_inventory()
        return self.paths.inventory

    def _keep_choices(self, asked: dict) -> None:
        for key, value in asked.items():
            if value is not None and value != self.state[key]:
                raise LabError(f"lab {self.paths.name!r} was made with {key.removeprefix('asked_')} {self.state[key]}, "
                               f"not {value}", "take it down first, or use another --name")  # fmt: skip

    def _create(self, openclaw: str, python: str) -> None:
        self._remove_remains()
        node_dir, openclaw_dir = cache.ensure(openclaw, say)
        interpreter = choose(python, say)
        self.paths.state.mkdir(parents=True, mode=0o700)
        say(f"new lab {self.paths.name!r}: OpenClaw {openclaw}, Node {node_dir.name}, Python {interpreter.version}")
        ssh.make_key(self.paths.key, f"lab-{self.paths.name}")
        skeleton.build_root(self.paths, self.paths.key.with_suffix(".pub").read_text())
        skeleton.build_usr(self.paths, interpreter, HERE / "launchd_double")
        skeleton.build_node_layer(self.paths)
        layer = None
        if not interpreter.in_usr:
            home = skeleton.PYTHON_HOME.format(series=interpreter.series)
            layer = [str(self.paths.python), interpreter.prefix, home]
        self.state = {
            "name": self.paths.name, "id": self.paths.id, "openclaw": openclaw, "node": node_dir.name,
            "python": interpreter.version, "asked_python": python, "python_layer": layer, "shared": [
                [str(node_dir), skeleton.NODE_HOME],
                [str(openclaw_dir / "lib/node_modules/openclaw"), skeleton.OPENCLAW_HOME],
            ], "subnet": None, "mirror": None, "hosts": {},
        }  # fmt: skip
        with locked("subnets", say):
            self.state["subnet"] = net.free_subnet(self.paths.id)
            net.make_bridge(self.paths.bridge, self.state["subnet"])
            self.save()

    def _network(self) -> None:
        net.make_bridge(self.paths.bridge, self.state["subnet"])
        self.paths.control.mkdir(mode=0o700, exist_ok=True)
        if self.paths.control.stat().st_uid != os.geteuid():
            raise LabError(f"{self.paths.control} belongs to somebody else", "remove it")
        if not machine.alive(self.state["mirror"]):
            self._start_mirror()

    def _start_mirror(self) -> None:
        with open(self.paths.mirror_log, "ab") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "lablib.mirror", "--bind", net.address(self.state["subnet"], 0),
                 "--port", str(MIRROR_PORT), "--directory", str(cache.mirror_directory()),
                 "--registry", cache.upstream_registry(), "--mark", self.paths.mark()],
                cwd=HERE, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.state["mirror"] = {"pid": server.pid, "started": machine.start_time(server.pid)}
        self.save()

    def _wait_for_mirror(self) -> None:
        limit = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((net.address(self.state["subnet"], 0), MIRROR_PORT), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > limit or not machine.alive(self.state["mirror"]):
                    said = self.paths.mirror_log.read_text(errors="replace").strip().splitlines()[-1:]
                    raise LabError(f"the mirror does not run: {' '.join(said)}",
                                   f"see {self.paths.mirror_log}, then run up again") from None  # fmt: skip
                time.sleep(0.05)

    def _hosts(self, count: int, real: int, macos: int) -> None:
        wanted = [f"mini{n:02d}" for n in range(1, count + 1)]
        for index, name in enumerate(wanted, 1):
            if name not in self.state["hosts"]:
                self._new_host(name, index, stand_in=index > real, macos=macos)
        off = [name for name in sorted(self.state["hosts"]) if not machine.alive(self.state["hosts"][name]["pid1"])]
        if off:
            say("switching on " + ", ".join(off))
            self._power_on(off)
        for name in off:
            say(f"{name} answers SSH at {self.state['hosts'][name]['address']}")

    def _new_host(self, name: str, index: int, *, stand_in: bool, macos: int) -> None:
        directory = self.paths.host(name)
        for part in ("record", "layer"):
            (directory / part).mkdir(parents=True, exist_ok=True)
        address = net.address(self.state["subnet"], index)
        ssh.make_key(directory / "ssh_host_key", name)
        skeleton.build_host_layer(directory / "layer", name, address, directory / "ssh_host_key", macos)
        with open(self.paths.known_hosts, "a", encoding="ascii") as known:
            known.write(ssh.known_hosts_line(name, address, directory / "ssh_host_key.pub"))
        self.state["hosts"][name] = {"index": index, "address": address, "pid1": None, "autologin": None, "boots": 0,
                                     "stand_in": stand_in, "macos": macos}  # fmt: skip
        self.save()

    def _root_of(self, name: str) -> hostroot.HostRoot:
        directory = self.paths.host(name)
        if not (directory / "upper").exists():
            # The top of an overlay is the writable part's: without its old face every reset would be a new Mac.
            (directory / "upper").mkdir()
            shutil.copystat(self.paths.skeleton, directory / "upper")
        (directory / "record").mkdir(exist_ok=True)
        (directory / "record" / "doubles.jsonl").touch(mode=0o666)
        (directory / "record" / "doubles.jsonl").chmod(0o666)
        return hostroot.HostRoot(
            hostname=name, lowers=[str(directory / "layer"), str(self.paths.skeleton)],
            upper=str(directory / "upper"), work=str(directory / "work"), usr_layer=str(self.paths.usr),
            record=str(directory / "record"), **self._of_the_cache(self.state["hosts"][name]["stand_in"]),
        )  # fmt: skip

    def _of_the_cache(self, stand_in: bool) -> dict:
        """What a host has read-only: Python, Node, OpenClaw; with the stand-in, a Node that starts it as gateway."""
        layered = [tuple(self.state["python_layer"])] if self.state["python_layer"] else []
        shared = [tuple(x) for x in self.state["shared"]]
        if stand_in:
            (node, place), *others = shared
            layered.append((str(self.paths.node_layer), node, place))
            shared = [(node, skeleton.REAL_NODE), *others]
        return {"shared": shared, "layered": layered}

    def _power_on(self, names: list[str]) -> None:
        """Boot the named hosts at the same time and wait until each answers SSH."""
        boots = {
            n: machine.Boot(self._root_of(n), str(self.paths.host(n) / "record" / "pid1.log"), self.paths.mark(n),
                            str(self.state["hosts"][n]["macos"]))
            for n in names
        }
        for name, boot in boots.items():
            host = self.state["hosts"][name]
            host["pid1"] = boot.wait_ready()
            host["boots"] += 1
            link = self.paths.link(host["index"])
            net.connect(self.paths.bridge, self.state["subnet"], link, host["index"], boot.pid)
        self.save()
        for boot in boots.values():
            boot.go()
        for name in names:
            host = self.state["hosts"][name]
            ssh.wait_for_banner(host["address"], 30)
            if host["autologin"]:
                self._console(name, self._uid(name, host["autologin"]))

    def _write_inventory(self) -> None:
        fresh = self.paths.inventory.with_suffix(".new")
        fresh.write_text(inventory.text(self.paths, self.state))
        fresh.replace(self.paths.inventory)

    def status(self) -> dict:
        """Return the lab as plain data."""

        def one(host: dict) -> dict:
            on = machine.alive(host["pid1"])
            return {"state": "on" if on else "off", "address": host["address"], "boots": host["boots"],
                    "gateway": "stand-in" if host["stand_in"] else "real", "macos": host["macos"],
                    "pid": host["pid1"]["pid"] if on else None, "autologin": host["autologin"]}  # fmt: skip

        mirror = self.state["mirror"]
        return {
            **{k: self.state[k] for k in ("name", "openclaw", "node", "python", "subnet")},
            "inventory": str(self.paths.inventory), "directory": str(self.paths.state), "bridge": self.paths.bridge,
            "mirror": {"state": "on" if machine.alive(mirror) else "off",
                       "url": f"http://{net.address(self.state['subnet'], 0)}:{MIRROR_PORT}"},
            "hosts": {name: one(host) for name, host in sorted(self.state["hosts"].items())},
        }  # fmt: skip

    # -- one host ----------------------------------------------------------------------------------------------

    def _power_off(self, name: str) -> None:
        """Pull the plug: nothing inside gets to say goodbye."""
        host = self.host(name)
        machine.end(host["pid1"])
        ssh.close_connections(self.paths.control, host["address"])

    def reset(self, name: str) -> None:
        """Turn the host into a virgin Mac again."""
        with self.lock():
            self.load()
            self._power_off(name)
            directory, trash = self.paths.host(name), self.paths.trash
            trash.mkdir(exist_ok=True)
            for part in ("upper", "work", "record"):
                if (directory / part).exists():
                    (directory / part).rename(trash / f"{name}-{part}-{time.monotonic_ns()}")
            self.state["hosts"][name]["autologin"] = None
            self._power_on([name])
        self._empty_trash()

    def clone(self, name: str, others: list[str]) -> None:
        """Give other hosts the disk of this one, as it is now, and boot them. What is a host's own, they keep."""
        with self.lock():
            self.load()
            if name in others or not others:
                raise LabError("no other host is named", "write: clone HOST OTHER...")
            odd = [one for one in others if self.host(one)["stand_in"] != self.running(name)["stand_in"]]
            if odd:
                raise LabError(f"{', '.join(odd)} and {name} have different Gateways", "see: tests/lab/lab status")
            trash = self.paths.trash
            trash.mkdir(exist_ok=True)
            for other in others:
                self._power_off(other)
                for part in ("upper", "work"):
                    (self.paths.host(other) / part).rename(trash / f"{other}-{part}-{time.monotonic_ns()}")
            with machine.still(self.running(name)["pid1"]["pid"]):
                for other in others:
                    subprocess.run(["cp", "-a", "--reflink=auto", str(self.paths.host(name) / "upper"),
                                    str(self.paths.host(other) / "upper")], check=True)  # fmt: skip
            self._power_on(others)
        self._empty_trash()

    def _empty_trash(self) -> None:
        """Without waiting for it."""
        subprocess.Popen(["rm", "-rf", "--one-file-system", str(self.paths.trash)], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip

    def reboot(self, name: str) -> None:
        """Cut the power and give it back: the disk stays, /tmp and every session do not."""
        with self.lock():
            self.load()
            self._power_off(name)
            self._power_on([name])

    def launchd(self, name: str, *words: str) -> str:
        """Tell the host's launchd double something over its control socket; return its answer."""
        self.running(name)
        done = subprocess.run(
            # By a relative path: a socket's path has at most 108 bytes.
            [sys.executable, "-B", "-m", "launchd_double.ctl", "--record", ".", *words],
            cwd=self.paths.host(name) / "record", env={**os.environ, "PYTHONPATH": str(HERE)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise LabError(f"{name}: launchd refuses {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def _uid(self, name: str, user: str) -> int:
        for line in (self._inside(name) / "private/etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if user in fields[0::2][:2]:
                return int(fields[2])
        raise LabError(f"no user {user!r} on {name}")

    def _inside(self, name: str) -> Path:
        """The host's root, as seen from outside."""
        return Path(f"/proc/{self.running(name)['pid1']['pid']}/root")

    def _console(self, name: str, uid: int) -> None:
        # Whoever sits at the screen owns /dev/console; that is how tools find him.
        os.chown(self._inside(name) / "dev/console", uid, 0)

    def login(self, name: str, user: str) -> None:
        """Open a GUI session: somebody sits down and logs in."""
        uid = self._uid(name, user)
        self.launchd(name, "login", str(uid))
        self._console(name, uid)

    def logout(self, name: str, user: str) -> None:
        self.launchd(name, "logout", str(self._uid(name, user)))
        self._console(name, 0)

    def autologin(self, name: str, user: str) -> None:
        """Set who is logged in after a boot; "off" for nobody."""
        with self.lock():
            self.load()
            self.launchd(name, "autologin", "off" if user == "off" else str(self._uid(name, user)))
            self.state["hosts"][name]["autologin"] = None if user == "off" else user
            self.save()

    def inject(self, name: str, fault: str, words: list[str]) -> None:
        """Break the host."""
        known = faults.scripts()
        if fault == "launchd" and words:
            fault, words = words[0].removeprefix("fault="), words[1:]
        if fault in known:
            parameters = known[fault].parameters(words)
            pid = self.running(name)["pid1"]["pid"]
            code = machine.run_inside(pid, "root", ["/bin/sh", "-ec", known[fault].script], "/", parameters)
            if code != 0:
                raise LabError(f"{name}: fault {fault} could not be injected (exit code {code})")
            if known[fault].launchd:
                self.launchd(name, "inject", *known[fault].launchd_words(parameters))
        elif fault in faults.of_launchd():
            self.launchd(name, "inject", fault, *words)
        else:
            raise LabError(f"no fault {fault!r}", "run: tests/lab/lab faults")

    # -- down --------------------------------------------------------------------------------------------------

    def down(self) -> None:
        """End every process of this lab, then remove its links and its directory. Works after a crash, too."""
        requirements.check()
        with self.lock():
            with contextlib.suppress(LabError):
                self.load()
            noted = [host["pid1"] for host in self.state.get("hosts", {}).values()] + [self.state.get("mirror")]
            for process in noted + machine.strays(self.paths.mark()):
                machine.end(process)
            self._remove_remains()

    def _remove_remains(self) -> None:
        ssh.close_connections(self.paths.control)
        shutil.rmtree(self.paths.control, ignore_errors=True)
        net.remove(self.paths.bridge, f"ocl{self.paths.id}h")
        limit = time.monotonic() + 20
        while self.paths.state.exists():
            shutil.rmtree(self.paths.state, ignore_errors=True)
            if self.paths.state.exists():
                if time.monotonic() > limit:
                    raise LabError(f"{self.paths.state} cannot be removed", "see what still uses it with: fuser -vm")
                time.sleep(0.1)
