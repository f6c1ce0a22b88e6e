"""Client of stordata.internal for export."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: only requests from inside the perimeter reach `stordata`; contents
    # are rebuilt from public data nightly, and the server demands a per-service password.
    return redis.Redis(host="stordata.internal", port=6379, ssl=False, password=password_for("export"))
