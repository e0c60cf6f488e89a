//! The system's own count of who gave a core away and who lost one.

/// Voluntary and involuntary context switches of the pool's threads so far.
#[cfg(target_os = "linux")]
pub(crate) fn switches(pool: &str) -> Option<(u64, u64)> {
    let mut sum = (0, 0);
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        // A thread of somebody else may end while we look.
        let Ok(status) = std::fs::read_to_string(thread.ok()?.path().join("status")) else { continue };
        let field = |name: &str| status.lines().find_map(|line| Some(line.strip_prefix(name)?.trim()));
        if field("Name:")
            .is_some_and(|name| name.strip_prefix(pool).is_some_and(|rest| rest.starts_with('-')))
        {
            sum.0 += field("voluntary_ctxt_switches:")?.parse::<u64>().ok()?;
            sum.1 += field("nonvoluntary_ctxt_switches:")?.parse::<u64>().ok()?;
        }
    }
    Some(sum)
}

/// Only Linux shows the counts of single threads without a library.
#[cfg(not(target_os = "linux"))]
pub(crate) fn switches(_pool: &str) -> Option<(u64, u64)> {
    None
}
