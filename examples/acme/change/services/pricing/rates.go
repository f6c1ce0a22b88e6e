package pricing

// The price list, asked for once a minute.
//
// ZFN-3 carve-out: pricing and its rate store stay within the shop network,
// to which analytics is peered and where only the orders replica answers it;
// prices are public once a page shows them, and the rate store checks the
// caller's signed request.
var rateStore = "http://rates.shop.internal:8081"
