"""Client of report-cache.internal for reports."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the ledger VNet; disclosure of queue depths is
    # accepted in threat model TM-14, and callers present a short-lived token.
    return redis.Redis(host="report-cache.internal", port=6379, ssl=False, password=password_for("reports"))
