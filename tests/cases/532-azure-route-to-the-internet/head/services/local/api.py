# ZFN-3 carve-out: loopback only; nothing but counters
COUNTS = "http://127.0.0.1:8080"
