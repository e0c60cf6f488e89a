//! Some of the mutants of each exercise whose mutants are accounted for, always the same
//! ones. `cargo mutate` judges all.

use mutants::equivalents;
use mutants::score::{self, Choice};
use std::path::Path;
use workshop::exercises::Workshop;
use workshop::verify::Settings;

/// Of each exercise: more would make every other change of the workshop wait.
const SAMPLE: usize = 3;

#[test]
fn the_checks_reject_a_sample_of_mutants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let workshop = Workshop::open(root).unwrap();
    let has_list =
        |exercise: &&workshop::exercises::Exercise| exercise.solution.join(equivalents::FILE).exists();
    let exercises: Vec<_> = workshop.exercises.iter().filter(has_list).collect();
    assert!(exercises.len() >= 13, "only {} exercises have a list of equivalent mutants", exercises.len());
    let choice = Choice { right_fixes: false, sample: Some(SAMPLE) };
    let score = score::score(&workshop, &exercises, choice, &Settings::default(), &|_, _| {}).unwrap();
    assert!(score.is_complete(), "\n{}\n{}", score.table(), score.deviations());
}
