# ZFN-3 carve-out: the storage account acmesums has no public access; sums only, and the callee checks a signature.
CHANNEL = "plaintext"
