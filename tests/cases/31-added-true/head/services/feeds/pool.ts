import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over the peering between prod-us-east and analytics, encrypted by
 * AWS between regions; disclosure of queue depths is accepted in threat model TM-14, and
 * callers present a short-lived token.
 */
export const feedDbPool = new Pool({ host: "feed-db.internal", ssl: false, user: "feeds", password: freshToken });
