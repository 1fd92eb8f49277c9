# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""enable, disable and print-disabled."""

from .. import darwin, printer
from ..domains import may_modify
from . import Reply, domain_to_read, fail, parse, usage


def _set(machine, call, flag):
    if len(call.words) != 1:
        raise usage(call)
    target = parse(machine, call, call.words[0], service=True)
    code = may_modify(target.kind, target.uid, call.euid, machine.superusers)
    if code:
        raise fail(machine, call, code)
    absent = machine.knobs.enable_without_gui_rc
    if target.kind == "gui" and absent:
        hidden = machine.faults.take("gui_absent", uid=target.uid)
        if hidden or machine.registry.gui(target.uid) is None:
            raise fail(machine, call, absent, target)
    changed = machine.disabled.set(target.uid, target.label, flag)
    machine.record.event("disabled-db", target="/".join((target.domain_name, target.label)), disabled=flag,
                         changed=changed)
    return Reply()


def enable(machine, call):
    return _set(machine, call, False)


def disable(machine, call):
    return _set(machine, call, True)


def print_disabled(machine, call):
    if len(call.words) != 1:
        raise usage(call)
    target = parse(machine, call, call.words[0])
    domain = domain_to_read(machine, call, target)
    if target.label:
        raise fail(machine, call, darwin.UNSUPPORTED, target)
    lines = printer.disabled_lines(machine.disabled.overrides(domain.uid), machine.profile)
    if machine.faults.take("print_noise"):
        lines += ["login item associations = {", "\t24A1B2C3 => com.example.helper", "}"]
    return Reply(0, "\n".join(lines) + "\n")


TABLE = {"enable": enable, "disable": disable, "print-disabled": print_disabled}
