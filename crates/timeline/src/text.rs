//! The timeline as text: one row per thread, one column per instant.

use std::collections::BTreeMap;
use std::env;
use std::io::{IsTerminal, stdout};
use std::time::Duration;

use crate::recording::{Label, Recording, State, Track};

const DEFAULT_COLUMNS: usize = 80;
const FEWEST_COLUMNS: usize = 40;
const MOST_COLUMNS: usize = 100;
/// Below this, "waited" moves from every row to the head of its column.
const ROOMY_COLUMNS: usize = 60;

/// How to draw text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The width of the widest line: from 40 to 100. What lies outside is taken for the nearer of the two.
    pub columns: usize,
    /// Whether to do without `─ ░ █`.
    pub ascii: bool,
}

impl Style {
    /// What the terminal can show: `COLUMNS` wide (80 without it), and plain ASCII unless the first of
    /// `LC_ALL`, `LC_CTYPE` and `LANG` that is set names UTF-8.
    ///
    /// Windows sets none of the three. There a console shows every character, whatever its code page, and
    /// anything else, such as a PowerShell pipe, may garble them and gets ASCII.
    pub fn from_env() -> Style {
        Style::of(|name| env::var(name).ok(), cfg!(windows) && stdout().is_terminal())
    }

    fn of(variable: impl Fn(&str) -> Option<String>, unicode_console: bool) -> Style {
        let columns =
            variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        let utf8 = locale.map_or(unicode_console, |locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Style { columns: columns.unwrap_or(DEFAULT_COLUMNS), ascii: !utf8 }
    }

    fn glyph(self, state: State) -> char {
        match (state, self.ascii) {
            (State::Working, false) => '─',
            (State::Waiting, false) => '░',
            (State::Holding, false) => '█',
            (State::Working, true) => '-',
            (State::Waiting, true) => '.',
            (State::Holding, true) => '#',
            (State::Reading, _) => 'R',
            (State::Writing, _) => 'W',
        }
    }

    fn drawn(self, state: State, label: &Label) -> char {
        label.letter.filter(|_| state != State::Waiting).unwrap_or(self.glyph(state))
    }

    /// Cuts at `width`, and keeps control characters and, where asked, everything but ASCII out.
    fn fit(self, name: &str, width: usize) -> String {
        let shown = |c: char| if c.is_control() || (self.ascii && !c.is_ascii()) { '?' } else { c };
        let mut fitted: String = name.chars().take(width).map(shown).collect();
        if name.chars().count() > width {
            fitted.pop();
            fitted.push(if self.ascii { '~' } else { '…' });
        }
        fitted
    }
}

impl Recording {
    /// The timeline as text, at most `style.columns` wide, with a line break at the end.
    ///
    /// Each column shows one instant: the one in the middle of the time that the column stands for. A thread
    /// that only meets others at instants between two columns is not drawn meeting them, but a column never
    /// shows a state of affairs that did not exist.
    pub fn text(&self, style: &Style) -> String {
        let style = Style { columns: style.columns.clamp(FEWEST_COLUMNS, MOST_COLUMNS), ..*style };
        if self.tracks.is_empty() {
            return format!("{}\n", style.fit("Nothing was recorded.", style.columns));
        }
        let rows = self.rows(style);
        let roomy = style.columns >= ROOMY_COLUMNS;
        let names = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let names = names.max("ms".len()).min(style.columns / 3).min(24);
        let notes = rows.iter().map(|row| row.note.len()).max().unwrap_or(0);
        let notes = if roomy { notes } else { notes.max("waited".len()) };
        let bar = style.columns.saturating_sub(names + notes + 4).max(1);

        let edge = if style.ascii { '|' } else { '│' };
        let unit = Unit::of(self.length());
        let head = if roomy { "" } else { " waited" };
        let axis = unit.axis(self.length(), bar);
        let mut lines = vec![
            style.fit(&self.title, style.columns),
            format!("{:>names$} {edge}{axis:bar$}{edge}{head}", unit.name(style.ascii)),
        ];
        for row in &rows {
            let name = style.fit(&row.name, names);
            let cells: String = self.columns(bar).map(|column| (row.cell)(&column)).collect();
            lines.push(format!("{name:names$} {edge}{cells}{edge} {:>notes$}", row.note));
        }
        let key = self.key(style);
        let indent = " ".repeat((names + 2).min(style.columns / 3));
        lines.extend(wrapped(&key, style.columns - indent.len()).map(|line| format!("{indent}{line}")));
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    fn rows(&self, style: Style) -> Vec<Row<'_>> {
        let mut rows: Vec<Row> = Vec::new();
        let unit = Unit::of(self.length());
        let roomy = style.columns >= ROOMY_COLUMNS;
        let waits: Vec<String> =
            self.tracks.iter().map(|track| unit.format(track.waited(self.end))).collect();
        let widest = waits.iter().map(String::len).max().unwrap_or(0).max(3);
        for (track, waited) in self.tracks.iter().zip(waits) {
            let waited = format!("{waited:>widest$} {}", unit.name(true));
            rows.push(Row {
                name: track.name.clone(),
                note: if roomy { format!("waited {waited}") } else { waited },
                cell: Box::new(move |column| track.cell(style, column.instant)),
            });
        }
        for (label, times) in self.marks() {
            let note = match times.as_slice() {
                [at] => format!("at {:>w$} {}", unit.format(*at), unit.name(true), w = widest),
                more => format!("{} times", more.len()),
            };
            let sign = if style.ascii { '^' } else { '▲' };
            rows.push(Row {
                name: label,
                note,
                cell: Box::new(move |column| {
                    if times.iter().any(|&at| column.from <= at && at < column.to) { sign } else { ' ' }
                }),
            });
        }
        for counter in &self.counters {
            rows.push(Row {
                name: counter.name.clone(),
                note: format!("max {}", self.most(&counter.count)),
                cell: Box::new(|column| {
                    let number = self.number_at(&counter.count, column.instant);
                    u32::try_from(number).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or('+')
                }),
            });
        }
        rows.iter_mut().for_each(|row| row.note = row.note.trim_end().to_owned());
        let widest = rows.iter().map(|row| row.note.len()).max().unwrap_or(0);
        rows.iter_mut().for_each(|row| row.note = format!("{:widest$}", row.note));
        rows
    }

