import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: unseal and its store run inside VPC vault; contents are rebuilt from
 * public data nightly, and the server demands a per-service password.
 */
export const unsealDbPool = new Pool({ host: "unseal-db.internal", ssl: false, user: "unseal", password: freshToken });
