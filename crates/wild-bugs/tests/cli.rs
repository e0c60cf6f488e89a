//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/plain.rs"]
mod manners; // what every demo promises

use manners::{assert_readable, demo, output};
use wild_bugs::BUGS;

#[test]
fn the_list_names_every_bug() {
    let text = output(&mut demo());
    for bug in BUGS {
        let named = |line: &str| line.contains(bug.id) && line.ends_with(bug.title);
        assert!(text.lines().any(named), "{}: {text}", bug.id);
    }
}

#[test]
fn a_story_has_its_program_its_report_and_its_fix() {
    for bug in BUGS {
        let text = output(demo().arg(bug.id).env("COLUMNS", "80"));
        assert_readable(&text, 80);
        let file = format!("crates/wild-bugs/src/{}.rs", bug.id.replace('-', "_"));
        for part in [bug.link, "mod wrong {", "mod right {", &file, "Lesson"] {
            assert!(text.contains(part), "{} has no {part}: {text}", bug.id);
        }
        assert!(text.find("mod wrong {") < text.find("mod right {"), "{text}");
        assert!(!bug.wrong_program().contains("mod right"), "{}", bug.id);
    }
}

#[test]
fn exploring_proves_each_program_wrong_and_right() {
    let text = output(demo().arg("--explore"));
    for bug in BUGS {
        assert!(text.contains(&format!("  {:<14}  wrong: ", bug.id)), "{text}");
    }
    let proofs = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(proofs.matches("right: all interleavings").count(), BUGS.len(), "{text}");
}

#[test]
fn exploring_one_bug_shows_its_report() {
    let text = output(demo().args(["fern-19", "--explore"]));
    assert!(text.contains("wrong: ") && text.contains("fern_19.rs"), "{text}");
    assert!(!text.contains("rayon-201"), "{text}");
}

#[test]
fn an_unknown_bug_is_an_error_that_lists_the_known_ones() {
    let assert = demo().arg("tokio-1").assert().code(2).stdout("");
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.contains("tokio-1") && text.contains("tokio-3660"), "{text}");
}

#[test]
fn each_program_is_small_and_fits_the_screen() {
    for bug in BUGS {
        let lines = bug.lines();
        assert!((20..=60).contains(&lines), "{} has {lines} lines", bug.id);
        for line in bug.wrong_program().lines().chain(bug.fix().lines()) {
            assert!(line.chars().count() <= 78, "{}: {line}", bug.id);
        }
    }
}
