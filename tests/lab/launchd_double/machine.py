# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Mac's launchd, put together: boot, login, logout, shutdown, and answering calls."""

import os
import plistlib
import re
import signal
import sys
import traceback

from . import commands, control, darwin, session
from .accounts import Accounts
from .definition import Refused, check_file, check_session, read
from .disabled import DisabledStore
from .domains import Registry
from .faults import Faults
from .job import Job
from .knobs import Knobs
from .loop import Loop, now
from .printer import View
from .profiles import PROFILES
from .record import Record
from .server import Server
from .supervisor import Supervisor

_DAEMONS = ("System/Library/LaunchDaemons", "Library/LaunchDaemons")
_AGENTS = ("System/Library/LaunchAgents", "Library/LaunchAgents")
_LOGINWINDOW = "Library/Preferences/com.apple.loginwindow.plist"
_KCPASSWORD = "etc/kcpassword"
# Names of environment variables whose values never reach the logs.
_SECRET = re.compile("token|password|passwd|secret|credential|key$", re.IGNORECASE)


class Machine:
    def __init__(self, record_dir, socket_path, root, profile, knobs=()):
        self.root = root
        self.profile = PROFILES[profile]
        self.record = Record(record_dir)
        self.loop = Loop(self._report_error)
        self.knobs = Knobs(os.path.join(record_dir, "config.json"))
        for name, value in knobs:
            self.knobs.set(name, value)
        self.faults = Faults(os.path.join(record_dir, "faults.json"))
        self.accounts = Accounts(root)
        self.disabled = DisabledStore(root)
        self.registry = Registry()
        self.superusers = {0, os.geteuid()}
        self.limits = {"maxfiles": [256, None], "maxproc": [2666, 4000]}
        self.contexts = {}
        self.supervisor = Supervisor(self)
        self._shut_down = False
        self.loop.on_signal(signal.SIGCHLD, self.supervisor.reap)
        self.loop.on_signal(signal.SIGTERM, self.shutdown)
        self.loop.on_signal(signal.SIGINT, self.shutdown)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self._servers = [
            Server(self.loop, path, mode, on_request, lambda: self.knobs.client_patience)
            for path, mode, on_request in (
                (socket_path, 0o666, self._on_launchctl),
                (os.path.join(record_dir, "ctl.sock"), 0o600, self._on_control),
            )
        ]

    def path(self, relative):
        return os.path.join(self.root, relative)

    def view(self):
        """How print renders right now."""
        return View(self.profile, self.knobs.default_throttle, self.knobs.default_exit_timeout,
                    bool(self.faults.take("print_noise")), self.knobs.bare_print_header)

    def _report_error(self):
        text = traceback.format_exc()
        self.record.event("internal-error", traceback=text)
        sys.stderr.write(text)

    # -- loading ----------------------------------------------------------------------------------

    def owners(self, domain):
        """The uids that may own a plist loaded into *domain*."""
        return self.superusers | ({domain.uid} if domain.uid is not None else set())

    def is_disabled(self, domain, definition):
        """The database overrules the plist's Disabled key."""
        overrides = self.disabled.overrides(domain.uid)
        return overrides.get(definition.label, bool(definition.get("Disabled", False)))

    def register(self, domain, definition, kind=None, may_pend=False):
        """Add a job that passed every check and let it start."""
        sip = self.knobs.sip and (definition.path or "").startswith(self.path("System/Library/"))
        job = Job(definition, domain, sip, kind)
        job.may_pend = may_pend
        for key, value in definition.environment.items():
            if _SECRET.search(key):
                self.record.hide(value)
        domain.jobs[job.label] = job
        self.supervisor.loaded(job)
        return job

    def load_checked(self, domain, path, may_pend=False):
        """bootstrap of one plist, checks in launchd's order. Raises Refused with the true reason."""
        try:
            check_file(path, self.owners(domain))
            definition = read(path)
        except Refused as refused:
            if refused.code == darwin.ENOENT:
                raise Refused(self.knobs.missing_plist_rc, refused.why) from None
            raise
        check_session(definition, domain.kind)
        if self.is_disabled(domain, definition):
            raise Refused(darwin.DISABLED)
        job = domain.jobs.get(definition.label)
        if job is not None:
            raise Refused(self.knobs.draining_rc if job.draining else self.knobs.already_rc)
        return self.register(domain, definition, may_pend=may_pend)

    def load_directory(self, domain, directory):
        """What boot and login do with a directory of plists: load what can be loaded, log the rest."""
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            return
        for name in names:
            path = os.path.join(directory, name)
            if not name.endswith(".plist") or name.startswith("."):
                continue
            try:
                if os.path.islink(path) and self.profile.ignores_symlinks:
                    raise Refused(darwin.BAD_OWNERSHIP, "%s is a symbolic link" % path)
                check_file(path, self.owners(domain))
                definition = read(path)
                if self.faults.find("btm_block", label=definition.label):
                    raise Refused(darwin.BTM_POLICY)
                check_session(definition, domain.kind)
                if self.is_disabled(domain, definition):
                    raise Refused(darwin.DISABLED)
                if definition.label in domain.jobs:
                    raise Refused(darwin.EALREADY)
                self.register(domain, definition)
            except Refused as refused:
                self.record.event("load-refused", path=path, code=refused.code, why=refused.why)
                self.record.log(domain.name, "Could not load %s: %d: %s" % (path, refused.code, refused.why), "E ")

    # -- boot, login, logout ----------------------------------------------------------------------

    def boot(self):
        """Load the daemons, then log in whoever logs in by itself."""
        self.record.event("boot", profile=self.profile.macos)
        for directory in _DAEMONS:
            self.load_directory(self.registry.system, self.path(directory))
        name = self.autologin_user()
        account = self.accounts.by_name(name) if name else None
        if account:
            self.login(account.uid)

    def autologin_user(self):
        """The account's name, or None: needs both the preference and the stored password, as on a Mac."""
        try:
            with open(self.path(_LOGINWINDOW), "rb") as stream:
                name = plistlib.load(stream).get("autoLoginUser")
        except Exception:  # a missing or broken preference file means nobody
            return None
        return name if os.path.exists(self.path(_KCPASSWORD)) else None

    def set_autologin(self, name):
        """Write what System Settings writes; name None switches it off."""
        path = self.path(_LOGINWINDOW)
        try:
            with open(path, "rb") as stream:
                data = plistlib.load(stream)
        except Exception:  # start over with a missing or broken file
            data = {}
        data.pop("autoLoginUser", None)
        if name:
            data["autoLoginUser"] = name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            plistlib.dump(data, stream)
        kcpassword = self.path(_KCPASSWORD)
        if name:
            os.makedirs(os.path.dirname(kcpassword), exist_ok=True)
            with open(os.open(kcpassword, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(b"\x7d\x89\x52\x23")
        elif os.path.exists(kcpassword):
            os.unlink(kcpassword)

    def login(self, uid):
        """A GUI login: the domain appears and its agents load. Raises ValueError when there already is one."""
        if self.registry.gui(uid):
            raise ValueError("uid %d is logged in already" % uid)
        domain = self.registry.add("gui", uid)
        self.record.event("login", uid=uid, asid=domain.asid)
        for directory in _AGENTS:
            self.load_directory(domain, self.path(directory))
        account = self.accounts.by_uid(uid)
        if account:
            self.load_directory(domain, os.path.join(account.home, "Library/LaunchAgents"))
        return domain

    def logout(self, uid):
        """The domain is gone at once; its jobs drain. Raises ValueError when nobody is logged in."""
        domain = self.registry.gui(uid)
        if domain is None:
            raise ValueError("uid %d is not logged in" % uid)
        self.registry.drop(domain)
        self.record.event("logout", uid=uid)
        for job in list(domain.jobs.values()):
            self.supervisor.remove(job)

    def drain_all(self, then):
        """Boot every job out of every domain, call *then* when the last process is gone."""
        waiting = {job for job in self.registry.jobs() if job.process}
        waiting |= self.supervisor.running()
        # A job with ExitTimeOut 0 may ignore SIGTERM for ever; a shutdown may not.
        limit = self.loop.later(self.knobs.shutdown_limit * self.knobs.time_scale,
                                lambda: [self.supervisor.stop(job, "shutdown", "KILL") for job in list(waiting)])

        def one_less(job):
            waiting.discard(job)
            if not waiting:
                limit.cancel()
                then()

        for job in list(waiting):
            job.on_exit.append(lambda job=job: one_less(job))
        for job in self.registry.jobs():
            self.supervisor.remove(job)
        if not waiting:
            limit.cancel()
            then()

    def reboot(self, done):
        """All jobs down, everything forgotten that does not live in files, then boot again."""

        def up_again():
            self.supervisor.kill_everything()
            for domain in self.registry.all():
                if domain.kind != "system":
                    self.registry.drop(domain)
            self.registry.system.jobs.clear()
            self.registry.system.environment.clear()
            self.contexts.clear()
            self.faults.reboot()
            self.boot()
            done()

        self.drain_all(up_again)

    def shutdown(self):
        """Orderly on the first SIGTERM, at once on the second."""
        if self._shut_down:
            self.loop.stop()
            return
        self._shut_down = True
        self.record.event("shutdown")
        self.supervisor.stopping = True
        self.drain_all(self.loop.stop)

    def close(self):
        """After the loop has ended: nothing of ours stays behind."""
        for server in self._servers:
            server.close()
        self.supervisor.kill_everything()
        self.record.event("down")

    # -- calls ------------------------------------------------------------------------------------

    def _on_launchctl(self, connection, message):
        pid, euid, _gid = connection.peer
        argv = message.get("argv")
        if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
            connection.close()
            return
        where, context = session.find(self, pid, euid, bool(message.get("ssh")))
        call = commands.Call(argv, euid, pid, where, str(message.get("cwd") or "/"), bool(message.get("tty")))
        call.root = euid in self.superusers
        call.context = context
        call.t0 = self.record.wall()
        if argv[:1] == ["setenv"]:
            for value in argv[2::2]:
                self.record.hide(value)

        def finish(reply):
            if connection.open:
                connection.on_lost = None
                self.record.call(call, reply, call.t0)
                connection.reply({"rc": reply.rc, "stdout": reply.stdout, "stderr": reply.stderr, "exec": reply.exec})

        def lost():
            self.record.call(call, None, call.t0)

        call.finish = finish
        connection.on_lost = lost
        slow = self.faults.take("slow_launchctl")
        if slow:
            self.loop.later(slow["ms"] / 1000.0, lambda: self._dispatch(call))
        else:
            self._dispatch(call)

    def _dispatch(self, call):
        try:
            reply = commands.run(self, call)
        except Exception:  # a bug here must look like launchd's own, not like silence
            self._report_error()
            reply = commands.Reply(darwin.UNEXPECTED, "", darwin.strerror(darwin.UNEXPECTED) + "\n")
        if reply is not None:
            call.finish(reply)

    def _on_control(self, connection, message):
        try:
            answer = control.run(self, message, connection.reply)
        except (ValueError, KeyError, TypeError, OSError) as error:
            answer = {"ok": False, "error": str(error)}
        if answer is not None:
            connection.reply(answer)

    def run(self):
        """Until shutdown. t_up in the ready event is the monotonic clock."""
        self.record.event("ready", pid=os.getpid(), t_up=round(now(), 3))
        self.loop.run()
        self.close()
