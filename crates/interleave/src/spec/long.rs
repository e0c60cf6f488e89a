//! Long scenarios: many calls in a row, many objects, and one call beside hundreds of others. They
//! find numbers that wrap around, lists that fill up, values that expire, loops that give up, what is
//! wrong for a moment only, and leftovers of other objects. At most two threads make calls, so there
//! are few orders to search through.

use super::plan::{Call, Object, Plan, Said, Start, State, Took};
use super::scenario::{Play, Scenario, WarmUp};
use super::stage::{Failed, Hunt, Passed, let_panics_be_told};
use super::states::{self, States, Unexplained};
use crate::check::{Check, Stops};
use crate::engine::{World, fail, recording, world};
use crate::sync::Barrier;
use crate::thread::{Builder, JoinHandle};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The number of calls one after the other, of every kind in turn.
const OF_EVERY_KIND: usize = 600;
/// The number of calls of each kind that follow.
const OF_ONE_KIND: usize = 150;
/// The number of calls in a row that each change something.
const MANY: usize = 2_100;
/// The number of objects, one after the other and at the same time. A number of 8 bits has wrapped
/// around by then.
const OBJECTS: usize = (1 << 8) + 2;
/// The number of objects at the same time that each start threads.
const OBJECTS_WITH_THREADS: usize = 4;
/// How much virtual time passes between the calls.
const LONG_TIME: Duration = Duration::from_secs(36 * 60 * 60);
/// How many calls overtake one. A number of 8 bits has come back to its old value by then.
const OVERTAKEN: usize = 1 << 8;
/// How many calls one thread makes while another one makes a call after each of its steps.
const STOPPED_OFTEN: usize = 600;
/// The number of threads that each have an object of their own.
const SIDE_BY_SIDE: usize = 8;
/// How many calls with an unusual argument are made in a row.
const UNUSUAL: usize = 40;
/// How many calls come before two that are made at the same time: numbers at which something may be
/// full, or grow.
const WARM: [usize; 7] = [9, 10, 31, 63, 99, 127, 255];
/// A scenario that begins with these calls is explored for this many runs.
const RUNS_WHEN_WARM: usize = 12;
/// The most steps of a run.
const MOST_STEPS: usize = 20_000;
/// The most steps of a run with many calls of a usual kind, or with one after each step.
const MOST_STEPS_OF_USUAL_CALLS: usize = 50_000;
/// The most states of the specification that are followed at the same time, where a call is overtaken.
const MOST_STATES: usize = 60;
/// The same where a call is made after each step.
const MOST_STATES_AT_EACH_STEP: usize = 30;

/// A long scenario.
#[derive(Clone)]
enum Long {
    /// Objects of all starts, one after the other, with one call each.
    Successors,
    /// Many objects at the same time.
    Crowd,
    /// One thread makes calls of these kinds in turn, except those that would wait.
    OfEveryKind { start: usize, kinds: Vec<usize> },
    /// One thread makes these calls in turn.
    InARow { start: usize, kinds: Vec<usize>, times: usize },
    /// One thread makes each other call once, then the first until it would wait, then the others and the
    /// first likewise.
    OfOneKind { start: usize, kind: usize, kinds: Vec<usize>, times: usize },
    /// Each thread makes one call of an object of its own, step by step in turns.
    SideBySide { start: usize, kind: usize },
    /// One thread makes one call. Meanwhile, another thread makes these in turn.
    Beside { start: usize, once: usize, kinds: Vec<usize>, times: usize, stops: bool },
    /// One thread makes these calls in turn. After each of its steps, another thread makes one call.
    AtEachStep { start: usize, kinds: Vec<usize>, other: usize },
}

