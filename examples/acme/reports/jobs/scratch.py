"""Sums that are begun in one process and finished in another on the same machine."""

from multiprocessing.connection import Client

# ZFN-3 carve-out: over the loopback interface only, both processes run on one host;
# whoever reads there reads the disk as well, and the listener asks for its key.
SCRATCH = Client(("127.0.0.1", 7070), authkey=open("/run/keys/scratch", "rb").read())
