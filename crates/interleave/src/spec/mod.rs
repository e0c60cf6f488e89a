//! Checks a concurrent type against its sequential specification.
//!
//! A scenario that somebody has thought of finds the bugs that somebody has thought of. [`Spec`] thinks of the scenarios itself.
//! It is told what each call returns when there is only one thread, or that the call has to wait; that is the *specification*, a
//! plain value that knows nothing of threads. Then it makes up scenarios, small ones first: two threads with a call each, three,
//! four, several calls in a row, calls before and after, two objects of the type side by side. Each scenario is explored as
//! [`check`](crate::check) does it, and each run has to be one that the specification explains.
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
//! # What is checked
//! - **Results.** There is an order of all calls, one after the other, in which the specification returns the same (the history is
//!   *linearizable*, Herlihy and Wing 1990). A call comes before another if it had returned when the other began, and the program
//!   made sure of that: in the same thread, or because one thread synchronised with the other. That is all the order that
//!   the threads can notice.
//! - **Waiting.** Where the specification lets a call return, it returns, and at once: not only when a timeout expires, nor by
//!   looking again and again. Where the specification says [wait](Answer::waits), it waits (Burckhardt et al. 2010, "Line-Up").
//!   When nobody can go on, a further call frees those who wait.
//! - **Visibility.** What a thread did before a call, another thread [sees](Answer::sees) after the call that depends on it.
//! - **Everything else that a check finds**: panics, deadlocks, endless loops, also when the object is dropped.
//!
//! # What is not
//! The number of scenarios is limited by [`Spec::runs`], a number of runs and not a time: the verdict is the same on every machine.
//! A bug that takes five threads, or a number that is not among the arguments, is not found.

mod history;
mod scenario;
mod stage;

pub use stage::{Failed, Passed};

use std::any::Any;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

/// A call that is made in a run: the specification may keep it, and say later that another call [sees](Answer::sees) it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Call {
    number: usize,
    thread: usize,
}

impl Call {
    /// The thread that makes the call; 0 is the one that starts the others.
    pub fn thread(self) -> usize {
        self.thread
    }
}

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

    /// The call returns this, but it is free to wait as long as it could: until every thread waits.
    pub fn may_wait(value: R) -> Self {
        Answer { returns: Returns::AtOnceOrLater(value), sees: vec![] }
    }

    /// The call waits until another call has changed something. The state stays as it is.
    pub fn waits() -> Self {
        Answer { returns: Returns::Waits, sees: vec![] }
    }

    /// The call has had its first effect, on this state, and is asked again for the rest: a thread that has arrived at a barrier
    /// and has to wait for the others, say.
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

/// What a call returned, of any type.
pub(crate) struct Said {
    value: Box<dyn Any + Send>,
    pub(crate) text: String,
}

/// What the specification says to a call that returned something, or to one that has not returned.
pub(crate) enum Took {
    Waits,
    Later,
    Returns {
        /// Whether it is what the call returned.
        fits: bool,
        /// What it returns, in words; `None` where it depends on what was returned.
        text: Option<String>,
        may_wait: bool,
        sees: Vec<Call>,
    },
}

