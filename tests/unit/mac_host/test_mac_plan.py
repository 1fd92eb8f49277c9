# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, and the least that is done for what differs."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import jobs, plan, remarks, wanted
from ansible_collections.clawops.openclaw.plugins.module_utils._mac.seen import Account, Seen

NAMES = (companions.MAX_FILES, companions.MAX_FILES_PER_PROCESS)
OPTIONS = {
    "user": "openclaw", "state_dir": None, "account": "as_is", "uid": None, "home": None, "shell": None,
    "full_name": None, "hidden": None, "power": {}, "log_rotation": "as_is", "log_size": 10, "log_keep": 5,
    "log_interval": 300, "logs": None, "max_files": None, "max_files_per_process": None, "time_machine": "as_is",
    "spotlight": "as_is",
}  # fmt: skip
WHO = Account("openclaw", 502, 20, "/Users/openclaw", "/bin/bash", "OpenClaw Gateway", False)
STATE = "/Users/openclaw/.openclaw"
FACTS = {"filevault": False, "auto_login": False, "auto_login_user": None, "console_user": "root", "firewall": 0,
         "indexing": True, "administrator": False, "newsyslog": []}  # fmt: skip
LABEL = "ai.openclaw.gateway"


def declared(**options):
    return wanted.of(dict(OPTIONS, **options), NAMES)


def seen(**found):
    known = {"account": WHO, "lacks": {"home": [], "state": []}, "power": {"sleep": 0, "womp": 1, "powermode": 0},
             "limits": dict(zip(NAMES, (245760, 122880))), "excluded": {"time_machine": False, "spotlight": False},
             "facts": FACTS}  # fmt: skip
    return Seen(**dict(known, **found))


def planned(found=None, who=WHO, **options):
    return plan.plan(declared(**options), found or seen(), who, STATE)


def commands(made):
    return [" ".join(deed.words) for deed in made.deeds if deed.kind in ("command", "account")]


def refused(function, *args, **options):
    with pytest.raises(Failure) as caught:
        function(*args, **options)
    return caught.value


# ---- what is declared


@pytest.mark.parametrize("options, option", [
    ({"user": "root"}, "user"), ({"user": "../x"}, "user"), ({"user": ""}, "user"),
    ({"account": "present", "uid": 500}, "uid"), ({"log_keep": 0}, "log_keep"), ({"log_interval": 5}, "log_interval"),
    ({"max_files": 10}, "max_files"), ({"max_files": 10, "max_files_per_process": 20}, "max_files"),
    ({"max_files": 10, "max_files_per_process": 0}, "max_files"),
    ({"power": {"sleep": -1}}, "power.sleep"), ({"power": {"sleep": "1 womp 0"}}, "power.sleep"),
    ({"power": {"-a": 1}}, "power.-a"), ({"power": {"destroyfvkeyonstandby": 1}}, "power.destroyfvkeyonstandby"),
    ({"power": {"sleep": None}}, "power.sleep"), ({"home": "Users/x", "account": "present"}, "home"),
    ({"shell": "/bin/zsh"}, "shell"), ({"account": "present", "full_name": "a:b"}, "full_name"),
    ({"logs": ["gateway.log"]}, "logs"), ({"state_dir": "~/x"}, "state_dir"),
])  # fmt: skip
def test_bad_input_names_its_option(options, option):
    failure = refused(declared, **options)
    assert (failure.code, failure.layer, failure.details["option"]) == ("option_invalid", "input", option)
    assert option in failure.message and failure.hint


def test_yaml_and_templates_may_say_numbers_their_way():
    assert declared(power={"sleep": "0", "womp": True, "autorestart": False}).power == {
        "sleep": 0, "womp": 1, "autorestart": 0}  # fmt: skip


# ---- the account


def account(there=None, taken=(501, 502), held=None, **options):
    return plan.account_to_be(declared(account="present", **options), there, frozenset(taken), lambda path: held)


def test_one_that_is_there_is_kept():
    assert account(WHO) == WHO
    assert planned(account="present").changes == []


@pytest.mark.parametrize("given, taken, held, uid", [
    ({}, (501,), None, 600), ({}, (501, 600, 601), None, 602), ({"uid": 700}, (501,), None, 700),
    ({}, (501,), 502, 502), ({"uid": 502}, (501,), 502, 502),
], ids=["first", "next", "declared", "of the home", "declared, of the home"])  # fmt: skip
def test_a_new_one_gets_a_number(given, taken, held, uid):
    assert account(None, taken, held, **given).uid == uid


