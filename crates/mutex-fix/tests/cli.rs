//! The command line: what it prints, what it refuses, and that it stays quiet when nobody listens.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use assert_cmd::Command;
use predicates::str::contains;
use std::process::Stdio;

fn mutex_fix() -> Command {
    Command::cargo_bin("mutex-fix").unwrap()
}

#[test]
fn two_versions_fail_and_two_do_not() {
    let output = mutex_fix().assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    let verdict = |version: &str, verdict: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(version)).unwrap();
        assert!(line.contains(verdict), "{line}");
    };
    verdict("two_short_locks", "balance  -400  WRONG");
    verdict("load_then_fetch_sub", "balance  -400  WRONG");
    verdict("one_critical_section", "balance   300  right: customer 2 found it locked");
    verdict("compare_and_exchange", "balance   300  right");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.ends_with("from the question to the act.\n"));
}

#[test]
fn a_wrong_flag_is_refused_with_status_2() {
    mutex_fix().arg("--fix-it").assert().code(2).stderr(contains("--fix-it")).stdout("");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("mutex-fix"))
        .arg("--explore")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
    narrow::assert_narrow(&["--explore"]);
}
