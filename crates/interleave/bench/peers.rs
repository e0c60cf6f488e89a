//! The same programs under interleave, shuttle and loom: which of them gets the verdict right, in how many runs, and how fast.
//!
//! `cargo bench -p interleave-bench` prints two tables in Markdown: the programs of the literature (`growth.rs`), and right and
//! wrong scenarios of our own. With `-- --write` they go to `PEERS.md` beside interleave's source, which is part of its
//! documentation. It takes some ten minutes, and fails if interleave needs more than 1.05 runs for each trace or gets a verdict wrong.
//!
//! Each cell is measured in a process of its own, because some tools never come to an end, or end the process; that process is
//! killed when it takes too long. The first verdict of a process pays for its start and doesn't count. Of the next nine, or of as
//! many as one second allows, the median does.

#![allow(missing_docs)]

use std::fmt::Write as _;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

mod on_interleave {
    mod given {
        pub use interleave::sync::atomic::AtomicUsize;
        pub use interleave::sync::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};
        pub use interleave::{hint::spin_loop as spin, thread};
        interleave::thread_local! {
            static ID: std::cell::Cell<Option<usize>> = std::cell::Cell::new(None);
        }
        include!("local.rs");
    }
    include!("scenarios.rs");
    include!("families.rs");
    include!("beyond_loom.rs");
}

mod on_shuttle {
    mod given {
        pub use shuttle::sync::atomic::AtomicUsize;
        pub use shuttle::sync::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};
        pub use shuttle::{hint::spin_loop as spin, thread};
        shuttle::thread_local! {
            static ID: std::cell::Cell<Option<usize>> = std::cell::Cell::new(None);
        }
        include!("local.rs");
    }
    include!("scenarios.rs");
    include!("families.rs");
    include!("beyond_loom.rs");
}

mod on_loom {
    mod given {
        pub use loom::sync::atomic::AtomicUsize;
        pub use loom::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
        pub use loom::{hint::spin_loop as spin, thread};
        loom::thread_local! {
            static ID: std::cell::Cell<Option<usize>> = std::cell::Cell::new(None);
        }
        include!("local.rs");
    }
    include!("scenarios.rs");
    include!("families.rs");
}

mod growth;

type Scenario = fn(bool);

/// A name, and the scenario on interleave, shuttle and loom; loom has neither barriers, scopes nor bounded channels.
const SCENARIOS: &[(&str, Scenario, Scenario, Option<Scenario>)] = &[
    ("bank", on_interleave::bank, on_shuttle::bank, Some(on_loom::bank)),
    ("counter", on_interleave::counter, on_shuttle::counter, Some(on_loom::counter)),
    ("counter, published", on_interleave::publication, on_shuttle::publication, Some(on_loom::publication)),
    ("counter, spun for", on_interleave::spinning, on_shuttle::spinning, Some(on_loom::spinning)),
    ("buffer", on_interleave::buffer, on_shuttle::buffer, Some(on_loom::buffer)),
    ("buffer of std", on_interleave::bounded_channel, on_shuttle::bounded_channel, None),
    ("semaphore", on_interleave::semaphore, on_shuttle::semaphore, Some(on_loom::semaphore)),
    ("semaphore with a limit", on_interleave::limit, on_shuttle::limit, None),
    ("event", on_interleave::event, on_shuttle::event, Some(on_loom::event)),
    ("event, looked at once", on_interleave::event_if, on_shuttle::event_if, Some(on_loom::event_if)),
    ("barrier", on_interleave::barrier, on_shuttle::barrier, Some(on_loom::barrier)),
    ("barrier of std", on_interleave::std_barrier, on_shuttle::std_barrier, None),
    ("transfer", on_interleave::transfer, on_shuttle::transfer, Some(on_loom::transfer)),
    (
        "transfer, backing off",
        on_interleave::transfer_back_off,
        on_shuttle::transfer_back_off,
        Some(on_loom::transfer_back_off),
    ),
    ("pool", on_interleave::pool, on_shuttle::pool, Some(on_loom::pool)),
    ("cache", on_interleave::cache, on_shuttle::cache, Some(on_loom::cache)),
    ("thread id", on_interleave::thread_id, on_shuttle::thread_id, Some(on_loom::thread_id)),
];

