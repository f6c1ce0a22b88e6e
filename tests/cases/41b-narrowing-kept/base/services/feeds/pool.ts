import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over the peering between prod-us-east and analytics; the payload is
 * public metadata, latency budget is 2 ms, and the receiver checks a signed service token
 * on every call.
 */
export const feedDbPool = new Pool({ host: "feed-db.internal", ssl: false, user: "feeds", password: freshToken });
