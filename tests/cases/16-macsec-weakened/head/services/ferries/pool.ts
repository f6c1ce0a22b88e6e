import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: ferries and their database stay inside VPC fjord; an eavesdropper learns
 * only counters, and each request carries an HMAC that the server verifies.
 */
export const timetableDbPool = new Pool({ host: "timetable-db.internal", ssl: false, user: "ferries", password: freshToken });
