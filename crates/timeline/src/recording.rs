//! A finished recording as plain data, and the questions that every renderer asks of it.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

/// What a thread is doing during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its own work, which needs no other thread.
    Working,
    /// Blocked: for a lock, a permit, a signal, the network.
    Waiting,
    /// Inside, by the leave of a lock or a permit.
    Holding,
    /// Inside a read-write lock, together with other readers.
    Reading,
    /// Inside a read-write lock, alone.
    Writing,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Working => "own work",
            State::Waiting => "waiting",
            State::Holding => "holding",
            State::Reading => "reading",
            State::Writing => "writing",
        }
    }

    pub(crate) fn is_inside(self) -> bool {
        matches!(self, State::Holding | State::Reading | State::Writing)
    }
}

/// What a span is about: a name, and a letter to draw it with where kinds must be told apart.
///
/// Made from `"balance"`, from a `String`, or from `('A', "account A")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Shown by the SVG on hover and by Perfetto, and what a [`Count`] looks for.
    pub name: Cow<'static, str>,
    /// Drawn in place of the block or line; ignored while waiting. Anything but visible ASCII becomes `?`.
    pub letter: Option<char>,
}

impl From<&'static str> for Label {
    fn from(name: &'static str) -> Label {
        Label { name: Cow::Borrowed(name), letter: None }
    }
}

impl From<String> for Label {
    fn from(name: String) -> Label {
        Label { name: Cow::Owned(name), letter: None }
    }
}

impl<N: Into<Label>> From<(char, N)> for Label {
    fn from((letter, name): (char, N)) -> Label {
        let letter = if letter.is_ascii_graphic() { letter } else { '?' };
        Label { letter: Some(letter), ..name.into() }
    }
}

/// What some threads did and when. Made by [`Recorder::recording`](crate::Recorder::recording), or by hand
/// for a picture that must not vary:
///
/// ```
/// use timeline::{Count, Recording, State, Style, Track};
///
/// let recording = Recording::new("Mutex: two threads, one lock")
///     .track(Track::new("T1").span(State::Holding, 10..40, "lock").until(50))
///     .track(Track::new("T2").span(State::Waiting, 20..40, "lock").span(State::Holding, 40..80, "lock"))
///     .counter("holders", Count::holding().of("lock"));
///
/// assert_eq!(recording.text(&Style { columns: 60, ascii: true }), "\
/// Mutex: two threads, one lock
///      ms |0        20       40       60       |
/// T1      |----##############----              | waited   0 ms
/// T2      |---------.........##################| waited  20 ms
/// holders |000011111111111111111111111111111111| max 1
///          -- own work   .. waiting   ## holding
/// ");
/// ```
#[derive(Clone, Debug)]
pub struct Recording {
    /// Heads every drawing.
    pub title: String,
    /// One row per thread.
    pub tracks: Vec<Track>,
    /// Rows that count.
    pub counters: Vec<Counter>,
    /// How long the recording lasts; zero is its start.
    pub end: Duration,
}

/// One thread's row.
#[derive(Clone, Debug)]
pub struct Track {
    /// The thread's name.
    pub name: String,
    /// When the row begins.
    pub born: Duration,
    /// When it ends; `None` if it outlasts the recording.
    pub died: Option<Duration>,
    /// In the order in which they started. Spans may overlap: the latest to start is the one drawn.
    pub spans: Vec<Interval>,
    /// What happened at an instant.
    pub marks: Vec<Mark>,
}

/// One state over `start <= t < end`.
#[derive(Clone, Debug)]
pub struct Interval {
    /// What the thread did.
    pub state: State,
    /// With what.
    pub label: Label,
    /// The first instant inside.
    pub start: Duration,
    /// The first instant no longer inside; `None` if it outlasts the recording.
    pub end: Option<Duration>,
}

/// Something that happened at one instant.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When.
    pub at: Duration,
    /// What.
    pub label: Label,
}

/// A row that counts spans.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The row's name.
    pub name: String,
    /// What it counts.
    pub count: Count,
}

/// Which spans to count: `Count::holding().of("balance")`.
///
/// Own work is counted only where a span names it.
#[derive(Clone, Debug)]
pub struct Count {
    state: State,
    of: Option<Cow<'static, str>>,
}

impl Count {
    /// Counts spans that hold, read or write.
    pub fn holding() -> Count {
        Count { state: State::Holding, of: None }
    }

    /// Counts spans that wait.
    pub fn waiting() -> Count {
        Count { state: State::Waiting, of: None }
    }

    /// Counts spans of named own work.
    pub fn working() -> Count {
        Count { state: State::Working, of: None }
    }

    /// Counts only the spans with this label.
    pub fn of(self, name: impl Into<Cow<'static, str>>) -> Count {
        Count { of: Some(name.into()), ..self }
    }

    fn picks(&self, span: &Interval) -> bool {
        let state = if span.state.is_inside() { State::Holding } else { span.state };
        state == self.state && self.of.as_ref().is_none_or(|name| *name == span.label.name)
    }
}

