//! What every demo with a timeline promises to the person who runs it. A demo's `tests/cli.rs` takes this file in.

mod plain;

pub use plain::{demo, output};

use plain::assert_readable;
use std::fs;
use std::path::PathBuf;

/// A path in the folder for temporary files of tests, with nothing there.
fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", env!("CARGO_PKG_NAME")));
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn help_names_the_timeline() {
    assert!(output(demo().arg("--help")).contains("--timeline"));
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
