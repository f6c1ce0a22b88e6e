import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: catalogue and its database stay inside VPC shop; exposure to an on-path
 * reader was accepted in review TM-31, and the receiver authenticates every batch by its
 * signature.
 */
export const catalogueDbPool = new Pool({ host: "catalogue-db.internal", ssl: false, user: "catalogue", password: freshToken });
