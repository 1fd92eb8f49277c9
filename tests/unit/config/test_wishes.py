# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import wishes
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

Wishes = wishes.Wishes
THERE = {"gateway": {"mode": "local", "port": 1}, "list": ["a", "b"], "models": {"providers": {"x": {"k": 1}, "y": {}}}}


@pytest.mark.parametrize(
    ("merge", "there", "wanted", "result"),
    [
        ("replace", ["a", "b"], ["b", "c"], ["b", "c"]),
        ("keep", ["a", "b"], ["b", "c"], ["a", "b"]),
        ("append", ["a", "b"], ["b", "c"], ["a", "b", "c"]),
        ("prepend", ["a", "b"], ["b", "c"], ["c", "a", "b"]),
        ("append_rp", ["a", "b"], ["a", "c"], ["b", "a", "c"]),
        ("prepend_rp", ["a", "b"], ["b", "c"], ["b", "c", "a"]),
        ("append", [1], [1.0, True], [1, True]),
        ("append", [{"id": 1}], [{"id": 1}], [{"id": 1}]),
    ],
)
def test_lists_are_merged_and_a_second_merge_changes_nothing(merge, there, wanted, result):
    once = wishes.expand(Wishes({"list": wanted}, (), (), merge), {"list": there}).settings["list"]
    assert once == result
    assert wishes.expand(Wishes({"list": wanted}, (), (), merge), {"list": once}).settings["list"] == result


def test_the_names_are_those_of_combine():
    assert set(wishes.LIST_MERGES) == {"replace", "keep", "append", "prepend", "append_rp", "prepend_rp"}


@pytest.mark.parametrize("merge", sorted(wishes.LIST_MERGES))
def test_only_two_lists_are_merged(merge):
    wanted = {"new": ["x"], "list": "text", "gateway": {"port": ["x"]}}
    assert wishes.expand(Wishes(wanted, (), (), merge), THERE).settings == wanted


@pytest.mark.parametrize(
    ("settings", "replace", "absent"),
    [
        (
            {"models": {"providers": {"z": {}}}},
            [("models", "providers")],
            {("models", "providers", "x"), ("models", "providers", "y")},
        ),
        (
            {"models": {"providers": {"x": {"q": 1}, "y": {}}}},
            [("models", "providers")],
            {("models", "providers", "x", "k")},
        ),
        ({"models": {"providers": {}}}, [("models",)], {("models", "providers", "x"), ("models", "providers", "y")}),
        ({"list": ["c"]}, [("list",)], set()),
        ({"gateway": 5}, [("gateway",)], set()),
        ({"new": {"a": 1}}, [("new",)], set()),
    ],
)
def test_replace_removes_what_settings_do_not_name(settings, replace, absent):
    assert set(wishes.expand(Wishes(settings, (), tuple(replace)), THERE).absent) == absent


def test_a_replaced_subtree_ignores_list_merge():
    wanted = Wishes({"list": ["c"]}, (), (("list",),), "append")
    assert wishes.expand(wanted, THERE).settings == {"list": ["c"]}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wishes({}, (), (("models",),)), "replace_without_settings"),
        (Wishes({"list": []}, (), (("list", 0),)), "replace_index"),
    ],
)
def test_wishes_that_mean_nothing_are_refused(wanted, code):
    with pytest.raises(Failure) as caught:
        wishes.expand(wanted, THERE)
    assert caught.value.code == code


def test_settings_without_end_are_refused():
    endless = {}
    endless["again"] = endless
    with pytest.raises(Failure) as caught:
        wishes.expand(Wishes(endless), {})
    assert caught.value.code == "settings_too_deep"


TOKEN = {"gateway": {"auth": {"token": "old"}}}
GONE = (("gateway", "token"),)