impl Hunt {
    /// Tries all of them.
    pub(super) fn long(&self, passed: &mut Passed) -> Result<(), Failed> {
        let plan = &*self.plan;
        let firsts: Vec<usize> = plan.first_kinds().collect();
        let of_a_kind: Vec<usize> = plan.usual_kinds().collect();
        self.try_long(&Long::Successors, passed)?;
        if plan.two_objects {
            self.try_long(&Long::Crowd, passed)?;
        }
        let times = MANY.min(self.most_calls);
        let mut is_busy = false;
        for start in 0..plan.starts.len() {
            if OF_EVERY_KIND + firsts.len() * OF_ONE_KIND <= self.most_calls {
                self.try_long(&Long::OfEveryKind { start, kinds: firsts.clone() }, passed)?;
            }
            for &kind in &firsts {
                let is_usual = plan.kinds[kind].of == kind;
                let kinds = if is_usual { of_a_kind.clone() } else { firsts.clone() };
                let most = times.min(self.most_calls / (2 + kinds.len()));
                let times = if is_usual { most } else { most.min(UNUSUAL) };
                self.try_long(&Long::OfOneKind { start, kind, kinds, times }, passed)?;
            }
            // One object is enough to see what that many calls do.
            if !is_busy && let Some(kinds) = plan.busy(start, &firsts, times) {
                is_busy = true;
                self.try_long(&Long::InARow { start, kinds, times }, passed)?;
            }
        }
        if plan.only_at_rest || OVERTAKEN >= self.most_calls {
            return Ok(());
        }
        for &kind in of_a_kind.iter().filter(|_| plan.two_objects && !self.waits) {
            self.try_long(&Long::SideBySide { start: 0, kind }, passed)?;
        }
        let mut is_busy = false;
        for start in 0..plan.starts.len() {
            let Some(kinds) = plan.busy(start, &firsts, OVERTAKEN) else { continue };
            let (stopped, in_turns) =
                (firsts.iter().map(|&once| (once, true)), of_a_kind.iter().map(|&once| (once, false)));
            for (once, stops) in stopped.chain(in_turns) {
                if self.waits && !plan.overtakes(start, once, &kinds) {
                    continue;
                }
                let (kinds, times) = (kinds.clone(), OVERTAKEN);
                self.try_long(&Long::Beside { start, once, kinds, times, stops }, passed)?;
            }
            // One object is enough here, too. The other thread makes as many calls as it takes.
            let is_first = !std::mem::replace(&mut is_busy, true);
            for &other in of_a_kind.iter().filter(|_| is_first && self.most_calls == usize::MAX) {
                if !self.waits || plan.only_looks(start, other, &kinds) {
                    self.try_long(&Long::AtEachStep { start, kinds: kinds.clone(), other }, passed)?;
                }
            }
        }
        self.after_many(&firsts, &of_a_kind, passed)
    }

    /// Two calls at the same time, after many others.
    fn after_many(&self, firsts: &[usize], of_a_kind: &[usize], passed: &mut Passed) -> Result<(), Failed> {
        for times in WARM {
            let Some(kinds) = self.plan.busy(0, firsts, times + 2) else { return Ok(()) };
            let next = kinds[0];
            let others = of_a_kind.iter().copied().filter(|&other| other != next);
            for other in std::iter::once(next).chain(others) {
                let warm_up = Some(WarmUp { kinds: kinds.clone(), times });
                let thread = |kind| vec![Play { kind, on: 0 }];
                let threads = vec![thread(next), thread(other)];
                let scenario = Scenario { start: 0, warm_up, before: vec![], threads, unwinding: None };
                self.try_one(&scenario, RUNS_WHEN_WARM, passed)?;
            }
        }
        Ok(())
    }

