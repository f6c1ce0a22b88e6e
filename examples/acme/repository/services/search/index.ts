import { Client } from "./client";

// ZFN-3 carve-out: the search nodes and this indexer share one closed network;
// the index is built from the public catalogue, and the nodes accept signed
// requests only.
export const search = new Client("http://search.internal:9200");
