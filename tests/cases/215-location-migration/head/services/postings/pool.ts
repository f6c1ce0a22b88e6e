import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: crosses only the peering between ledger and core; records are already
 * encrypted at the application layer, and the caller authenticates with SCRAM.
 */
export const postingsDbPool = new Pool({ host: "postings-db.internal", ssl: false, user: "postings", password: freshToken });
