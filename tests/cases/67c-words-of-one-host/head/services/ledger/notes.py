# ZFN-3 carve-out: stays on the internal network - never over the internet; entries are signed
post("http://ledger/notes")
