//! What every demo promises to whoever runs it. A demo's `tests/cli.rs` takes this file in.

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
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

fn assert_readable(text: &str, columns: usize) {
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a control code in {text:?}");
    for line in text.lines() {
        assert!(line.chars().count() <= columns, "{} columns: {line}", line.chars().count());
    }
}

fn assert_short(text: &str) {
    assert!(text.lines().count() <= 24, "{} lines:\n{text}", text.lines().count());
}

/// A path in the folder for temporary files of tests, with nothing there.
fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", env!("CARGO_PKG_NAME")));
    let _ = fs::remove_file(&path);
    path
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
    assert!(text.contains("Usage: ") && text.contains("--timeline"), "{text}");
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

#[test]
fn a_timeline_is_drawn_and_plain_where_it_must_be() {
    let text = output(demo().arg("--timeline"));
    assert!(text.contains('│') && text.contains("waited"), "{text}");
    assert_readable(&text, 100);
    assert_readable(&output(demo().arg("--timeline").env("COLUMNS", "60")), 60);
    let text = output(demo().args(["--timeline", "--ascii"]).env("COLUMNS", "60"));
    assert!(text.contains('|') && text.contains("waited") && !text.contains(['│', '░', '█', '─']), "{text}");
    assert_readable(&text, 60);
}

#[test]
fn the_timeline_is_written_as_a_picture_and_as_a_trace() {
    let (svg, trace) = (fresh("timeline.svg"), fresh("trace.json"));
    output(demo().arg("--svg").arg(&svg).arg("--trace").arg(&trace));
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg"), "{}", svg.display());
    assert!(fs::read_to_string(&trace).unwrap().contains("\"traceEvents\""), "{}", trace.display());
}

#[test]
fn a_file_that_cannot_be_written_is_one_clear_line() {
    let path = fresh("no-such-folder").join("timeline.svg");
    let assert = demo().arg("--svg").arg(&path).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.starts_with(concat!(env!("CARGO_PKG_NAME"), ": cannot write ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// Compares the picture that a chapter shows with the recording it is drawn from.
pub fn assert_committed(picture: &str, recording: &timeline::Recording) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/images").join(picture);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, recording.svg()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let mend = concat!("UPDATE_DOCS=1 cargo test -p ", env!("CARGO_PKG_NAME"), " rewrites it");
    assert!(committed == recording.svg(), "docs/images/{picture} is not drawn from this recording: {mend}");
}
