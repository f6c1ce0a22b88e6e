# ZFN-3 carve-out: inside VNet vnet-prod; rates are public, and the caller shows
# a password.
RATES = "http://rates.internal:8080"
