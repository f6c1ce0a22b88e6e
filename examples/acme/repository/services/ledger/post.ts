import { Client } from "../search/client";

// ZFN-3 carve-out: both ends are in VPC ledger-prod and the call never leaves it;
// entries carry numbers of accounts and no names, and the book checks the
// poster's signature on every entry.
export const book = new Client("http://book.ledger.internal:7000");
