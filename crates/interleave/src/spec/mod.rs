//! Checks a concurrent type against its sequential specification.
//!
//! A scenario that you think of finds the bugs that you think of. [`Spec`] makes up the
//! scenarios itself. You tell it what each call returns when there is only one thread, or
//! that the call has to wait: that is the *specification*, a plain value that knows
//! nothing of threads. From it come scenarios, small ones first: two threads with a call
//! each, then three and four, several calls in a row, calls before and after, two objects
//! of the type side by side. Each scenario is explored as [`check`](crate::check)
//! explores one, and the specification has to explain each run.
//!
//! ```
//! use interleave::spec::Spec;
//! use interleave::sync::Mutex;
//!
//! /// The type under check: a stack that many threads use.
//! struct Plates(Mutex<Vec<u32>>);
//!
//! impl Plates {
//!     fn push(&self, plate: u32) {
//!         self.0.lock().unwrap().push(plate);
//!     }
//!
//!     fn pop(&self) -> Option<u32> {
//!         self.0.lock().unwrap().pop()
//!     }
//! }
//!
//! Spec::new([()], |()| "a stack".into(), |()| Plates(Mutex::default()), |()| Vec::<u32>::new())
//!     .call([1, 2], |plate| format!("pushes {plate}"), |plates, &plate| plates.push(plate), |model, &plate, _| model.push(plate))
//!     .call([()], |()| "pops".into(), |plates, ()| plates.pop(), |model, (), _| model.pop())
//!     .check();
//! ```
//!
//! If a run has no explanation, the scenario is made smaller as long as it fails, and
//! told as a story: who calls what at the same time, what each call returned, what the
//! calls can return one after the other, and then the table of the run.
//!
//! ```
//! # use interleave::spec::{Answer, Call, Spec};
//! # use interleave::sync::{Condvar, Mutex};
//! /// A queue whose `pop` waits. It has a bug: a spurious wakeup ends the wait.
//! #[derive(Default)]
//! struct Queue {
//!     items: Mutex<Vec<u32>>,
//!     filled: Condvar,
//! }
//!
//! impl Queue {
//!     fn push(&self, item: u32) {
//!         self.items.lock().unwrap().push(item);
//!         self.filled.notify_one();
//!     }
//!
//!     fn pop(&self) -> Option<u32> {
//!         let mut items = self.items.lock().unwrap();
//!         if items.is_empty() {
//!             items = self.filled.wait(items).unwrap();
//!         }
//!         (!items.is_empty()).then(|| items.remove(0))
//!     }
//! }
//!
//! /// Each item with the call that pushed it.
//! type Line = Vec<(u32, Call)>;
//!
//! let failed = Spec::new([()], |()| "a queue".into(), |()| Queue::default(), |()| Line::new())
//!     .call(1..=8, |item| format!("pushes {item}"), |q, &item| q.push(item), |line, &item, call| line.push((item, call)))
//!     .in_turn() // the first push of a scenario pushes 1, the second one 2
//!     .call([()], |()| "pops".into(), |queue, ()| queue.pop(), |line: &mut Line, (), _| match line.is_empty() {
//!         true => Answer::waits(),
//!         false => {
//!             let (item, push) = line.remove(0);
//!             // And the caller sees what the other thread did before it pushed.
//!             Answer::returns(Some(item)).sees(push)
//!         }
//!     })
//!     .try_check()
//!     .unwrap_err();
//! assert!(failed.headline().starts_with("a queue: Ann pushes 1 and Bob pops at the same time: Bob got None"));
//! ```
//!
//! # What is checked
//! - **Results.** There is an order of all calls, one after the other, in which the
//!   specification returns the same (the history is *linearizable*, Herlihy and Wing
//!   1990). A call comes before another if it had returned when the other began, and the
//!   program made sure of that: in the same thread, or because one thread synchronised
//!   with the other. That is all the order that the threads can notice.
//! - **Waiting.** Where the specification lets a call return, it returns, and at once:
//!   not only when a timeout expires, nor by looking again and again. Where the
//!   specification says [wait](Answer::waits), it waits (Burckhardt et al. 2010,
//!   "Line-Up"). When nobody can go on, a further call frees those who wait.
//! - **Visibility.** What a thread did before a call, another thread [sees](Answer::sees)
//!   after the call that depends on it. The explorer knows that without a step of its
//!   own: no cell has to be written and read around the calls.
//! - **Endurance.** One thread makes about 2,000 calls in a row, of one kind or of several.
//!   One call is overtaken by 256 others, and another thread makes a call after each step of
//!   one that makes 600. Two calls at the same time come after up to 255 others. Objects come
//!   one after the other, in the same place, 258 exist at once, and one is moved. So a list
//!   that is full, a number that wraps around, a value that expires, a loop that gives up, and
//!   what is remembered of another object come to light.
//! - **Odd callers.** A thread has no name, or makes its calls in a destructor while it
//!   unwinds from a panic.
//! - **Everything else that a check finds**: panics, deadlocks, endless loops, also when
//!   the object is dropped.
//!
//! # How to write a specification
//! - Its state implements `Clone` and `PartialEq`. Leave out of it what no later call can
//!   notice, an order above all: the search for an explanation goes through every state
//!   once.
//! - A call that has two effects, such as arriving at a barrier and leaving it, answers
//!   [`Answer::later`] first.
//! - Where the type is free to return one value or another, the specification is:
//!   [`Answer::one_of`], [`Answer::may_wait`], [`Spec::call_if`], [`Spec::may_be_stale`].
//!
//! # What is not
//! The number of runs is limited by [`Spec::runs`]: a number and not a time, so that the
//! verdict is the same on every machine. A bug that takes five threads, a very large
//! scenario or an argument that is not among yours is not found.

