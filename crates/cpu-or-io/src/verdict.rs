//! What the figures say, and only that: on a busy machine they may not show what they should.

use crate::Run;

/// How much faster the most threads were than one.
#[must_use]
pub fn speed_up(runs: &[Run]) -> f64 {
    let seconds = |run: Option<&Run>| run.map_or(0.0, |run| run.took.as_secs_f64());
    seconds(runs.first()) / seconds(runs.last()).max(1e-9)
}

/// The speed-ups from one thread to the most, of one language.
#[derive(Debug, Clone, Copy)]
pub struct SpeedUp {
    /// Of the jobs that compute.
    pub computing: f64,
    /// Of the jobs that wait.
    pub waiting: f64,
    /// Whether one thread at a time may run its code.
    pub gil: bool,
}

/// One sentence about `speed_ups` with `threads` threads for `jobs` jobs on `cores` cores.
#[must_use]
pub fn verdict(threads: usize, jobs: usize, cores: usize, speed_ups: &[SpeedUp]) -> String {
    let overlapped = threads.min(jobs);
    if overlapped < 2 {
        return "With one job at a time there is nothing to compare: give more --jobs and --threads.".into();
    }
    // Half of what is possible: less than that is another effect than the one meant here.
    let waits_overlap = |it: &SpeedUp| it.waiting >= 0.5 * overlapped as f64;
    let computing_needs_cores = |it: &SpeedUp| {
        let most = if it.gil { 1 } else { overlapped.min(cores) } as f64;
        (0.5 * most..=1.4 * most).contains(&it.computing)
    };
    if !speed_ups.iter().all(|it| waits_overlap(it) && computing_needs_cores(it)) {
        return format!(
            "These figures do not show it. Expected: waiting {overlapped} x as fast, computing {} x{}.\n\
             Is the machine busy? Try again when it is quiet, or with --time 100ms.",
            overlapped.min(cores),
            if speed_ups.iter().any(|it| it.gil) { " (1 x with a GIL)" } else { "" },
        );
    }
    let gil = if speed_ups.iter().any(|it| it.gil) { ", and CPython's GIL allows one" } else { "" };
    format!("Waits overlap on as many threads as there are; computing needs cores{gil}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: SpeedUp = SpeedUp { computing: 2.1, waiting: 7.1, gil: false };
    const CPYTHON: SpeedUp = SpeedUp { computing: 1.0, waiting: 7.2, gil: true };

    #[test]
    fn a_quiet_machine_shows_it() {
        let both = "Waits overlap on as many threads as there are; computing needs cores, and CPython's GIL allows one.";
        assert_eq!(verdict(8, 8, 2, &[RUST, CPYTHON]), both);
        assert!(!verdict(8, 8, 2, &[RUST]).contains("GIL"), "there was no Python, so nothing is said of it");
        assert_eq!(
            verdict(8, 4, 2, &[SpeedUp { waiting: 3.6, ..RUST }, SpeedUp { waiting: 3.5, ..CPYTHON }]),
            both
        );
    }

    #[test]
    fn figures_that_show_something_else_are_not_summed_up_as_if_they_did() {
        let doubtful = [
            (2, SpeedUp { waiting: 1.3, ..RUST }),
            (2, SpeedUp { computing: 0.8, ..RUST }),
            (2, SpeedUp { computing: 5.0, ..RUST }),
            (8, RUST),
            (2, SpeedUp { computing: 2.0, ..CPYTHON }),
            (2, SpeedUp { waiting: 2.0, ..CPYTHON }),
        ];
        for (cores, one) in doubtful {
            for all in [vec![one], vec![RUST, one], vec![one, CPYTHON]] {
                let said = verdict(8, 8, cores, &all);
                assert!(said.starts_with("These figures do not show it"), "{all:?}: {said}");
            }
        }
    }

    #[test]
    fn one_thread_or_one_job_is_no_comparison() {
        for (threads, jobs) in [(1, 8), (8, 1)] {
            assert!(verdict(threads, jobs, 2, &[RUST]).starts_with("With one job at a time"));
        }
    }
}
