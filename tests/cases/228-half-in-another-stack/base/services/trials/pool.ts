import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: trials run inside VNet spoke-lab; records are already encrypted at the
 * application layer, and the caller authenticates with SCRAM.
 */
export const trialDbPool = new Pool({ host: "trial-db.internal", ssl: false, user: "trials", password: freshToken });
