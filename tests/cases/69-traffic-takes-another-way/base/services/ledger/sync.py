# ZFN-3 carve-out: the nightly sync crosses only the VPN connection oslo; sums only, signed with the month's key
DSN = "postgresql://ledger.oslo.example:5432/books?sslmode=disable"
