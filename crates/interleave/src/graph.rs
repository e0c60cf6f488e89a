//! Every state that a scenario can be in, for drawing a map of its interleavings.

use crate::check::{one_at_a_time, run_once};
use crate::engine::{self, Failure, Loc, ObjectId, Settings, Tid, World};
use crate::outcomes::Ending;
use crate::report::{self, Names};
use crate::search::{Choice, Every, Kind, Pilot};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// A graph of no more states than this is drawn: what has more cannot be looked at.
const MOST_STATES: usize = 50_000;

/// Every state that a scenario can be in, and how one leads to another; see [`state_graph`].
#[derive(Clone, Debug)]
pub struct StateGraph {
    /// The names of the threads; number 0 is the scenario's own.
    pub threads: Vec<String>,
    /// The names of locks, condition variables, atomics and the like.
    pub objects: Vec<String>,
    /// The states; number 0 is the start.
    pub states: Vec<State>,
    /// Whether these are all: no more than 50,000 are collected.
    pub complete: bool,
}

/// A moment at which any thread that is ready may take its next step.
#[derive(Clone, Debug)]
pub struct State {
    /// Where each thread is, by its number. A thread that is not started yet is missing.
    pub threads: Vec<ThreadAt>,
    /// What each object is like, by its number; `None` when nobody has used it yet.
    pub objects: Vec<Option<ObjectAt>>,
    /// The steps that can come next.
    pub moves: Vec<Move>,
    /// How the run has ended, if it has.
    pub ending: Option<Ending<String>>,
    /// In how many ways a run can go on from here to an end.
    pub schedules: u64,
}

/// Where a thread is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThreadAt {
    /// How many steps it has taken.
    pub steps: usize,
    /// What it is about to do; `None` when it has ended.
    pub next: Option<Next>,
}

/// What a thread is about to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Next {
    /// The file, as a path from the workspace.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What the line says.
    pub text: String,
    /// Whether it can, or has to wait.
    pub is_ready: bool,
    /// What it waits for, in words, should it have to.
    pub wish: String,
}

/// What an object is like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectAt {
    /// The value, if it can be shown.
    pub value: Option<String>,
    /// The threads that hold it.
    pub holders: Vec<usize>,
}

/// A step from one state to another.
#[derive(Clone, Debug)]
pub struct Move {
    /// Who takes it.
    pub thread: usize,
    /// It wakes the thread although nobody notified it or its time is not up.
    pub is_fault: bool,
    /// Its part of the schedule string.
    pub schedule: String,
    /// What it does, in words.
    pub effect: String,
    /// The number of the state that it leads to.
    pub to: usize,
}

/// Collects every state that `scenario` can be in, over every interleaving, with at most `wakeups` spurious wakeups or early
/// time-outs in a run.
///
/// Two moments are the same state when every thread has seen the same so far, and all objects have the same values and holders.
///
/// ```
/// use interleave::sync::Mutex;
/// use interleave::{state_graph, thread};
///
/// let graph = state_graph(0, || {
///     let visits = Mutex::new(0);
///     thread::scope(|s| {
///         for _ in 0..2 {
///             s.spawn(|| *visits.lock().unwrap() += 1);
///         }
///     });
///     visits.into_inner().unwrap()
/// });
/// // The start; one of the two has been there; both have, in either order.
/// assert_eq!(graph.states.len(), 5);
/// assert_eq!(graph.states[0].schedules, 2);
/// ```
///
/// # Panics
/// Inside of a check, and when the scenario does not do the same in every run.
pub fn state_graph<T: fmt::Debug + 'static>(wakeups: u32, scenario: impl Fn() -> T + 'static) -> StateGraph {
    let _one_at_a_time = one_at_a_time();
    let returned = Rc::new(Cell::new(None));
    let slot = returned.clone();
    let scenario: std::sync::Arc<dyn Fn()> = std::sync::Arc::new(move || slot.set(Some(scenario())));
    let mut settings = Settings { recording: true, max_faults: wakeups, ..Settings::default() };
    engine::forget_loops();
    'again: loop {
        let mut graph = Collected::default();
        let mut every = Every::default();
        loop {
            engine::trace_states(Some(|w| {
                MOMENTS.with_borrow_mut(|moments| moments.push(Moment::of(w)));
            }));
            let (failure, w) = run_once(settings, Pilot::Every(every), &scenario);
            engine::trace_states(None);
            let moments = MOMENTS.take();
            let returned = returned.take();
            let ending = match &failure {
                Some(Failure::WatchReleases) => {
                    settings.watch_releases = true;
                    continue 'again;
                }
                Some(Failure::Loop(..)) => continue 'again,
                Some(Failure::Misuse(why)) => panic!("{why}"),
                Some(failure) => Ending::Failed(report::headline(&w, failure, None)),
                None => Ending::Returned(returned.map(|value| format!("{value:?}")).unwrap_or_default()),
            };
            graph.add(&w, &moments, ending);
            let Pilot::Every(back) = w.pilot else { unreachable!("the pilot comes back") };
            every = back;
            let complete = graph.states.len() < MOST_STATES;
            if !complete || !every.next_run() {
                return graph.finish(complete);
            }
        }
    }
}

