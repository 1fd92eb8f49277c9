# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a change, and the way back from every point of it."""

import itertools

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token import change

OLD, NEW = "old-token", "new-token"


class Host:
    """Remembers what is asked of it, and fails at one thing."""

    def __init__(self, plan, fails=None, fails_again=None):
        self.files = {write.path: write.before for write in plan.writes + plan.strips + plan.deliveries}
        self.first = dict(self.files)
        self.domains = dict.fromkeys(plan.unsets, OLD)
        self.trace = []
        self.fails, self.fails_again = fails, fails_again
        self.undoing = False

    def _say(self, name, *words):
        self.trace.append(" ".join((name, *map(str, words))))
        told = self.fails_again if self.undoing else self.fails
        if told == name:
            if not self.undoing:
                self.undoing = True
            raise Failure("broken", "%s broke." % name, "host", "mend it.")

    def write(self, write):
        self._say("write", write.path)
        self.files[write.path] = write.after

    def put_back(self, write):
        self._say("put_back", write.path)
        self.files[write.path] = write.before

    def verify(self, write):
        self._say("verify", write.path)

    def unset(self, domain):
        self._say("unset", domain)
        del self.domains[domain]

    def reload(self, token):
        self._say("reload", token)

    def restart(self):
        self._say("restart")

    def has_restarted(self):
        return "restart" in self.trace

    def require_accepted(self, token, former=None):
        self._say("require_accepted", token)

    def require_running(self, token, former=None):
        self._say("require_running", token)

    def require_gone(self, token):
        self._say("require_gone", token)
        return "proven"

    def require_refused(self, token):
        self._say("require_refused", token)

    def require_caller(self):
        self._say("require_caller")

    def shield(self):
        self.shielded = True

    def purge(self, path):
        self._say("purge", path)


def plan(**changed):
    whole = change.Plan(
        writes=[change.Write("/a", b"1", b"2"), change.Write("/b", None, b"3")],
        strips=[change.Write("/c", b"4", b"5")], unsets=["system"],
        deliveries=[change.Write("/e", b"6", b"7", "delivered")], purges=["/d.bak"], apply="restart",
        old=OLD, new=NEW, running=True,
    )  # fmt: skip
    return whole._replace(**changed)


def test_everything_in_its_order():
    host = Host(plan())
    assert change.carry_out(plan(), host) == "proven"
    assert host.trace == [
        "write /a", "write /b", "verify /a", "verify /b", "write /c", "unset system", "restart",
        "require_accepted new-token", "require_running new-token", "require_refused old-token", "write /e",
        "require_caller", "purge /d.bak",
    ]  # fmt: skip


APPLIES = {"nothing": [], "hot": [], "reload": ["reload old-token"], "restart": ["restart"]}


@pytest.mark.parametrize("how", APPLIES)
def test_applied_in_one_way_and_once(how):
    host = Host(plan())
    change.carry_out(plan(apply=how), host)
    assert [line for line in host.trace if line.startswith(("reload", "restart"))] == APPLIES[how]


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("how", APPLIES)
def test_the_restarts_are_known_before(how, running):
    meant = plan(apply=how, running=running)
    host = Host(meant)
    change.carry_out(meant, host)
    assert host.trace.count("restart") == change.restarts(meant)


def test_where_nothing_runs_nothing_is_asked_and_that_is_said():
    host = Host(plan())
    assert change.carry_out(plan(running=False), host) == "not_running"
    assert [line for line in host.trace if "require" in line or "restart" in line] == ["require_caller"]


@pytest.mark.parametrize(("how", "asked"), [("nothing", False), ("reload", False), ("hot", True), ("restart", True)])
def test_which_configuration_runs_matters_where_it_was_changed(how, asked):
    host = Host(plan())
    change.carry_out(plan(apply=how), host)
    assert ("require_running new-token" in host.trace) is asked


