import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: rates and their database run in the tax VPC; the payload is public
 * metadata, latency budget is 2 ms, and the receiver checks a signed service token on every
 * call.
 */
export const ratesDbPool = new Pool({ host: "rates-db.internal", ssl: false, user: "rates", password: freshToken });
