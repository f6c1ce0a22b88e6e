import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: west runs inside VNet far-west; disclosure of queue depths is accepted
 * in threat model TM-14, and callers present a short-lived token.
 */
export const westDbPool = new Pool({ host: "west-db.internal", ssl: false, user: "west", password: freshToken });
