//! The programs that papers on partial order reduction measure with, in growing sizes: how many runs each tool takes, beside
//! the number of traces. No search can leave out a trace and still be complete, so that number is the optimum.

use crate::{ask, on_interleave, on_loom, on_shuttle, time};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

type Program = Box<dyn Fn() + Send + Sync>;

/// A program of the literature, in one size.
struct Row {
    name: String,
    traces: usize,
    on_interleave: Program,
    on_shuttle: Program,
    on_loom: Program,
}

/// Enough for every row: the largest has 756,756 traces, and a first search gets a quarter of the runs.
const RUNS: usize = 10_000_000;
/// How long interleave may take for a row.
const LIMIT: Duration = Duration::from_secs(300);
/// How long a peer may take before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);
/// This many searches are timed, or as many as fit into a second.
const REPEATS: usize = 9;
/// A row may have this many runs for each hundred traces.
const MOST_RUNS: usize = 105;

fn rows() -> Vec<Row> {
    let mut rows = vec![];
    let mut one = |name: &str, sizes: &[usize], traces: fn(usize) -> usize, on: [fn(usize); 3]| {
        rows.extend(sizes.iter().map(|&n| {
            let [on_interleave, on_shuttle, on_loom] = on.map(|f| Box::new(move || f(n)) as Program);
            Row { name: format!("{name}({n})"), traces: traces(n), on_interleave, on_shuttle, on_loom }
        }));
    };
    let readers = [on_interleave::readers, on_shuttle::readers, on_loom::readers];
    one("readers", &[2, 3, 8, 13, 18], |n| 1 << n, readers);
    let lastzero = [on_interleave::lastzero, on_shuttle::lastzero, on_loom::lastzero];
    one("lastzero", &[2, 3, 5, 10, 15], |n| (n + 3) << n >> 2, lastzero);
    let indexer = [on_interleave::indexer, on_shuttle::indexer, on_loom::indexer];
    one("indexer", &[2, 11, 12, 15, 16], |n| 1 << (3 * n.saturating_sub(11)), indexer);
    let filesystem = [on_interleave::filesystem, on_shuttle::filesystem, on_loom::filesystem];
    one("filesystem", &[2, 14, 16, 18, 19, 26], |n| 1 << n.saturating_sub(13), filesystem);
    let mut two = |name: &str, sizes: &[(usize, usize)], traces: Traces, on: [fn(usize, usize); 3]| {
        rows.extend(sizes.iter().map(|&(n, k)| {
            let [on_interleave, on_shuttle, on_loom] = on.map(|f| Box::new(move || f(n, k)) as Program);
            Row { name: format!("{name}({n}x{k})"), traces: traces(n, k), on_interleave, on_shuttle, on_loom }
        }));
    };
    let locks = [on_interleave::locks, on_shuttle::locks, on_loom::locks];
    let sizes = [(2, 2), (2, 6), (3, 3), (3, 5), (4, 2), (4, 3)];
    two("locks", &sizes, orders, locks);
    let independent = [on_interleave::independent, on_shuttle::independent, on_loom::independent];
    two("independent", &[(2, 8), (4, 8), (8, 8), (16, 16)], |_, _| 1, independent);
    rows
}

type Traces = fn(usize, usize) -> usize;

/// In how many orders `n` threads can take `k` equal steps each.
fn orders(n: usize, k: usize) -> usize {
    let mut orders = 1;
    for taken in 0..n * k {
        orders = orders * (taken + 1) / (taken % k + 1);
    }
    orders
}

/// What a tool did: how many runs, whether these were all, and how many microseconds and KiB it took.
struct Search {
    runs: usize,
    is_complete: bool,
    micros: u128,
    peak: Option<u64>,
}

/// What one tool does with one row, in this process. Prints nothing if the tool can't run it.
pub fn measure(tool: &str, row: usize) -> Option<String> {
    std::panic::set_hook(Box::new(|_| ()));
    let start = Instant::now();
    let mut searches = vec![];
    while searches.is_empty() || (searches.len() < REPEATS && start.elapsed() < Duration::from_secs(1)) {
        searches.push(search(tool, rows().swap_remove(row))?);
    }
    searches.sort_by_key(|search| search.micros);
    let Search { runs, is_complete, micros, .. } = searches[searches.len() / 2];
    let peak = peak().map_or("?".into(), |kib| kib.to_string());
    Some(format!("search {runs} {is_complete} {micros} {peak}"))
}

