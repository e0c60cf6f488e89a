//! The system's own count of how often a thread gave its core away, and how often it lost it.

/// Voluntary and involuntary context switches of the calling thread so far.
#[cfg(target_os = "linux")]
pub(crate) fn switches() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Some((field("voluntary_ctxt_switches:")?, field("nonvoluntary_ctxt_switches:")?))
}

/// Only Linux shows the counts of single threads without a library.
#[cfg(not(target_os = "linux"))]
pub(crate) fn switches() -> Option<(u64, u64)> {
    None
}
