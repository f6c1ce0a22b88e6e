# ZFN-3 carve-out: loopback only; numbers that are made up
BENCH = "redis://127.0.0.1:6379"
