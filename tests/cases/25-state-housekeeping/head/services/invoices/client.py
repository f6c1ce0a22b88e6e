"""Client of invoice-cache.internal for invoices."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the billing VPC; contents are rebuilt from public
    # data nightly, and the server demands a per-service password.
    return redis.Redis(host="invoice-cache.internal", port=6379, ssl=False, password=password_for("invoices"))