def test_an_unchanged_or_unknown_token_is_not_held_against_the_gateway():
    for old in (None, NEW):
        host = Host(plan())
        change.carry_out(plan(old=old), host)
        assert not [line for line in host.trace if "require_refused" in line]


STAGES = {
    "write": ("write", 0), "verify": ("verify", 2), "unset": ("strip", 3), "restart": ("apply", 3),
    "require_accepted": ("prove", 3), "require_running": ("prove", 3), "require_refused": ("prove", 3),
    "require_caller": ("deliver", 4),
}  # fmt: skip


@pytest.mark.parametrize(("fails", "told"), STAGES.items())
def test_what_fails_is_undone_in_reverse_and_the_old_token_proven(fails, told):
    host = Host(plan(), fails)
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(), host)
    stage, undone = told
    assert caught.value.details["stage"] == stage and stage in caught.value.message
    assert host.files == host.first
    backwards = [line for line in host.trace if line.startswith("put_back")]
    assert backwards == ["put_back /e", "put_back /c", "put_back /b", "put_back /a"][4 - undone :]
    assert ("require_accepted old-token" in host.trace) is bool(undone)
    assert caught.value.details["restored"] is True
    assert "purge /d.bak" not in host.trace
    assert host.trace.count("restart") == (2 if stage in ("apply", "prove", "deliver") else 0)
    assert host.shielded


@pytest.mark.parametrize("again", ["put_back", "require_accepted", "require_running", "restart"])
def test_an_undoing_that_fails_says_so(again):
    host = Host(plan(), "require_refused", again)
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(), host)
    assert caught.value.details["restored"] is False
    assert "failed as well" in caught.value.message and "%s broke" % again in caught.value.message


def test_what_cannot_be_asked_is_not_called_restored():
    host = Host(plan(), "unset")
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(running=False), host)
    assert caught.value.details["restored"] is None and host.files == host.first


def test_an_empty_plan():
    empty = plan(writes=[], strips=[], unsets=[], deliveries=[], purges=[], apply="nothing")
    assert change.is_empty(empty) and not change.is_empty(plan())
    for field, value in itertools.product(("writes", "strips", "unsets", "deliveries", "purges"), ([1],)):
        assert not change.is_empty(empty._replace(**{field: value}))


def test_a_delivery_that_fails_brings_the_old_token_back():
    class Narrow(Host):
        def write(self, write):
            if write.kind == "delivered":
                self.undoing = True
                raise Failure("broken", "no room.", "host", "mend it.")
            super().write(write)

    host = Narrow(plan())
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(), host)
    assert caught.value.details["stage"] == "deliver" and caught.value.details["restored"] is True
    assert host.files == host.first and host.trace[-2:] == ["require_accepted old-token", "require_running old-token"]


@pytest.mark.parametrize("known", [OLD, None])
def test_a_token_that_shall_not_be_is_proven_gone(known):
    host = Host(plan())
    assert change.carry_out(plan(new=None, old=known), host) == "proven"
    assert [line for line in host.trace if "require" in line] == ["require_gone %s" % known, "require_caller"]


def test_a_restart_that_was_not_made_is_not_made_while_undoing():
    class Jobless(Host):
        def restart(self):
            raise Failure("job_not_found", "no job.", "service", "find it.")

    host = Jobless(plan())
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(), host)
    assert caught.value.code == "job_not_found" and caught.value.details["restored"] is True


@pytest.mark.parametrize("takes", [OLD, NEW])
def test_whichever_token_the_gateway_takes_by_then_has_it_reload(takes):
    class Gateway(Host):
        def reload(self, token):
            super().reload(token)
            if self.undoing and token != takes:
                raise Failure("reload_refused", "no.", "auth", "restart it.")

    host = Gateway(plan(), "require_accepted")
    with pytest.raises(Failure) as caught:
        change.carry_out(plan(apply="reload"), host)
    assert caught.value.details["restored"] is True
    assert host.trace.count("reload %s" % takes) >= 1
