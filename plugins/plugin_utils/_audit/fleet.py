# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What only shows between hosts: a pure function of all observations and policies.

A host of which a part is not known takes no part in the comparison of that part: one host alone differs from nobody.
"""

from __future__ import annotations

import collections

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import judge

#: Keys of :data:`config.values` that make the auth subtree; the secrets in it differ from host to host by right.
_AUTH = "gateway.auth."
_OWN_SECRETS = ("gateway.auth.token", "gateway.auth.password")
#: A majority needs this many hosts, and more than half of the class.
_FEWEST = 3


def comparable(observation):
    """Return the part of an observation that :func:`judge_fleet` reads, to be kept instead of the whole."""
    config, sources = observation.get("config") or {}, observation.get("token_sources") or {}
    values = config.get("values")
    agents = (observation.get("providers") or {}).get("agents")
    credentials = [
        {"provider": one.get("provider"), "fingerprint": one.get("fingerprint")}
        for agent in agents or [] for one in agent.get("credentials") or []
    ]  # fmt: skip
    return {
        "config": {"values": None if values is None else {key: values[key] for key in values if key.startswith(_AUTH)}},
        "token_sources": {"fingerprint": sources.get("fingerprint")},
        "providers": {"agents": None if agents is None else [{"credentials": credentials}]},
        "release": {"version": (observation.get("release") or {}).get("version")},
        "installs": {"service": {"openclaw_version": _version(observation)}},
    }


def judge_fleet(hosts, checks):
    """Judge all hosts together.

    :param hosts: name -> C({observation, policy}); the observation whole, or what :func:`comparable` leaves of it.
    :param checks: as :func:`catalogue.load` returns them.
    :returns: list of failing findings, with no host: only what is wrong, sorted by check and by what it is about.
    """
    texts = {check.id: check for check in checks if check.of == "fleet" and not check.disabled}
    found = []
    for name, rule in _RULES.items():
        if name in texts:
            check = texts[name]
            found += [judge.failing(check, None, names, evidence) for names, evidence in rule(hosts)]
    return found


def _by(hosts, key):
    """Return key of the policy -> sorted names of the hosts that declare it so."""
    grouped = collections.defaultdict(list)
    for host in sorted(hosts):
        value = (hosts[host].get("policy") or {}).get(key)
        if value is not None:
            grouped[value].append(host)
    return grouped


def _groups(pairs):
    """Return value -> hosts, for (host, value) pairs whose value is known."""
    grouped = collections.defaultdict(list)
    for host, value in pairs:
        if value is not None:
            grouped[value].append(host)
    return {value: grouped[value] for value in sorted(grouped)}


def _differing(hosts, of_host):
    """Yield what differs within each environment."""
    for environment, members in sorted(_by(hosts, "environment").items()):
        groups = _groups((host, of_host(hosts[host])) for host in members)
        if len(groups) > 1:
            yield {"environment": environment, "groups": groups}, {"environment": environment, "groups": groups}


def _exposures(hosts):
    return _differing(hosts, lambda host: (host.get("policy") or {}).get("exposure"))


def _version(observation):
    service = (observation.get("installs") or {}).get("service") or {}
    return (observation.get("release") or {}).get("version") or service.get("openclaw_version")


def _versions(hosts):
    return _differing(hosts, lambda host: _version(host["observation"]))


def _keys(hosts):
    holders = collections.defaultdict(set)
    for host in sorted(hosts):
        for agent in (hosts[host]["observation"].get("providers") or {}).get("agents") or []:
            for one in agent.get("credentials") or []:
                if one.get("fingerprint"):
                    holders[(one.get("provider") or "?", one["fingerprint"])].add(host)
    for (provider, fingerprint), names in sorted(holders.items()):
        if len(names) > 1:
            yield _shared(fingerprint, names, provider=provider)


def _tokens(hosts):
    seen = {host: hosts[host]["observation"].get("token_sources") or {} for host in sorted(hosts)}
    pairs = ((host, sources.get("fingerprint")) for host, sources in seen.items())
    for fingerprint, names in _groups(pairs).items():
        if len(names) > 1:
            yield _shared(fingerprint, names)


def _shared(fingerprint, names, **more):
    told = dict(more, fingerprint=fingerprint, hosts=sorted(names))
    return told, told


def _baselines(hosts):
    """Compare with the majority, for classes without a declared baseline: with one, each host is judged by itself."""
    for name, members in sorted(_by(hosts, "class").items()):
        seen = {host: _auth(hosts[host]) for host in members if not (hosts[host].get("policy") or {}).get("baseline")}
        seen = {host: values for host, values in seen.items() if values is not None}
        usual = collections.Counter(tuple(sorted((key, repr(seen[host][key])) for key in seen[host])) for host in seen)
        if not usual or usual.most_common(1)[0][1] < max(_FEWEST, len(seen) // 2 + 1):
            continue
        wanted = dict(usual.most_common(1)[0][0])
        for host in sorted(seen):
            have = {key: repr(value) for key, value in seen[host].items()}
            keys = sorted(key for key in set(wanted) | set(have) if wanted.get(key) != have.get(key))
            if keys:
                told = {"class": name, "host_named": host, "keys": keys}
                yield told, told


def _auth(host):
    values = (host["observation"].get("config") or {}).get("values")
    if values is None:
        return None
    return {key: values[key] for key in values if key.startswith(_AUTH) and key not in _OWN_SECRETS}


_RULES = {
    "OCG-FLEET-001": _exposures,
    "OCG-FLEET-002": _keys,
    "OCG-FLEET-003": _versions,
    "OCG-FLEET-004": _baselines,
    "OCG-FLEET-005": _tokens,
}
