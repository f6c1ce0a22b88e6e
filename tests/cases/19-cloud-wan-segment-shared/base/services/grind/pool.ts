import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: grind and its database stay inside VPC mill; contents are rebuilt from
 * public data nightly, and the server demands a per-service password.
 */
export const grindDbPool = new Pool({ host: "grind-db.internal", ssl: false, user: "grind", password: freshToken });
