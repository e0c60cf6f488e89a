// Puts the programs of `wild-bugs` through one tool and prints a row of Markdown for each. The file
// that takes this in says what the tool is: `TOOLS`, and `check`, which runs a scenario under one of
// them and panics if it fails.
//
// Each verdict is made in a process of its own, because a tool may never end, or end the process.
// The first verdict of a process pays for its start, so the second one is timed.

use crate::bugs::BUGS;
use real::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use real::process::{Command, ExitCode, Stdio};
use real::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use real::time::{Duration, Instant};

/// How often the scenario has been run.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// A verdict that takes longer is given up.
const LIMIT: Duration = Duration::from_secs(20);

/// `scenario`, counted.
fn counted(scenario: fn()) -> impl Fn() + Send + Sync + Copy + 'static {
    move || {
        RUNS.fetch_add(1, Relaxed);
        scenario();
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = real::env::args().collect();
    if let [_, one, bug, which, tool] = &args[..]
        && one == "one"
    {
        let bug = BUGS.iter().find(|it| it.id == bug).expect("a bug");
        println!("{}", verdict(if which == "wrong" { bug.wrong } else { bug.right }, tool));
        return ExitCode::SUCCESS;
    }
    let cells: Vec<String> = TOOLS.iter().map(|tool| format!("{tool}, wrong | {tool}, right")).collect();
    println!("| bug | {} |\n|---{}|", cells.join(" | "), "|---|---".repeat(TOOLS.len()));
    for bug in BUGS {
        let cell = |tool: &&str| {
            ["wrong", "right"].map(|which| ask(&["one", bug.id, which, tool])).join(" | ")
        };
        println!("| {} | {} |", bug.id, TOOLS.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    ExitCode::SUCCESS
}

fn verdict(scenario: fn(), tool: &str) -> String {
    set_hook(Box::new(|_| ()));
    let mut text = String::new();
    for _ in 0..2 {
        RUNS.store(0, Relaxed);
        let start = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| check(tool, scenario)));
        let took = start.elapsed().as_secs_f64() * 1000.0;
        let said = match ended {
            Ok(said) => said.to_owned(),
            Err(why) => {
                let why = why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
                format!("fails: {}", why.unwrap_or("a panic").lines().next().unwrap_or_default())
            }
        };
        text = format!("{said}; {} runs, {took:.1} ms", RUNS.load(Relaxed));
    }
    text
}

/// What this program prints when it is run with these arguments.
fn ask(args: &[&str]) -> String {
    let program = real::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
    let start = Instant::now();
    while child.try_wait().expect("a child can be asked").is_none() {
        if start.elapsed() > LIMIT {
            child.kill().expect("a child can be ended");
            child.wait().expect("an ended child is there to be waited for");
            return format!("no verdict in {} s", LIMIT.as_secs());
        }
        real::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("what it printed");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if text.is_empty() { format!("the process ends: {}", output.status) } else { text }
}