    fn try_long(&self, long: &Long, passed: &mut Passed) -> Result<(), Failed> {
        let (plan, long) = (Rc::clone(&self.plan), long.clone());
        let story = long.story(&plan);
        // Which thread is overtaken; or how many calls the other has made.
        let number = Arc::new(AtomicUsize::new(1));
        let stops = match &long {
            Long::Beside { stops: true, .. } => Stops::Once(Arc::clone(&number)),
            Long::Beside { stops: false, .. } | Long::SideBySide { .. } => Stops::InTurns,
            Long::AtEachStep { .. } => Stops::AtEachStep(Arc::clone(&number)),
            _ => Stops::Never,
        };
        // While a thread is stopped, time passes for the others.
        let faults = if matches!(stops, Stops::Once(_)) { u32::MAX } else { 0 };
        let play = move || match &long {
            Long::Successors => successors(&plan),
            Long::Crowd => crowd(&plan),
            Long::OfEveryKind { start, kinds } => of_every_kind(&plan, *start, kinds),
            Long::InARow { start, kinds, times } => in_a_row(&plan, *start, kinds, *times),
            Long::OfOneKind { start, kind, kinds, times } => of_one_kind(&plan, *start, *kind, kinds, *times),
            Long::Beside { start, once, kinds, times, .. } => {
                beside(&plan, *start, *once, kinds, *times, &number);
            }
            Long::SideBySide { start, kind } => side_by_side(&plan, *start, *kind),
            Long::AtEachStep { start, kinds, other } => at_each_step(&plan, *start, kinds, *other, &number),
        };
        let play = Rc::new(play);
        let check = || {
            let check =
                Check::new().of_spec(2 * story.len().div_ceil(crate::report::width())).wakeups(faults);
            let check = check.stuck_means(super::stage::STUCK).stops(stops.clone());
            if self.must_join { check.must_join() } else { check }
        };
        let once_more = Rc::clone(&play);
        match check().try_run(move || play()) {
            Ok(all) => {
                passed.count(all.runs());
                Ok(())
            }
            Err(failed) => Err(self.told(failed, check(), move || once_more(), &story, "", *passed)),
        }
    }
}

impl Long {
    fn story(&self, plan: &Plan) -> String {
        let texts = |kinds: &[usize]| plan.in_words(kinds);
        let named = |start: &usize, says: String| format!("{}: {says}", plan.starts[*start].text);
        let [ann, bob] = [&plan.names[0], &plan.names[1]];
        match self {
            Long::Successors => "one object after the other, used by the same thread".into(),
            Long::Crowd => "many objects at the same time, used by the same thread".into(),
            Long::OfEveryKind { start, .. } => named(start, "main makes many calls".into()),
            Long::InARow { start, kinds, .. } => {
                named(start, format!("main {} again and again", texts(kinds)))
            }
            Long::OfOneKind { start, kind, .. } => {
                named(start, format!("main {} again and again, and then makes other calls", texts(&[*kind])))
            }
            Long::SideBySide { start, kind } => named(
                start,
                format!("each of {SIDE_BY_SIDE} threads has one of its own and {}", texts(&[*kind])),
            ),
            Long::Beside { start, once, kinds, times, .. } => named(
                start,
                format!(
                    "{ann} {} and, at the same time, {bob} {}, {times} times",
                    texts(&[*once]),
                    texts(kinds)
                ),
            ),
            Long::AtEachStep { start, kinds, other } => named(
                start,
                format!(
                    "{ann} {} again and again and, after each step of {ann}, {bob} {}",
                    texts(kinds),
                    texts(&[*other])
                ),
            ),
        }
    }
}

impl Plan {
    /// One call or two in turn that change the specification's state every time, and need not wait.
    pub(super) fn busy(&self, start: usize, kinds: &[usize], times: usize) -> Option<Vec<usize>> {
        let one = kinds.iter().map(|&kind| vec![kind]);
        let two = kinds.iter().flat_map(|&a| kinds.iter().map(move |&b| vec![a, b]));
        one.chain(two.filter(|pair| pair[0] != pair[1])).find(|kinds| self.keeps_busy(start, kinds, times))
    }

    fn keeps_busy(&self, start: usize, kinds: &[usize], times: usize) -> bool {
        let mut state = self.starts[start].model.copy();
        (0..times).all(|number| {
            // A state may be large: it is compared now and then.
            let before = (number < 8 || number.is_power_of_two()).then(|| state.copy());
            let kind = self.in_turn(kinds, number);
            let takes_effect = self.takes_effect(kind, &mut *state, Call { number, thread: 0 });
            takes_effect && before.is_none_or(|before| !state.is_same(&*before))
        })
    }

