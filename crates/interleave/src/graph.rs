//! Every state that a scenario can be in, for drawing a map of its interleavings.

use crate::check::{one_at_a_time, run_once};
use crate::engine::{self, Event, Failure, Loc, ObjectId, Op, Settings, Tid, Verb, World};
use crate::outcomes::{Ending, returning};
use crate::report::{self, Names};
use crate::search::{Choice, Every, Kind, Pilot};
use crate::sync::mpsc::{CHANNEL, queued};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

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
    let (scenario, returned) = returning(scenario);
    let mut settings = Settings { recording: true, max_faults: wakeups, ..Settings::default() };
    engine::forget_loops();
    'again: loop {
        let mut graph = Graph::default();
        let mut every = Every::default();
        loop {
            let (failure, w, mut moments) =
                run_and_watch(settings, Pilot::Every(every), &scenario, MOST_STATES);
            moments.push(Moment::of(&w));
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
            let names = Names::new(&w);
            graph.add(&w, &names, moments, ending, |who, events| {
                let mine = w.log[events].iter().filter(|e| e.who == who);
                let effects: Vec<String> = mine.filter_map(|e| names.effect(e)).collect();
                Told { effect: effects.join("; "), ..Told::default() }
            });
            let Pilot::Every(back) = w.pilot else { unreachable!("the pilot comes back") };
            every = back;
            let complete = graph.states.len() < MOST_STATES;
            if !complete || !every.next_run() {
                return graph.finish(complete);
            }
        }
    }
}

/// One run, and what it was like before each choice: the first `most` moments, or of a longer run the first and
/// the last ones. With 0, nobody watches.
pub(crate) fn run_and_watch(
    settings: Settings,
    pilot: Pilot,
    scenario: &std::sync::Arc<dyn Fn()>,
    most: usize,
) -> (Option<Failure>, World, Vec<Moment>) {
    MOST_MOMENTS.set(most);
    let watch: fn(&World) = |w| {
        MOMENTS.with_borrow_mut(|moments| {
            let most = MOST_MOMENTS.get();
            moments.push(Moment::of(w));
            if moments.len() > most + most / 4 {
                moments.drain(most * 3 / 4..most);
            }
        });
    };
    engine::trace_states((most > 0).then_some(watch));
    let (failure, w) = run_once(settings, pilot, scenario);
    engine::trace_states(None);
    (failure, w, MOMENTS.take())
}

/// What has happened so far is not to be told: neither as steps nor as moments.
pub(crate) fn forget_steps() {
    engine::world(World::forget_what_happened);
    MOMENTS.with_borrow_mut(Vec::clear);
}

thread_local! {
    /// The moments of the run that is under way.
    static MOMENTS: RefCell<Vec<Moment>> = const { RefCell::new(vec![]) };
    static MOST_MOMENTS: Cell<usize> = const { Cell::new(0) };
}

/// The run as it was before a choice.
#[derive(Clone)]
pub(crate) struct Moment {
    /// How many events and choices came before it.
    pub(crate) events: usize,
    pub(crate) choices: usize,
    /// What each thread is about to do, and whether it can.
    pub(crate) next: Vec<Option<(Op, bool)>>,
    /// What each thing is like, in the order of their first use.
    pub(crate) objects: Vec<ObjectAt>,
}

impl Moment {
    /// The run as it is now.
    pub(crate) fn of(w: &World) -> Self {
        let object = |(id, o): (ObjectId, &engine::Object)| {
            let mut holders: Vec<usize> = o.holders.iter().map(|h| h.0).collect();
            holders.sort_unstable();
            // What was sent or received last isn't what is in the channel.
            let value = if o.kind == CHANNEL { Some(queued(w, id)) } else { o.value.clone() };
            ObjectAt { value, holders }
        };
        let things = (0..).zip(&w.objects).filter(|(_, o)| o.is_a_thing());
        Moment {
            events: w.log.len(),
            choices: w.trail.len(),
            next: (0..w.threads.len()).map(|tid| w.next_of(tid)).collect(),
            objects: things.map(object).collect(),
        }
    }
}

/// What a thread has seen so far, by a number, and what it's about to do: the operation, the line, the column, and
/// whether it can.
type Stand = (usize, Option<(&'static Verb, u32, u32, bool)>);
/// Where every thread is, what the objects are like, and how the run has ended.
type Key = (Vec<Stand>, Vec<Option<ObjectAt>>, Option<Ending<String>>);

/// A lock, an atomic, …: the same one in every run, whoever comes to it first.
struct Thing {
    /// The line that makes it, and how many from that line were in use before.
    made_by: (Loc, usize),
    name: String,
    first_value: Option<String>,
}

/// What a step does, in words, and which values it reads and writes.
#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) effect: String,
    pub(crate) touches: Vec<Touch>,
    /// The numbers of the steps in a report.
    pub(crate) numbers: Vec<usize>,
}

/// A value that a step reads or writes.
#[derive(Clone)]
pub(crate) struct Touch {
    pub(crate) object: ObjectId,
    pub(crate) is_write: bool,
    pub(crate) value: String,
}

/// States, as runs come to them.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) threads: Vec<String>,
    things: Vec<Thing>,
    pub(crate) states: Vec<State>,
    /// Of each move of each state; a touch names a thing.
    pub(crate) told: Vec<Vec<Told>>,
    numbers: HashMap<Key, usize>,
    /// What a thread has seen, as what it had seen before and one event more.
    seen: HashMap<(usize, String), usize>,
}

