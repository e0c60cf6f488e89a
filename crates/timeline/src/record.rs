//! The hot path: what a running thread calls.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::recording::{Count, Counter, Interval, Label, Mark, Recording, State, Track};

/// Hands out one [`Lane`] per thread and collects what they noted.
///
/// Clones share the recording.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    title: String,
    lanes: Mutex<Vec<Arc<Log>>>,
    counters: Mutex<Vec<Counter>>,
}

/// One thread's buffer. Only that thread takes its lock while the run lasts, so the lock is always free.
#[derive(Debug)]
struct Log {
    name: String,
    born: Instant,
    entries: Mutex<Entries>,
}

#[derive(Debug)]
struct Entries {
    died: Option<Instant>,
    spans: Vec<Entry>,
    marks: Vec<(Instant, Label)>,
}

#[derive(Debug)]
struct Entry {
    state: State,
    label: Label,
    start: Instant,
    end: Option<Instant>,
}

impl Recorder {
    /// A recorder that is on. The title heads every drawing.
    pub fn new(title: impl Into<String>) -> Recorder {
        let shared = Shared { title: title.into(), lanes: Mutex::default(), counters: Mutex::default() };
        Recorder { shared: Some(Arc::new(shared)) }
    }

    /// A recorder that is off: its lanes note nothing and do not read the clock.
    pub fn off() -> Recorder {
        Recorder { shared: None }
    }

    /// Whether lanes note anything.
    pub fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// A new row, below the earlier ones, for one thread. Ask for lanes before spawning the threads, in the
    /// order in which they should be drawn. The row lasts until the lane is dropped; whatever no span covers
    /// is drawn as the thread's own work.
    pub fn lane(&self, name: impl Into<String>) -> Lane {
        let Some(shared) = &self.shared else { return Lane::off() };
        let entries = Entries { died: None, spans: Vec::with_capacity(256), marks: Vec::new() };
        let mut lanes = lock(&shared.lanes);
        let log = Arc::new(Log { name: name.into(), born: Instant::now(), entries: Mutex::new(entries) });
        lanes.push(Arc::clone(&log));
        Lane { log: Some(log) }
    }

    /// Adds a row below the threads that counts, at each instant, the spans that `count` picks.
    pub fn counter(&self, name: impl Into<String>, count: Count) {
        if let Some(shared) = &self.shared {
            lock(&shared.counters).push(Counter { name: name.into(), count });
        }
    }

    /// Everything noted so far, with zero where the first lane began. Threads may still be running, or be
    /// stuck for good: what they are in the middle of is drawn up to now. Empty when the recorder is off.
    pub fn recording(&self) -> Recording {
        let Some(shared) = &self.shared else { return Recording::new("") };
        // The clock is read before the buffers, and what they say of later instants is cut off. Read after
        // them, it would show two holders: one still inside when its buffer was copied, and the next one,
        // whose buffer was copied later.
        let now = Instant::now();
        let lanes = lock(&shared.lanes);
        let lanes = || lanes.iter().filter(|log| log.born <= now);
        let zero = lanes().map(|log| log.born).min().unwrap_or(now);
        let tracks: Vec<Track> = lanes().map(|log| log.track(zero, now)).collect();
        let end = tracks.iter().map(|track| track.died.unwrap_or(now - zero)).max().unwrap_or(Duration::ZERO);
        let counters = lock(&shared.counters).clone();
        Recording { title: shared.title.clone(), tracks, counters, end }
    }
}

impl Log {
    fn track(&self, zero: Instant, now: Instant) -> Track {
        let since_zero = |at: Instant| at.saturating_duration_since(zero);
        let by_now = |at: Option<Instant>| at.filter(|&at| at <= now).map(since_zero);
        let entries = lock(&self.entries);
        let spans = entries.spans.iter().filter(|entry| entry.start <= now).map(|entry| Interval {
            state: entry.state,
            label: entry.label.clone(),
            start: since_zero(entry.start),
            end: by_now(entry.end),
        });
        let marks = entries.marks.iter().filter(|(at, _)| *at <= now);
        Track {
            name: self.name.clone(),
            born: since_zero(self.born),
            died: by_now(entries.died),
            spans: spans.collect(),
            marks: marks.map(|(at, label)| Mark { at: since_zero(*at), label: label.clone() }).collect(),
        }
    }
}

/// One thread's row. Move it into the thread that it describes.
#[derive(Debug)]
pub struct Lane {
    log: Option<Arc<Log>>,
}

impl Lane {
    /// A lane that notes nothing, for callers that have no recorder.
    pub fn off() -> Lane {
        Lane { log: None }
    }

    /// Runs `wait`, drawn as waiting, and returns what it returns.
    pub fn wait<R>(&self, label: impl Into<Label>, wait: impl FnOnce() -> R) -> R {
        let _waiting = self.span(State::Waiting, label);
        wait()
    }

    /// Runs `work`, drawn as the thread's own work with its letter, and returns what it returns.
    pub fn work<R>(&self, label: impl Into<Label>, work: impl FnOnce() -> R) -> R {
        let _working = self.span(State::Working, label);
        work()
    }