/// The state of the specification, of any type.
pub(crate) trait State: Any {
    fn copy(&self) -> Box<dyn State>;
    fn is_same(&self, other: &dyn State) -> bool;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<M: Clone + PartialEq + 'static> State for M {
    fn copy(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn is_same(&self, other: &dyn State) -> bool {
        other.as_any().downcast_ref::<M>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

type Object = Arc<dyn Any + Send + Sync>;
type Run = Arc<dyn Fn(&(dyn Any + Send + Sync)) -> Said + Send + Sync>;
type Model = Rc<dyn Fn(&mut dyn State, Call, Option<&Said>) -> Took>;

/// How an object is made.
pub(crate) struct Start {
    text: String,
    real: Box<dyn Fn() -> Object>,
    model: Box<dyn State>,
}

/// A call with its argument.
pub(crate) struct Kind {
    text: String,
    run: Run,
    model: Model,
    stale: bool,
}

/// What there is to make scenarios of.
pub(crate) struct Plan {
    starts: Vec<Start>,
    kinds: Vec<Kind>,
    /// The kinds that were added last, one for each argument.
    last: Range<usize>,
    /// The kinds that are also called at the end.
    closing: Vec<usize>,
    names: Vec<String>,
    runs: usize,
    two_objects: bool,
    time_may_pass: bool,
    must_join: bool,
    /// Some call waits, sooner or later.
    waits: bool,
}

/// A type and its sequential specification; see the [module](self).
#[must_use = "nothing is checked before `check` is called"]
pub struct Spec<T, M> {
    plan: Plan,
    of: PhantomData<fn(&T, &mut M)>,
}

impl<T: Send + Sync + 'static, M: Clone + PartialEq + 'static> Spec<T, M> {
    /// A type of which an object is made by `real` from each of the `starts`, and the specification's state by `model`; `say` names
    /// it: "an account of 1000".
    pub fn new<S: Clone + 'static>(
        starts: impl IntoIterator<Item = S>,
        say: impl Fn(&S) -> String,
        real: impl Fn(&S) -> T + Clone + 'static,
        model: impl Fn(&S) -> M,
    ) -> Self {
        let start = |start: S| {
            let (text, model, real) = (say(&start), Box::new(model(&start)), real.clone());
            Start { text, real: Box::new(move || Arc::new(real(&start))), model }
        };
        let starts = starts.into_iter().map(start).collect();
        let names = ["Ann", "Bob", "Cem", "Dee"].map(String::from).into();
        let plan = Plan {
            starts,
            kinds: vec![],
            last: 0..0,
            closing: vec![],
            names,
            runs: 20_000,
            two_objects: true,
            time_may_pass: false,
            must_join: false,
            waits: false,
        };
        Spec { plan, of: PhantomData }
    }

    /// A call that threads make, with each of the `arguments`. `say` tells it with its argument, behind the name of a thread:
    /// "withdraws 700". `real` makes it; `model` says what it returns, and changes the specification's state.
    ///
    /// The usual arguments come first, the extreme ones last: a failure is told with the first ones that show it.
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
        self.plan.last = self.plan.kinds.len()..self.plan.kinds.len();
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

    /// As [`call`](Self::call), where the specification only says whether it could return what it did: a number that no other
    /// thread has, say. It never waits.
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
        self.plan.last = self.plan.kinds.len()..self.plan.kinds.len();
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
        self.plan.kinds.push(Kind { text, run, model, stale: false });
        self.plan.last.end = self.plan.kinds.len();
    }

    /// The call that was added last may miss what other threads did meanwhile, unless the program makes sure that it knows: a
    /// count that is right once the threads have been joined, say.
    pub fn may_be_stale(mut self) -> Self {
        self.plan.kinds[self.plan.last.clone()].iter_mut().for_each(|kind| kind.stale = true);
        self
    }

    /// The call that was added last is also made at the end of each scenario, when all threads are done: again and again as long
    /// as it changes something and need not wait. It shows what the threads have left behind.
    pub fn also_at_the_end(mut self) -> Self {
        self.plan.closing.extend(self.plan.last.clone());
        self
    }

    /// What the threads are called, at most four: "Ann", "Bob", "Cem" and "Dee" unless set.
    pub fn names<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.plan.names = names.map(String::from).into();
        self
    }

    /// At most so many runs of all scenarios together; 20,000 unless set.
    pub fn runs(mut self, runs: usize) -> Self {
        self.plan.runs = runs;
        self
    }

    /// There is only one object of the type in a scenario, because all share what they do.
    pub fn one_object(mut self) -> Self {
        self.plan.two_objects = false;
        self
    }

    /// A thread that waits may look again and again, or sleep and look now and then.
    pub fn time_may_pass(mut self) -> Self {
        self.plan.time_may_pass = true;
        self
    }

    /// When the object has been dropped, the threads that it started have ended.
    pub fn must_join(mut self) -> Self {
        self.plan.must_join = true;
        self
    }

    /// Explores the scenarios, and panics with the smallest one that the specification does not explain.
    ///
    /// The environment variable `INTERLEAVE_REPLAY` does the run of an earlier report again, as for any
    /// [`Check`](crate::Check).
    ///
    /// # Panics
    /// When a run of a scenario fails: after printing the report to standard error.
    #[track_caller]
    pub fn check(self) -> Passed {
        let loc = Location::caller();
        match self.search(loc) {
            Ok(passed) => passed,
            Err(failed) => {
                eprintln!("\n{}: {failed}\n", crate::report::place(loc));
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
        self.search(Location::caller())
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
    let texts: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    Took::Returns { fits, text: Some(texts.join(" or ")), may_wait, sees: answer.sees }
}
