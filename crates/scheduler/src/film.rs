//! One run of a program as a picture that plays: an SVG whose steps appear one after another.
//!
//! It is plain CSS, so that it plays inside an `<img>` too. Where animation is off, or a reader prefers
//! less of it, every step is shown at once.

use std::fmt::Write;

use crate::{Kind, Play};

/// The box that the picture is drawn in. Letters of 20 units in a box of 580 are 11 pixels high on a phone of 320.
const WIDTH: u32 = 580;
const TOP: u32 = 104;
const ROW: u32 = 102;
/// The first thread's steps stand on the left, the second's on the right, and the value they share beside them. Only one
/// thread takes a step in each row, so a step may be wider than half of the room.
const CARD: u32 = 404;
const CARDS: [u32; 2] = [16, 66];
const VALUE: u32 = 488;
/// How long the film takes until it begins again, and how long each step of it, in seconds.
const LENGTH: f64 = 12.0;
const STEP: f64 = 1.7;

/// The colors of the two threads, of the text and of what went wrong; each pair for light and dark.
const STYLE: &str = "\
.bg{fill:#fff}.t{fill:#1a1a1a}.soft{fill:#5c5c5c}.card{fill:#f2f4f6}.a{fill:#005f99}.b{fill:#984a00}
.ra{fill:#005f99}.rb{fill:#984a00}.bad{fill:#b3001b}.on{fill:#fff}.m{font-family:ui-monospace,Menlo,Consolas,monospace}
@media(prefers-color-scheme:dark){
.bg{fill:#16181c}.t{fill:#ececec}.soft{fill:#b4b8be}.card{fill:#23272e}.a,.ra{fill:#7cc4ff}.b,.rb{fill:#ffb26b}
.bad{fill:#ff8a8a}.on{fill:#16181c}}
";

/// Draws the run of `play` that `schedule` names.
///
/// # Panics
/// When the schedule does not fit the program, or the program has no shared value or not two threads.
pub fn svg(play: &Play, title: &str, schedule: &str) -> String {
    let path = play.follow(schedule).expect("the schedule fits");
    let [first, second] = &play.threads[..] else { panic!("{} has not two threads", play.program.id) };
    let object = play.objects.len() - 1;
    let name = &play.objects[object];
    let value = |number: usize| {
        let object = play.positions[number].objects[object].as_ref();
        object.and_then(|object| object.value.clone()).unwrap_or_default()
    };
    let steps = path.len() - 1;
    let end = play.positions[path[steps]].end.as_ref().expect("the schedule goes to the end");
    let bottom = TOP + ROW * steps as u32;
    let height = bottom + 86;
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("a String takes all");
    line(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title desc\" font-family=\"system-ui,sans-serif\" font-size=\"20\">"
    ));
    line(format_args!("<title id=\"title\">{}</title>", xml(title)));
    let mut words = Vec::new();
    let mut rows = String::new();
    for (row, pair) in path.windows(2).enumerate() {
        let here = &play.positions[pair[0]];
        let step = here.steps.iter().find(|step| step.to == pair[1]).expect("it was followed");
        let at = here.threads[step.thread - 1].at.as_ref().expect("a thread that takes a step has a line");
        let block = &play.blocks[at.block];
        let code = block.lines[at.line - block.first].trim();
        let (before, after) = (value(pair[0]), value(pair[1]));
        // An assignment through the guard writes; every other line reads.
        let told = if code.starts_with('*') {
            format!("{} → {after}", if before.is_empty() { &after } else { &before })
        } else {
            format!("reads {after}")
        };
        let thread = &play.threads[step.thread - 1];
        words.push(format!("{thread}: {code}, {told}"));
        draw_step(&mut rows, row as u32, step.thread, code, &told, &after);
    }
    words.push(end.words.clone());
    line(format_args!("<desc id=\"desc\">{}</desc>", xml(&words.join("; "))));
    line(format_args!("<style>\n{STYLE}{}</style>", animation(steps)));
    line(format_args!("<rect class=\"bg\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>"));
    line(format_args!("<text class=\"t\" x=\"16\" y=\"36\" font-weight=\"700\">{}</text>", xml(title)));
    let right = CARDS[1] + CARD;
    for (x, anchor, class, head) in
        [(CARDS[0], "start", "a", first), (right, "end", "b", second), (VALUE, "start", "soft", name)]
    {
        line(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"84\" font-weight=\"700\" text-anchor=\"{anchor}\">{}</text>",
            xml(head)
        ));
    }
    line(format_args!("{}", rows.trim_end()));
    let (class, sign) = if end.kind == Kind::Good { ("a", "✓") } else { ("bad", "✗") };
    line(format_args!("<g class=\"s{steps}\">"));
    line(format_args!(
        "<rect class=\"{class}\" x=\"16\" y=\"{}\" width=\"548\" height=\"66\" rx=\"6\"/>",
        bottom + 8
    ));
    let words = format!("{sign} {}", end.words);
    let (what, rest) = words.split_once(", ").unwrap_or((&words, ""));
    for (y, text) in [
        (bottom + 34, format!("{what}{}", if rest.is_empty() { "" } else { "," })),
        (bottom + 60, rest.to_owned()),
    ] {
        line(format_args!(
            "<text class=\"on\" x=\"{}\" y=\"{y}\" font-weight=\"700\" text-anchor=\"middle\">{}</text>",
            WIDTH / 2,
            xml(&text)
        ));
    }
    line(format_args!("</g>"));
    line(format_args!("</svg>"));
    out
}

fn draw_step(rows: &mut String, row: u32, thread: usize, code: &str, told: &str, after: &str) {
    let (x, y) = (CARDS[thread - 1], TOP + row * ROW);
    let edge = if thread == 1 { x } else { x + CARD - 5 };
    let class = ["a", "b"][thread - 1];
    // A statement that is wider than its column is broken behind the `=`.
    let (first, second) = match code.split_once(" = ") {
        Some((left, right)) if code.chars().count() > 28 => (format!("{left} ="), right.to_owned()),
        _ => (code.to_owned(), String::new()),
    };
    let lines = format!(
        "<g class=\"s{row}\"><rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"{CARD}\" height=\"94\" rx=\"6\"/>\
         <rect class=\"r{class}\" x=\"{edge}\" y=\"{y}\" width=\"5\" height=\"94\"/>\
         <text class=\"t m\" x=\"{code_x}\" y=\"{}\">{}</text>\
         <text class=\"t m\" x=\"{code_x}\" y=\"{}\">{}</text>\
         <text class=\"{class}\" x=\"{code_x}\" y=\"{}\" font-weight=\"700\">{}</text>\
         <text class=\"t\" x=\"{}\" y=\"{}\" font-size=\"28\" font-weight=\"700\">{}</text></g>\n",
        y + 26,
        xml(&first),
        y + 52,
        xml(&second),
        y + 82,
        xml(told),
        VALUE,
        y + 57,
        xml(after),
        code_x = x + 14,
    );
    rows.push_str(&lines);
}

/// Keyframes that show each step at its time, for a reader who has not asked for less motion. Until then a step is pale,
/// and not hidden: a still of the film can be read too.
fn animation(steps: usize) -> String {
    let mut css = String::from("@media(prefers-reduced-motion:no-preference){\n");
    for step in 0..=steps {
        let from = (0.8 + step as f64 * STEP) / LENGTH * 100.0;
        writeln!(
            css,
            ".s{step}{{animation:k{step} {LENGTH}s infinite}}@keyframes k{step}{{0%,{from:.1}%{{opacity:.25}}{:.1}%,98%{{opacity:1}}100%{{opacity:.25}}}}",
            from + 2.5
        )
        .expect("a String takes all");
    }
    css.push_str("}\n");
    css
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