@pytest.mark.parametrize("there, taken, held, given, said", [
    (WHO, (502,), None, {"uid": 600}, "has uid 502, and 600 is declared"),
    (WHO, (502,), None, {"home": "/Users/x"}, "has home /Users/openclaw, and /Users/x is declared"),
    (None, (501, 700), None, {"uid": 700}, "another account has it"),
    (None, (501,), 501, {}, "/Users/openclaw belongs to uid 501"),
    (None, (501,), 0, {}, "/Users/openclaw belongs to uid 0"),
    (None, (501,), 502, {"uid": 700}, "/Users/openclaw belongs to uid 502"),
])  # fmt: skip
def test_what_would_lose_files_is_refused(there, taken, held, given, said):
    failure = refused(account, there, taken, held, **given)
    assert failure.code == "account_differs" and said in failure.message


def test_none_is_a_refusal_unless_it_shall_be_made():
    failure = refused(plan.account_to_be, declared(), None, frozenset(), lambda path: None)
    assert (failure.code, failure.details["user"]) == ("user_missing", "openclaw")


def test_a_new_one_is_made_by_words_whose_last_makes_it_visible():
    new = account()
    found = seen(account=None, lacks={"home": ["/Users/openclaw"], "state": ["/Users/openclaw", STATE]})
    made = planned(found, new, account="present", spotlight="excluded")
    said = commands(made)
    assert said[0] == "/usr/bin/dscl . -create /Users/openclaw"
    assert said[-1] == "/usr/bin/dscl . -create /Users/openclaw UniqueID 600"
    assert "/usr/bin/dscl . -create /Users/openclaw Password *" in said
    # What is missing twice is made once, the home before what is in it.
    assert [deed.words[0] for deed in made.deeds if deed.kind == "directory"] == ["/Users/openclaw", STATE]
    assert (made.changes[0].before, "no password" in made.changes[0].after) == ("absent", True)


def test_of_one_that_exists_only_what_is_declared_is_changed():
    made = planned(account="present", shell="/bin/zsh", full_name="OpenClaw Gateway", hidden=True)
    assert commands(made) == ["/usr/bin/dscl . -create /Users/openclaw UserShell /bin/zsh",
                              "/usr/bin/dscl . -create /Users/openclaw IsHidden 1"]  # fmt: skip


# ---- settings


def test_only_what_differs_is_set_and_in_one_command():
    found = seen(power={"sleep": 1, "womp": 0, "autorestart": 1})
    made = planned(found, power={"sleep": 0, "womp": 1, "autorestart": 1})
    assert commands(made) == ["/usr/bin/pmset -a sleep 0 womp 1"]
    assert [change[1:] for change in made.changes] == [("sleep", "1", "0"), ("womp", "0", "1")]


def test_low_power_goes_by_the_name_that_the_machine_has_for_it():
    made = planned(seen(power={"powermode": 1}), power={"lowpowermode": 0})
    assert commands(made) == ["/usr/bin/pmset -a powermode 0"]
    assert planned(seen(power={"powermode": 0}), power={"lowpowermode": 0}).changes == []


def test_what_a_machine_does_not_have_is_told():
    made = planned(seen(power={"sleep": 0}), power={"sleep": 0, "womp": 1})
    assert (made.absent, made.changes) == (["womp"], [])


@pytest.mark.parametrize("options, found, option", [
    ({"power": {"sleep": 0}}, {"power": None}, "power"),
    ({"power": {"sleep": 0}}, {"power": {}}, "power"),
    ({"max_files": 2, "max_files_per_process": 1}, {"limits": None}, "max_files"),
    ({"time_machine": "excluded"}, {"excluded": {"time_machine": None}}, "time_machine"),
    ({"account": "present", "hidden": True}, {"account": WHO._replace(hidden=None)}, "hidden"),
])  # fmt: skip
def test_what_cannot_be_told_is_no_reason_to_set_it(options, found, option):
    there = seen(**found)
    failure = refused(planned, there, there.account, **options)
    assert (failure.code, failure.details["option"]) == ("setting_unknown", option)


def test_limits_are_only_raised():
    low = seen(limits=dict(zip(NAMES, (245760, 1000))))
    made = planned(low, max_files=49152, max_files_per_process=10240)
    assert commands(made) == ["/usr/sbin/sysctl kern.maxfilesperproc=10240"]
    assert planned(max_files=49152, max_files_per_process=10240).changes == []
    assert planned(seen(limits=None), max_files=0, max_files_per_process=0).changes == []


