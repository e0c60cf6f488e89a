//! The page as a file: it is the one that is committed, it is small, and it stands alone.

use scheduler::programs::PROGRAMS;
use scheduler::{Kind, Play, page};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

fn plays() -> Vec<Play> {
    PROGRAMS.iter().map(Play::of).collect()
}

#[test]
fn the_committed_page_is_what_the_program_makes() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scheduler.html");
    let committed = std::fs::read_to_string(committed).unwrap().replace("\r\n", "\n");
    let made = page::html(&plays()).replace("\r\n", "\n");
    assert!(committed == made, "docs/scheduler.html is out of date: cargo run -p scheduler -- page");
}

#[test]
fn the_page_is_small_and_needs_nothing_else() {
    let html = page::html(&plays());
    assert!(html.len() < 300_000, "{} bytes", html.len());
    for outside in ["http:", "https:", "src=", "@import", "url(", "XMLHttpRequest", "/*PROGRAMS*/"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("</script>").count(), 2, "no text of a program ends the script");
}

#[test]
fn every_graph_is_made_within_moments() {
    // Measured, and told; how fast a machine is proves nothing about the program.
    let mut times: Vec<(Duration, &str)> = vec![];
    for program in &PROGRAMS {
        let begun = Instant::now();
        let play = Play::of(program);
        times.push((begun.elapsed(), program.id));
        assert!(play.positions.len() > 1, "{}", program.id);
    }
    let (slowest, id) = times.iter().max().unwrap();
    let _ = writeln!(std::io::stderr(), "slowest of {} graphs: {id}, {slowest:?}", times.len());
}

#[test]
fn each_title_and_name_is_given_once() {
    let ids: BTreeSet<&str> = PROGRAMS.iter().map(|program| program.id).collect();
    let titles: BTreeSet<&str> = PROGRAMS.iter().map(|program| program.title).collect();
    assert_eq!((ids.len(), titles.len()), (PROGRAMS.len(), PROGRAMS.len()));
    for play in plays() {
        let names: BTreeSet<&String> = play.objects.iter().collect();
        assert_eq!(names.len(), play.objects.len(), "{}: {:?}", play.program.id, play.objects);
        for name in &play.objects {
            assert!(
                !name.starts_with("the ") && !name.contains('#'),
                "{}: {name} needs a name",
                play.program.id
            );
        }
    }
}

#[test]
fn a_wrong_program_has_a_bad_end_and_a_fix_has_none() {
    for play in plays() {
        let is_fix = ["mutex-fix", "compare-exchange", "lock-order", "semaphore", "event"];
        let has_bad_end = play.shortest_to_a_bad_end(0).is_some();
        assert_ne!(has_bad_end, is_fix.contains(&play.program.id), "{}", play.program.id);
    }
}

#[test]
fn every_schedule_leads_where_interleave_leads() {
    // What the page calls an end is what `interleave::outcomes` calls one, for the schedule that it gives as an example.
    for play in plays() {
        for row in interleave::outcomes(play.program.run).rows() {
            // What comes after the last choice of a run is no choice any more.
            let path = play.follow(&row.schedule).unwrap();
            let end = play.positions[path[path.len() - 1]].end.as_ref();
            let end = end.unwrap_or_else(|| panic!("{}: {} is no end", play.program.id, row.schedule));
            match &row.ending {
                interleave::Ending::Returned(Ok(words)) => {
                    assert_eq!((end.kind, &end.words), (Kind::Good, words));
                }
                interleave::Ending::Returned(Err(words)) => {
                    assert_eq!((end.kind, &end.words), (Kind::Wrong, words));
                }
                interleave::Ending::Failed(_) => assert_eq!(end.kind, Kind::Stuck, "{}", row.schedule),
            }
        }
    }
}

#[test]
fn a_lock_is_held_by_one_thread_and_values_are_told_when_they_can_be_seen() {
    for play in plays() {
        for position in &play.positions {
            for (object, name) in position.objects.iter().zip(&play.objects) {
                let Some(object) = object else { continue };
                assert!(
                    object.holders.len() <= 1,
                    "{}: {name} is held by {:?}",
                    play.program.id,
                    object.holders
                );
            }
            for step in &position.steps {
                let after = &play.positions[step.to];
                for (object, name) in after.objects.iter().zip(&play.objects) {
                    let told = step.effect.split(&format!(" {name}: ")).nth(1);
                    let told = told.and_then(|told| told.split([',', ';']).next());
                    let new = told.and_then(|told| told.split(" → ").nth(1));
                    let value = object.as_ref().and_then(|object| object.value.as_deref());
                    if let (Some(new), Some(value)) = (new, value) {
                        assert_eq!(new, value, "{}: {}", play.program.id, step.effect);
                    }
                }
            }
        }
    }
}