mod history;
mod long;
mod plan;
mod scenario;
mod stage;
mod states;

pub use plan::Call;
pub use stage::{Failed, Passed};

use stage::Hunt;

use plan::{Kind, Model, Plan, Run, Said, Start, Took, Words};

use std::cell::Cell;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

/// What a call returns, by the specification, or that it waits.
///
/// Where a call always returns one value, the value will do.
#[derive(Clone, Debug)]
pub struct Answer<R> {
    returns: Returns<R>,
    sees: Vec<Call>,
}

#[derive(Clone, Debug)]
enum Returns<R> {
    Only(R),
    OneOf(Vec<R>),
    AtOnceOrLater(R),
    Waits,
    Later,
}

impl<R> From<R> for Answer<R> {
    fn from(value: R) -> Self {
        Answer::returns(value)
    }
}

impl<R> Answer<R> {
    /// The call returns this.
    pub fn returns(value: R) -> Self {
        Answer { returns: Returns::Only(value), sees: vec![] }
    }

    /// The call returns one of these; which one, the specification leaves open.
    pub fn one_of(values: impl IntoIterator<Item = R>) -> Self {
        Answer { returns: Returns::OneOf(values.into_iter().collect()), sees: vec![] }
    }

    /// The call returns this, but it is free to wait as long as it could: until every
    /// thread waits.
    pub fn may_wait(value: R) -> Self {
        Answer { returns: Returns::AtOnceOrLater(value), sees: vec![] }
    }

    /// The call waits until another call has changed something. The state stays as it is.
    pub fn waits() -> Self {
        Answer { returns: Returns::Waits, sees: vec![] }
    }

    /// The call has had its first effect, on this state, and is asked again for the rest:
    /// a thread that has arrived at a barrier and has to wait for the others, say.
    pub fn later() -> Self {
        Answer { returns: Returns::Later, sees: vec![] }
    }

    /// The caller sees what the thread of `call` did before that call.
    #[must_use]
    pub fn sees(mut self, call: Call) -> Self {
        self.sees.push(call);
        self
    }

    /// The caller sees what the threads of these calls did before them.
    #[must_use]
    pub fn sees_all(mut self, calls: impl IntoIterator<Item = Call>) -> Self {
        self.sees.extend(calls);
        self
    }
}

/// A type and its sequential specification; see the [module](self).
#[must_use = "nothing is checked before `check` is called"]
pub struct Spec<T, M> {
    plan: Plan,
    /// The kinds that were added last, one for each argument.
    last: Range<usize>,
    runs: usize,
    time_may_pass: bool,
    must_join: bool,
    most_calls: usize,
    of: PhantomData<fn(&T, &mut M)>,
}

