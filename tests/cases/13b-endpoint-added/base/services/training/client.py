"""Client of feature-cache.internal for training."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the models VPC; records are already encrypted at the
    # application layer, and the caller authenticates with SCRAM.
    return redis.Redis(host="feature-cache.internal", port=6379, ssl=False, password=password_for("training"))
