import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: storefront and its session database run inside VPC web-tier; an
 * eavesdropper learns only counters, and each request carries an HMAC that the server
 * verifies.
 */
export const sessionDbPool = new Pool({ host: "session-db.internal", ssl: false, user: "storefront", password: freshToken });
