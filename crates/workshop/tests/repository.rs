//! The proof of this repository's own checks.
//!
//! With `CI=1`, this judges all exercises and a sample of their fixes. Without it, it judges the exercises that the learner
//! hasn't begun, and no fixes. All fixes take minutes: `cargo workshop verify` judges them at any time.

mod common;

use workshop::doctor::{self, Finding, Health};
use workshop::exercises::Workshop;
use workshop::verify::{self, Settings};

/// With `CI=1`, one fix in this many is judged.
const SAMPLE: usize = 10;

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "0" && ci != "false")
}

#[test]
fn every_check_judges_right() {
    let workshop = Workshop::open(&common::repository()).unwrap();
    let chosen: Vec<_> = workshop.exercises.iter().filter(|e| is_ci() || e.is_as_shipped()).collect();
    let one_fix_in = is_ci().then_some(SAMPLE);
    let settings = Settings { one_fix_in, ..Settings::default() };
    let verified = verify::verify(&workshop, &chosen, &settings, &|_, _| {}).unwrap();
    assert!(verified.is_as_it_must_be(), "\n{}\n{}", verified.table(), verified.told());
}

#[test]
fn an_exercise_is_handed_out_as_it_is_kept() {
    let workshop = Workshop::open(&common::repository()).unwrap();
    if is_ci() {
        for exercise in &workshop.exercises {
            assert!(
                exercise.is_as_shipped(),
                "exercises/{0}/src/lib.rs is not solutions/{0}/shipped.rs",
                exercise.name
            );
        }
    }
}

#[test]
fn every_check_holds_its_exercise_to_the_rules() {
    let workshop = Workshop::open(&common::repository()).unwrap();
    for exercise in &workshop.exercises {
        let read = |file: std::path::PathBuf| std::fs::read_to_string(file).unwrap();
        assert!(
            read(exercise.check()).contains("\ninterleave::exercise!();"),
            "{} doesn't call interleave::exercise!()",
            exercise.check().display()
        );
        for folder in [&exercise.folder, &exercise.solution] {
            let manifest = folder.join("Cargo.toml");
            assert!(
                read(manifest.clone()).contains("\nunsafe_code = \"forbid\"\n"),
                "{} doesn't forbid unsafe code: `#[allow(unsafe_code)]` beats `deny`",
                manifest.display()
            );
        }
    }
}

#[test]
fn an_exercise_says_what_it_is_about_in_a_few_words() {
    let workshop = Workshop::open(&common::repository()).unwrap();
    for exercise in &workshop.exercises {
        let (topic, name) = (exercise.topic(), &exercise.name);
        // In a list of 80 columns, its name and its state come first.
        assert!((1..=39).contains(&topic.chars().count()), "{name}: {topic:?}");
    }
}

#[test]
fn the_invitation_quotes_what_the_commands_print() {
    let read = |path: &str| std::fs::read_to_string(common::repository().join(path)).unwrap();
    let invitation = read("docs/instructor/invitation.md");
    // What the demo prints is on the page of its chapter, where a check compares the two.
    let chapter = read("docs/01-race-conditions.md");
    let (_, output) = chapter.split_once("cargo run -q -p race-condition -->\n```text\n").unwrap();
    let last = output.lines().take_while(|line| *line != "```").last().unwrap();
    assert!(invitation.lines().any(|line| line.trim() == last), "the demo ends with: {last}");

    let begin = |findings: &[Finding]| doctor::line(findings).split(" | ").next().unwrap().to_owned();
    let quoted = begin(&[]);
    assert!(invitation.contains(&format!("It begins with \"{quoted}\"")), "{quoted}");
    let source: String = read("crates/workshop/src/doctor.rs").split_whitespace().collect();
    let (source, _) = source.split_once("#[cfg(test)]").unwrap();
    let calls = source.split("finding(\"").skip(1).filter_map(|rest| rest.split_once("\",Health::Needed"));
    let needed: std::collections::BTreeSet<&str> =
        calls.map(|(what, _)| what).filter(|what| !what.contains('"')).collect();
    assert!(needed.len() >= 4, "{needed:?}");
    for what in needed {
        let what = what.to_owned().leak();
        let finding = Finding { what, health: Health::Needed, found: String::new(), todo: String::new() };
        let row = format!("| `{}` |", begin(&[finding]));
        assert!(invitation.contains(&row), "the table has no row {row}");
    }
}
