#!/bin/sh
# Nightly export of export.
set -eu

# ZFN-3 carve-out: only over the peering between reports and legacy-billing; exposure to an
# on-path reader was accepted in review TM-31, and the receiver authenticates every batch by
# its signature.
exec psql "host=dunning-db.internal sslmode=disable user=export passfile=/run/secrets/pgpass" -f /opt/export.sql
