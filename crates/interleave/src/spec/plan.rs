//! What there is to make scenarios of. The types under check and the states of their specifications are of any type here, so
//! that all of it is compiled once, and not again in each check.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

/// A call that is made in a run: a specification may keep it, and say later that another
/// call sees what came before this one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Call {
    pub(super) number: usize,
    pub(super) thread: usize,
}

impl Call {
    /// The thread that makes the call; 0 is the one that starts the others.
    pub fn thread(self) -> usize {
        self.thread
    }

    /// One of many calls that are made before all others.
    pub fn before_all(number: usize) -> Self {
        Call { number: 1 << 14 | number, thread: 0 }
    }

    /// The call is [one of these](Call::before_all), and every thread sees it.
    pub fn is_before_all(self) -> bool {
        self.thread == 0 && self.number >> 14 == 1
    }

    /// A call that is made when all others are over.
    pub fn at_the_end(number: usize) -> Self {
        Call { number: 1 << 15 | number, thread: 0 }
    }
}

/// What a call returned, of any type.
pub struct Said {
    /// The value.
    pub value: Box<dyn Any + Send>,
    /// The value in words.
    pub text: String,
}

/// Something in words, for the few times when it is told.
pub type Words = Box<dyn FnOnce() -> String>;

/// What the specification says to a call that returned something, or to one that has not
/// returned.
pub enum Took {
    /// It has to wait.
    Waits,
    /// It has had its first effect, and is asked again for the rest.
    Later,
    /// It returns.
    Returns {
        /// Whether it is what the call returned.
        fits: bool,
        /// What it returns, in words; `None` where it depends on what was returned.
        text: Option<Words>,
        /// Whether it may wait as well.
        may_wait: bool,
        /// The calls before which other threads did what this one sees.
        sees: Vec<Call>,
    },
}

/// The state of a specification, of any type.
pub trait State: Any {
    /// Another one that is the same.
    fn copy(&self) -> Box<dyn State>;
    /// Whether both are equal.
    fn is_same(&self, other: &dyn State) -> bool;
    /// To get at the type.
    fn as_any(&self) -> &dyn Any;
    /// To get at the type.
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

/// An object of the type under check.
pub type Object = Arc<dyn Any + Send + Sync>;
/// Makes a call of it.
pub type Run = Arc<dyn Fn(&(dyn Any + Send + Sync)) -> Said + Send + Sync>;
/// Makes the call of the specification.
pub type Model = Rc<dyn Fn(&mut dyn State, Call, Option<&Said>) -> Took>;

/// How an object is made.
pub struct Start {
    /// In words.
    pub text: String,
    /// The object.
    pub real: Box<dyn Fn() -> Object>,
    /// A new object in the place of this one, which no one else may have.
    pub replaced: Box<dyn Fn(Object) -> Object>,
    /// The same object in another place in memory. No one else may have it.
    pub moved: Box<dyn Fn(Object) -> Object>,
    /// The specification's state.
    pub model: Box<dyn State>,
}

/// A call with its argument.
#[derive(Clone)]
pub struct Kind {
    /// In words.
    pub text: String,
    /// Makes it.
    pub run: Run,
    /// What the specification says to it.
    pub model: Model,
    /// Which call it is, whatever the argument.
    pub of: usize,
    /// It may miss what other threads did meanwhile.
    pub stale: bool,
    /// The next calls of a scenario that do the same take other arguments: how many kinds
    /// there are for that, from this one on.
    pub in_turn: usize,
}

/// What there is to make scenarios of.
pub struct Plan {
    /// The ways to make an object.
    pub starts: Vec<Start>,
    /// The calls.
    pub kinds: Vec<Kind>,
    /// The kinds that are also called at the end.
    pub closing: Vec<usize>,
    /// What the threads are called.
    pub names: Vec<String>,
    /// A scenario may have two objects.
    pub two_objects: bool,
    /// The calls at the end are only made once every thread waits.
    pub only_at_rest: bool,
}
