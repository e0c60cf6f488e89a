//! Long scenarios: many calls in a row, one object after another, and one call beside hundreds of
//! others. They find numbers that wrap around, lists that fill up, values that expire, loops that
//! give up, and leftovers of earlier objects. One thread makes all the calls, or all but one, so
//! no order has to be searched for.

use super::plan::{Call, Object, Plan, Said, Took};
use super::stage::{Failed, Hunt, Passed, let_panics_be_told};
use super::states::{self, States, Unexplained};
use crate::check::{Check, Stops};
use crate::engine::{fail, recording, world};
use crate::thread::Builder;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The number of calls one after the other, of every kind in turn.
const OF_EVERY_KIND: usize = 600;
/// The number of calls of each kind that follow.
const OF_ONE_KIND: usize = 150;
/// The number of calls in a row that each change something.
const MANY: usize = 2_100;
/// The number of objects one after the other. A number of 8 bits has wrapped around by then.
const OBJECTS: usize = (1 << 8) + 2;
/// How much virtual time passes between the calls.
const LONG_TIME: Duration = Duration::from_secs(36 * 60 * 60);
/// How many calls overtake one. A number of 8 bits has come back to its old value by then.
const OVERTAKEN: usize = 1 << 8;
/// The most steps of a run.
const MOST_STEPS: usize = 300_000;
/// The most states of the specification that are followed at the same time.
const MOST_STATES: usize = 300;

/// A long scenario.
#[derive(Clone)]
enum Long {
    /// Objects of all starts, one after the other, with one call each.
    Successors,
    /// One thread makes calls of these kinds in turn, except those that would wait.
    OfEveryKind { start: usize, kinds: Vec<usize> },
    /// One thread makes these calls in turn.
    InARow { start: usize, kinds: Vec<usize>, times: usize },
    /// One thread makes one call. Meanwhile, another thread makes these in turn.
    Beside { start: usize, once: usize, kinds: Vec<usize>, times: usize, stops: bool },
}

impl Hunt {
    /// Tries all of them.
    pub(super) fn long(&self, passed: &mut Passed) -> Result<(), Failed> {
        let plan = &*self.plan;
        let firsts: Vec<usize> = plan.first_kinds().collect();
        let of_a_kind: Vec<usize> =
            firsts.iter().copied().filter(|&kind| plan.kinds[kind].of == kind).collect();
        self.try_long(&Long::Successors, passed)?;
        let mut is_busy = false;
        for start in 0..plan.starts.len() {
            if OF_EVERY_KIND + firsts.len() * OF_ONE_KIND <= self.most_calls {
                self.try_long(&Long::OfEveryKind { start, kinds: firsts.clone() }, passed)?;
            }
            // One object is enough to see what that many calls do.
            let times = MANY.min(self.most_calls);
            if !is_busy && let Some(kinds) = plan.busy(start, &firsts, times) {
                is_busy = true;
                self.try_long(&Long::InARow { start, kinds, times }, passed)?;
            }
        }
        if self.waits || plan.only_at_rest || OVERTAKEN >= self.most_calls {
            return Ok(());
        }
        for start in 0..plan.starts.len() {
            let Some(kinds) = plan.busy(start, &firsts, OVERTAKEN) else { continue };
            let (stopped, in_turns) =
                (firsts.iter().map(|&once| (once, true)), of_a_kind.iter().map(|&once| (once, false)));
            for (once, stops) in stopped.chain(in_turns) {
                let (kinds, times) = (kinds.clone(), OVERTAKEN);
                self.try_long(&Long::Beside { start, once, kinds, times, stops }, passed)?;
            }
        }
        Ok(())
    }