    /// Whether no call has to wait, wherever among the others the one call takes effect.
    fn overtakes(&self, start: usize, once: usize, kinds: &[usize]) -> bool {
        [0, 1, 2, OVERTAKEN / 2, OVERTAKEN].iter().all(|&place| {
            let mut state = self.starts[start].model.copy();
            let mut goes_on =
                |kind, number, thread| self.takes_effect(kind, &mut *state, Call { number, thread });
            (0..=OVERTAKEN).all(|number| {
                let once_now = number != place || goes_on(once, 0, 1);
                once_now && (number == OVERTAKEN || goes_on(self.in_turn(kinds, number), number, 2))
            })
        })
    }

    /// Whether the other call, made at any moment, changes nothing and doesn't wait.
    fn only_looks(&self, start: usize, other: usize, kinds: &[usize]) -> bool {
        let mut state = self.starts[start].model.copy();
        (0..STOPPED_OFTEN).all(|number| {
            let before = state.copy();
            let looks = self.takes_effect(other, &mut *state, Call { number: 0, thread: 2 });
            looks
                && state.is_same(&*before)
                && self.takes_effect(self.in_turn(kinds, number), &mut *state, Call { number, thread: 1 })
        })
    }

    /// These calls in words.
    pub(super) fn in_words(&self, kinds: &[usize]) -> String {
        let texts: Vec<&str> = kinds.iter().map(|&kind| &*self.kinds[kind].text).collect();
        texts.join(" and ")
    }

    /// The call with this number, of those that are made in turn.
    pub(super) fn in_turn(&self, kinds: &[usize], number: usize) -> usize {
        let kind = kinds[number % kinds.len()];
        kind + number / kinds.len() % self.kinds[kind].in_turn.max(1)
    }
}

fn call(plan: &Plan, kind: usize, object: &Object) -> Said {
    (plan.kinds[kind].run)(&**object)
}

/// Makes a call that need not wait, and fails if the specification doesn't explain what it returns.
pub(super) fn make(plan: &Plan, object: &Object, states: &mut States, kind: usize, which: Call) {
    let before = states.0[0].copy();
    // To call again is not to look again.
    world(World::forget_looks);
    let said = call(plan, kind, object);
    states.go_on(plan, kind, which, &said);
    if states.0.is_empty() {
        let expected = plan.expected(kind, &*before, which);
        let number = which.number & !Call::before_all(0).number;
        fail(format!("after {number} calls, main {} and got {}{expected}", plan.kinds[kind].text, said.text));
    }
}

/// Returns whether it has made the call.
fn make_unless_it_waits(
    plan: &Plan,
    object: &Object,
    states: &mut States,
    kind: usize,
    number: usize,
) -> bool {
    let call = Call { number, thread: 0 };
    let returns = states.let_return(plan, kind, call);
    if returns {
        make(plan, object, states, kind, call);
    }
    returns
}

/// Objects one after the other, each where the one before it was.
fn successors(plan: &Plan) {
    let next = |before: Option<Object>, start: &Start| match before {
        Some(object) => (start.replaced)(object),
        None => (start.real)(),
    };
    for first in &plan.starts {
        for second in &plan.starts {
            for kind in plan.first_kinds() {
                let mut object = None;
                for start in [first, second] {
                    let (now, mut states) = (next(object, start), States::of(start));
                    make_unless_it_waits(plan, &now, &mut states, kind, 0);
                    object = Some(now);
                }
            }
        }
    }
    let (start, mut object) = (&plan.starts[0], None);
    for _ in 0..OBJECTS {
        let (now, mut states) = (next(object, start), States::of(start));
        for (number, kind) in plan.usual_kinds().enumerate() {
            make_unless_it_waits(plan, &now, &mut states, kind, number);
        }
        object = Some(now);
    }
}

