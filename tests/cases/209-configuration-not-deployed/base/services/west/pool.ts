import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: west runs inside VNet far-west; records are already encrypted at the
 * application layer, and the caller authenticates with SCRAM.
 */
export const westDbPool = new Pool({ host: "west-db.internal", ssl: false, user: "west", password: freshToken });