    fn try_long(&self, long: &Long, passed: &mut Passed) -> Result<(), Failed> {
        let (plan, long) = (Rc::clone(&self.plan), long.clone());
        let story = long.story(&plan);
        let overtaken = Arc::new(AtomicUsize::new(1));
        let stops = match &long {
            Long::Beside { stops: true, .. } => Stops::Once(Arc::clone(&overtaken)),
            Long::Beside { stops: false, .. } => Stops::InTurns,
            _ => Stops::Never,
        };
        let play = move || match &long {
            Long::Successors => successors(&plan),
            Long::OfEveryKind { start, kinds } => of_every_kind(&plan, *start, kinds),
            Long::InARow { start, kinds, times } => in_a_row(&plan, *start, kinds, *times),
            Long::Beside { start, once, kinds, times, .. } => {
                beside(&plan, *start, *once, kinds, *times, &overtaken);
            }
        };
        let play = Rc::new(play);
        let check = || {
            let check = Check::new().of_spec(2 * story.len().div_ceil(crate::report::width())).wakeups(0);
            let check = check.stuck_means(super::stage::STUCK).stops(stops.clone());
            if self.must_join { check.must_join() } else { check }
        };
        let once_more = Rc::clone(&play);
        match check().try_run(move || play()) {
            Ok(all) => {
                passed.count(all.runs());
                Ok(())
            }
            Err(_) => Err(self.told(check(), move || once_more(), &story, "", *passed)),
        }
    }
}

impl Long {
    fn story(&self, plan: &Plan) -> String {
        let texts = |kinds: &[usize]| {
            let texts: Vec<&str> = kinds.iter().map(|&kind| &*plan.kinds[kind].text).collect();
            texts.join(" and ")
        };
        match self {
            Long::Successors => "one object after the other, used by the same thread".into(),
            Long::OfEveryKind { start, .. } => format!("{}: main makes many calls", plan.starts[*start].text),
            Long::InARow { start, kinds, .. } => {
                format!("{}: main {} again and again", plan.starts[*start].text, texts(kinds))
            }
            Long::Beside { start, once, kinds, times, .. } => format!(
                "{}: {} {} and, at the same time, {} {}, {times} times",
                plan.starts[*start].text,
                plan.names[0],
                plan.kinds[*once].text,
                plan.names[1],
                texts(kinds)
            ),
        }
    }
}

