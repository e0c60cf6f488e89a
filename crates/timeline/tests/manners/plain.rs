//! What every demo promises, with or without a timeline.

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// The demo whose test this is. Nothing takes nearly so long: the bound only ends what would never end.
pub fn demo() -> Command {
    let mut command = cargo_bin_cmd!();
    command.timeout(Duration::from_secs(60)).env_remove("COLUMNS").env("LC_ALL", "C.UTF-8");
    command
}

/// What the demo prints, with nothing on stderr and exit status 0. A demo that has given up on threads which did not get on says
/// so; where the machine is that busy, it is run again.
pub fn output(command: &mut Command) -> String {
    let run = |_| {
        let assert = command.assert().success().stderr("");
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    let gave_up = |text: &String| text.contains("not finished after");
    (0..20).map(run).find(|text| !gave_up(text)).expect("its threads get on in one run of twenty")
}

/// Every line has at most that many columns, and no control codes.
pub fn assert_readable(text: &str, columns: usize) {
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a control code in {text:?}");
    for line in text.lines() {
        assert!(line.chars().count() <= columns, "{} columns: {line}", line.chars().count());
    }
}

fn assert_short(text: &str) {
    assert!(text.lines().count() <= 24, "{} lines:\n{text}", text.lines().count());
}

#[test]
fn by_default_it_prints_a_screenful() {
    let text = output(&mut demo());
    assert_readable(&text, 100);
    assert_short(&text);
    assert!(text.lines().last().is_some_and(|point| point.ends_with('.')), "{text}");
}

#[test]
fn a_narrow_a_dumb_or_a_colourless_terminal_is_respected() {
    let narrow = output(demo().env("COLUMNS", "60"));
    assert_readable(&narrow, 60);
    assert_short(&narrow);
    assert_readable(&output(demo().env("TERM", "dumb").env("NO_COLOR", "1")), 100);
}

#[test]
fn help_says_what_it_shows() {
    let text = output(demo().arg("--help"));
    assert!(text.contains("Usage: "), "{text}");
    assert_readable(&text, 100);
    assert_readable(&output(demo().arg("--help").env("COLUMNS", "60")), 60);
}

#[test]
fn a_wrong_flag_is_one_clear_line_and_usage() {
    let assert = demo().arg("--wrong").assert().code(2).stdout("");
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.starts_with("error: unexpected argument '--wrong' found\n"), "{text}");
    assert!(text.contains("\nUsage: "), "{text}");
}

#[test]
fn a_reader_who_leaves_ends_it_quietly() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap(); // and hangs up
    let ended = child.wait_with_output().unwrap();
    assert!(!first.trim().is_empty());
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{}", ended.status);
}
