import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: trials run inside VNet lab; disclosure of queue depths is accepted in
 * threat model TM-14, and callers present a short-lived token.
 */
export const trialDbPool = new Pool({ host: "trial-db.internal", ssl: false, user: "trials", password: freshToken });