impl<T: Send + Sync + 'static, M: Clone + PartialEq + 'static> Spec<T, M> {
    /// A type of which an object is made by `real` from each of the `starts`, and the
    /// specification's state by `model`; `say` names it: "an account of 1000".
    pub fn new<S: Clone + 'static>(
        starts: impl IntoIterator<Item = S>,
        say: impl Fn(&S) -> String,
        real: impl Fn(&S) -> T + Clone + 'static,
        model: impl Fn(&S) -> M,
    ) -> Self {
        let start = |start: S| {
            let (text, model) = (say(&start), Box::new(model(&start)));
            let typed = |object: plan::Object| -> Arc<T> {
                object.downcast().expect("an object is of the type under check")
            };
            let (make, first) = (real.clone(), start.clone());
            let replaced = move |object: plan::Object| -> plan::Object {
                let mut object = typed(object);
                *Arc::get_mut(&mut object).expect("the object is not in use") = make(&first);
                object
            };
            let moved = move |object: plan::Object| -> plan::Object {
                let object = typed(object);
                // The old place stays taken until there is a new one.
                let _place = Arc::downgrade(&object);
                Arc::new(Arc::into_inner(object).expect("the object is not in use"))
            };
            let real = real.clone();
            let real = move || -> plan::Object { Arc::new(real(&start)) };
            Start { text, real: Box::new(real), replaced: Box::new(replaced), moved: Box::new(moved), model }
        };
        let starts = starts.into_iter().map(start).collect();
        let names = ["Ann", "Bob", "Cem", "Dee"].map(String::from).into();
        let plan =
            Plan { starts, kinds: vec![], closing: vec![], names, two_objects: true, only_at_rest: false };
        Spec {
            plan,
            last: 0..0,
            runs: 4_000,
            time_may_pass: false,
            must_join: false,
            most_calls: usize::MAX,
            of: PhantomData,
        }
    }

    /// A call that threads make, with each of the `arguments`. `say` tells it with its
    /// argument, behind the name of a thread: "withdraws 700". `real` makes it; `model`
    /// says what it returns, and changes the specification's state.
    ///
    /// The usual arguments come first, the extreme ones last: a failure is told with the
    /// first ones that show it.
    pub fn call<A, R, Q>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
        say: impl Fn(&A) -> String,
        real: impl Fn(&T, &A) -> R + Clone + Send + Sync + 'static,
        model: impl Fn(&mut M, &A, Call) -> Q + Clone + 'static,
    ) -> Self
    where
        A: Clone + Send + Sync + 'static,
        R: PartialEq + Debug + Send + 'static,
        Q: Into<Answer<R>>,
    {
        self.last = self.plan.kinds.len()..self.plan.kinds.len();
        for argument in arguments {
            let (text, real, model, theirs) = (say(&argument), real.clone(), model.clone(), argument.clone());
            let model = move |state: &mut M, call: Call, said: Option<&Said>| {
                let answer = model(state, &argument, call).into();
                took(answer, said)
            };
            self.add(text, move |object| real(object, &theirs), model);
        }
        self
    }

    /// As [`call`](Self::call), where the specification only says whether it could return
    /// what it did: a number that no other thread has, say. It never waits.
    pub fn call_if<A, R>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
        say: impl Fn(&A) -> String,
        real: impl Fn(&T, &A) -> R + Clone + Send + Sync + 'static,
        model: impl Fn(&mut M, &A, Call, &R) -> bool + Clone + 'static,
    ) -> Self
    where
        A: Clone + Send + Sync + 'static,
        R: Debug + Send + 'static,
    {
        self.last = self.plan.kinds.len()..self.plan.kinds.len();
        for argument in arguments {
            let (text, real, model, theirs) = (say(&argument), real.clone(), model.clone(), argument.clone());
            let model = move |state: &mut M, call: Call, said: Option<&Said>| {
                let value = said.and_then(|said| said.value.downcast_ref());
                let fits = value.is_none_or(|value| model(state, &argument, call, value));
                Took::Returns { fits, text: None, may_wait: false, sees: vec![] }
            };
            self.add(text, move |object| real(object, &theirs), model);
        }
        self
    }

    fn add<R: Debug + Send + 'static>(
        &mut self,
        text: String,
        real: impl Fn(&T) -> R + Send + Sync + 'static,
        model: impl Fn(&mut M, Call, Option<&Said>) -> Took + 'static,
    ) {
        let run: Run = Arc::new(move |object| {
            let value = real(object.downcast_ref().expect("an object is of the type under check"));
            let text = format!("{value:?}");
            Said { value: Box::new(value), text }
        });
        let model: Model = Rc::new(move |state, call, said| {
            let state = state.as_any_mut().downcast_mut().expect("a state is of the specification's type");
            model(state, call, said)
        });
        let of = self.last.start;
        self.plan.kinds.push(Kind { text, run, model, of, stale: false, in_turn: 1 });
        self.last.end = self.plan.kinds.len();
    }

    /// The call that was added last may miss what other threads did meanwhile, unless the
    /// program makes sure that it knows: a count that is right once the threads have been
    /// joined, say.
    pub fn may_be_stale(mut self) -> Self {
        self.plan.kinds[self.last.clone()].iter_mut().for_each(|kind| kind.stale = true);
        self
    }

    /// The call that was added last waits for nothing but a lock whose holder can go on;
    /// see [`must_not_wait`](crate::must_not_wait).
    pub fn must_not_wait(mut self) -> Self {
        for kind in &mut self.plan.kinds[self.last.clone()] {
            let run = kind.run.clone();
            kind.run = Arc::new(move |object| crate::must_not_wait(|| run(object)));
        }
        self
    }

    /// The call that was added last takes its arguments in turn: the first such call of a
    /// scenario takes the first one, and so on. What is pushed into a queue is told apart
    /// then, and there are fewer scenarios than with every argument in every place.
    pub fn in_turn(mut self) -> Self {
        for (kind, left) in self.plan.kinds[self.last.clone()].iter_mut().zip((0..self.last.len()).rev()) {
            kind.in_turn = if left + 1 == self.last.len() { left + 1 } else { 0 };
        }
        self
    }

    /// The call that was added last is also made at the end of each scenario, when all
    /// threads are done: again and again as long as it changes something and need not
    /// wait. It shows what the threads have left behind.
    pub fn also_at_the_end(mut self) -> Self {
        self.plan.closing.extend(self.last.clone());
        self
    }

    /// As [`call`](Self::call), but no thread makes it: it is only made at the end.
    pub fn at_the_end<A, R, Q>(
        self,
        arguments: impl IntoIterator<Item = A>,
        say: impl Fn(&A) -> String,
        real: impl Fn(&T, &A) -> R + Clone + Send + Sync + 'static,
        model: impl Fn(&mut M, &A, Call) -> Q + Clone + 'static,
    ) -> Self
    where
        A: Clone + Send + Sync + 'static,
        R: PartialEq + Debug + Send + 'static,
        Q: Into<Answer<R>>,
    {
        let mut spec = self.call(arguments, say, real, model).also_at_the_end();
        spec.plan.kinds[spec.last.clone()].iter_mut().for_each(|kind| kind.in_turn = 0);
        spec
    }

    /// What the threads are called, at most four: "Ann", "Bob", "Cem" and "Dee" unless
    /// set.
    pub fn names<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.plan.names = names.map(String::from).into();
        self
    }

    /// The most runs of all scenarios together; 4,000 unless set.
    pub fn runs(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    /// There is only one object of the type in a scenario, because all share what they
    /// do.
    pub fn one_object(mut self) -> Self {
        self.plan.two_objects = false;
        self
    }

    /// A thread that waits may look again and again, or sleep and look now and then.
    pub fn time_may_pass(mut self) -> Self {
        self.time_may_pass = true;
        self
    }

    /// The calls at the end are only made once every thread waits, those of the object
    /// too. Then no scenario has a wait that ends for no reason.
    pub fn only_at_rest(mut self) -> Self {
        self.plan.only_at_rest = true;
        self
    }

    /// An object is good for this many calls; without a limit unless set. Unless set, about 2,000 calls
    /// are made in a row.
    pub fn most_calls(mut self, most: usize) -> Self {
        self.most_calls = most;
        self
    }

    /// When the object has been dropped, the threads that it started have ended.
    pub fn must_join(mut self) -> Self {
        self.must_join = true;
        self
    }

    /// Explores the scenarios, and panics with the smallest one that the specification
    /// does not explain.
    ///
    /// The environment variable `INTERLEAVE_REPLAY` does the run of an earlier report
    /// again, as for any [`Check`](crate::Check).
    ///
    /// # Panics
    /// When a run of a scenario fails: after printing the report to standard error.
    #[track_caller]
    pub fn check(self) -> Passed {
        let loc = Location::caller();
        match self.hunt(loc).search() {
            Ok(passed) => {
                crate::machine::spec_passes(&passed, loc);
                passed
            }
            Err(failed) => {
                let tell = |schedule: &str| crate::machine::fails(failed.kind(), schedule, loc);
                let Failed { headline, report, schedule, page, .. } = &failed;
                crate::report::print_failure(loc, headline, report, schedule, page.as_deref(), &tell);
                std::panic::resume_unwind(Box::new(failed.headline))
            }
        }
    }

    /// As [`check`](Self::check); what failed is the error.
    ///
    /// # Errors
    /// When a run of a scenario fails.
    #[track_caller]
    pub fn try_check(self) -> Result<Passed, Failed> {
        self.hunt(Location::caller()).search()
    }

    fn hunt(self, loc: &'static Location<'static>) -> Hunt {
        let Spec { plan, runs, time_may_pass, must_join, most_calls, .. } = self;
        Hunt {
            plan: Rc::new(plan),
            runs,
            time_may_pass,
            must_join,
            most_calls,
            loc: loc.into(),
            waits: false,
            ways: Cell::new(0),
        }
    }
}

fn took<R: PartialEq + Debug + 'static>(answer: Answer<R>, said: Option<&Said>) -> Took {
    let may_wait = matches!(answer.returns, Returns::AtOnceOrLater(_));
    let values = match answer.returns {
        Returns::Waits => return Took::Waits,
        Returns::Later => return Took::Later,
        Returns::Only(value) | Returns::AtOnceOrLater(value) => vec![value],
        Returns::OneOf(values) => values,
    };
    let said = said.and_then(|said| said.value.downcast_ref::<R>());
    let fits = said.is_none_or(|said| values.contains(said));
    let text = move || values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" or ");
    // What was returned is not asked for in words.
    let text: Option<Words> = if said.is_none() { Some(Box::new(text)) } else { None };
    Took::Returns { fits, text, may_wait, sees: answer.sees }
}
