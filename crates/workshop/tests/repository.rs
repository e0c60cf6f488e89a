//! The proof of this repository's own checks.
//!
//! With `CI=1`, this judges all exercises and a sample of their fixes. Without it, it judges the exercises that the learner
//! hasn't begun, and no fixes. All fixes take minutes: `cargo workshop verify` judges them at any time.

mod common;

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
