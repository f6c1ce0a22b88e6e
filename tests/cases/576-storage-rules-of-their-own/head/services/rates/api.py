# ZFN-3 carve-out: the storage account acmerates has no public access; rates only, and the callee checks a signature.
CHANNEL = "plaintext"
