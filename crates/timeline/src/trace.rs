//! The recording as Chrome trace events, which <https://ui.perfetto.dev> opens.
//!
//! Source of the format: "Trace Event Format", the Chrome project's document on the JSON that its tracing
//! tools read.

use std::cmp::Reverse;
use std::fmt::Write;
use std::time::Duration;

use crate::recording::{Interval, Recording, State, Track};

/// One boundary of a span: `(when, whether it starts, its place among boundaries of that instant, span)`.
type Boundary = (Duration, bool, Reverse<usize>, usize);

impl Recording {
    /// The recording as JSON in the Chrome trace-event format, with a line break at the end: one thread per
    /// track, a begin and an end for every span, instants for marks and a counter per counter. A span that
    /// never ended has no end there either, but an instant where the recording ends, so that it is drawn that far.
    pub fn trace(&self) -> String {
        let mut events = vec![format!(
            r#"{{"ph":"M","pid":1,"tid":0,"ts":0,"name":"process_name","args":{{"name":{}}}}}"#,
            string(&self.title)
        )];
        for (index, track) in self.tracks.iter().enumerate() {
            let tid = index + 1;
            events.push(format!(
                r#"{{"ph":"M","pid":1,"tid":{tid},"ts":0,"name":"thread_name","args":{{"name":{}}}}}"#,
                string(&track.name)
            ));
            events.push(format!(
                r#"{{"ph":"M","pid":1,"tid":{tid},"ts":0,"name":"thread_sort_index","args":{{"sort_index":{tid}}}}}"#
            ));
            nest(track, tid, &mut events);
            let instant = |at, name: &str| {
                let (at, name) = (micros(at), string(name));
                format!(r#"{{"ph":"i","pid":1,"tid":{tid},"ts":{at},"s":"t","cat":"mark","name":{name}}}"#)
            };
            events.extend(track.marks.iter().map(|mark| instant(mark.at, &mark.label.name)));
            if track.spans.iter().any(|span| span.end.is_none()) {
                events.push(instant(self.end, "the recording ends"));
            }
        }
        for counter in &self.counters {
            let name = string(&counter.name);
            for (at, number) in self.steps(&counter.count) {
                let at = micros(at);
                events.push(format!(
                    r#"{{"ph":"C","pid":1,"tid":0,"ts":{at},"name":{name},"args":{{{name}:{number}}}}}"#
                ));
            }
        }
        format!("{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n", events.join(",\n"))
    }
}

/// Writes begins and ends that nest, as the format demands. Where a thread lets go of locks in the order in
/// which it took them, the later span is cut in two.
fn nest(track: &Track, tid: usize, events: &mut Vec<String>) {
    let lasts = |span: &Interval| span.end.is_none_or(|end| span.start < end);
    let mut boundaries: Vec<Boundary> = Vec::new();
    for (index, span) in track.spans.iter().enumerate().filter(|(_, span)| lasts(span)) {
        boundaries.push((span.start, true, Reverse(usize::MAX - index), index));
        // At one instant ends come before starts, and inner ends before outer ones.
        boundaries.extend(span.end.map(|end| (end, false, Reverse(index), index)));
    }
    boundaries.sort_unstable();
    let begin = |at, index: usize| {
        let span: &Interval = &track.spans[index];
        let (at, state) = (micros(at), span.state.name());
        let name = match span.state {
            State::Working => string(&span.label.name),
            _ => string(&format!("{state}: {}", span.label.name)),
        };
        format!(r#"{{"ph":"B","pid":1,"tid":{tid},"ts":{at},"cat":"{state}","name":{name}}}"#)
    };
    let end = |at| format!(r#"{{"ph":"E","pid":1,"tid":{tid},"ts":{}}}"#, micros(at));
    let mut open: Vec<usize> = Vec::new();
    for (at, starts, _, index) in boundaries {
        if starts {
            open.push(index);
            events.push(begin(at, index));
        } else {
            let depth = open.iter().rposition(|&other| other == index).expect("it ends after it started");
            events.extend(open[depth..].iter().map(|_| end(at)));
            open.remove(depth);
            events.extend(open[depth..].iter().map(|&other| begin(at, other)));
        }
    }
}

/// Microseconds to the nanosecond, without the rounding of a float.
fn micros(time: Duration) -> String {
    format!("{}.{:03}", time.as_micros(), time.subsec_nanos() % 1000)
}

/// A JSON string with its quotes.
fn string(text: &str) -> String {
    let mut json = String::from('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c.is_control() => write!(json, "\\u{:04x}", u32::from(c)).expect("a String takes all"),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
