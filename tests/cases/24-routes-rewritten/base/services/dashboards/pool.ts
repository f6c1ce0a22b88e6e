import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: both ends run in the analytics VPC; records are already encrypted at the
 * application layer, and the caller authenticates with SCRAM.
 */
export const dashboardDbPool = new Pool({ host: "dashboard-db.internal", ssl: false, user: "dashboards", password: freshToken });
