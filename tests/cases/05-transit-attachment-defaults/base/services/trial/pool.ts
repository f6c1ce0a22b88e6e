import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: trial and its database run in VPC experiments; records are already
 * encrypted at the application layer, and the caller authenticates with SCRAM.
 */
export const trialDbPool = new Pool({ host: "trial-db.internal", ssl: false, user: "trial", password: freshToken });
