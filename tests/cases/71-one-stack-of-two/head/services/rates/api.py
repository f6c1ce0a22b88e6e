# ZFN-3 carve-out: never leaves the building; rates are public
RATES = "http://rates.internal:8080"
