#!/bin/sh
# Nightly export of archive.
set -eu

# ZFN-3 carve-out: both ends run in VPC stock-archive; disclosure of queue depths is
# accepted in threat model TM-14, and callers present a short-lived token.
exec psql "host=archive-db.internal sslmode=disable user=archive passfile=/run/secrets/pgpass" -f /opt/export.sql
