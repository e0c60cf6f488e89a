//! The three drawings of recordings made by hand: exact text, valid trace events, well-formed SVG.

use std::collections::HashMap;

use serde_json::Value;
use timeline::{Count, Recording, State, Style, Track};

fn readers_and_writer() -> Recording {
    Recording::new("RwLock: two readers, one writer")
        .track(Track::new("reader 1").span(State::Reading, 10..40, "prices").until(60))
        .track(Track::new("reader 2").span(State::Reading, 20..50, "prices").until(60))
        .track(
            Track::new("writer")
                .span(State::Waiting, 15..50, "prices")
                .span(State::Writing, 50..80, "prices")
                .mark(70, "raised"),
        )
        .counter("inside", Count::holding().of("prices"))
        .counter("waiting", Count::waiting())
}

/// Each holds one lock and waits for the other's, for good.
fn deadlock() -> Recording {
    let mut recording = Recording::new("Two locks in opposite order")
        .track(Track::new("T1").span(State::Holding, 10..100, ('A', "lock A")).span(
            State::Waiting,
            40..100,
            "lock B",
        ))
        .track(Track::new("T2").span(State::Holding, 20..100, ('B', "lock B")).span(
            State::Waiting,
            60..100,
            "lock A",
        ))
        .counter("held", Count::holding());
    for track in &mut recording.tracks {
        track.died = None;
        track.spans.iter_mut().for_each(|span| span.end = None);
    }
    recording
}

/// A thread that takes two locks and lets go of them in the same order: its spans overlap, none is inside
/// the other. Every name needs escaping in JSON or XML.
fn overlapping() -> Recording {
    Recording::new("<a> & \"b\" \\ \u{1}\n")
        .track(
            Track::new("T<1> & \"co\"")
                .span(State::Holding, 0..30, "a\\b\"<\t>")
                .span(State::Holding, 10..50, ('<', "<&>"))
                .span(State::Working, 20..20, "no time at all")
                .mark(5, "<now>"),
        )
        .counter("<held> & \"in use\"", Count::holding())
}

#[test]
fn text_shows_each_state_its_counters_and_its_marks() {
    let text = readers_and_writer().text(&Style { columns: 60, ascii: false });
    assert_eq!(
        text,
        "\
RwLock: two readers, one writer
      ms │0       20       40       60       │
reader 1 │────RRRRRRRRRRRRR─────────         │ waited   0 ms
reader 2 │─────────RRRRRRRRRRRRR────         │ waited   0 ms
writer   │───────░░░░░░░░░░░░░░░WWWWWWWWWWWWW│ waited  35 ms
raised   │                              ▲    │ at  70 ms
inside   │00001111122222222111111111111111111│ max 2
waiting  │00000001111111111111110000000000000│ max 1
          ── own work   ░░ waiting   RR reading   WW writing
"
    );
}

#[test]
fn ascii_text_has_no_other_character() {
    let mut recording = readers_and_writer();
    recording.title = "Überweisung → Konto".to_owned();
    recording.tracks[0].name = "Käufer\u{1b}[31m".to_owned();
    for columns in 40..=100 {
        let text = recording.text(&Style { columns, ascii: true });
        assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text}");
    }
}

#[test]
fn a_deadlock_shows_both_waiting_and_both_holding() {
    let text = deadlock().text(&Style { columns: 60, ascii: true });
    assert_eq!(
        text,
        "\
Two locks in opposite order
  ms |0      20      40      60      80      |
T1   |----AAAAAAAAAAAA.......................| waited  60 ms
T2   |--------BBBBBBBBBBBBBBB................| waited  40 ms
held |000011112222222222222222222222222222222| max 2
      -- own work   .. waiting   AA lock A   BB lock B
"
    );
}

#[test]
fn forty_columns_are_enough() {
    let text = readers_and_writer().text(&Style { columns: 40, ascii: true });
    assert_eq!(
        text,
        "\
RwLock: two readers, one writer
      ms |0          50      | waited
reader 1 |--RRRRRRR-----     |   0 ms
reader 2 |-----RRRRRRR--     |   0 ms
writer   |----........WWWWWWW|  35 ms
raised   |                ^  | at  70 ms
inside   |0011122221111111111| max 2
waiting  |0000111111110000000| max 1
          -- own work   .. waiting
          RR reading   WW writing
"
    );
}

#[test]
fn an_empty_recording_says_so() {
    assert_eq!(Recording::new("").text(&Style { columns: 80, ascii: true }), "Nothing was recorded.\n");
    roxmltree::Document::parse(&Recording::new("").svg()).unwrap();
    assert_eq!(events(&Recording::new("")).len(), 1);
}

#[test]
fn what_is_too_short_for_a_column_is_counted_all_the_same() {
    let recording = Recording::new("short")
        .track(Track::new("T1").span(State::Holding, 1..2, "lock").until(1000))
        .track(Track::new("T2").span(State::Holding, 1..2, "lock").until(1000))
        .counter("holders", Count::holding());
    let text = recording.text(&Style { columns: 80, ascii: true });
    assert!(text.contains("| max 2"), "{text}");
    assert!(!text.lines().nth(2).unwrap().contains('#'), "{text}");
}