impl Plan {
    /// One call or two in turn that change the specification's state every time, and need not wait.
    fn busy(&self, start: usize, kinds: &[usize], times: usize) -> Option<Vec<usize>> {
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

    /// The call with this number, of those that are made in turn.
    fn in_turn(&self, kinds: &[usize], number: usize) -> usize {
        let kind = kinds[number % kinds.len()];
        kind + number / kinds.len() % self.kinds[kind].in_turn.max(1)
    }
}

fn call(plan: &Plan, kind: usize, object: &Object) -> Said {
    (plan.kinds[kind].run)(&**object)
}

/// Makes a call that need not wait, and fails if the specification doesn't explain what it returns.
fn make(plan: &Plan, object: &Object, states: &mut States, kind: usize, number: usize) {
    let which = Call { number, thread: 0 };
    let before = states.0[0].copy();
    let said = call(plan, kind, object);
    states.go_on(plan, kind, which, &said);
    if states.0.is_empty() {
        let expected = plan.expected(kind, &*before, which);
        fail(format!("after {number} calls, main {} and got {}{expected}", plan.kinds[kind].text, said.text));
    }
}

/// Objects one after the other, each where the one before it was.
fn successors(plan: &Plan) {
    for first in &plan.starts {
        for second in &plan.starts {
            for kind in plan.first_kinds() {
                for start in [first, second] {
                    let (object, mut states) = ((start.real)(), States::of(start));
                    if states.let_return(plan, kind, Call { number: 0, thread: 0 }) {
                        make(plan, &object, &mut states, kind, 0);
                    }
                }
            }
        }
    }
    let start = &plan.starts[0];
    for _ in 0..OBJECTS {
        let (object, mut states) = ((start.real)(), States::of(start));
        for (number, kind) in plan.first_kinds().filter(|&kind| plan.kinds[kind].of == kind).enumerate() {
            if states.let_return(plan, kind, Call { number, thread: 0 }) {
                make(plan, &object, &mut states, kind, number);
            }
        }
    }
}

/// A report shows the last few of the many calls.
fn forget_steps(number: usize) {
    if recording() && number.is_multiple_of(8) {
        world(|w| {
            w.log.clear();
            w.asides.clear();
        });
    }
}

fn of_every_kind(plan: &Plan, start: usize, kinds: &[usize]) {
    let (object, mut states) = ((plan.starts[start].real)(), States::of(&plan.starts[start]));
    for number in 0..OF_EVERY_KIND {
        forget_steps(number);
        if number == OF_EVERY_KIND / 2 {
            crate::thread::sleep(LONG_TIME);
        }
        let kind = plan.in_turn(kinds, number);
        if states.let_return(plan, kind, Call { number, thread: 0 }) {
            make(plan, &object, &mut states, kind, number);
        }
    }
    // And then one kind after the other.
    for &kind in kinds.iter().filter(|&&kind| plan.kinds[kind].of == kind) {
        for number in OF_EVERY_KIND..OF_EVERY_KIND + OF_ONE_KIND {
            forget_steps(number);
            if !states.let_return(plan, kind, Call { number, thread: 0 }) {
                break;
            }
            make(plan, &object, &mut states, kind, number);
        }
    }
    close(plan, &object, states);
}

/// As [`make`] for each, but the state may be large, and is not copied.
fn in_a_row(plan: &Plan, start: usize, kinds: &[usize], times: usize) {
    let (object, mut state) = ((plan.starts[start].real)(), plan.starts[start].model.copy());
    for number in (0..times).take_while(|_| world(|w| w.steps) < MOST_STEPS) {
        forget_steps(number);
        let (kind, which) = (plan.in_turn(kinds, number), Call { number, thread: 0 });
        let took = plan.ask(kind, &mut *state, which, None);
        let Took::Returns { text, may_wait: false, .. } = took else { return };
        let said = call(plan, kind, &object);
        let after = format!("after {number} calls, main {} and got {}", plan.kinds[kind].text, said.text);
        match text.map(|text| text()) {
            Some(text) if text.split(" or ").all(|text| text != said.text) => {
                fail(format!("{after} instead of {text}"))
            }
            None if !plan.explains(kind, &mut *state, which, &said) => fail(after),
            _ => {}
        }
    }
    close(plan, &object, States(vec![state]));
}

fn beside(plan: &Plan, start: usize, once: usize, kinds: &[usize], times: usize, overtaken: &AtomicUsize) {
    let object = (plan.starts[start].real)();
    let started = |name: usize, calls: Vec<usize>| {
        let runs: Vec<_> = calls.iter().map(|&kind| plan.kinds[kind].run.clone()).collect();
        let (object, said) = (Arc::clone(&object), Arc::new(Mutex::new(vec![])));
        let heard = Arc::clone(&said);
        let work = move || {
            for run in runs {
                let said = run(&*object);
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(said);
            }
        };
        let thread = Builder::new().name(plan.names[name].clone()).spawn(work);
        (thread.expect("a thread of a check can be started"), said)
    };
    let (one, said_once) = started(0, vec![once]);
    overtaken.store(world(|w| w.threads.len() - 1), Relaxed);
    let calls: Vec<usize> = (0..times).map(|number| plan.in_turn(kinds, number)).collect();
    let (other, said) = started(1, calls.clone());
    if one.join().is_err() | other.join().is_err() {
        return let_panics_be_told();
    }
    let take = |said: Arc<Mutex<Vec<Said>>>| {
        std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let (said_once, said) = (take(said_once), take(said));
    // Before the one call, and after it.
    let (mut before, mut after) = (States::of(&plan.starts[start]), States(vec![]));
    let happens = |before: &States, after: &mut States| {
        for state in &before.0 {
            let mut state = state.copy();
            let explains = plan.explains(once, &mut *state, Call { number: 0, thread: 1 }, &said_once[0]);
            if explains && after.0.len() < MOST_STATES && !after.0.iter().any(|known| known.is_same(&*state))
            {
                after.0.push(state);
            }
        }
    };
    for (number, (kind, said)) in calls.iter().zip(&said).enumerate() {
        happens(&before, &mut after);
        let call = Call { number, thread: 2 };
        before.go_on(plan, *kind, call, said);
        after.go_on(plan, *kind, call, said);
    }
    happens(&before, &mut after);
    let [ann, bob] = [&plan.names[0], &plan.names[1]];
    let (once, last) = (&said_once[0].text, &said[times - 1].text);
    if after.0.is_empty() {
        fail(format!("{ann} got {once}, and {bob} got {last} at last: no order of the calls explains that"));
    }
    close(plan, &object, after);
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
