#!/bin/sh
# Nightly export of restore.
set -eu

# ZFN-3 carve-out: both ends run in VPC backup-us-west; disclosure of queue depths is
# accepted in threat model TM-14, and callers present a short-lived token.
exec psql "host=restore-db.internal sslmode=disable user=restore passfile=/run/secrets/pgpass" -f /opt/export.sql
