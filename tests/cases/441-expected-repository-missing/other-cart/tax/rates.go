package tax

// ZFN-3 carve-out: tax and the rate table never leave VPC billing; rates are public, and
// every call is signed.
const rates = "http://rates.billing.internal:8080"
