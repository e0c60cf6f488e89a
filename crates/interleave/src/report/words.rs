//! The words for a step: each primitive has them beside its implementation, with its verbs.

use super::reason::Reason;
use super::story::Story;
use crate::engine::{Event, Op, Tid, Uses, Verb, Woken};

/// What a report says of a step.
pub(crate) struct Words {
    /// What the step does, as far as the step alone tells; `None` if it needs no words.
    pub(crate) effect: fn(&Step<'_>) -> Option<String>,
    /// The same in a report, which knows the whole run and the number of the event. Unless set, it's
    /// the effect.
    pub(crate) in_report: fn(&Story<'_>, usize) -> String,
    /// What a thread waits for if it can't take the step; the argument is the object's name.
    pub(crate) wish: fn(&str) -> String,
    /// Why that never comes.
    pub(crate) why_never: fn(&Story<'_>, &Stuck<'_>, &mut Reason),
    /// With this step the thread acquires a lock, and holds it from then on.
    pub(crate) acquires: bool,
    /// The same, but only if it finds the lock free.
    pub(crate) tries: bool,
    /// It reads the value of an atomic.
    pub(crate) loads: bool,
    /// It writes the value of an atomic.
    pub(crate) stores: bool,
}

impl Words {
    /// What most steps have: "locks balance: 300", and "waits for balance".
    pub(crate) const USUAL: Words = Words {
        effect: |step| Some(format!("{} {}{}{}", step.event.verb.does, step.name, step.why(), step.change())),
        in_report: |story, i| story.plain_effect(i),
        wish: |name| format!("waits for {name}"),
        why_never: |_, _, _| (),
        acquires: false,
        tries: false,
        loads: false,
        stores: false,
    };

    /// Of a step that no report shows.
    pub(crate) const NONE: Words = Words { effect: |_| None, ..Words::USUAL };

    pub(crate) fn of(verb: &'static Verb) -> &'static Words {
        verb.words.downcast_ref().expect("the words of a verb are Words")
    }
}

/// What most verbs are: a step that changes its object if it says so, and orders what the threads
/// know that use the object.
pub(crate) const STEP: Verb = Verb {
    does: "",
    uses: Uses::AsWritten,
    orders: true,
    is_quiet: false,
    yields: false,
    yields_to_work: false,
    sleeps: false,
    words: &Words::USUAL,
};

/// A step, and what its object is called.
pub(crate) struct Step<'a> {
    pub(crate) event: &'a Event,
    pub(crate) name: &'a str,
}

impl Step<'_> {
    /// What the step found and what it left, if that is known: ": 1000 → 300".
    pub(crate) fn change(&self) -> String {
        match (self.event.before.as_deref(), self.event.after.as_deref()) {
            (Some(old), Some(new)) if old != new => format!(": {old} → {new}"),
            (Some(old), _) => format!(": {old}"),
            _ => String::new(),
        }
    }

    /// Why the thread could take the step, unless it was ready.
    pub(crate) fn why(&self) -> &'static str {
        match self.event.woken {
            Woken::Spuriously => " without a notification (a spurious wakeup)",
            Woken::TimedOut => " because its time is up",
            Woken::Ready => "",
        }
    }

    /// The first line of the text that the step is about.
    pub(crate) fn first_line(&self) -> &str {
        self.event.before.as_deref().unwrap_or_default().lines().next().unwrap_or_default()
    }
}

/// A thread that can't go on.
pub(crate) struct Stuck<'a> {
    pub(crate) who: Tid,
    /// What it's about to do.
    pub(crate) op: &'a Op,
    /// All the threads that can't go on.
    pub(crate) all: &'a [Tid],
}