impl Recording {
    /// An empty recording, to which tracks and counters are added by hand.
    pub fn new(title: impl Into<String>) -> Recording {
        Recording { title: title.into(), tracks: Vec::new(), counters: Vec::new(), end: Duration::ZERO }
    }

    /// Adds a row; the recording lasts at least as long.
    pub fn track(mut self, track: Track) -> Recording {
        self.end = self.end.max(track.last_instant());
        self.tracks.push(track);
        self
    }

    /// Adds a row that counts.
    pub fn counter(mut self, name: impl Into<String>, count: Count) -> Recording {
        self.counters.push(Counter { name: name.into(), count });
        self
    }

    /// The highest number reached at any instant, whether or not a column of text falls on it.
    pub fn most(&self, count: &Count) -> usize {
        self.steps(count).into_iter().map(|(_, number)| number).max().unwrap_or(0)
    }

    /// How many spans `count` picks at one instant.
    pub fn number_at(&self, count: &Count, instant: Duration) -> usize {
        self.tracks
            .iter()
            .flat_map(|track| &track.spans)
            .filter(|span| count.picks(span) && span.covers(instant))
            .count()
    }

    /// Every change of a counter: from when on, and the new number. The first is at zero.
    pub(crate) fn steps(&self, count: &Count) -> Vec<(Duration, usize)> {
        let mut changes = vec![(Duration::ZERO, 0)];
        for span in self.tracks.iter().flat_map(|track| &track.spans).filter(|span| count.picks(span)) {
            changes.push((span.start, 1));
            changes.extend(span.end.map(|end| (end, -1)));
        }
        changes.sort_by_key(|&(at, _)| at);
        let mut number = 0_isize;
        let mut steps: Vec<(Duration, usize)> = Vec::new();
        for together in changes.chunk_by(|one, next| one.0 == next.0) {
            // All changes of one instant at once: a hand-over from one holder to the next is no second holder.
            number += together.iter().map(|&(_, change)| change).sum::<isize>();
            let reached = number.unsigned_abs();
            if steps.last().is_none_or(|&(_, last)| last != reached) {
                steps.push((together[0].0, reached));
            }
        }
        steps
    }

    /// The length to divide by: never zero.
    pub(crate) fn length(&self) -> Duration {
        self.end.max(Duration::from_nanos(1))
    }
}

impl Track {
    /// A row that begins at zero, to which spans are added by hand.
    pub fn new(name: impl Into<String>) -> Track {
        let name = name.into();
        Track { name, born: Duration::ZERO, died: None, spans: Vec::new(), marks: Vec::new() }
    }

    /// Adds a span, in milliseconds, after those that start earlier. The row lasts at least as long.
    pub fn span(mut self, state: State, milliseconds: Range<u64>, label: impl Into<Label>) -> Track {
        let start = Duration::from_millis(milliseconds.start);
        let end = Duration::from_millis(milliseconds.end);
        self.spans.push(Interval { state, label: label.into(), start, end: Some(end) });
        self.died = Some(self.last_instant());
        self
    }

    /// Adds a mark, in milliseconds.
    pub fn mark(mut self, millisecond: u64, label: impl Into<Label>) -> Track {
        self.marks.push(Mark { at: Duration::from_millis(millisecond), label: label.into() });
        self
    }

    /// Lets the row begin at this millisecond.
    pub fn from(mut self, millisecond: u64) -> Track {
        self.born = Duration::from_millis(millisecond);
        self
    }

    /// Lets the row end at this millisecond.
    pub fn until(mut self, millisecond: u64) -> Track {
        self.died = Some(Duration::from_millis(millisecond));
        self
    }

    /// How long the thread waited in all, up to `end` for a wait that never ended.
    pub fn waited(&self, end: Duration) -> Duration {
        let mut total = Duration::ZERO;
        let mut counted_to = Duration::ZERO;
        for span in self.spans.iter().filter(|span| span.state == State::Waiting) {
            // A wait inside a wait is not waited twice.
            let start = span.start.max(counted_to);
            let end = span.end.unwrap_or(end);
            total += end.saturating_sub(start);
            counted_to = counted_to.max(end);
        }
        total
    }

    /// The span drawn at an instant: of those that cover it, the latest to start.
    pub(crate) fn shown_at(&self, instant: Duration) -> Option<&Interval> {
        self.spans.iter().filter(|span| span.covers(instant)).max_by_key(|span| span.start)
    }

    pub(crate) fn is_alive_at(&self, instant: Duration) -> bool {
        self.born <= instant && self.died.is_none_or(|died| instant < died)
    }

    fn last_instant(&self) -> Duration {
        let ends = self.spans.iter().filter_map(|span| span.end);
        let marks = self.marks.iter().map(|mark| mark.at);
        ends.chain(marks).chain(self.died).max().unwrap_or(self.born)
    }
}

impl Interval {
    pub(crate) fn covers(&self, instant: Duration) -> bool {
        self.start <= instant && self.end.is_none_or(|end| instant < end)
    }
}
