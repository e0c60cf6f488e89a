//! The timeline as a picture that needs nothing but a browser.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::time::Duration;

use crate::recording::{Interval, Label, Recording, State, Track};
use crate::text::Unit;

/// A small box with large letters: at 360 px, which is a phone, they're still 11 px high.
const WIDTH: f64 = 520.0;
/// How wide it's shown where there is room.
const SHOWN: f64 = 720.0;
const MARGIN: f64 = 12.0;
const ROW: f64 = 46.0;
const BAR: f64 = 28.0;
/// Mean advance of a character of a 16 px sans-serif face, and of one of 14 px; names are cut by it, never measured.
const CHARACTER: f64 = 8.6;
const SMALL: f64 = 7.6;
const LONGEST_NAME: usize = 16;

/// The colors of the threads: blue for what holds, orange for what waits, violet for a mark. Shape and letter say the same.
const STYLE: &str = "\
.bg{fill:#fff}text{fill:#1a1a1a}.soft{fill:#5c5c5c}.ax{stroke:#d4d4d4}.own{stroke:#777;stroke-width:2}
.wait{fill:url(#hatch);stroke:#984a00}.hp{stroke:#984a00}.hb{fill:#fff}
.work{fill:#e4e4e4;stroke:#777}.hold,.write{fill:#005f99;stroke:#fff}.read{fill:#a8d3ee;stroke:#fff}
.count{fill:#c9dfec}.mark{fill:#6b3fa0}.ml{stroke:#6b3fa0;stroke-dasharray:2 3}
text.on{font-weight:600}text.hold,text.write{fill:#fff;stroke:none}text.read,text.work{fill:#1a1a1a;stroke:none}
text.wait{fill:#7a3b00;stroke:#fff;stroke-width:5;stroke-linejoin:round;paint-order:stroke}
@media(prefers-color-scheme:dark){
.bg{fill:#16181c}text{fill:#ececec}.soft{fill:#b4b8be}.ax{stroke:#3a3e45}.own{stroke:#9a9ea6}
.wait{stroke:#ffb26b}.hp{stroke:#ffb26b}.hb{fill:#16181c}
.work{fill:#34383f;stroke:#9a9ea6}.hold,.write{fill:#7cc4ff;stroke:#16181c}.read{fill:#1d5a80;stroke:#16181c}
.count{fill:#27485c}.mark{fill:#d3b1ff}.ml{stroke:#d3b1ff}
text.hold,text.write{fill:#101214}text.read,text.work{fill:#ececec}text.wait{fill:#ffcf9f;stroke:#16181c}}
";

/// Where things go, and the picture so far.
struct Canvas {
    left: f64,
    right: f64,
    length: f64,
    svg: String,
}

impl Canvas {
    fn line(&mut self, element: impl Display) {
        writeln!(self.svg, "{element}").expect("a String takes all");
    }

    fn x(&self, time: Duration) -> f64 {
        self.left + (time.as_secs_f64() / self.length).min(1.0) * (self.right - self.left)
    }
}

impl Recording {
    /// The timeline as an SVG document of its own, for light and dark backgrounds, with a line break at the
    /// end. Its `<title>` and `<desc>` say in words what it shows; hovering over a span says what, when and
    /// how long. Spans are drawn at their exact width, so the shortest may be too thin to see.
    pub fn svg(&self) -> String {
        let unit = Unit::of(self.length());
        let names = self.tracks.iter().map(|track| &track.name);
        let names = names.chain(self.counters.iter().map(|counter| &counter.name));
        let longest = names.map(|name| name.chars().count()).max().unwrap_or(0).min(LONGEST_NAME);
        let notes = self.tracks.iter().map(|track| waited(track, self.end, unit).chars().count());
        let longest_note = notes.max().unwrap_or(0);
        let title = if self.title.is_empty() { "Timeline" } else { &self.title };
        let titles = broken(title);
        let top = 32.0 + titles.len() as f64 * 24.0;
        let rows = self.tracks.len() + self.counters.len();
        let bottom = top + rows as f64 * ROW;
        let key = self.key_entries();
        let key_lines = place(&key).last().map_or(0.0, |(_, y)| y + 28.0);
        let height = bottom + key_lines + 14.0;
        let wide = (longest as f64 * CHARACTER).max(longest_note as f64 * SMALL);
        let mut canvas = Canvas {
            left: MARGIN * 2.0 + wide,
            right: WIDTH - MARGIN - 8.0,
            length: self.length().as_secs_f64(),
            svg: String::new(),
        };
        canvas.line(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0}" width="{SHOWN}" height="{:.0}" role="img" aria-labelledby="title desc" font-family="system-ui,sans-serif" font-size="16">"#,
            height * SHOWN / WIDTH
        ));
        canvas.line(format_args!(r#"<title id="title">{}</title>"#, xml(title)));
        canvas.line(format_args!(r#"<desc id="desc">{}</desc>"#, xml(&self.in_words(unit))));
        canvas.line(format_args!("<style>\n{STYLE}</style>"));
        canvas.line(r#"<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hb" width="6" height="6"/><line class="hp" y2="6" stroke-width="2.4"/></pattern></defs>"#);
        canvas.line(format_args!(r#"<rect class="bg" width="{WIDTH}" height="{height:.0}"/>"#));
        for (line, text) in titles.iter().enumerate() {
            canvas.line(format_args!(
                r#"<text x="{MARGIN}" y="{:.0}" font-size="18" font-weight="600">{}</text>"#,
                26.0 + line as f64 * 24.0,
                xml(text)
            ));
        }
        self.draw_axis(unit, top, bottom, &mut canvas);
        for (row, track) in self.tracks.iter().enumerate() {
            let y = top + row as f64 * ROW;
            draw_name(&track.name, y, &mut canvas);
            draw_note(&waited(track, self.end, unit), y, &mut canvas);
            self.draw_track(track, unit, y, &mut canvas);
        }
        for (row, counter) in self.counters.iter().enumerate() {
            let y = top + (self.tracks.len() + row) as f64 * ROW;
            let most = self.most(&counter.count);
            draw_name(&counter.name, y, &mut canvas);
            draw_note(&format!("max {most}"), y, &mut canvas);
            let steps = self.steps(&counter.count);
            let ends = steps.iter().skip(1).map(|step| step.0).chain([self.end]);
            for (&(start, number), end) in steps.iter().zip(ends).filter(|((_, number), _)| *number > 0) {
                let (x, to) = (canvas.x(start), canvas.x(end));
                let tall = number as f64 / most as f64 * BAR;
                canvas.line(format_args!(
                    r#"<rect class="count" x="{x:.2}" y="{:.2}" width="{:.2}" height="{tall:.2}"/>"#,
                    y + 5.0 + BAR - tall,
                    to - x
                ));
                if to - x >= 10.0 {
                    canvas.line(format_args!(
                        r#"<text class="soft" x="{:.2}" y="{:.2}" font-size="15" text-anchor="middle">{number}</text>"#,
                        f64::midpoint(x, to),
                        y + 25.0
                    ));
                }
            }
        }
        for ((swatch, word), (x, y)) in key.iter().zip(place(&key)) {
            draw_swatch(*swatch, MARGIN + x, bottom + 12.0 + y, &mut canvas);
            canvas.line(format_args!(
                r#"<text class="soft" x="{:.2}" y="{:.2}">{}</text>"#,
                MARGIN + x + 32.0,
                bottom + 26.0 + y,
                xml(word)
            ));
        }
        canvas.line("</svg>");
        canvas.svg
    }

    /// What a reader who cannot see the picture is told.
    fn in_words(&self, unit: Unit) -> String {
        let name = unit.name(false);
        let mut words = vec![format!("{} threads over {} {name}", self.tracks.len(), unit.format(self.end))];
        words.extend(self.tracks.iter().map(|track| {
            let waited = unit.format(track.waited(self.end));
            format!("{} waited {waited} {name}", track.name)
        }));
        for (label, times) in self.marks() {
            let times: Vec<String> = times.iter().take(5).map(|&at| unit.format(at)).collect();
            words.push(format!("{label} at {} {name}", times.join(", ")));
        }
        words.extend(
            self.counters
                .iter()
                .map(|counter| format!("{}: at most {}", counter.name, self.most(&counter.count))),
        );
        format!("{}.", words.join("; "))
    }

    fn draw_axis(&self, unit: Unit, top: f64, bottom: f64, canvas: &mut Canvas) {
        for (at, part) in unit.ticks(self.length(), 4) {
            let x = canvas.left + part * (canvas.right - canvas.left);
            // The last one would stand out of the picture.
            let anchor = if x + 30.0 > WIDTH { "end" } else { "middle" };
            canvas.line(format_args!(
                r#"<line class="ax" x1="{x:.2}" x2="{x:.2}" y1="{:.0}" y2="{bottom:.0}"/><text class="soft" x="{x:.2}" y="{:.0}" font-size="15" text-anchor="{anchor}">{at} {}</text>"#,
                top - 4.0,
                top - 8.0,
                unit.name(false)
            ));
        }
    }

    fn draw_track(&self, track: &Track, unit: Unit, y: f64, canvas: &mut Canvas) {
        let middle = y + 5.0 + BAR / 2.0;
        let (born, died) = (canvas.x(track.born), canvas.x(track.died.unwrap_or(self.end)));
        canvas.line(format_args!(
            r#"<line class="own" x1="{born:.2}" x2="{died:.2}" y1="{middle:.2}" y2="{middle:.2}"><title>{} lives</title></line>"#,
            xml(&track.name)
        ));
        // A span inside another is drawn less tall, so that both can be seen.
        let mut open: Vec<Duration> = Vec::new();
        for (index, span) in track.spans.iter().enumerate() {
            let end = span.end.unwrap_or(self.end);
            open.retain(|&other| other > span.start);
            draw_span(track, span, end, open.len().min(3) as f64 * 4.0, unit, y, canvas);
            open.push(end);
            // What it's called goes where no later span covers it.
            let covered = track.spans.get(index + 1).map_or(end, |next| next.start.min(end));
            draw_label(span, covered, y, canvas);
        }
        for mark in &track.marks {
            let x = canvas.x(mark.at);
            let tip = format!(
                "{}: {} at {} {}",
                track.name,
                mark.label.name,
                unit.format(mark.at),
                unit.name(false)
            );
            canvas.line(format_args!(
                r#"<line class="ml" x1="{x:.2}" x2="{x:.2}" y1="{:.2}" y2="{:.2}"/><path class="mark" d="M{x:.2} {:.2}l-5 8h10z"><title>{}</title></path>"#,
                y + 1.0,
                y + ROW - 1.0,
                y + ROW - 9.0,
                xml(&tip)
            ));
        }
    }

    /// What the key says: one entry for each way in which something is drawn.
    fn key_entries(&self) -> Vec<(Swatch, String)> {
        let mut words: BTreeMap<Swatch, String> = BTreeMap::new();
        words.insert(Swatch::Own, State::Working.name().to_owned());
        for span in self.tracks.iter().flat_map(|track| &track.spans) {
            let letter = letter(span.state, &span.label);
            let word = if span.state != State::Waiting && span.label.letter.is_some()
                || span.state == State::Working
            {
                span.label.name.to_string()
            } else {
                span.state.name().to_owned()
            };
            words.entry(Swatch::Span(span.state, letter)).or_insert(word);
        }
        words.extend(self.marks().into_keys().map(|label| (Swatch::Mark, label)));
        words.into_iter().map(|(swatch, word)| (swatch, cut(&word, 28))).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Swatch {
    Own,
    Span(State, Option<char>),
    Mark,
}

fn draw_name(name: &str, y: f64, canvas: &mut Canvas) {
    let name = xml(&cut(name, LONGEST_NAME));
    canvas.line(format_args!(r#"<text x="{MARGIN}" y="{:.2}">{name}</text>"#, y + 19.0));
}

fn draw_note(note: &str, y: f64, canvas: &mut Canvas) {
    canvas.line(format_args!(
        r#"<text class="soft" x="{MARGIN}" y="{:.2}" font-size="14">{note}</text>"#,
        y + 37.0
    ));
}

fn draw_span(
    track: &Track,
    span: &Interval,
    end: Duration,
    inset: f64,
    unit: Unit,
    y: f64,
    canvas: &mut Canvas,
) {
    let (x, to) = (canvas.x(span.start), canvas.x(end));
    // Less than a hundredth of a pixel cannot be written down.
    if to - x < 0.005 {
        return;
    }
    let class = class(span.state);
    let tip = format!(
        "{} {} {}: {} to {} {}",
        track.name,
        span.state.name(),
        span.label.name,
        unit.format(span.start),
        unit.format(end),
        unit.name(false)
    );
    canvas.line(format_args!(
        r#"<rect class="{class}" x="{x:.2}" y="{:.2}" width="{:.2}" height="{:.2}" stroke-width="{}"><title>{}</title></rect>"#,
        y + 5.0 + inset,
        to - x,
        BAR - 2.0 * inset,
        if to - x < 3.0 { 0 } else { 1 },
        xml(&tip)
    ));
}

/// What a span is called, where there is room for it; its letter, where there is room for that.
fn draw_label(span: &Interval, end: Duration, y: f64, canvas: &mut Canvas) {
    let (x, to) = (canvas.x(span.start), canvas.x(end));
    let name = match span.state {
        State::Waiting => format!("for {}", span.label.name),
        _ => span.label.name.to_string(),
    };
    let letter = letter(span.state, &span.label).map(String::from);
    let name = Some(name).filter(|name| name.chars().count() as f64 * SMALL + 8.0 <= to - x);
    let Some(shown) = name.or(letter.filter(|_| to - x >= 14.0)) else { return };
    canvas.line(format_args!(
        r#"<text class="on {}" x="{:.2}" y="{:.2}" font-size="14" text-anchor="middle" pointer-events="none">{}</text>"#,
        class(span.state),
        f64::midpoint(x, to),
        y + 24.0,
        xml(&shown)
    ));
}

/// How long a thread waited, for the line below its name.
fn waited(track: &Track, end: Duration, unit: Unit) -> String {
    format!("waited {} {}", unit.format(track.waited(end)), unit.name(false))
}

/// A title in lines that fit.
fn broken(title: &str) -> Vec<String> {
    const MOST: usize = 42;
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= MOST) {
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn draw_swatch(swatch: Swatch, x: f64, y: f64, canvas: &mut Canvas) {
    match swatch {
        Swatch::Own => {
            let (to, middle) = (x + 24.0, y + 9.0);
            canvas.line(format_args!(
                r#"<line class="own" x1="{x:.2}" x2="{to:.2}" y1="{middle:.2}" y2="{middle:.2}"/>"#
            ));
        }
        Swatch::Mark => {
            let (tip_x, tip_y) = (x + 12.0, y + 4.0);
            canvas.line(format_args!(r#"<path class="mark" d="M{tip_x:.2} {tip_y:.2}l-5 8h10z"/>"#));
        }
        Swatch::Span(state, letter) => {
            let class = class(state);
            canvas.line(format_args!(
                r#"<rect class="{class}" x="{x:.2}" y="{y:.2}" width="24" height="17"/>"#
            ));
            if let Some(letter) = letter {
                canvas.line(format_args!(
                    r#"<text class="on {class}" x="{:.2}" y="{:.2}" font-size="14" text-anchor="middle">{}</text>"#,
                    x + 12.0,
                    y + 13.0,
                    xml(&letter.to_string())
                ));
            }
        }
    }
}

fn class(state: State) -> &'static str {
    match state {
        State::Working => "work",
        State::Waiting => "wait",
        State::Holding => "hold",
        State::Reading => "read",
        State::Writing => "write",
    }
}

fn letter(state: State, label: &Label) -> Option<char> {
    match state {
        State::Waiting => None,
        State::Reading => label.letter.or(Some('R')),
        State::Writing => label.letter.or(Some('W')),
        State::Working | State::Holding => label.letter,
    }
}

/// Where each entry of the key goes, from the top left of the key.
fn place(key: &[(Swatch, String)]) -> Vec<(f64, f64)> {
    let (mut x, mut y) = (0.0, 0.0);
    let entry_at = |(_, word): &(Swatch, String)| {
        let wide = 32.0 + word.chars().count() as f64 * CHARACTER + 16.0;
        if x > 0.0 && x + wide > WIDTH - MARGIN {
            (x, y) = (0.0, y + 28.0);
        }
        let at = (x, y);
        x += wide;
        at
    };
    key.iter().map(entry_at).collect()
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

/// Text for an element: escaped, and free of what XML 1.0 cannot hold.
fn xml(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
