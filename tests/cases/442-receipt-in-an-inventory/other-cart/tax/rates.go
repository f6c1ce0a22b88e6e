package tax

// ZFN-3 carve-out: tax and the rate table never leave VPC prod-us-east; rates are public, and
// every call is signed.
const rates = "http://rates.prod.internal:8080"