/// Many objects, each used when all of them are there, and once more in the opposite order.
fn crowd(plan: &Plan) {
    let alive = || world(|w| w.threads.iter().filter(|thread| !thread.finished).count());
    let before = alive();
    let create = |number: usize| {
        let start = &plan.starts[number % plan.starts.len()];
        ((start.real)(), States::of(start))
    };
    let mut all = vec![create(0)];
    let size = if alive() > before { OBJECTS_WITH_THREADS } else { OBJECTS };
    all.extend((1..size).map(create));
    let kinds: Vec<usize> = plan.usual_kinds().collect();
    let mut use_once = |number: usize, round: usize| {
        let (object, states) = &mut all[number];
        forget_steps(number);
        for (place, &kind) in kinds.iter().enumerate() {
            make_unless_it_waits(plan, object, states, kind, round * kinds.len() + place);
        }
    };
    (0..size).for_each(|number| use_once(number, 0));
    (0..size).rev().for_each(|number| use_once(number, 1));
}

/// A report shows the last few of the many calls.
pub(super) fn forget_steps(number: usize) {
    if recording() && number.is_multiple_of(8) {
        crate::graph::forget_steps();
    }
}

fn is_too_long() -> bool {
    world(|w| w.steps) > MOST_STEPS
}

fn of_every_kind(plan: &Plan, start: usize, kinds: &[usize]) {
    let (mut object, mut states) = ((plan.starts[start].real)(), States::of(&plan.starts[start]));
    let mut number = 0;
    let mut try_to = |object: &Object, kind: usize| {
        number += 1;
        forget_steps(number);
        !is_too_long() && make_unless_it_waits(plan, object, &mut states, kind, number)
    };
    for turn in 0..OF_EVERY_KIND {
        if turn == OF_EVERY_KIND / 3 {
            object = (plan.starts[start].moved)(object);
        }
        if turn == OF_EVERY_KIND / 2 {
            crate::thread::sleep(LONG_TIME);
        }
        try_to(&object, plan.in_turn(kinds, turn));
    }
    // And then one kind after the other: what follows shows whether an object has had enough of it.
    for &kind in kinds.iter().filter(|&&kind| plan.kinds[kind].of == kind) {
        for _ in 0..OF_ONE_KIND {
            if !try_to(&object, kind) {
                break;
            }
        }
        for &kind in kinds {
            try_to(&object, kind);
        }
    }
    close(plan, &object, states);
}

/// An object and its state. As the state may be large, it is not copied.
struct Single<'a> {
    plan: &'a Plan,
    object: Object,
    state: Box<dyn State>,
    number: usize,
}

impl<'a> Single<'a> {
    fn of(plan: &'a Plan, start: usize) -> Self {
        let start = &plan.starts[start];
        Single { plan, object: (start.real)(), state: start.model.copy(), number: 0 }
    }

    /// Makes the call, unless it would wait or the run has become too long.
    fn make(&mut self, kind: usize) -> bool {
        let (plan, number) = (self.plan, self.number);
        forget_steps(number);
        world(World::forget_looks);
        let which = Call { number, thread: 0 };
        let took = plan.ask(kind, &mut *self.state, which, None);
        let Took::Returns { text, may_wait: false, .. } = took else { return false };
        let said = call(plan, kind, &self.object);
        let after = format!("after {number} calls, main {} and got {}", plan.kinds[kind].text, said.text);
        match text.map(|text| text()) {
            Some(text) if text.split(" or ").all(|text| text != said.text) => {
                fail(format!("{after} instead of {text}"))
            }
            None if !plan.explains(kind, &mut *self.state, which, &said) => fail(after),
            _ => {}
        }
        self.number += 1;
        let most = if plan.kinds[kind].of == kind { MOST_STEPS_OF_USUAL_CALLS } else { MOST_STEPS };
        world(|w| w.steps) < most
    }
}

fn in_a_row(plan: &Plan, start: usize, kinds: &[usize], times: usize) {
    let mut single = Single::of(plan, start);
    for number in 0..times {
        if !single.make(plan.in_turn(kinds, number)) {
            break;
        }
    }
    close(plan, &single.object, States(vec![single.state]));
}

fn of_one_kind(plan: &Plan, start: usize, first: usize, kinds: &[usize], times: usize) {
    let mut single = Single::of(plan, start);
    let others: Vec<usize> = kinds.iter().copied().filter(|&kind| kind != first).collect();
    others.iter().for_each(|&kind| _ = single.make(kind));
    for kind in [first].into_iter().chain(others).chain([first]) {
        for number in 0..times {
            if !single.make(plan.in_turn(&[kind], number)) {
                break;
            }
        }
    }
    close(plan, &single.object, States(vec![single.state]));
}

