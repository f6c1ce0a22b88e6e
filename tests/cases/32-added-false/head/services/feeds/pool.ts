import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over the peering between prod-us-east and analytics, encrypted by
 * AWS between regions; exposure to an on-path reader was accepted in review TM-31, and the
 * receiver authenticates every batch by its signature.
 */
export const feedDbPool = new Pool({ host: "feed-db.internal", ssl: false, user: "feeds", password: freshToken });