def test_what_is_not_there_is_made_before_it_is_excluded():
    made = planned(seen(lacks={"home": [], "state": [STATE]}), time_machine="excluded", spotlight="excluded")
    assert [(deed.kind, deed.words[-1]) for deed in made.deeds] == [
        ("directory", STATE), ("command", STATE), ("marker", STATE + "/.metadata_never_index")]  # fmt: skip
    assert planned(seen(lacks={"home": [], "state": [STATE]}), time_machine="included").deeds == []


def test_what_is_excluded_is_let_in_again():
    found = seen(excluded={"time_machine": True, "spotlight": True})
    made = planned(found, time_machine="included", spotlight="included")
    assert [deed.kind for deed in made.deeds] == ["command", "unmark"]
    assert commands(made) == ["/usr/bin/tmutil removeexclusion " + STATE]


def test_nothing_declared_is_nothing_done():
    assert planned(seen(power=None, limits=None)) == ([], [], [])


def test_the_diff_has_a_piece_for_each_part():
    made = planned(seen(power={"sleep": 1, "womp": 0}), power={"sleep": 0, "womp": 1}, spotlight="excluded")
    pieces = plan.diff(made.changes)
    assert [piece["before_header"] for piece in pieces] == ["power", "spotlight"]
    assert (pieces[0]["before"], pieces[0]["after"]) == ("sleep: 1\nwomp: 0\n", "sleep: 0\nwomp: 1\n")


# ---- the jobs


FLOORS = dict(zip(NAMES, (49152, 10240)))


def test_the_job_has_just_the_limits_that_were_too_low():
    made = jobs.raising(None, LABEL, {NAMES[1]: 10240}, FLOORS)
    assert made["ProgramArguments"] == ["/usr/sbin/sysctl", "kern.maxfilesperproc=10240"]
    # Once it has raised them they are not too low, and it stays.
    assert jobs.raising(made, LABEL, {}, FLOORS) == made
    assert jobs.raising(made, LABEL, {}, dict.fromkeys(NAMES, 0)) is None
    assert jobs.raising(None, LABEL, {}, FLOORS) is None


def test_what_somebody_else_put_under_its_label_says_nothing():
    foreign = {"Label": companions.limits(LABEL), "ProgramArguments": ["/bin/sh", "kern.maxfiles=1"]}
    assert jobs.raising(foreign, LABEL, {}, FLOORS) is None


def test_both_jobs_are_no_other_gateways():
    place = companions.logs(LABEL)
    rotation = jobs.rotation(place, "/usr/bin/python3", declared(log_rotation="present"), ["/l/gateway.log"])
    raising = jobs.raising(None, LABEL, FLOORS, FLOORS)
    for ours in (rotation, raising):
        assert companions.is_ours(ours, LABEL) and not companions.is_ours(ours, "other")
        assert not companions.is_ours(dict(ours, Program="/o/openclaw"), LABEL)
        assert not companions.is_ours(dict(ours, ProgramArguments=["/o/node", "/o/openclaw", "gateway"]), LABEL)
        assert not companions.is_ours(dict(ours, ProgramArguments=[1]), LABEL)
    assert rotation["UserName"] == "openclaw"
    assert rotation["ProgramArguments"][4:] == ["--size", "10485760", "--keep", "5", "/l/gateway.log"]


# ---- remarks


@pytest.mark.parametrize("facts, scope, codes", [
    ({}, "daemon", ["filevault_off"]),
    ({"filevault": True}, "daemon", ["filevault_on"]),
    ({"filevault": None}, "daemon", ["filevault_unknown"]),
    ({"filevault": True}, "agent", ["filevault_on", "agent_without_login"]),
    ({}, "agent", ["filevault_off", "agent_without_login"]),
    ({"auto_login": True, "auto_login_user": "openclaw"}, "agent", ["filevault_off", "auto_login_on"]),
    ({"auto_login": True, "auto_login_user": "ada"}, "agent",
     ["filevault_off", "auto_login_on", "agent_without_login"]),
    ({"administrator": True, "firewall": 2}, "daemon", ["filevault_off", "account_is_admin", "firewall_on"]),
    ({"firewall": None, "administrator": None, "auto_login": None}, "daemon", ["filevault_off"]),
    ({"newsyslog": [{"path": "/etc/newsyslog.conf", "line": 3, "log": "/l/x.log"}]}, "daemon",
     ["filevault_off", "newsyslog_renames"]),
])  # fmt: skip
def test_what_a_person_is_told(facts, scope, codes):
    told = remarks.remarks(dict(FACTS, **facts), "openclaw", scope, [])
    assert [one["code"] for one in told] == codes
    assert all(one["message"] and one["hint"] and "%" not in one["message"] for one in told)