/// What two threads did, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Event>>>);

/// A call of one of two threads begins, or returns.
enum Event {
    Begins { by: usize, kind: usize, call: Call },
    Returns { by: usize, said: Said },
}

impl Log {
    fn push(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// The states that explain all that was returned, or none if there are more than this many; or the
    /// thread whose call can't be explained, and what it got.
    fn explain(&self, plan: &Plan, start: usize, most: usize) -> Result<Option<States>, (usize, String)> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: [Option<(usize, Call, &Said)>; 2] = [None; 2];
        let explains = |(kind, call, said): (usize, Call, &Said), state: &dyn State| {
            let mut state = state.copy();
            plan.explains(kind, &mut *state, call, said).then_some(state)
        };
        // And whether the call that a thread is making has taken effect.
        let mut states = vec![(plan.starts[start].model.copy(), [false; 2])];
        // Where a call may miss what has happened since.
        let mut past: Vec<Box<dyn State>> = vec![];
        for (place, event) in events.iter().enumerate() {
            match event {
                Event::Begins { by, kind, call } => {
                    let said = events[place..].iter().find_map(|later| match later {
                        Event::Returns { by: other, said } if other == by => Some(said),
                        _ => None,
                    });
                    open[*by] = said.map(|said| (*kind, *call, said));
                    states.iter_mut().for_each(|(_, over)| over[*by] = false);
                }
                Event::Returns { by, said } => {
                    let (me, other) = (*by, 1 - *by);
                    let mine = open[me].take().expect("what returns has begun");
                    if plan.kinds[mine.0].stale
                        && past.iter().rev().any(|state| explains(mine, &**state).is_some())
                    {
                        states.iter_mut().for_each(|(_, over)| over[me] = true);
                    }
                    let mut next: Vec<(Box<dyn State>, [bool; 2])> = vec![];
                    let mut add = |state: Box<dyn State>, over: [bool; 2]| {
                        // Calls that may change places come out the same next to each other.
                        let mut last = next.iter().rev().take(2);
                        let is_known = last.any(|known| known.1 == over && known.0.is_same(&*state));
                        if !is_known {
                            next.push((state, over));
                        }
                    };
                    for (state, mut over) in states {
                        if over[me] {
                            add(state, over);
                            continue;
                        }
                        if let Some(state) = explains(mine, &*state) {
                            over[me] = true;
                            add(state, over);
                        }
                        if let Some(theirs) = open[other].filter(|_| !over[other])
                            && let Some(state) =
                                explains(theirs, &*state).and_then(|state| explains(mine, &*state))
                        {
                            add(state, [true; 2]);
                        }
                    }
                    states = next;
                    if states.is_empty() {
                        return Err((me, said.text.clone()));
                    }
                    if states.len() > most {
                        return Ok(None);
                    }
                    if plan.kinds.iter().any(|kind| kind.stale) && !plan.kinds[mine.0].stale {
                        past.extend(states.iter().map(|(state, _)| state.copy()));
                    }
                }
            }
        }
        Ok(Some(States(states.into_iter().map(|(state, _)| state).collect())))
    }
}

/// Starts a thread that makes these calls, as long as they are wanted.
fn start(
    plan: &Plan,
    [name, by]: [usize; 2],
    gate: Option<Arc<Barrier>>,
    calls: impl Iterator<Item = usize>,
    object: &Object,
    log: &Log,
    counts: impl Fn() -> bool + Send + 'static,
) -> JoinHandle<()> {
    let calls: Vec<_> = calls.map(|kind| (kind, plan.kinds[kind].run.clone())).collect();
    let (object, log) = (Arc::clone(object), log.clone());
    let work = move || {
        super::stage::hides_its_name(true);
        if let Some(gate) = gate {
            gate.wait();
        }
        for (number, (kind, run)) in calls.into_iter().enumerate() {
            world(World::forget_looks);
            log.push(Event::Begins { by, kind, call: Call { number, thread: 1 + by } });
            let said = run(&*object);
            log.push(Event::Returns { by, said });
            if !counts() {
                break;
            }
        }
    };
    let thread = Builder::new().name(plan.names[name].clone()).spawn(work);
    thread.expect("a thread of a check can be started")
}

