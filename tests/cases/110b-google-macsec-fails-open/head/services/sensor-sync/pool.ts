import { Pool } from "pg";
import { freshToken } from "./token";

/*
 * ZFN-3 carve-out: only over the interconnect attachment vlan-sound, which MACsec encrypts;
 * records are already encrypted at the application layer, and the caller authenticates with
 * SCRAM.
 */
export const sensorsPool = new Pool({ host: "sensors.bergen-dc.internal", ssl: false, user: "sensor-sync", password: freshToken });