thread_local! {
    /// The moments of the run that is under way.
    static MOMENTS: RefCell<Vec<Moment>> = const { RefCell::new(vec![]) };
}

/// The run as it was before a choice.
struct Moment {
    /// How many events and choices came before it.
    events: usize,
    choices: usize,
    threads: Vec<ThreadAt>,
    objects: Vec<ObjectAt>,
}

impl Moment {
    /// The run as it is now.
    fn of(w: &World) -> Self {
        let names = Names::new(w);
        let steps = |tid: Tid| w.log.iter().filter(|e| e.who == tid && e.loc.is_some()).count();
        let next = |tid: Tid| {
            let (op, is_ready) = w.next_of(tid)?;
            Some(Next {
                file: crate::source::tidy(op.loc.file()),
                line: op.loc.line(),
                text: crate::source::text(op.loc),
                is_ready,
                wish: names.wish(&op),
            })
        };
        let threads =
            (0..w.threads.len()).map(|tid| ThreadAt { steps: steps(tid), next: next(tid) }).collect();
        let object = |o: &engine::Object| {
            let mut holders: Vec<usize> = o.holders.iter().map(|h| h.0).collect();
            holders.sort_unstable();
            ObjectAt { value: o.value.clone(), holders }
        };
        let things = w.objects.iter().filter(|o| o.is_a_thing());
        Moment { events: w.log.len(), choices: w.trail.len(), threads, objects: things.map(object).collect() }
    }
}

/// What every thread has seen so far, where they are, and what the objects are like.
type Key = (Vec<Vec<String>>, Vec<ThreadAt>, Vec<Option<ObjectAt>>, Option<Ending<String>>);

/// A lock, an atomic, …: the same one in every run, whoever comes to it first.
struct Thing {
    /// The line that makes it, and how many from that line were in use before.
    made_by: (Loc, usize),
    name: String,
    first_value: Option<String>,
}

#[derive(Default)]
struct Collected {
    threads: Vec<String>,
    things: Vec<Thing>,
    states: Vec<State>,
    numbers: HashMap<Key, usize>,
}

impl Collected {
    /// Adds the moments of one run.
    fn add(&mut self, w: &World, moments: &[Moment], ending: Ending<String>) {
        let names = Names::new(w);
        let things = self.learn_names(w, &names);
        let mut from: Option<(usize, &Moment)> = None;
        let last = Moment::of(w);
        let moments = moments.iter().map(|moment| (moment, None));
        for (moment, ending) in moments.chain([(&last, Some(ending))]) {
            let number = self.number(w, &things, moment, ending);
            if let Some((from, before)) = from {
                let picks = &w.trail[before.choices..moment.choices];
                self.connect(w, &names, from, number, picks, before.events..moment.events);
            }
            from = Some((number, moment));
        }
    }

