//! Nothing but a place for the benchmark `load`.
