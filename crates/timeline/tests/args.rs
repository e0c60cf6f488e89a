//! The arguments that the demos share.

use std::fs;
use std::path::PathBuf;

use clap::Command;
use timeline::{Asked, Recorder};

fn asked(args: &[&str]) -> Asked {
    let command = timeline::args(Command::new("demo").no_binary_name(true));
    Asked::by(&command.try_get_matches_from(args).unwrap())
}

fn written(asked: &Asked, recorder: &Recorder) -> std::io::Result<String> {
    let mut out = Vec::new();
    asked.write(recorder, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn nothing_is_recorded_or_written_unless_asked_for() {
    let asked = asked(&[]);
    let recorder = asked.recorder("demo");
    assert!(!recorder.is_on());
    assert_eq!(written(&asked, &recorder).unwrap(), "");
}

#[test]
fn the_timeline_is_drawn_in_ascii_when_asked_for() {
    let asked = asked(&["--timeline", "--ascii"]);
    let recorder = asked.recorder("demo");
    drop(recorder.lane("T1"));
    let text = written(&asked, &recorder).unwrap();
    assert!(text.starts_with("demo\n") && text.is_ascii(), "{text}");
}

#[test]
fn both_files_are_written_and_named() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (svg, trace) = (folder.join("demo.svg"), folder.join("demo.json"));
    let asked = asked(&["--svg", svg.to_str().unwrap(), "--trace", trace.to_str().unwrap()]);
    let recorder = asked.recorder("demo");
    let lines = written(&asked, &recorder).unwrap();
    assert!(lines.contains("demo.svg") && lines.contains("demo.json"), "{lines}");
    assert!(fs::read_to_string(svg).unwrap().starts_with("<svg "));
    assert!(fs::read_to_string(trace).unwrap().contains("traceEvents"));
}

#[test]
fn a_file_that_cannot_be_written_is_one_line_that_says_which_and_why() {
    for flag in ["--svg", "--trace"] {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-such-folder").join("demo.out");
        let asked = asked(&[flag, file.to_str().unwrap()]);
        let error = written(&asked, &asked.recorder("demo")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot write {}: ", file.display())), "{error}");
        assert!(!error.contains('\n') && !error.contains("os error"), "{error}");
    }
}
