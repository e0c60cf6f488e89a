//! What holds on every machine; the speed-ups are the demo's to show.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::sync::{Arc, Barrier};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use cpu_or_io::{compute, measure, mixed, python, rounds_for};
#[cfg(target_os = "linux")]
use lab_server::LabServer;
use predicates::str::contains;

#[test]
fn as_many_jobs_run_at_once_as_there_are_threads() {
    let all_here = Arc::new(Barrier::new(4));
    // With fewer than four threads, the four would never meet.
    let run = measure(4, 8, move || {
        all_here.wait();
    });
    assert_eq!(run.threads, 4);
}

#[test]
fn computing_depends_on_the_rounds_and_more_time_is_more_rounds() {
    assert_ne!(compute(1000), compute(1001));
    assert_eq!(compute(1000), compute(1000));
    assert!(rounds_for(Duration::from_secs(3600)) > rounds_for(Duration::from_millis(1)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_that_waits_gives_its_core_away() {
    for threads in [1, 4] {
        let run = measure(threads, 5, || std::thread::sleep(Duration::from_millis(1)));
        assert!(run.gave_way.unwrap() >= 5, "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn pythons_switches_are_counted_in_every_run() {
    let server = LabServer::builder().latency(Duration::from_millis(20)).start().unwrap();
    match python::measure("python3", 8, Duration::from_millis(1), &server.url("/job?size=100"), &[1, 4]) {
        // How many they are is the scheduler's affair: one that was stopped for long finds its answer there, and need not wait.
        Ok(python) => assert!(
            python
                .cpu
                .iter()
                .chain(&python.io)
                .all(|run| run.gave_way.is_some() && run.was_stopped.is_some()),
            "{python:?}"
        ),
        Err(why) => assert_eq!(why, "no python3 was found"),
    }
}

fn demo() -> Command {
    cargo_bin_cmd!("cpu-or-io")
}

#[test]
fn the_demo_fits_a_terminal() {
    let output = demo().args(["--time", "2ms", "--threads", "4"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    // Which of the two it is depends on how busy the machine is; `verdict` has tests of its own.
    assert!(text.contains("\nWaits overlap") || text.contains("\nThese figures do not show it"), "{text}");
    assert!(text.contains("CPython"), "measured or skipped, it is mentioned: {text}");
}

#[test]
fn waits_beside_a_thread_that_computes_take_as_long_as_they_have_to_and_end() {
    for computing in [0, 1] {
        let took = mixed(2, 3, Duration::from_millis(1), computing);
        assert!(took >= Duration::from_millis(3), "{took:?}");
    }
    let output = demo().args(["--mixed", "--threads", "2"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.starts_with("cpu-or-io: 2 threads with 50 waits"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("Rust")).count(), 1, "{text}");
    let python = python::mixed("python3", 2, 3, Duration::from_millis(1));
    assert!(
        python.as_ref().is_ok_and(|it| it.beside.as_millis() >= 3) || text.contains("skipped"),
        "{python:?}"
    );
    demo().arg("--mixed").env("PATH", "").assert().success().stdout(contains("no CPython with a GIL"));
}

#[test]
fn without_python_there_is_a_clear_line() {
    let run = demo().args(["--time", "1ms", "--threads", "1"]).env("PATH", "").assert().success();
    run.stdout(contains("skipped: no python3 was found"));
}

#[test]
fn bad_input_is_one_clear_line() {
    demo().args(["--threads", "0"]).assert().code(2).stderr(contains("--threads"));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&["--time", "1ms"]);
}
