import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over the peering between prod-us-east and backup-us-west, encrypted
 * by AWS between regions; records are already encrypted at the application layer, and the
 * caller authenticates with SCRAM.
 */
export const snapshotDbPool = new Pool({ host: "snapshot-db.internal", ssl: false, user: "snapshots", password: freshToken });
