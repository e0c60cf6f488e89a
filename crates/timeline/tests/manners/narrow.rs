//! What every program promises to a narrow terminal. A test takes this file in where `mod.rs` asks too much: of demos
//! without a timeline, and of servers, which print nothing by themselves.

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use std::time::Duration;

fn narrow() -> Command {
    let mut command = cargo_bin_cmd!();
    command.timeout(Duration::from_secs(60)).env("COLUMNS", "60").env("LC_ALL", "C.UTF-8");
    command
}

/// Runs it with these arguments, 60 columns wide: exit status 0, nothing on stderr, no line wider.
pub fn assert_narrow(args: &[&str]) -> String {
    let assert = narrow().args(args).assert().success().stderr("");
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 60, "{} columns: {line}", line.chars().count());
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    text
}

#[test]
fn help_fits_a_narrow_terminal() {
    assert!(assert_narrow(&["--help"]).contains("Usage: "));
}
