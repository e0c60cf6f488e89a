//! The picture of a run in README.md is the one that the engine draws.

use scheduler::programs::Program;
use scheduler::{Play, film};
use std::fs;
use std::path::Path;

const TITLE: &str = "One account of 1000, two withdrawals of 700";

#[test]
fn the_committed_film_is_the_run_that_the_engine_finds() {
    let play = Play::of(Program::find("race-condition").unwrap());
    let svg = film::svg(&play, TITLE, "1212");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/race-condition.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let mend = "UPDATE_DOCS=1 cargo test -p scheduler --test film";
    assert!(committed == svg, "docs/images/race-condition.svg is not drawn from this run: {mend}");
}

#[test]
fn every_step_is_in_the_film_and_shown_without_animation() {
    let play = Play::of(Program::find("race-condition").unwrap());
    let svg = film::svg(&play, TITLE, "1212");
    // 1000, 1000, 300, 300: the second write puts 300 over 300, which is the bug.
    assert_eq!(svg.matches("reads 1000<").count(), 2, "{svg}");
    assert!(svg.contains(">1000 → 300<") && svg.contains(">300 → 300<"), "{svg}");
    assert!(svg.contains("1400"), "{svg}");
    // On a phone of 320 pixels, no letter is smaller than 11.
    let (_, viewed) = svg.split_once("viewBox=\"0 0 ").unwrap();
    let width: f64 = viewed.split(' ').next().unwrap().parse().unwrap();
    let sizes = svg.split("font-size=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let sizes: Vec<f64> = sizes.map(|size| size.parse().unwrap()).collect();
    assert!(
        !sizes.is_empty() && sizes.iter().all(|size| size * 320.0 / width >= 11.0),
        "{sizes:?} in {width}"
    );
    // What hides a step stands behind the query alone.
    let (before, animated) = svg.split_once("@media(prefers-reduced-motion:no-preference)").unwrap();
    assert!(!before.contains("opacity") && !before.contains("animation"));
    assert_eq!(animated.matches("@keyframes").count(), 5);
    assert!(svg.contains("prefers-color-scheme:dark") && !svg.contains("<script"));
}
