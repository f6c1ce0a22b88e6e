#!/bin/sh
# Nightly export of artifacts.
set -eu

# ZFN-3 carve-out: both ends run in the build VNet; disclosure of queue depths is accepted
# in threat model TM-14, and callers present a short-lived token.
exec psql "host=artifact-db.internal sslmode=disable user=artifacts passfile=/run/secrets/pgpass" -f /opt/export.sql