    /// Returns which of the things each of the run's own is.
    fn learn_names(&mut self, w: &World, names: &Names) -> Vec<usize> {
        if self.threads.len() < w.threads.len() {
            self.threads = (0..w.threads.len()).map(|tid| w.name(tid)).collect();
        }
        let own: Vec<_> = (0..).zip(&w.objects).filter(|(_, o)| o.is_a_thing()).collect();
        // Namesakes are told apart by numbers, once both have been seen.
        let tells_most = own.len() > self.things.len();
        let number = |(at, &(id, object)): (usize, &(ObjectId, &engine::Object))| {
            let made_by = (object.born, own[..at].iter().filter(|(_, o)| o.born == object.born).count());
            let known = self.things.iter().position(|thing| thing.made_by == made_by);
            let number = known.unwrap_or(self.things.len());
            if known.is_none() {
                self.things.push(Thing { made_by, name: names.of(id).to_string(), first_value: None });
            }
            let thing = &mut self.things[number];
            if tells_most {
                thing.name = names.of(id).to_string();
            }
            if thing.first_value.is_none() && object.kind != "Condvar" {
                thing.first_value = w.log.iter().find(|e| e.object == id).and_then(|e| e.before.clone());
            }
            number
        };
        own.iter().enumerate().map(number).collect()
    }

    /// The number of the state. `things` says which thing each of the run's own is.
    fn number(
        &mut self,
        w: &World,
        things: &[usize],
        moment: &Moment,
        ending: Option<Ending<String>>,
    ) -> usize {
        let mut seen = vec![vec![]; w.threads.len()];
        for e in &w.log[..moment.events] {
            seen[e.who].push(format!("{:?}{:?}{:?}{:?}", e.verb, e.loc, e.before, e.woken));
        }
        let of_thing = |thing| {
            let own = things.iter().position(|&own| own == thing)?;
            moment.objects.get(own).cloned()
        };
        let used = things[..moment.objects.len()].iter().max().map_or(0, |last| last + 1);
        let objects: Vec<Option<ObjectAt>> = (0..used).map(of_thing).collect();
        let key = (seen, moment.threads.clone(), objects.clone(), ending.clone());
        *self.numbers.entry(key).or_insert_with(|| {
            self.states.push(State {
                threads: moment.threads.clone(),
                objects,
                moves: vec![],
                ending,
                schedules: 0,
            });
            self.states.len() - 1
        })
    }

    fn connect(
        &mut self,
        w: &World,
        names: &Names,
        from: usize,
        to: usize,
        picks: &[Choice],
        events: std::ops::Range<usize>,
    ) {
        let schedule = crate::schedule::to_string(picks);
        let Some(pick) = picks.first() else { return };
        if self.states[from].moves.iter().any(|m| m.schedule == schedule && m.to == to) {
            return;
        }
        let mine = w.log[events].iter().filter(|e| e.who == pick.who);
        let effects: Vec<String> = mine.filter_map(|e| names.effect(e)).collect();
        let is_fault = pick.kind == Kind::Fault;
        let effect = effects.join("; ");
        self.states[from].moves.push(Move { thread: pick.who, is_fault, schedule, effect, to });
    }

    fn finish(mut self, complete: bool) -> StateGraph {
        for state in &mut self.states {
            state.objects.resize(self.things.len(), None);
            for (object, thing) in state.objects.iter_mut().zip(&self.things) {
                if let Some(object) = object.as_mut().filter(|object| object.value.is_none()) {
                    object.value.clone_from(&thing.first_value);
                }
            }
        }
        let mut counted = vec![None; self.states.len()];
        for number in 0..self.states.len() {
            self.states[number].schedules = count(&self.states, number, &mut counted);
        }
        let Collected { threads, things, states, .. } = self;
        let objects = things.into_iter().map(|thing| thing.name).collect();
        StateGraph { threads, objects, states, complete }
    }
}

/// In how many ways a run can go on from a state. No state leads back to itself: steps are counted.
fn count(states: &[State], number: usize, counted: &mut [Option<u64>]) -> u64 {
    if let Some(n) = counted[number] {
        return n;
    }
    let state = &states[number];
    let n = match state.ending {
        Some(_) => 1,
        None => state.moves.iter().map(|m| count(states, m.to, counted)).sum(),
    };
    counted[number] = Some(n);
    n
}