@pytest.mark.parametrize(
    ("there", "wanted", "settings", "absent"),
    [
        ({"gateway": {"token": "old"}}, Wishes(), TOKEN, GONE),
        ({"gateway": {"token": "undefined"}}, Wishes(), {}, GONE),
        ({"gateway": {"token": "old", "auth": {"token": "live"}}}, Wishes(), {}, GONE),
        (
            {"gateway": {"token": "old"}},
            Wishes({"gateway": {"auth": {"token": "new"}}}),
            {"gateway": {"auth": {"token": "new"}}},
            GONE,
        ),
        ({"gateway": {"token": "old"}}, Wishes({}, GONE), {}, GONE),
        ({"gateway": {"token": "old"}}, Wishes({}, (("gateway", "auth"),)), {}, (("gateway", "auth"),) + GONE),
        ({"gateway": {"bind": "0.0.0.0"}}, Wishes(), {"gateway": {"bind": "lan"}}, ()),
        ({"gateway": {"bind": "localhost"}}, Wishes({"gateway": {"bind": "lan"}}), {"gateway": {"bind": "lan"}}, ()),
        ({"gateway": {"bind": "loopback"}}, Wishes(), {}, ()),
        ({"gateway": {"reload": {"mode": "hot"}}}, Wishes(), {"gateway": {"reload": {"mode": "hybrid"}}}, ()),
        ({"gateway": {"webchat": {}}}, Wishes(), {}, (("gateway", "webchat"),)),
        ({}, Wishes(), {}, ()),
    ],
)
def test_legacy_keys_move_and_the_task_itself_wins(there, wanted, settings, absent):
    done = wishes.expand(wanted._replace(legacy=wishes.LEGACY), there)
    assert (done.settings, done.absent) == (settings, absent)
    untouched = wishes.expand(wanted, there)
    assert (untouched.settings, untouched.absent) == (wanted.settings, wanted.absent)


@pytest.mark.parametrize(
    ("wanted", "replace", "settings", "absent"),
    [
        (Wishes(), (), {"a": {"b": 1, "c": 2}}, ()),
        (Wishes({"a": {"b": 5}}), (), {"a": {"c": 2}}, ()),
        (Wishes({"a": 5}), (), {}, ()),
        (Wishes({}, (("a", "b"),)), (), {"a": {"c": 2}}, ()),
        (Wishes({}, (("a",),)), (("a",),), {}, ()),
        (Wishes(), (("a",),), {"a": {"b": 1, "c": 2}}, (("a", "strange"), ("a", "mine"))),
        (Wishes({"a": {"mine": 1}}), (("a",),), {"a": {"b": 1, "c": 2}}, (("a", "strange"),)),
    ],
)
def test_a_baseline_is_silent_where_the_task_speaks(wanted, replace, settings, absent):
    baseline = wishes.Baseline({"a": {"b": 1, "c": 2}}, replace)
    done = wishes.baseline_of(baseline, wanted, {"a": {"strange": 1, "mine": 0}})
    assert (done.settings, done.absent) == (settings, absent)


def test_for_a_baseline_nothing_is_as_good_as_an_empty_subtree():
    baseline = wishes.Baseline({"a": {}, "b": {"c": {}}, "d": {}, "e": {}}, (("e",),))
    done = wishes.baseline_of(baseline, Wishes(), {"d": 5, "e": {"x": 1}})
    assert (done.settings, done.absent) == ({"d": {}}, (("e", "x"),))


def test_differences_are_those_between_two_configurations():
    there = {"a": {"b": 1, "c": [1]}, "d": 1}
    wanted = Wishes({"a": {"b": 1.0, "c": [2], "e": {}}, "d": {"x": 1}, "f": 1}, (("d", "x"), ("a", "b"), ("no",)))
    found = [(change.path, change.before, change.after) for change in wishes.differences(wanted, there)]
    assert found == [
        (("a", "c"), [1], [2]),
        (("a", "e"), wishes.ABSENT, {}),
        (("d",), 1, {"x": 1}),
        (("f",), wishes.ABSENT, 1),
        (("a", "b"), 1, wishes.ABSENT),
    ]


def test_the_choices_of_the_option_are_the_merges_there_are():
    assert wishes.OPTIONS["list_merge"]["choices"] == list(wishes.LIST_MERGES)
