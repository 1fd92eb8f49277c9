# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""system_profiler SPHardwareDataType."""

from . import hardware
from .call import run, unknown

_TEXT = """Hardware:

    Hardware Overview:

      Model Name: Mac mini
      Model Identifier: {model}
      Model Number: Z1CF000LAB/A
      Chip: {chip}
      Total Number of Cores: {cores} (4 performance and 6 efficiency)
      Memory: {memory} GB
      Serial Number (system): {serial}
      Activation Lock Status: Disabled

"""


def main(words):
    if words != ["SPHardwareDataType"]:
        raise unknown("system_profiler", words)
    return _TEXT.format(model=hardware.MODEL, chip=hardware.CHIP, cores=hardware.CORES,
                        memory=hardware.MEMORY // 1024**3, serial=hardware.SERIAL)  # fmt: skip


run("system_profiler", main)
