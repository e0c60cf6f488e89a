// Puts the programs of `wild-bugs` through one tool and prints a row of Markdown for each. The file
// that takes this in says what the tool is: `TOOLS`, and `check`, which runs a scenario under one of
// them and panics if it fails.
//
// Each verdict is made in a process of its own, because a tool may never end, or end the process.
// The first verdict of a process pays for its start, so the second one is timed.

use bugs::BUGS;
use real::any::Any;
use real::env::{args, current_exe};
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
    let args: Vec<String> = args().collect();
    if let [_, one, bug, which, tool] = &args[..]
        && one == "one"
    {
        let bug = BUGS.iter().find(|it| it.id == bug).expect("a bug");
        println!("verdict: {}", verdict(if which == "wrong" { bug.wrong } else { bug.right }, tool));
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
    set_hook(Box::new(|panic| println!("panic: {}", message(panic.payload()))));
    let mut text = String::new();
    for _ in 0..2 {
        RUNS.store(0, Relaxed);
        let start = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| check(tool, scenario)));
        let took = start.elapsed().as_secs_f64() * 1000.0;
        let said = match ended {
            Ok(said) => said.to_owned(),
            Err(why) => format!("fails: {}", message(&*why)),
        };
        text = format!("{said}; {} runs, {took:.1} ms", RUNS.load(Relaxed));
    }
    text
}

/// What this program prints when it is run with these arguments.
fn ask(args: &[&str]) -> String {
    let program = current_exe().expect("this program has a path");
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
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |start| text.lines().find_map(|line: &str| line.strip_prefix(start));
    match (line("verdict: "), line("panic: ")) {
        (Some(verdict), _) => verdict.to_owned(),
        (None, why) => format!("fails and ends the process: {}", why.unwrap_or("no reason given")),
    }
}

/// What a panic says, in one line.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}
