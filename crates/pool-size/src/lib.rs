//! How many workers does a service need? More help, up to a point; this finds the point by trying.
//!
//! Every worker asks, waits for the answer and asks again. As long as the service keeps up, twice the workers bring twice
//! the answers, and each takes as long as before. From some number on, it does not keep up: the answers come no faster,
//! they only wait longer, in a queue at the service. That number is the knee, and more workers than that only hurt.
//!
//! Little's law (J. D. C. Little, 1961) says where it is: over a long time and on average,
//! **requests being served = rate × time that the service takes for one**. A service that
//! manages 160 answers a second and takes 100 ms for each is serving 16 at any moment. With 16
//! workers no request queues, and the service is never idle.

pub mod svg;

use std::time::{Duration, Instant};

use executor::Executor;

/// What so many workers achieved.
#[derive(Debug, Clone)]
pub struct Step {
    /// How many workers asked.
    pub workers: usize,
    /// Answers a second.
    pub rate: f64,
    /// What half of the requests stayed under.
    pub median: Duration,
    /// What 95 in 100 requests stayed under.
    pub p95: Duration,
    /// How many requests failed.
    pub failed: usize,
}

/// 1, 2, 4, … workers, up to `most`.
pub fn sizes(most: usize) -> Vec<usize> {
    std::iter::successors(Some(1), |workers| Some(workers * 2))
        .take_while(|&workers| workers <= most)
        .collect()
}

/// Lets `workers` workers make requests for `time`, one each at least; the last ones are waited for and counted.
///
/// `request` says whether it succeeded.
///
/// # Panics
/// When a request panics.
pub fn try_out(workers: usize, time: Duration, request: impl Fn() -> bool + Clone + Send + 'static) -> Step {
    let pool = Executor::new(workers);
    let begun = Instant::now();
    let ask_until_time_is_up = move || {
        let mut latencies = Vec::new();
        let mut failed = 0;
        loop {
            let asked = Instant::now();
            failed += usize::from(!request());
            latencies.push(asked.elapsed());
            // Asked last: every worker makes at least one request, however late it begins.
            if begun.elapsed() >= time {
                return (latencies, failed);
            }
        }
    };
    // `request` is cloned for each worker: what it shares between them is its own affair.
    let asking: Vec<_> = (0..workers).map(|_| pool.submit(ask_until_time_is_up.clone())).collect();
    let mut latencies = Vec::new();
    let mut failed = 0;
    for worker in asking {
        let (its_latencies, its_failures) = worker.result().unwrap();
        latencies.extend(its_latencies);
        failed += its_failures;
    }
    let took = begun.elapsed();
    latencies.sort_unstable();
    let share = |percent: usize| latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)];
    let answered = latencies.len() - failed;
    Step { workers, rate: answered as f64 / took.as_secs_f64(), median: share(50), p95: share(95), failed }
}

/// The smallest number of workers that reaches 85 in 100 of the best rate; `None` without steps.
pub fn knee(steps: &[Step]) -> Option<&Step> {
    let best = steps.iter().map(|step| step.rate).fold(0.0, f64::max);
    steps.iter().find(|step| step.rate >= 0.85 * best)
}

/// Little's law: the best rate × the latency of a service that nobody queues for, which is what one worker sees.
pub fn little(steps: &[Step]) -> f64 {
    let best = steps.iter().map(|step| step.rate).fold(0.0, f64::max);
    steps.first().map_or(0.0, |alone| best * alone.median.as_secs_f64())
}
