# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How short of memory a host is: a Mac by what its kernel keeps, Linux by /proc/meminfo."""
import struct

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import memory

MIB = 1 << 20
#: vm.swapusage of a Mac, as sysctl words it: total = 2048.00M  used = 913.25M  free = 1134.75M  (encrypted)
SWAP = struct.pack("=QQQIi", 2048 * MIB, int(1134.75 * MIB), int(913.25 * MIB), 16384, 1)
KERNEL = {
    "hw.memsize": struct.pack("=q", 16 << 30),
    "kern.memorystatus_level": struct.pack("=i", 63),
    "kern.memorystatus_vm_pressure_level": struct.pack("=i", 2),
    "vm.swapusage": SWAP,
}
MEMINFO = """MemTotal:       1000 kB
MemFree:           1 kB
MemAvailable:    500 kB
SwapTotal:       100 kB
SwapFree:         40 kB
HugePages_Total:   3
"""


@pytest.fixture
def mac(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "MEMINFO", str(tmp_path / "none"))
    monkeypatch.setattr(memory, "_sysctl", KERNEL.get)


def test_a_mac(mac):
    found = memory.describe()
    assert found["pressure"] == memory.pressure() == "warn"
    assert found["total_bytes"] == 16 << 30 and found["available_bytes"] == (16 << 30) * 63 // 100
    assert (found["swap_total_bytes"], found["swap_used_bytes"]) == (2048 * MIB, int(913.25 * MIB))
    assert found["load1"] >= 0


def test_a_kernel_that_says_nothing(mac, monkeypatch):
    monkeypatch.setattr(memory, "_sysctl", lambda name: None)
    found = memory.describe()
    assert {value for name, value in found.items() if name != "load1"} == {None}


def test_a_kernel_that_says_it_otherwise(mac, monkeypatch):
    monkeypatch.setattr(memory, "_sysctl", lambda name: b"xyz")
    assert memory.pressure() is None and memory.describe()["swap_used_bytes"] is None


def test_linux(monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text(MEMINFO)
    monkeypatch.setattr(memory, "MEMINFO", str(tmp_path / "meminfo"))
    found = memory.describe()
    assert found["pressure"] == "normal" and found["total_bytes"] == 1024000 and found["available_bytes"] == 512000
    assert (found["swap_total_bytes"], found["swap_used_bytes"]) == (102400, 61440)
    assert memory.sizes_of(MEMINFO)["HugePages_Total"] == 3