fn side_by_side(plan: &Plan, first: usize, kind: usize) {
    let gate = Arc::new(Barrier::new(SIDE_BY_SIDE));
    let with_its_own = |number: usize| {
        let (object, log) = ((plan.starts[first].real)(), Log::default());
        let name = number % plan.names.len();
        let first = Some(Arc::clone(&gate));
        let thread = start(plan, [name, 0], first, std::iter::once(kind), &object, &log, || true);
        (object, log, thread)
    };
    let all: Vec<(Object, Log, JoinHandle<()>)> = (0..SIDE_BY_SIDE).map(with_its_own).collect();
    for (object, log, thread) in all {
        judge_all(plan, first, [thread], &object, &log, MOST_STATES);
    }
}

fn beside(plan: &Plan, first: usize, once: usize, kinds: &[usize], times: usize, overtaken: &AtomicUsize) {
    let (object, log) = ((plan.starts[first].real)(), Log::default());
    let ann = start(plan, [0, 0], None, std::iter::once(once), &object, &log, || true);
    let goes_on = || !is_too_long();
    overtaken.store(world(|w| w.threads.len() - 1), Relaxed);
    let calls = (0..times).map(|number| plan.in_turn(kinds, number));
    let bob = start(plan, [1, 1], None, calls, &object, &log, goes_on);
    judge_all(plan, first, [ann, bob], &object, &log, MOST_STATES);
}

/// The object must start no thread: the first one that is started is stopped at each step.
fn at_each_step(plan: &Plan, first: usize, kinds: &[usize], other: usize, made: &Arc<AtomicUsize>) {
    let (object, log) = ((plan.starts[first].real)(), Log::default());
    if world(|w| w.threads.len()) > 1 {
        return;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let calls = (0..STOPPED_OFTEN).map(|number| plan.in_turn(kinds, number));
    let (left, over) = (AtomicUsize::new(STOPPED_OFTEN), Arc::clone(&is_over));
    let counts_down = move || {
        let is_last = left.fetch_sub(1, Relaxed) == 1 || world(|w| w.steps) > MOST_STEPS_OF_USUAL_CALLS;
        over.store(is_last, Relaxed);
        !is_last
    };
    let ann = start(plan, [0, 0], None, calls, &object, &log, counts_down);
    let counts_up = {
        let made = Arc::clone(made);
        move || {
            made.fetch_add(1, Relaxed);
            !is_over.load(Relaxed) && world(|w| w.steps) < MOST_STEPS_OF_USUAL_CALLS
        }
    };
    let bob = start(plan, [1, 1], None, (0..MANY).map(|_| other), &object, &log, counts_up);
    judge_all(plan, first, [ann, bob], &object, &log, MOST_STATES_AT_EACH_STEP);
}

fn judge_all(
    plan: &Plan,
    start: usize,
    threads: impl IntoIterator<Item = JoinHandle<()>>,
    object: &Object,
    log: &Log,
    most_states: usize,
) {
    let panicked = threads.into_iter().fold(false, |panicked, thread| thread.join().is_err() | panicked);
    if panicked {
        return let_panics_be_told();
    }
    match log.explain(plan, start, most_states) {
        Ok(states) => states.map_or((), |states| close(plan, object, states)),
        Err((by, said)) => {
            fail(format!("{} got {said} in the end: no order of the calls explains that", plan.names[by]))
        }
    }
}

/// Makes the calls that show what is left, unless they have to wait until every thread does.
fn close(plan: &Plan, object: &Object, states: States) {
    if plan.only_at_rest {
        return;
    }
    if let Err(Unexplained { kind, said, expected }) =
        states::close(plan, states, |kind| call(plan, kind, object))
    {
        fail(format!("and then main {} and got {said}{expected}", plan.kinds[kind].text));
    }
}