    fn columns(&self, number: usize) -> impl Iterator<Item = Column> {
        let length = self.length().as_nanos();
        let part = move |numerator: usize, denominator: usize| {
            let nanos = length * numerator as u128 / denominator as u128;
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        };
        (0..number).map(move |column| Column {
            from: part(column, number),
            instant: part(2 * column + 1, 2 * number),
            // What happens at the very end belongs to the last column.
            to: part(column + 1, number) + Duration::from_nanos(u64::from(column + 1 == number)),
        })
    }

    /// When each kind of mark was made, by its name.
    pub(crate) fn marks(&self) -> BTreeMap<String, Vec<Duration>> {
        let mut marks: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for mark in self.tracks.iter().flat_map(|track| &track.marks) {
            marks.entry(mark.label.name.to_string()).or_default().push(mark.at);
        }
        marks
    }

    /// What is drawn for what, in the order of the states, then of the letters.
    fn key(&self, style: Style) -> Vec<String> {
        let mut words: BTreeMap<(State, bool, char), String> = BTreeMap::new();
        words.insert((State::Working, false, style.glyph(State::Working)), State::Working.name().to_owned());
        for span in self.tracks.iter().flat_map(|track| &track.spans) {
            let letter = span.label.letter.filter(|_| span.state != State::Waiting);
            let word = letter.map_or(span.state.name(), |_| &span.label.name);
            words
                .entry((span.state, letter.is_some(), style.drawn(span.state, &span.label)))
                .or_insert_with(|| word.to_owned());
        }
        words
            .into_iter()
            .map(|((.., glyph), word)| format!("{glyph}{glyph} {}", style.fit(&word, 20)))
            .collect()
    }
}

impl Track {
    fn cell(&self, style: Style, instant: Duration) -> char {
        match self.shown_at(instant) {
            Some(span) => style.drawn(span.state, &span.label),
            None if self.is_alive_at(instant) => style.glyph(State::Working),
            None => ' ',
        }
    }
}

struct Row<'a> {
    name: String,
    note: String,
    cell: Box<dyn Fn(&Column) -> char + 'a>,
}

