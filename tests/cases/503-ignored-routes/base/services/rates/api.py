# ZFN-3 carve-out: loopback only; rates are public
RATES = "http://127.0.0.1:8080"
