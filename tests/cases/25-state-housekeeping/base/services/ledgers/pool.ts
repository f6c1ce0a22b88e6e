import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over aws_vpc_peering_connection.analytics; disclosure of queue
 * depths is accepted in threat model TM-14, and callers present a short-lived token.
 */
export const ledgerDbPool = new Pool({ host: "ledger-db.internal", ssl: false, user: "ledgers", password: freshToken });
