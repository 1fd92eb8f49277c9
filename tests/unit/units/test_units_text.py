# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit file says, and what systemctl shows of it."""

import random

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, grammar, show


def test_any_word_is_read_back_as_it_was():
    letters = random.Random(8)
    for dummy in range(2000):
        word = "".join(letters.choice("ab \"'\\$%;#=é-") for dummy in range(letters.randrange(8)))
        read = grammar.words(grammar.quoted(word))
        assert [grammar.literal(item) for item in read] == [word], word


def test_words_of_systemd():
    assert grammar.words('"A=b c" B=100% "C=\\$HOME" \'d e\'f') == ["A=b c", "B=100%", "C=$HOME", "d ef"]
    assert grammar.literal("%h/x") is None and grammar.literal("100%%") == "100%"


def test_units_are_compared_by_meaning():
    text = "# ours\n[Service]\nExecStart=/bin/a \\\n   b\n\n;c\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n"
    text += " Nice = 5 \n"
    assert grammar.parse(text) == {
        "Service.ExecStart": ["/bin/a  b"], "Service.Environment": ["B=2"], "Service.Nice": ["5"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "text, seconds",
    [("5s", 5), ("1min 30s", 90), ("100ms", 0.1), ("1h", 3600), ("infinity", None), ("", None), ("5 bananas", None)],
)
def test_spans_of_time(text, seconds):
    assert show.seconds(text) == seconds


@pytest.mark.parametrize(
    "code, status, said",
    [
        ("1", "78", "78: EX_CONFIG"), ("1", "3", "3"), ("1", "209", "209: STDOUT"), ("2", "9", "signal 9"),
        ("0", "0", None),
    ],  # fmt: skip
)
def test_ends_of_a_process(code, status, said):
    text = "LoadState=loaded\nActiveState=failed\nExecMainCode=%s\nExecMainStatus=%s\n" % (code, status)
    assert show.parse(text).last_exit == said


def test_no_answer_is_none():
    assert show.parse("") is None and show.parse("Id=x.service\n") is None


def test_everything_that_is_shown_counts(host):
    declared = host.declared()
    host.holds(declared)
    other = {
        "Type": "simple", "ExecStart": "{ path=/bin/sh ; argv[]=/bin/sh -c false ; ignore_errors=no }",
        "Environment": "A=b", "WorkingDirectory": "/", "Restart": "no", "RestartUSec": "1min",
        "RestartPreventExitStatus": "", "TimeoutStopUSec": "1min 30s", "StartLimitIntervalUSec": "10s",
        "StartLimitBurst": "5", "KillMode": "control-group", "UMask": "0022", "StandardOutput": "journal",
        "StandardError": "inherit", "LimitNOFILE": "524288",
    }  # fmt: skip
    said = {name: key for key, (name, dummy, dummy_too) in show.VISIBLE.items()}
    for name, value in other.items():
        loaded = show.parse("".join("%s=%s\n" % pair for pair in dict(host.shown, **{name: value}).items()))
        assert show.differences(declared, loaded) == [said.get(name, name)]
    loaded = show.parse("".join("%s=%s\n" % pair for pair in host.shown.items()))
    assert show.differences(declared, loaded) == []
    # What an older systemd does not show is no difference.
    assert show.differences(declared, show.parse("LoadState=loaded\nActiveState=active\n")) == []


def test_newer_and_older_words_for_a_command(host):
    declared = host.declared(program_arguments=["/bin/sh", "-c", "a b \"c\"", "$HOME"])
    for argv in ('/bin/sh -c a b "c" $$HOME', '/bin/sh -c "a b \\"c\\"" $$HOME'):
        host.holds(declared, ExecStart="{ path=/bin/sh ; argv[]=%s ; ignore_errors=no }" % argv)
        loaded = show.parse("".join("%s=%s\n" % pair for pair in host.shown.items()))
        assert "ExecStart" not in show.differences(declared, loaded)


@pytest.mark.parametrize(
    "code, option",
    [
        ("secret_in_environment", {"environment": {"OPENCLAW_GATEWAY_TOKEN": "x"}}),
        ("secret_in_arguments", {"program_arguments": ["/x", "--token", "y"]}),
        ("throttle_interval_refused", {"throttle_interval": 60}),
        ("value_refused", {"working_directory": "/x\\"}),
        ("value_refused", {"log_path": "/x "}),
        ("value_refused", {"working_directory": "~/x"}),
    ],
)
def test_the_refusals_of_a_property_list(host, code, option):
    with pytest.raises(Failure) as caught:
        host.declared(**option)
    assert caught.value.code == code


def test_a_stamp_is_of_what_the_process_learns(host):
    one = host.declared()
    assert definition.stamp(host.declared(exit_timeout=60, throttle_interval=90)) == definition.stamp(one)
    others = ({"umask": "022"}, {"program_arguments": ["/bin/sh"]}, {"environment": {"A": "b"}}, {"log_path": "/l"})
    for option in others:
        assert definition.stamp(host.declared(**option)) != definition.stamp(one)
    assert definition.stamp(one).endswith(".1") and definition.stamp(definition.succeeding(one)).endswith(".2")
    said = grammar.parse(definition.render(definition.succeeding(one)))
    assert definition.stamped(one, definition.stamp_in(said)) == definition.succeeding(one)
    assert definition.stamped(one, "sha256:000000000000.7") == one and definition.stamped(one, None) == one


def test_a_diff_shows_no_secret():
    said = grammar.parse(
        "[Service]\nEnvironment=\"OPENCLAW_GATEWAY_TOKEN=hush hush\" A=b\nExecStart=/x --password hush --port 1\n"
    )
    told = definition.described(said)
    assert "hush" not in told and "A=b" in told and "--port 1" in told and told.count("sha256:") == 2
