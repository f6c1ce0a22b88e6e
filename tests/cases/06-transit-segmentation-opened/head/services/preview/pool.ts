import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: preview and its database run inside VPC staging; disclosure of queue
 * depths is accepted in threat model TM-14, and callers present a short-lived token.
 */
export const previewDbPool = new Pool({ host: "preview-db.internal", ssl: false, user: "preview", password: freshToken });
