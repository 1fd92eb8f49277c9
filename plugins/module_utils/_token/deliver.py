# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Handing the token to those who need it on the same host: a file of theirs, or a keychain item."""

from __future__ import annotations

import collections
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._config import storage
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint
from ansible_collections.clawops.openclaw.plugins.module_utils._token import change, keychain

#: A file with the token and a line break in it, or a keychain item with the token alone. C(kind): C(delivered) or
#: C(keychain), as :mod:`host` writes them. C(name): how it is called. C(place): :class:`Place` or
#: :class:`layout.Item`.
Delivery = collections.namedtuple("Delivery", "kind name place")
#: Whose the file is (C(account)), and its permission bits (C(mode)).
Place = collections.namedtuple("Place", "account mode")


def to_file(path, account, mode):
    """Return the :class:`Delivery` of a file.

    :param account: its owner. :param mode: permission bits as text (C(0600)). :raises Failure: C(option_invalid).
    """
    try:
        bits = int(mode, 8)
    except ValueError:
        bits = -1
    if not 0 <= bits <= 0o777 or bits & 0o007:
        raise Failure(
            "option_invalid",
            "mode of %s in 'deliver_to' is %r, which is no octal mode that keeps others out." % (path, mode),
            "input",
            'write it like mode: "0600".',
            option="deliver_to",
            path=path,
        )
    return Delivery("delivered", path, Place(account, bits))


def to_keychain(item):
    """Return the :class:`Delivery` of a keychain item."""
    return Delivery("keychain", keychain.label(item), item)


def writes(deliveries, token):
    """Return the :class:`change.Write` of each place that does not hold the token yet; None takes it away.

    :raises Failure: C(delivery_impossible), or what reading it raises.
    """
    found = []
    for delivery in deliveries:
        before, right = _LOOKS[delivery.kind](delivery)
        after = None if token is None else token.encode("utf-8") + _ENDS[delivery.kind]
        if before != after or not right:
            found.append(change.Write(delivery.name, before, after, delivery.kind, delivery.place))
    return found


def shown(found):
    """Return (name, fingerprint before or None) of each write."""
    return [
        (write.path, None if not write.before else fingerprint(write.before.decode("utf-8", "replace").strip()))
        for write in found
    ]


def _file(delivery):
    directory = os.path.dirname(delivery.name)
    if not os.path.isdir(directory):
        raise Failure(
            "delivery_impossible",
            "the token cannot be delivered to %s: there is no directory %s." % (delivery.name, directory),
            "input",
            "create it for %s, or correct 'deliver_to'; nothing was changed." % delivery.place.account.name,
            path=delivery.name,
        )
    snapshot = storage.read(delivery.name, delivery.place.account)
    return snapshot.data, snapshot.data is None or (snapshot.mode, snapshot.uid) == (
        delivery.place.mode,
        delivery.place.account.uid,
    )


def _item(delivery):
    return keychain.read(delivery.place), True


#: Kind -> function of a delivery to (bytes there or None, whether mode and owner are right).
_LOOKS = {"delivered": _file, "keychain": _item}
_ENDS = {"delivered": b"\n", "keychain": b""}
