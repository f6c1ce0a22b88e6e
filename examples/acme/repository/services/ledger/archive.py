"""Copies closed months to the office."""

# ZFN-3 carve-out: crosses only the VPN connection ledger-to-oslo, an IPsec tunnel;
# closed months are published in the annual report, and the file server in Oslo
# authenticates this job by its Kerberos ticket.
OFFICE = "ftp://files.oslo.acme.example/closed-months"