fn search(tool: &str, row: Row) -> Option<Search> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.store(0, Relaxed);
    let counted = |program: Program| {
        move || {
            COUNT.fetch_add(1, Relaxed);
            program();
        }
    };
    let start = Instant::now();
    let mut of_interleave = None;
    catch_unwind(AssertUnwindSafe(|| match tool {
        "interleave" => {
            let passed = interleave::Check::new().runs(RUNS).try_run(counted(row.on_interleave));
            of_interleave = Some(passed.unwrap_or_else(|failed| panic!("{failed}")));
        }
        "loom" => {
            let mut builder = loom::model::Builder::new();
            builder.max_duration = Some(PATIENCE);
            builder.checkpoint_interval = 100;
            builder.preemption_bound = None;
            builder.check(counted(row.on_loom));
        }
        _ => {
            let mut config = shuttle::Config::new();
            config.failure_persistence = shuttle::FailurePersistence::None;
            config.max_time = Some(PATIENCE);
            let scheduler = shuttle::scheduler::DfsScheduler::new(None, false);
            shuttle::Runner::new(scheduler, config).run(counted(row.on_shuttle));
        }
    }))
    .ok()?;
    let elapsed = start.elapsed();
    let (runs, is_complete) = match of_interleave {
        Some(passed) => (passed.runs(), passed.is_complete()),
        None => (COUNT.load(Relaxed), elapsed < PATIENCE),
    };
    Some(Search { runs, is_complete, micros: elapsed.as_micros(), peak: None })
}

/// The most memory that this process has had so far, in KiB; Linux tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What one tool did with one row, in a process of its own.
fn searched(tool: &str, row: usize) -> Option<Search> {
    let text = ask(&["search", tool, &row.to_string()], LIMIT)?;
    let line = text.lines().find_map(|line| line.strip_prefix("search "))?;
    let words: Vec<&str> = line.split(' ').collect();
    Some(Search {
        runs: words[0].parse().ok()?,
        is_complete: words[1] == "true",
        micros: words[2].parse().ok()?,
        peak: words[3].parse().ok(),
    })
}

/// The table with what it shows, and the rows that take too many runs or can't be finished.
pub fn table() -> (String, Vec<String>) {
    let mut out = String::from(
        "| program | optimum | interleave: runs | ratio | time | µs per run | peak memory | shuttle DFS | loom |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let mut missed = vec![];
    let (mut peaks, mut paces) = (vec![], vec![]);
    let rows = rows();
    for (number, row) in rows.iter().enumerate() {
        let Row { name, traces, .. } = row;
        let _ = write!(out, "| {name} | {} |", thousands(*traces));
        match searched("interleave", number) {
            Some(Search { runs, is_complete: true, micros, peak }) => {
                let (ratio, pace) = (runs as f64 / *traces as f64, micros as f64 / runs as f64);
                peaks.extend(peak);
                paces.push((pace, name));
                let peak = peak.map_or("unknown".into(), mib);
                let (shown, took) = (thousands(runs), time(micros));
                let _ = write!(out, " {shown} | {ratio:.2} | {took} | {pace:.0} | {peak} |");
                if runs * 100 > traces * MOST_RUNS || runs < *traces {
                    missed.push(format!("{name}: {runs} runs for {traces} traces"));
                }
            }
            _ => {
                out.push_str(" **not finished** | | | | |");
                missed.push(format!("{name}: not finished"));
            }
        }
        for tool in ["shuttle DFS", "loom"] {
            let _ = match searched(tool, number) {
                Some(Search { runs, is_complete: true, micros, .. }) => {
                    write!(out, " {}, {} |", count(runs), time(micros))
                }
                Some(Search { runs, .. }) => write!(out, " gave up after {} |", count(runs)),
                None => write!(out, " too many threads |"),
            };
        }
        out.push('\n');
    }
    paces.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let (Some((least, fast)), Some((most, slow))) = (paces.first(), paces.last()) {
        let _ = write!(
            out,
            "\nA run takes from {least:.0} µs (`{fast}`) to {most:.0} µs (`{slow}`). It grows with the number of threads and steps, \
             not\nwith the number of runs before it.\n"
        );
    }
    if let (Some(least), Some(most)) = (peaks.iter().min(), peaks.iter().max()) {
        let _ = write!(
            out,
            "The peak memory of the whole process is between {} and {}. It doesn't grow with the number of\nruns, because the \
             search keeps the steps of one run only, and at each step the threads that are still to be tried.\n",
            mib(*least),
            mib(*most)
        );
    }
    out.push_str(
        "\nBefore a search that has a loop over the same lock, interleave finds out in one run how often the loop goes around;\n\
         that run isn't counted. loom runs at most five threads, the scenario's own included.\n",
    );
    (out, missed)
}

fn mib(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

pub fn count(runs: usize) -> String {
    format!("{} {}", thousands(runs), if runs == 1 { "run" } else { "runs" })
}

/// `1234567` as `1,234,567`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
