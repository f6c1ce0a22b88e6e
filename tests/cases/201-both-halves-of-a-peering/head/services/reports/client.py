"""Client of report-cache.internal for reports."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the ledger VNet; contents are rebuilt from public
    # data nightly, and the server demands a per-service password.
    return redis.Redis(host="report-cache.internal", port=6379, ssl=False, password=password_for("reports"))
