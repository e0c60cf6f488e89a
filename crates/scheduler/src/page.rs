//! The page: one HTML file that needs nothing else.

use crate::play::{Kind, Play};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The page with all of these programs in it.
pub fn html(plays: &[Play]) -> String {
    let programs: Vec<String> = plays.iter().map(|play| data(play).to_string()).collect();
    // In a script element, `</` would end it; in JSON, `<` may be written so.
    let programs = programs.join(",\n").replace('<', "\\u003c");
    include_str!("page/page.html")
        .replace("/*STYLE*/", include_str!("page/page.css"))
        .replace("/*SCRIPT*/", include_str!("page/page.js"))
        .replace("/*PROGRAMS*/", &programs)
}

/// A program as JSON: what the page draws, and what `graph` prints.
///
/// What comes again and again is said once, in a table, and named by its number there:
/// `places` are `[block, line, what is waited for]`, `effects` and `values` are texts. Positions have `t`hreads
/// `[steps, place]`, `o`bjects `[value, holders]`, `s`teps `[thread, is spurious, schedule, effect, to]`, an `e`nd
/// `[kind, words]`, and `w`ays `[good, bad]`, then the same with spurious wakeups. -1 is none; threads count from 1.
pub fn data(play: &Play) -> Value {
    let mut places = Table::default();
    let mut effects = Table::default();
    let mut values = Table::default();
    let mut positions = vec![];
    for position in &play.positions {
        let threads = position.threads.iter().map(|thread| match &thread.at {
            None => json!([thread.steps, -1]),
            Some(at) => {
                let waits = thread.waits.as_deref().unwrap_or_default();
                json!([thread.steps, places.number(json!([at.block, at.line, waits]))])
            }
        });
        let objects = position.objects.iter().map(|object| match object {
            None => json!([-1, []]),
            Some(object) => {
                let value = object.value.as_ref().map_or(-1, |value| values.number(json!(value)) as i64);
                json!([value, object.holders])
            }
        });
        let steps = position.steps.iter().map(|step| {
            let is_spurious = u8::from(step.is_spurious);
            json!([step.thread, is_spurious, step.schedule, effects.number(json!(step.effect)), step.to])
        });
        let mut one = json!({
            "t": threads.collect::<Vec<_>>(),
            "o": objects.collect::<Vec<_>>(),
            "s": steps.collect::<Vec<_>>(),
            "w": [position.ways.good, position.ways.bad,
                position.ways_with_wakeups.good, position.ways_with_wakeups.bad],
        });
        if let Some(end) = &position.end {
            let kind = match end.kind {
                Kind::Good => "good",
                Kind::Wrong => "wrong",
                Kind::Stuck => "stuck",
            };
            one["e"] = json!([kind, end.words]);
        }
        positions.push(one);
    }
    let program = play.program;
    json!({
        "id": program.id,
        "title": program.title,
        "chapter": program.chapter,
        "goal": program.goal,
        "bad": program.bad,
        "hints": program.hints,
        "wakeups": program.wakeups,
        "replay": program.replay,
        "threads": play.threads,
        "objects": play.objects,
        "blocks": play.blocks.iter().map(|b| json!({"file": b.file, "first": b.first, "lines": b.lines})).collect::<Vec<_>>(),
        "places": places.rows,
        "effects": effects.rows,
        "values": values.rows,
        "positions": positions,
    })
}

#[derive(Default)]
struct Table {
    rows: Vec<Value>,
    numbers: HashMap<String, usize>,
}

impl Table {
    fn number(&mut self, row: Value) -> usize {
        let number = *self.numbers.entry(row.to_string()).or_insert(self.rows.len());
        if number == self.rows.len() {
            self.rows.push(row);
        }
        number
    }
}
