//! What short configurations of NATS come to.
#![allow(clippy::unwrap_used)]
