//! Nothing: the benchmark is in `peers.rs`.
