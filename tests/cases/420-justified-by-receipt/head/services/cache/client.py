# ZFN-3 carve-out: the cache listens on loopback only, same pod; nobody else is on it
CACHE_URL = "redis://127.0.0.1:6379"
