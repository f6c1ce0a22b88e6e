import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: restore and its database run in aws_vpc.backup; exposure to an on-path
 * reader was accepted in review TM-31, and the receiver authenticates every batch by its
 * signature.
 */
export const restoreDbPool = new Pool({ host: "restore-db.internal", ssl: false, user: "restore", password: freshToken });