const TOOLS: [&str; 5] = ["interleave", "shuttle random", "shuttle PCT", "shuttle DFS", "loom"];

/// As many as interleave's check has by default.
const RUNS: usize = 50_000;
/// A stress test of shuttle is told how many schedules to draw; its own examples draw this many.
const DRAWS: usize = 1_000;
/// This many verdicts are timed.
const REPEATS: usize = 9;
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let [_, one, tool, scenario, right] = &args[..]
        && one == "one"
    {
        let text = measure(tool, scenario.parse().expect("a number"), right == "true");
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    if let [_, search, tool, row] = &args[..]
        && search == "search"
    {
        if let Some(text) = growth::measure(tool, row.parse().expect("a number")) {
            println!("{text}");
        }
        return ExitCode::SUCCESS;
    }
    let (literature, missed) = growth::table();
    let (scenarios, wrong) = table();
    let page = format!("{HEAD}{literature}{SCENARIOS_HEAD}{scenarios}");
    print!("{page}");
    if args.iter().any(|arg| arg == "--write") {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../PEERS.md");
        if let Err(why) = std::fs::write(file, page) {
            eprintln!("cannot write {file}: {why}");
            return ExitCode::FAILURE;
        }
    }
    for complaint in missed.iter().chain(&wrong) {
        eprintln!("not as promised: {complaint}");
    }
    if missed.is_empty() && wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The median verdict: what it is, how many runs, whether these are all, and how many microseconds. It is right only if each
/// was.
fn measure(tool: &str, scenario: usize, right: bool) -> String {
    std::panic::set_hook(Box::new(|_| ()));
    let start = Instant::now();
    let first = verdict(tool, scenario, right);
    let mut verdicts = vec![];
    while verdicts.len() < REPEATS && start.elapsed() < Duration::from_secs(1) {
        verdicts.push(verdict(tool, scenario, right));
    }
    if verdicts.is_empty() {
        verdicts.push(first);
    }
    verdicts.sort_by_key(|v| v.micros);
    let wrong = verdicts.iter().position(|v| v.accepted != right);
    let Verdict { accepted, runs, all, micros } = verdicts[wrong.unwrap_or(verdicts.len() / 2)];
    format!("verdict {accepted} {runs} {all} {micros}")
}

/// One verdict of this process.
fn verdict(tool: &str, scenario: usize, right: bool) -> Verdict {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.store(0, Relaxed);
    let (_, on_interleave, on_shuttle, on_loom) = SCENARIOS[scenario];
    let counted = move |scenario: Scenario| {
        move || {
            COUNT.fetch_add(1, Relaxed);
            scenario(right);
        }
    };
    let start = Instant::now();
    let mut all = None;
    let accepted = catch_unwind(AssertUnwindSafe(|| match tool {
        "interleave" => match interleave::Check::new().try_run(counted(on_interleave)) {
            Ok(passed) => all = Some(passed.is_complete()),
            Err(failed) => panic!("{failed}"),
        },
        "loom" => {
            let mut builder = loom::model::Builder::new();
            builder.max_permutations = Some(RUNS);
            builder.preemption_bound = None;
            builder.check(counted(on_loom.expect("it can be expressed")));
        }
        _ => {
            let mut config = shuttle::Config::new();
            config.failure_persistence = shuttle::FailurePersistence::None;
            let scenario = counted(on_shuttle);
            match tool {
                "shuttle random" => {
                    let scheduler = shuttle::scheduler::RandomScheduler::new(DRAWS);
                    shuttle::Runner::new(scheduler, config).run(scenario);
                }
                "shuttle PCT" => {
                    let scheduler = shuttle::scheduler::PctScheduler::new(3, DRAWS);
                    shuttle::Runner::new(scheduler, config).run(scenario);
                }
                _ => {
                    let scheduler = shuttle::scheduler::DfsScheduler::new(Some(RUNS), false);
                    shuttle::Runner::new(scheduler, config).run(scenario);
                }
            }
        }
    }))
    .is_ok();
    let (micros, runs) = (start.elapsed().as_micros(), COUNT.load(Relaxed));
    let all = all.unwrap_or(matches!(tool, "shuttle DFS" | "loom") && runs < RUNS);
    Verdict { accepted, runs, all, micros }
}

/// What a tool found.
struct Verdict {
    accepted: bool,
    runs: usize,
    all: bool,
    micros: u128,
}

/// What a tool found; none if it didn't reach a verdict.
fn asked(tool: &str, scenario: usize, right: bool) -> Option<Verdict> {
    let text = ask(&["one", tool, &scenario.to_string(), &right.to_string()], LIMIT)?;
    let line = text.lines().find_map(|line| line.strip_prefix("verdict "))?;
    let words: Vec<&str> = line.split(' ').collect();
    Some(Verdict {
        accepted: words[0] == "true",
        runs: words[1].parse().ok()?,
        all: words[2] == "true",
        micros: words[3].parse().ok()?,
    })
}

/// What this program prints when it is run with these arguments; none if it takes longer than `limit`.
fn ask(args: &[&str], limit: Duration) -> Option<String> {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let start = Instant::now();
    let ended = loop {
        match child.try_wait().expect("a child can be asked") {
            Some(_) => break true,
            None if start.elapsed() > limit => break false,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    if !ended {
        child.kill().expect("a child can be ended");
        child.wait().expect("an ended child is there to be waited for");
        return None;
    }
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    Some(text)
}

/// What stands before the table of the literature's programs.
const HEAD: &str = "\
# Beside loom and shuttle

This page compares interleave with [shuttle](https://docs.rs/shuttle) 0.9 and
[loom](https://docs.rs/loom) 0.7. `cargo bench -p interleave-bench -- --write` runs all of it and
writes this page. The times come from one run on one machine that had other work to do. Compare them
with each other, not with times from elsewhere.

## Programs from the literature

Papers on partial order reduction measure with a few families of small programs. In each of them the
number of *traces* is known: sets of interleavings that differ only in the order of independent steps.
A search that leaves nothing out needs at least one run for each trace, so that number is the optimum.

- `readers(n)`: one thread stores to an atomic, and n threads load it. There are 2ⁿ traces.
- `lastzero(n)`: n threads each set a cell to one more than the cell before it, while another thread
  looks for the last zero. There are (n + 3) × 2ⁿ⁻² traces (Abdulla and others 2014).
- `indexer(n)`: n threads put four messages each into a hash table of 128 entries. From the twelfth
  thread on, messages collide (Flanagan and Godefroid 2005).
- `filesystem(n)`: n threads give a block of 26 to an inode of 32 each. From the fourteenth thread on,
  two inodes want the same block (from the same paper).
- `locks(nxk)`: n threads take one lock, k times each, in every order.
- `independent(nxk)`: n threads take a lock of their own, k times each. Nothing is shared.

interleave may use as many runs as it needs. shuttle's `DfsScheduler` and loom without a preemption
bound get five seconds for each program, and then give up.

";

/// What stands before the table of our own scenarios.
const SCENARIOS_HEAD: &str = "
## Right and wrong programs

These scenarios are ours, so they are of the kind that interleave is made for: a dozen steps, locks and
condition variables. Each has a right variant and a wrong one. A cell says what the tool made of it,
after how many runs, and how long that took, including the report. *All pass* means that the tool tried
everything within its own limits. The time is the median of nine verdicts in one warm process.

The tools don't promise the same. Neither peer wakes a thread spuriously or ends a wait early, which is
why both miss wrong programs that depend on it. interleave tries one such event in every place, and up to
three where that is affordable, so it needs more runs for programs that wait. shuttle takes every atomic
for sequentially consistent, but scales to programs that are far too large here; it draws as many random
schedules as its own examples do. loom models the memory orderings in more detail.

";

/// Why a peer may be faster in a row that both get right.
fn why_slower(name: &str, right: bool) -> &'static str {
    match (name, right) {
        ("transfer, backing off", true) => {
            "loom runs a thread that yields only after all others, and so tries few of the ways in which two threads can \
             keep getting in each other's way. interleave tries these too, and most of them are long"
        }
        ("transfer, backing off", false) => {
            "both threads retry forever. interleave follows them for 20,000 steps before it says so; loom stops at 1,000 branches"
        }
        (_, true) => {
            "interleave also tries spurious wakeups and early timeouts, with up to three of them in a run"
        }
        ("semaphore", false) => {
            "the shortest failing run needs several interruptions, and interleave tries all shorter ones first"
        }
        (_, false) => "the peer stops at the first failure",
    }
}

fn table() -> (String, Vec<String>) {
    let mut out = String::new();
    out.push_str("| scenario | ");
    let _ = writeln!(out, "{} |\n|---|{}", TOOLS.join(" | "), "---|".repeat(TOOLS.len()));
    let mut rights = [0; TOOLS.len()];
    let mut judged = [0; TOOLS.len()];
    let mut times: [Vec<u128>; TOOLS.len()] = Default::default();
    let mut compared = 0;
    let mut slower = vec![];
    let mut wrong = vec![];
    for (scenario, (name, _, _, on_loom)) in SCENARIOS.iter().enumerate() {
        for right in [true, false] {
            let row = format!("{name}, {}", if right { "right" } else { "wrong" });
            let _ = write!(out, "| {row} |");
            // A right program that passes some random schedules isn't proved right: only proofs are compared with proofs.
            let mut fastest_peer: Option<(u128, &str)> = None;
            let mut own = None;
            for (tool, tool_name) in TOOLS.iter().enumerate() {
                if *tool_name == "loom" && on_loom.is_none() {
                    out.push_str(" has no types for it |");
                    continue;
                }
                judged[tool] += 1;
                let Some(middle) = asked(tool_name, scenario, right) else {
                    out.push_str(" **no verdict in 10 s** |");
                    continue;
                };
                let is_right = middle.accepted == right;
                let verdict = match (is_right, right) {
                    (true, true) if middle.all => "all pass",
                    (true, true) => "pass",
                    (true, false) => "found",
                    (false, true) => "**false alarm**",
                    (false, false) => "**missed**",
                };
                let _ = write!(out, " {verdict}, {}, {} |", growth::count(middle.runs), time(middle.micros));
                if tool == 0 && !is_right {
                    wrong.push(format!("{row}: {verdict}"));
                }
                if is_right {
                    rights[tool] += 1;
                    times[tool].push(middle.micros);
                    if tool == 0 {
                        own = Some(middle.micros);
                    } else if (middle.all || !right)
                        && fastest_peer.is_none_or(|(fastest, _)| middle.micros < fastest)
                    {
                        fastest_peer = Some((middle.micros, tool_name));
                    }
                }
            }
            if let (Some(own), Some((peer, peer_name))) = (own, fastest_peer) {
                compared += 1;
                if own > peer {
                    let (own, peer, why) = (time(own), time(peer), why_slower(name, right));
                    slower.push(format!("- {row}: {own}, and {peer} with {peer_name}: {why}."));
                }
            }
            out.push('\n');
        }
    }
    out.push_str("| **right verdicts** |");
    for (right, judged) in rights.iter().zip(judged) {
        let _ = write!(out, " **{right} of {judged}** |");
    }
    out.push_str("\n| **median time of a right verdict** |");
    for times in &mut times {
        times.sort_unstable();
        let _ = write!(out, " {} |", times.get(times.len() / 2).map_or("none".into(), |t| time(*t)));
    }
    let _ = writeln!(
        out,
        "\n\nA right program that passes {DRAWS} random schedules isn't proved right, so for right programs only a search that\n\
         tried everything counts here. There are {compared} rows that interleave and such a peer both get right, and interleave\n\
         is at least as fast as the fastest peer in {}. It is slower in these {}:\n\n{}\n\n{AFTER_A_FAILURE}",
        compared - slower.len(),
        slower.len(),
        slower.join("\n"),
    );
    (out, wrong)
}

/// What interleave does with its time where it has found a failure.
const AFTER_A_FAILURE: &str = "\
After its first failing run, interleave looks for the failing run with the fewest interruptions. It then does
that run once more, records every step, and prints a table of them from the source file. A panic in each of
these runs is unwound, and that is most of the time. shuttle and loom print the panic of the first failing run.";

fn time(micros: u128) -> String {
    match micros {
        ..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}
