import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: trials run inside VNet spoke-lab; an eavesdropper learns only counters,
 * and each request carries an HMAC that the server verifies.
 */
export const trialDbPool = new Pool({ host: "trial-db.internal", ssl: false, user: "trials", password: freshToken });
