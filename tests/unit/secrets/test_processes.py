# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel and launchd say of processes and jobs, as text and bytes."""
import os
import subprocess
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils import _process as processes
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import domains
from host_kit import NAME, printed, printed_job


def procargs(count, words, rest=b""):
    return count.to_bytes(4, "little") + b"/bin/node\0\0\0\0\0" + b"\0".join(words) + b"\0" + rest


@pytest.mark.parametrize(
    ("data", "arguments", "environment"),
    [
        (procargs(2, [b"node", b"x", b"A=1", b"B=2=3"], b"\0ptr_munge=\0"), ["node", "x"], {"A": "1", "B": "2=3"}),
        (procargs(3, [b"node", b"", b"x", b"A=1"], b"\0"), ["node", "", "x"], {"A": "1"}),
        # The title overwrote the arguments with itself and zero bytes.
        (procargs(3, [b"openclaw-gateway"], b"\0" * 30 + b"A=1\0\0"), ["openclaw-gateway", "", ""], {"A": "1"}),
        (procargs(1, [b"node"]), ["node"], {}),
        (procargs(1, [b"node", b"no pair", b"\xff=\xfe"], b"\0"), ["node"], {"\udcff": "\udcfe"}),
    ],
)
def test_what_a_macs_kernel_says(data, arguments, environment):
    assert processes.parse_procargs2(data) == (arguments, environment)


@pytest.mark.parametrize("data", [b"", b"\1\0", b"\1\0\0\0no end", b"\xff\xff\xff\xff/bin/x\0", b"\0\0\0\x7f/bin/x\0"])
def test_rubbish_from_the_kernel_is_refused(data):
    with pytest.raises(ValueError):
        processes.parse_procargs2(data)


def test_titles():
    assert processes.is_titled(["openclaw-gateway", "", ""]) and not processes.is_titled(["node", "x"])
    assert processes.parse_proc(b"a\0\0b\0", b"A=1\0B\0") == (["a", "", "b"], {"A": "1"})


def test_print_is_read_at_its_own_depth():
    text = printed([("A", "1"), ("B", "x => y"), ("C", "")])
    assert domains.environment_of_domain(text) == {"A": "1", "B": "x => y", "C": ""}
    job = domains.job(printed_job(7, ["a", "b c"], [("A", "1")], [("A", "0"), ("Z", "9")]))
    assert job == (["a", "b c"], {"A": "1", "Z": "9"}, 7)
    assert domains.job("x = {\n}\n") == ([], {}, None)


def test_questions():
    asked = domains.questions({NAME: "token"}, "l", 5, True, (6, 5))
    assert [question.words[:2] for question in asked] == [
        ("getenv", NAME), ("print", "user/5"), ("print", "gui/5"), ("print", "user/6"), ("print", "gui/6"),
        ("print", "system/l"),
    ]  # fmt: skip
    assert domains.questions({NAME: "token"}, "l", 5, False)[0].words == ("print", "system")


def test_how_long_a_process_has_been_there():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        time.sleep(0.3)
        # The kernel counts in hundredths.
        assert 0.2 <= processes.age(child.pid) <= processes.age(os.getpid()) + 0.02
        child.stdin.close()
    assert processes.age(child.pid) is None


def test_its_age_from_what_kernels_say():
    stat = b"7 (a) b ( c) S 1 " + b" ".join(b"%d" % number for number in range(5, 22)) + b" 1000 22 23"
    assert processes.parse_age(stat, b"12.50 20.01", 100) == 2.5
    data = bytearray(processes.BSDINFO[1])
    data[120:136] = (1763900000).to_bytes(8, "little") + (250000).to_bytes(8, "little")
    assert processes.parse_started(bytes(data)) == 1763900000.25
    for rubbish in (b"", b"7 (a) S", b"7 (a) " + b"x " * 30):
        with pytest.raises((ValueError, IndexError)):
            processes.parse_age(rubbish, b"12.50", 100)
