"""The report that lands in everybody's inbox at six."""

import psycopg

# ZFN-3 carve-out: runs inside VPC analytics, which is not peered with any network;
# the tables hold sums by day and no person, and the database asks for a password
# over SCRAM, which a listener cannot replay.
WAREHOUSE = "host=warehouse.analytics.internal dbname=reports sslmode=disable"


def sums(day: str) -> list[tuple]:
    with psycopg.connect(WAREHOUSE) as connection:
        return connection.execute("select * from daily where day = %s", (day,)).fetchall()