struct Column {
    from: Duration,
    instant: Duration,
    to: Duration,
}

/// The unit in which the times of one drawing are given.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
}

impl Unit {
    pub(crate) fn of(length: Duration) -> Unit {
        match length.as_millis() {
            0..10 => Unit::Microseconds,
            10..20_000 => Unit::Milliseconds,
            _ => Unit::Seconds,
        }
    }

    pub(crate) fn name(self, ascii: bool) -> &'static str {
        match self {
            Unit::Microseconds if ascii => "us",
            Unit::Microseconds => "µs",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Unit::Microseconds => 1e-6,
            Unit::Milliseconds => 1e-3,
            Unit::Seconds => 1.0,
        }
    }

    pub(crate) fn format(self, time: Duration) -> String {
        let decimals = usize::from(matches!(self, Unit::Seconds));
        format!("{:.decimals$}", time.as_secs_f64() / self.seconds())
    }

    /// Round times, in this unit, that cut `length` into at most `parts`.
    pub(crate) fn ticks(self, length: Duration, parts: usize) -> impl Iterator<Item = (f64, f64)> {
        let length = length.as_secs_f64() / self.seconds();
        let mut steps = (0..).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)));
        let step = steps.find(|step| length / step <= parts as f64).expect("the steps grow without end");
        (0..)
            .map(move |tick| f64::from(tick) * step)
            .take_while(move |&at| at < length)
            .map(move |at| (at, at / length))
    }

    fn axis(self, length: Duration, width: usize) -> String {
        let mut axis = String::new();
        for (at, part) in self.ticks(length, (width / 7).max(1)) {
            let (column, label) = ((part * width as f64) as usize, at.to_string());
            if column + label.len() <= width && (column > axis.len() || column == 0) {
                axis = format!("{axis:column$}{label}");
            }
        }
        axis
    }
}

fn wrapped(words: &[String], width: usize) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + word.chars().count() <= width => {
                line.push_str("   ");
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::Style;

    fn style(variables: &[(&str, &str)]) -> Style {
        let of =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Style::of(of, false)
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        assert!(!style(&[("LANG", "de_DE.UTF-8")]).ascii);
        assert!(!style(&[("LC_ALL", "C.utf8"), ("LANG", "C")]).ascii);
        assert!(style(&[("LC_ALL", "C"), ("LC_CTYPE", "en_US.UTF-8"), ("LANG", "en_US.UTF-8")]).ascii);
        assert!(!style(&[("LC_ALL", ""), ("LC_CTYPE", "UTF-8"), ("LANG", "C")]).ascii);
        assert!(style(&[]).ascii);
    }

    #[test]
    fn without_a_locale_a_windows_console_shows_every_character() {
        assert!(!Style::of(|_| None, true).ascii);
        assert!(Style::of(|name| (name == "LANG").then(|| "C".to_owned()), true).ascii);
    }

    #[test]
    fn columns_that_are_no_number_are_ignored() {
        assert_eq!(style(&[("COLUMNS", "60")]).columns, 60);
        assert_eq!(style(&[("COLUMNS", "wide")]).columns, 80);
        assert_eq!(style(&[("COLUMNS", "0")]).columns, 80);
        assert_eq!(style(&[]).columns, 80);
    }
}
