# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may work on a host: the lease, who takes it over, and the file it lies in."""
import os
import stat
import threading

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._lock import place, record

NOW = 1_795_000_000.0


def lock(run, since=NOW, until=NOW + 900, **more):
    return record.Lock(run, "alice@desk", "desk/0242", "4711 Sun Nov 22 12:01:02 2026", since, until, **more)


def test_nobody_holds_it():
    assert record.next_lock(None, lock("a"), NOW) == (lock("a"), None)


def test_another_run_has_to_wait_and_is_told_for_whom():
    with pytest.raises(Failure) as raised:
        record.next_lock(lock("a"), lock("b"), NOW + 60)
    failure = raised.value
    assert failure.code == "host_locked" and failure.details["lock"]["run"] == "a"
    assert "alice@desk" in failure.message and "2026-11-18T11:06:40Z" in failure.message and "840 s" in failure.hint


def test_whoever_holds_it_renews_it_and_keeps_when_it_began():
    asked = lock("a", since=NOW + 300, until=NOW + 1200)
    assert record.next_lock(lock("a"), asked, NOW + 300) == (lock("a", until=NOW + 1200), None)


def test_a_renewal_keeps_the_rollback_point():
    kept, _interrupted = record.next_lock(lock("a", rollback_point="s"), lock("a"), NOW)
    assert kept.rollback_point == "s"


@pytest.mark.parametrize(("now", "gone"), [(NOW + 900, None), (NOW + 1, "a"), (NOW - record.SLACK_S - 1, None)])
def test_a_stale_one_is_taken_over_with_what_it_began_with(now, gone):
    taken, interrupted = record.next_lock(lock("a", rollback_point="s"), lock("b"), now, gone)
    assert taken.run == "b" and taken.rollback_point == "s" and interrupted.run == "a"


def test_that_some_other_run_is_gone_opens_nothing():
    with pytest.raises(Failure):
        record.next_lock(lock("a"), lock("b"), NOW, "c")


def test_a_lock_is_read_as_it_was_written():
    assert record.loads(record.dumps(lock("a", rollback_point="s"))) == lock("a", rollback_point="s")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"run": "a"}', "null", '"a"', record.dumps(lock("a")).replace(
    "1795000000.0", '"soon"')])  # fmt: skip
def test_what_is_no_lock_holds_nobody_up(text):
    assert record.loads(text) is None


def test_its_file_is_private_and_goes_without_a_trace(tmp_path):
    directory = str(tmp_path / "top" / "openclaw" / "label")
    place.change(directory, lambda known: (lock("a"), known))
    path = os.path.join(directory, place.NAME)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600 and os.listdir(directory) == [place.NAME]
    assert place.read(directory) == lock("a")
    place.release(directory, "b", str(tmp_path / "top"))
    assert place.read(directory) == lock("a"), "it is another's"
    place.release(directory, "a", str(tmp_path / "top"))
    assert os.listdir(str(tmp_path)) == []


def test_what_lies_beside_it_stays(tmp_path):
    directory = str(tmp_path / "top" / "openclaw" / "label")
    place.change(directory, lambda known: (lock("a"), None))
    (tmp_path / "top/openclaw/label/snapshot.json").write_text("")
    place.release(directory, "a", str(tmp_path / "top"))
    assert os.listdir(directory) == ["snapshot.json"]


def test_a_refusal_changes_nothing(tmp_path):
    directory = str(tmp_path / "x")
    place.change(directory, lambda known: (lock("a"), None))
    with pytest.raises(Failure):
        place.change(directory, lambda known: record.next_lock(known, lock("b"), NOW))
    assert place.read(directory) == lock("a")


def test_of_many_at_once_one_gets_it(tmp_path):
    directory, won, lost = str(tmp_path / "x"), [], []

    def ask(run):
        try:
            place.change(directory, lambda known: (record.next_lock(known, lock(run), NOW)[0], None))
            won.append(run)
        except Failure:
            lost.append(run)

    threads = [threading.Thread(target=ask, args=("run%d" % number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and len(lost) == 11 and place.read(directory).run == won[0]


def test_a_directory_that_goes_while_it_is_made_is_made_anew(tmp_path, monkeypatch):
    """It is there when it is to be made, and gone when that is looked at: somebody leaves in between."""
    directory, make, gone = str(tmp_path / "top" / "label"), os.mkdir, []

    def there_already(path, *words, **more):
        if path == directory and len(gone) < 3:
            gone.append(path)
            raise FileExistsError(17, "File exists", path)
        make(path, *words, **more)

    monkeypatch.setattr(os, "mkdir", there_already)
    place.change(directory, lambda known: (lock("a"), known))
    assert place.read(directory) == lock("a") and len(gone) == 3


def test_a_file_in_the_place_of_its_directory_is_named(tmp_path):
    (tmp_path / "label").write_text("")
    with pytest.raises(Failure) as raised:
        place.change(str(tmp_path / "label"), lambda known: (lock("a"), known))
    assert str(tmp_path / "label") in raised.value.message


def test_nobody_holds_a_directory_that_is_gone(tmp_path):
    """Whoever leaves takes the directory away, for which others wait: still never two at once, and no error."""
    top, inside, wrong, turns = str(tmp_path / "top"), [], [], []
    directory = os.path.join(top, "openclaw", "label")

    def come_and_go(run):
        for _turn in range(40):
            try:
                place.change(directory, lambda known: (record.next_lock(known, lock(run), NOW)[0], None))
            except Failure as failure:
                wrong.extend([failure] * (failure.code != "host_locked"))
                continue
            inside.append(run)
            wrong.extend([list(inside)] * (len(inside) > 1))
            inside.remove(run)
            turns.append(run)
            place.release(directory, run, top)

    threads = [threading.Thread(target=come_and_go, args=("run%d" % number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(set(turns)) > 1
    assert os.listdir(str(tmp_path)) == []