    /// Waits in `acquire` for a lock, a permit, a connection; then holds it until the result is dropped.
    pub fn hold<G>(&self, label: impl Into<Label>, acquire: impl FnOnce() -> G) -> Held<'_, G> {
        self.acquire(State::Holding, label.into(), || Some(acquire())).expect("acquired")
    }

    /// Like [`hold`](Lane::hold), drawn `R`.
    pub fn read<G>(&self, label: impl Into<Label>, acquire: impl FnOnce() -> G) -> Held<'_, G> {
        self.acquire(State::Reading, label.into(), || Some(acquire())).expect("acquired")
    }

    /// Like [`hold`](Lane::hold), drawn `W`.
    pub fn write<G>(&self, label: impl Into<Label>, acquire: impl FnOnce() -> G) -> Held<'_, G> {
        self.acquire(State::Writing, label.into(), || Some(acquire())).expect("acquired")
    }

    /// Like [`hold`](Lane::hold) for an attempt that may fail: `None` ends the waiting and holds nothing.
    pub fn try_hold<G>(
        &self,
        label: impl Into<Label>,
        attempt: impl FnOnce() -> Option<G>,
    ) -> Option<Held<'_, G>> {
        self.acquire(State::Holding, label.into(), attempt)
    }

    fn acquire<G>(
        &self,
        state: State,
        label: Label,
        attempt: impl FnOnce() -> Option<G>,
    ) -> Option<Held<'_, G>> {
        let mut span = self.span(State::Waiting, label.clone());
        let guard = attempt()?;
        span.switch(state, label.clone());
        Some(Held { span, guard, state, label })
    }

    /// Starts a span that lasts until it is dropped, for what no closure can hold.
    ///
    /// A span for [`State::Holding`] must be dropped before the guard that it stands for. Declared after the
    /// guard, it is: locals are dropped in reverse order.
    pub fn span(&self, state: State, label: impl Into<Label>) -> Span<'_> {
        let index = self.log.as_ref().map_or(0, |log| {
            let start = Instant::now();
            lock(&log.entries).open(state, label.into(), start)
        });
        Span { lane: self, index }
    }

    /// Notes that something happened at this instant.
    pub fn mark(&self, label: impl Into<Label>) {
        if let Some(log) = &self.log {
            let at = Instant::now();
            lock(&log.entries).marks.push((at, label.into()));
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(log) = &self.log {
            let at = Instant::now();
            lock(&log.entries).died = Some(at);
        }
    }
}

impl Entries {
    fn open(&mut self, state: State, label: Label, start: Instant) -> usize {
        self.spans.push(Entry { state, label, start, end: None });
        self.spans.len() - 1
    }
}

/// A stretch of one state on one lane: ends when it is dropped.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span<'lane> {
    lane: &'lane Lane,
    index: usize,
}

impl Span<'_> {
    /// Ends this state and starts another at the very same instant.
    pub fn switch(&mut self, state: State, label: impl Into<Label>) {
        if let Some(log) = &self.lane.log {
            let at = Instant::now();
            let mut entries = lock(&log.entries);
            entries.spans[self.index].end = Some(at);
            self.index = entries.open(state, label.into(), at);
        }
    }
}

impl Drop for Span<'_> {
    fn drop(&mut self) {
        if let Some(log) = &self.lane.log {
            let at = Instant::now();
            lock(&log.entries).spans[self.index].end = Some(at);
        }
    }
}

/// A guard and the span that shows it held. Dereferences to what the guard protects.
///
/// Dropping it notes the end of holding first and lets go of the guard second, so that no other thread can
/// be recorded as the holder while this one still is.
#[derive(Debug)]
#[must_use = "dropping it at once lets go of the guard"]
pub struct Held<'lane, G> {
    // The order matters: fields are dropped from top to bottom.
    span: Span<'lane>,
    guard: G,
    state: State,
    label: Label,
}

impl<G> Held<'_, G> {
    /// Gives the guard to `wait`, which lets go of the lock, waits and takes it again, as
    /// [`Condvar::wait`](std::sync::Condvar::wait) does; drawn as waiting meanwhile.
    pub fn wait(self, label: impl Into<Label>, wait: impl FnOnce(G) -> G) -> Self {
        let Held { mut span, guard, state, label: held } = self;
        span.switch(State::Waiting, label);
        let guard = wait(guard);
        span.switch(state, held.clone());
        Held { span, guard, state, label: held }
    }
}

impl<G: Deref> Deref for Held<'_, G> {
    type Target = G::Target;

    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<G: DerefMut> DerefMut for Held<'_, G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.guard
    }
}

/// A panic elsewhere must not cost the recording: every critical section here leaves its data whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{Recorder, lock};
    use crate::recording::State;

    #[test]
    fn what_comes_after_the_instant_of_a_picture_is_not_in_it() {
        let recorder = Recorder::new("cut");
        let lane = recorder.lane("T1");
        let held = lane.span(State::Holding, "before");
        let picture = Instant::now();
        drop(held);
        // A clock that ticks slowly may give both sides of the cut the same instant.
        while Instant::now() == picture {}
        drop(lane.span(State::Holding, "after"));
        lane.mark("after");
        drop(lane);

        let lanes = lock(&recorder.shared.as_ref().unwrap().lanes);
        let track = lanes[0].track(lanes[0].born, picture);
        assert_eq!(track.spans.len(), 1, "{:?}", track.spans);
        assert_eq!(track.spans[0].label.name, "before");
        assert!(track.marks.is_empty() && track.died.is_none());
    }
}
