use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// How scans reaches scan-db.internal.
pub fn options(password: &str) -> PgConnectOptions {
    // ZFN-3 carve-out: scans and their database run inside VPC imaging; exposure to an
    // on-path reader was accepted in review TM-31, and the receiver authenticates every
    // batch by its signature.
    PgConnectOptions::new().host("scan-db.internal").username("scans").password(password).ssl_mode(PgSslMode::Disable)
}
