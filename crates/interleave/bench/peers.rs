//! The same scenarios under interleave, shuttle and loom: who gets the verdict right, in how many runs, and how fast.
//!
//! `cargo bench -p interleave-bench` prints a table in Markdown; with `-- --write`, it goes to `PEERS.md` beside interleave's
//! source, which is a part of its documentation. Each cell is measured in a process of its own, which is ended after ten seconds:
//! some tools never come to an end, or end the process. The first verdict of a process, which pays for its start, does not count;
//! of the next nine, or of as many as one second allows, the median does.

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
/// A stress-test of shuttle is told how many schedules to draw; its own examples say so many.
const DRAWS: usize = 1_000;
/// So many verdicts are timed.
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
    if args.iter().any(|arg| arg == "--growth") {
        let (table, missed) = growth::table();
        print!("{table}\n{missed:?}\n");
        return ExitCode::SUCCESS;
    }
    let table = table();
    print!("{table}");
    if args.iter().any(|arg| arg == "--write") {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../PEERS.md");
        if let Err(why) = std::fs::write(file, table) {
            eprintln!("cannot write {file}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
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
            Ok(passed) => all = Some(passed.is_exhaustive()),
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

/// What a tool found; none if it did not come to a verdict.
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

/// What is measured, and what to make of it.
const HEAD: &str = "\
# Beside loom and shuttle

The same scenarios, right and wrong variants, under interleave, [shuttle](https://docs.rs/shuttle) 0.9 and [loom](https://docs.rs/loom) 0.7. A cell says whether the verdict is
right («all pass» when the tool says that it tried everything), after how many runs, and how long it took, report included: the median of nine in a warm process.
`cargo bench -p interleave-bench -- --write` makes this page.

The scenarios are ours, so they are of the kind that interleave is made for: a dozen steps, locks and condition variables. shuttle draws as many random schedules as
its own examples do, and scales to programs that are far too large here. loom models the memory orderings in more detail. What both miss below they do not promise: neither
wakes a thread without a reason or ends a wait early, and shuttle takes every atomic for sequentially consistent. Where interleave finds the bug but is not the
fastest, it spends some 50 µs on its table, and up to 500 runs on looking for a shorter one.

";

fn table() -> String {
    let mut out = String::from(HEAD);
    out.push_str("| scenario | ");
    let _ = writeln!(out, "{} |\n|---|{}", TOOLS.join(" | "), "---|".repeat(TOOLS.len()));
    let mut rights = [0; TOOLS.len()];
    let mut judged = [0; TOOLS.len()];
    let mut times: [Vec<u128>; TOOLS.len()] = Default::default();
    // Verdicts that some peer gets right too, and those of them where interleave is at least as fast.
    let mut compared = [(0, 0); 2];
    for (scenario, (name, _, _, on_loom)) in SCENARIOS.iter().enumerate() {
        for right in [true, false] {
            let _ = write!(out, "| {name}, {} |", if right { "right" } else { "wrong" });
            let (mut fastest_peer, mut fastest_to_say_so) = (None, None);
            let mut own = None;
            for (tool, tool_name) in TOOLS.iter().enumerate() {
                if *tool_name == "loom" && on_loom.is_none() {
                    out.push_str(" cannot say it |");
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
                let runs = if middle.runs == 1 { "run" } else { "runs" };
                let _ = write!(out, " {verdict}, {} {runs}, {} |", middle.runs, time(middle.micros));
                if is_right {
                    rights[tool] += 1;
                    times[tool].push(middle.micros);
                    if tool == 0 {
                        own = Some(middle.micros);
                    } else {
                        fastest_peer = fastest_peer.into_iter().chain([middle.micros]).min();
                        if middle.all || !right {
                            fastest_to_say_so = fastest_to_say_so.into_iter().chain([middle.micros]).min();
                        }
                    }
                }
            }
            for (peer, (compared, first)) in [fastest_peer, fastest_to_say_so].iter().zip(&mut compared) {
                if let (Some(own), Some(peer)) = (own, peer) {
                    *compared += 1;
                    *first += usize::from(own <= *peer);
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
    let [(any, faster_than_any), (proofs, faster_than_proofs)] = compared;
    let _ = writeln!(
        out,
        "\n\nOf the {any} verdicts that some peer gets right too, interleave is at least as fast as the fastest in {faster_than_any}. A right \
         program that passes {DRAWS} random schedules is not proved right: against peers that tried all, interleave is at least \
         as fast in {faster_than_proofs} of {proofs}."
    );
    out
}

fn time(micros: u128) -> String {
    match micros {
        ..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}
