import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: crosses only the peering between ledger and core; an eavesdropper learns
 * only counters, and each request carries an HMAC that the server verifies.
 */
export const postingsDbPool = new Pool({ host: "postings-db.internal", ssl: false, user: "postings", password: freshToken });
