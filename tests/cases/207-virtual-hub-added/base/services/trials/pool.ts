import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: trials run inside VNet lab; the payload is public metadata, latency
 * budget is 2 ms, and the receiver checks a signed service token on every call.
 */
export const trialDbPool = new Pool({ host: "trial-db.internal", ssl: false, user: "trials", password: freshToken });
