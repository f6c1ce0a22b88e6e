"""Client of catalogue.oslo-dc.internal for catalogue-sync."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: only over the interconnect attachment vlan-skerry; an eavesdropper
    # learns only counters, and each request carries an HMAC that the server verifies.
    return redis.Redis(host="catalogue.oslo-dc.internal", port=6379, ssl=False, password=password_for("catalogue-sync"))