impl Graph {
    /// Adds the moments of one run, of which the last is its end. Returns the states that it came to, and how many choices came
    /// before each. `tell` says what a thread does in these events.
    pub(crate) fn add(
        &mut self,
        w: &World,
        names: &Names,
        moments: Vec<Moment>,
        ending: Ending<String>,
        tell: impl Fn(Tid, Range<usize>) -> Told,
    ) -> Vec<(usize, usize)> {
        let (things, ids) = self.learn_names(w, names);
        let mut seen = vec![0; w.threads.len()];
        let mut steps = vec![0; w.threads.len()];
        let mut events = 0;
        let mut path: Vec<(usize, usize)> = vec![];
        let (end, mut ending) = (moments.len() - 1, Some(ending));
        for (at, moment) in moments.into_iter().enumerate() {
            for e in &w.log[events..moment.events] {
                steps[e.who] += usize::from(e.loc.is_some());
                seen[e.who] = self.sees(seen[e.who], e);
            }
            let number = self.number(names, &things, &seen, &steps, &moment, ending.take_if(|_| at == end));
            if let Some(&(before, choices)) = path.last() {
                let picks = &w.trail[choices..moment.choices];
                let who =
                    picks.first().map_or_else(|| w.log[events..].first().map(|e| e.who), |c| Some(c.who));
                if let Some(who) = who {
                    let tell = || {
                        let mut told = tell(who, events..moment.events);
                        told.touches.retain_mut(|touch| {
                            let own = ids.iter().position(|id| *id == touch.object);
                            own.is_some_and(|own| {
                                touch.object = things[own] as ObjectId;
                                true
                            })
                        });
                        told
                    };
                    self.connect(before, number, who, picks, tell);
                }
            }
            events = moment.events;
            path.push((number, moment.choices));
        }
        path
    }

    fn sees(&mut self, before: usize, e: &Event) -> usize {
        let text = format!("{:?}{:?}{:?}{:?}", e.verb, e.loc.map(Loc::called), e.before, e.woken);
        let new = self.seen.len() + 1;
        *self.seen.entry((before, text)).or_insert(new)
    }

    /// Returns which of the things each of the run's own is, and their numbers in the run.
    fn learn_names(&mut self, w: &World, names: &Names) -> (Vec<usize>, Vec<ObjectId>) {
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
        (own.iter().enumerate().map(number).collect(), own.iter().map(|(id, _)| *id).collect())
    }

    /// The number of the state. `things` says which thing each of the run's own is.
    fn number(
        &mut self,
        names: &Names,
        things: &[usize],
        seen: &[usize],
        steps: &[usize],
        moment: &Moment,
        ending: Option<Ending<String>>,
    ) -> usize {
        let stand = |(next, &seen): (&Option<(Op, bool)>, &usize)| {
            let next = next.map(|(op, can)| (op.verb, op.loc.line(), op.loc.column(), can));
            (seen, next)
        };
        let stands = moment.next.iter().zip(seen).map(stand).collect();
        let of_thing = |thing| {
            let own = things.iter().position(|&own| own == thing)?;
            moment.objects.get(own).cloned()
        };
        let used = things[..moment.objects.len()].iter().max().map_or(0, |last| last + 1);
        let objects: Vec<Option<ObjectAt>> = (0..used).map(of_thing).collect();
        let new = self.states.len();
        let number = *self.numbers.entry((stands, objects.clone(), ending.clone())).or_insert(new);
        if number == new {
            let at = |(next, &steps): (&Option<(Op, bool)>, &usize)| ThreadAt {
                steps,
                next: next.map(|(op, is_ready)| Next {
                    file: crate::source::tidy(op.loc.file()),
                    line: op.loc.line(),
                    text: crate::source::text(op.loc),
                    is_ready,
                    wish: names.wish(&op),
                }),
            };
            let threads = moment.next.iter().zip(steps).map(at).collect();
            self.states.push(State { threads, objects, moves: vec![], ending, schedules: 0 });
            self.told.push(vec![]);
        }
        number
    }

    fn connect(&mut self, from: usize, to: usize, who: Tid, picks: &[Choice], tell: impl Fn() -> Told) {
        let schedule = crate::schedule::to_string(picks);
        if self.states[from].moves.iter().any(|m| m.schedule == schedule && m.to == to) {
            return;
        }
        let is_fault = picks.first().is_some_and(|pick| pick.kind == Kind::Fault);
        let told = tell();
        let effect = told.effect.clone();
        self.told[from].push(told);
        self.states[from].moves.push(Move { thread: who, is_fault, schedule, effect, to });
    }

    /// The names of the things.
    pub(crate) fn objects(&self) -> Vec<String> {
        self.things.iter().map(|thing| thing.name.clone()).collect()
    }

    /// Whether the thing is not the scenario's, but std's own.
    pub(crate) fn is_of_std(&self, thing: usize) -> bool {
        crate::source::is_own(self.things[thing].made_by.0.file())
    }

    /// Fills in what was not known when a state was found.
    pub(crate) fn complete_values(&mut self) {
        for state in &mut self.states {
            state.objects.resize(self.things.len(), None);
            for (object, thing) in state.objects.iter_mut().zip(&self.things) {
                if let Some(object) = object.as_mut().filter(|object| object.value.is_none()) {
                    object.value.clone_from(&thing.first_value);
                }
            }
        }
    }

    fn finish(mut self, complete: bool) -> StateGraph {
        self.complete_values();
        let mut counted = vec![None; self.states.len()];
        for number in 0..self.states.len() {
            self.states[number].schedules = count(&self.states, number, &mut counted);
        }
        let objects = self.objects();
        StateGraph { threads: self.threads, objects, states: self.states, complete }
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
