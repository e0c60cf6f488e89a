//! The page: one HTML file that needs nothing else.

use crate::play::{Block, Kind, Play};
use crate::programs::{WORLDS, When};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The modules of the page, each after those it imports from.
const MODULES: [(&str, &str); 8] = [
    ("words.mjs", include_str!("page/words.mjs")),
    ("levels.mjs", include_str!("page/levels.mjs")),
    ("game.mjs", include_str!("page/game.mjs")),
    ("progress.mjs", include_str!("page/progress.mjs")),
    ("chance.mjs", include_str!("page/chance.mjs")),
    ("cards.mjs", include_str!("page/cards.mjs")),
    ("map.mjs", include_str!("page/map.mjs")),
    ("main.mjs", include_str!("page/main.mjs")),
];

/// Where the page of a failing check is kept without its data, in the workspace.
pub const PLAYER: &str = "crates/interleave/src/report/page.html";

/// The modules that it has, too.
const PLAYER_TAKES: [&str; 5] = ["words.mjs", "levels.mjs", "game.mjs", "cards.mjs", "map.mjs"];

/// The page with all of these programs in it.
pub fn html(plays: &[Play]) -> String {
    let programs: Vec<String> = plays.iter().map(|play| data(play).to_string()).collect();
    let worlds = WORLDS.iter().map(|world| json!({"name": world.name, "story": world.story}));
    include_str!("page/page.html")
        .replace("/*STYLE*/", include_str!("page/page.css"))
        .replace("/*SCRIPT*/", &script(&MODULES))
        .replace("/*WORLDS*/", &in_a_script(&Value::from_iter(worlds).to_string()))
        .replace("/*PROGRAMS*/", &in_a_script(&programs.join(",\n")))
}

/// The page that `interleave` fills in for a failing check: the game's cards, tiles and map, around one run.
pub fn player() -> String {
    let is_shared = |(name, _): &(&str, &str)| PLAYER_TAKES.contains(name);
    let shared = MODULES.into_iter().filter(is_shared);
    let own = [("failure.mjs", include_str!("page/failure.mjs"))];
    let modules: Vec<_> = shared.chain(own).collect();
    let style = [include_str!("page/page.css"), include_str!("page/failure.css")].concat();
    include_str!("page/failure.html").replace("/*STYLE*/", &style).replace("/*SCRIPT*/", &script(&modules))
}

/// In a script element, `</` would end it; in JSON, `<` may be written so.
fn in_a_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// The modules as one script. A page from `file://` may not load modules, so their names share one scope.
fn script(modules: &[(&str, &str)]) -> String {
    let mut script = String::from("\"use strict\";\n(() => {\n");
    for (name, text) in modules {
        script += &format!("\n// {name}\n");
        for line in text.lines().filter(|line| !line.starts_with("import ")) {
            script += line.strip_prefix("export ").unwrap_or(line);
            script += "\n";
        }
    }
    script + "})();\n"
}

/// A program as JSON: what the page draws, and what `graph` prints.
///
/// What comes again and again is said once, in a table, and named by its number there:
/// `places` are `[block, line, what is waited for]`, `effects` are `[text, [[object, is write, value]]]`, and `values` are
/// texts. Positions have `t`hreads `[steps, place]`, `o`bjects `[value, holders]`, `s`teps
/// `[thread, is spurious, schedule, effect, to]`, an `e`nd `[kind, words]`, and `w`ays `[good, bad]`, then the same with
/// spurious wakeups. -1 is none; threads count from 1.
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
            let touches = step.touches.iter().map(|t| json!([t.object, u8::from(t.is_write), t.value]));
            let effect = json!([step.effect, touches.collect::<Vec<_>>()]);
            json!([step.thread, is_spurious, step.schedule, effects.number(effect), step.to])
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
    let parts = program.parts.iter().map(|part| match part.when {
        When::Bad => json!([part.says, "bad"]),
        When::Good => json!([part.says, "good"]),
        When::BadAfter(thread) => json!([part.says, "bad after", thread]),
        When::Everything => json!([part.says, "everything"]),
    });
    json!({
        "id": program.id,
        "title": program.title,
        "world": program.world,
        "chapter": program.chapter,
        "goal": program.goal,
        "parts": parts.collect::<Vec<_>>(),
        "bad": program.bad,
        "lesson": program.lesson,
        "fix": program.fix,
        "hints": program.hints,
        "wakeups": program.wakeups,
        "tally": program.tally.as_ref().map(|tally| json!([tally.name, tally.each])),
        "replay": program.replay,
        "threads": play.threads,
        "objects": play.objects,
        "blocks": play.blocks.iter().map(|b| json!({"file": b.file, "lines": code_of(b)})).collect::<Vec<_>>(),
        "places": places.rows,
        "effects": effects.rows,
        "values": values.rows,
        "positions": positions,
    })
}

/// The block's lines as `[number, text]`. Comments are left out, because they tell what the player is to find.
fn code_of(block: &Block) -> Vec<Value> {
    let numbered = (block.first..).zip(&block.lines).map(|(number, line)| {
        let code = line.split_once(" // ").map_or(*line, |(code, _)| code.trim_end());
        (number, code)
    });
    numbered
        .filter(|(_, code)| !code.trim_start().starts_with("//"))
        .map(|(number, code)| json!([number, code]))
        .collect()
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