fn events(recording: &Recording) -> Vec<Value> {
    let trace: Value = serde_json::from_str(&recording.trace()).unwrap();
    assert!(trace["displayTimeUnit"] == "ms");
    trace["traceEvents"].as_array().unwrap().clone()
}

#[test]
fn every_trace_event_has_the_fields_that_the_format_requires() {
    for recording in [readers_and_writer(), deadlock(), overlapping()] {
        for event in events(&recording) {
            let has = |field: &str| assert!(!event[field].is_null(), "{field} is missing in {event}");
            ["ph", "pid", "tid", "ts"].into_iter().for_each(has);
            assert!(event["pid"].is_u64() && event["tid"].is_u64() && event["ts"].as_f64().unwrap() >= 0.0);
            match event["ph"].as_str().unwrap() {
                "B" => ["name", "cat"].into_iter().for_each(has),
                "E" => {}
                "i" => {
                    has("name");
                    assert_eq!(event["s"], "t");
                }
                "C" => {
                    has("name");
                    assert!(event["args"].as_object().unwrap().values().all(Value::is_u64), "{event}");
                }
                "M" => match event["name"].as_str().unwrap() {
                    "process_name" | "thread_name" => assert!(event["args"]["name"].is_string(), "{event}"),
                    "thread_sort_index" => assert!(event["args"]["sort_index"].is_u64(), "{event}"),
                    other => panic!("unknown metadata {other}"),
                },
                other => panic!("unknown phase {other}"),
            }
        }
    }
}

#[test]
fn begins_and_ends_nest_and_never_go_back_in_time() {
    for (recording, left_open) in [(readers_and_writer(), 0), (deadlock(), 4), (overlapping(), 0)] {
        let mut last: HashMap<u64, f64> = HashMap::new();
        let mut depth: HashMap<u64, i32> = HashMap::new();
        for event in events(&recording).iter().filter(|event| event["ph"] == "B" || event["ph"] == "E") {
            let (tid, ts) = (event["tid"].as_u64().unwrap(), event["ts"].as_f64().unwrap());
            assert!(last.insert(tid, ts).is_none_or(|before| before <= ts), "{event}");
            let depth = depth.entry(tid).or_default();
            *depth += if event["ph"] == "B" { 1 } else { -1 };
            assert!(*depth >= 0, "an end without a begin: {event}");
        }
        assert_eq!(depth.values().sum::<i32>(), left_open);
    }
}

#[test]
fn a_wait_that_never_ends_lasts_as_long_as_the_recording() {
    let recording = deadlock();
    let end = |tid: u64| {
        let of_track = events(&recording).into_iter().filter(move |event| event["tid"] == tid);
        of_track.map(|event| event["ts"].as_f64().unwrap()).fold(0.0, f64::max)
    };
    assert_eq!([end(1), end(2)], [recording.end.as_secs_f64() * 1e6; 2]);
}

#[test]
fn spans_that_overlap_keep_their_total_length_in_the_trace() {
    let mut open: Vec<(String, f64)> = Vec::new();
    let mut total: HashMap<String, f64> = HashMap::new();
    for event in events(&overlapping()) {
        let ts = event["ts"].as_f64().unwrap();
        match event["ph"].as_str().unwrap() {
            "B" => open.push((event["name"].as_str().unwrap().to_owned(), ts)),
            "E" => {
                let (name, start) = open.pop().unwrap();
                *total.entry(name).or_default() += ts - start;
            }
            _ => {}
        }
    }
    assert_eq!(total["holding: a\\b\"<\t>"], 30_000.0);
    assert_eq!(total["holding: <&>"], 40_000.0);
    assert_eq!(total.len(), 2);
}

#[test]
fn the_counter_of_the_trace_follows_the_recording() {
    let inside: Vec<(f64, u64)> = events(&readers_and_writer())
        .iter()
        .filter(|event| event["ph"] == "C" && event["name"] == "inside")
        .map(|event| (event["ts"].as_f64().unwrap(), event["args"]["inside"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        inside,
        [(0.0, 0), (10_000.0, 1), (20_000.0, 2), (40_000.0, 1), (80_000.0, 0)],
        "the hand-over from reader 2 to the writer at 50 ms changes nothing"
    );
}

#[test]
fn the_svg_is_well_formed_and_says_in_words_what_it_shows() {
    for recording in [readers_and_writer(), deadlock(), overlapping()] {
        let svg = recording.svg();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let root = document.root_element();
        let text = |name| root.children().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
        assert!(text(("http://www.w3.org/2000/svg", "title")).is_some_and(|title| !title.trim().is_empty()));
        let words = text(("http://www.w3.org/2000/svg", "desc")).unwrap();
        for track in &recording.tracks {
            assert!(words.contains(&format!("{} waited", track.name)), "{words}");
        }
        assert!(svg.contains("prefers-color-scheme:dark"));
    }
    assert!(readers_and_writer().svg().contains("inside: at most 2"));
}

#[test]
fn a_drawing_of_the_same_recording_never_varies() {
    for make in [readers_and_writer, deadlock, overlapping] {
        assert_eq!(make().svg(), make().svg());
        assert_eq!(make().trace(), make().trace());
    }
}
