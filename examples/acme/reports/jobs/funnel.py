"""How many visitors become customers, counted every hour where the visitors are."""

import socket

# ZFN-3 carve-out: this job runs inside VPC shop-prod and reads the event stream there,
# on the stream's own side; events carry random numbers instead of people, and the
# stream asks every reader for its key.
EVENTS = ("events.shop.internal", 9092)


def read() -> bytes:
    with socket.create_connection(EVENTS) as connection:
        return connection.recv(65536)
