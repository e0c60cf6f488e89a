//! The page as a file: it is the one that is committed, it is small, and it stands alone.

use scheduler::programs::{PROGRAMS, WORLDS, When};
use scheduler::{Kind, Play, page};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Made once for all tests.
fn plays() -> &'static [Play] {
    static PLAYS: LazyLock<Vec<Play>> = LazyLock::new(|| PROGRAMS.iter().map(Play::of).collect());
    &PLAYS
}

#[test]
fn the_committed_page_is_what_the_program_makes() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scheduler.html");
    let committed = std::fs::read_to_string(committed).unwrap().replace("\r\n", "\n");
    let made = page::html(plays()).replace("\r\n", "\n");
    assert!(committed == made, "docs/scheduler.html is out of date: cargo run -p scheduler -- page");
}

#[test]
fn the_page_is_small_and_needs_nothing_else() {
    let html = page::html(plays());
    assert!(html.len() < 300_000, "{} bytes", html.len());
    for outside in [
        "http:",
        "https:",
        "src=",
        "@import",
        "url(",
        "XMLHttpRequest",
        "/*PROGRAMS*/",
        "\nimport ",
        "\nexport ",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("</script>").count(), 3, "no text of a program ends the script");
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
                !name.starts_with("the ") && !name.contains('#') && name != "value",
                "{}: {name} needs a name",
                play.program.id
            );
        }
    }
}

#[test]
fn a_wrong_program_has_a_bad_end_and_a_fix_has_none() {
    for play in plays() {
        let is_proof = play.program.parts.iter().any(|part| part.when == When::Everything);
        let has_bad_end = play.shortest_to_a_bad_end(0).is_some();
        assert_ne!(has_bad_end, is_proof, "{}", play.program.id);
        assert!(!is_proof || play.program.parts.len() == 1, "{}", play.program.id);
    }
}

#[test]
fn a_fix_is_a_proof_that_is_there() {
    for program in &PROGRAMS {
        let Some(fix) = program.fix else { continue };
        let fix =
            PROGRAMS.iter().find(|other| other.id == fix).unwrap_or_else(|| panic!("there is no {fix}"));
        assert!(fix.parts.iter().any(|part| part.when == When::Everything), "{}", program.id);
    }
}

#[test]
fn every_part_of_a_goal_can_be_reached_and_isnt_reached_by_every_end() {
    for play in plays() {
        for part in play.program.parts {
            let reaches = |position: &scheduler::Position| match (&position.end, part.when) {
                (None, _) | (_, When::Everything) => false,
                (Some(end), When::Bad) => end.kind != Kind::Good,
                (Some(end), When::Good) => end.kind == Kind::Good,
                (Some(end), When::BadAfter(thread)) => {
                    end.kind != Kind::Good && position.threads[thread - 1].at.is_none()
                }
            };
            let can = play.positions.iter().any(reaches);
            assert_eq!(can, part.when != When::Everything, "{}: {}", play.program.id, part.says);
        }
    }
}

#[test]
fn the_campaign_has_worlds_in_order_and_goals_that_fit_a_line() {
    assert!(PROGRAMS.len() >= 24);
    let worlds: Vec<usize> = PROGRAMS.iter().map(|program| program.world).collect();
    assert!(worlds.is_sorted());
    assert_eq!(worlds.iter().collect::<BTreeSet<_>>().len(), WORLDS.len());
    for program in &PROGRAMS {
        assert!(program.goal.chars().count() <= 85, "{}: the goal is too long for its line", program.id);
        assert!(program.lesson.ends_with('.'), "{}", program.id);
        assert_eq!(program.lesson.matches(". ").count(), 0, "{}: one sentence", program.id);
    }
}

#[test]
fn a_schedule_string_means_one_thing() {
    for play in plays() {
        for position in &play.positions {
            let steps: BTreeSet<&String> = position.steps.iter().map(|step| &step.schedule).collect();
            assert_eq!(steps.len(), position.steps.len(), "{}", play.program.id);
        }
    }
}

#[test]
fn what_was_paid_out_is_the_sum_of_the_writes() {
    for play in plays() {
        let Some(tally) = &play.program.tally else { continue };
        let mut ends = 0;
        let mut paths = vec![(0, 0)];
        while let Some((number, paid)) = paths.pop() {
            let position = &play.positions[number];
            if let Some(end) = &position.end {
                assert!(
                    end.words.contains(&format!("paid out {paid},")),
                    "{}: {paid}, {}",
                    play.program.id,
                    end.words
                );
                ends += 1;
            }
            for step in &position.steps {
                let writes = step.touches.iter().filter(|touch| touch.object == 0 && touch.is_write).count();
                paths.push((step.to, paid + tally.each * writes as i64));
            }
        }
        assert!(ends > 1, "{}", play.program.id);
    }
}

#[test]
fn the_page_shows_no_comment_of_the_source() {
    for play in plays() {
        let data = page::data(play);
        let blocks = data["blocks"].as_array().unwrap();
        let lines = blocks.iter().flat_map(|block| block["lines"].as_array().unwrap());
        let mut shown = 0;
        for line in lines {
            assert!(!line[1].as_str().unwrap().contains("// "), "{}: {line}", play.program.id);
            shown += 1;
        }
        assert!(shown > 3, "{}", play.program.id);
        // Every place where a thread stands is shown.
        for place in data["places"].as_array().unwrap() {
            let block = &blocks[place[0].as_u64().unwrap() as usize];
            let is_shown = block["lines"].as_array().unwrap().iter().any(|line| line[0] == place[1]);
            assert!(is_shown, "{}: {place}", play.program.id);
        }
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
                    let told = told.and_then(|told| told.split(", then ").next());
                    let told = told.and_then(|told| told.split("; ").next());
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

#[test]
fn a_channel_shows_what_is_in_it() {
    let mut channels = 0;
    for play in plays() {
        for (object, name) in play.objects.iter().enumerate() {
            let value = |number: usize| {
                let object = play.positions[number].objects[object].as_ref();
                object.and_then(|object| object.value.as_deref()).unwrap_or_default()
            };
            let steps = |verb: &str| {
                let told = format!("{verb} {name}: ");
                let of = move |from: usize| {
                    let told = told.clone();
                    play.positions[from].steps.iter().filter_map(move |step| {
                        let message = step.effect.strip_prefix(&told)?.split("; ").next()?;
                        Some((from, step.to, message))
                    })
                };
                (0..play.positions.len()).flat_map(of).collect::<Vec<_>>()
            };
            let (sent, received) = (steps("sends to"), steps("receives from"));
            if sent.is_empty() {
                continue;
            }
            channels += 1;
            let id = play.program.id;
            assert_eq!(value(0), "empty", "{id}: nothing is sent to {name} at the start");
            for (_, to, message) in sent {
                let queue = value(to).trim_end_matches(", closed");
                let last = queue.strip_suffix(" queued").and_then(|queue| queue.split(", ").last());
                assert_eq!(last, Some(message), "{id}: {name} is \"{}\" after a send", value(to));
            }
            for (from, _, message) in received.iter().filter(|(.., message)| message.parse::<u32>().is_ok()) {
                let first = value(*from).split([',', ' ']).next();
                assert_eq!(first, Some(*message), "{id}: {name} is \"{}\" before", value(*from));
            }
            assert!(received.len() > 1, "{id}: {name} is received from");
        }
    }
    assert!(channels >= 4, "{channels} channels");
}
