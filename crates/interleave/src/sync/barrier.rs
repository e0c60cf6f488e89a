//! `Barrier`.

use crate::engine::{self, Loc, Need, Op, Tag, Verb};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::fmt;
use ::std::sync::{Mutex as StdMutex, PoisonError};

static ARRIVE: Verb = Verb { does: "arrives at", ..STEP };
static LEAVE: Verb = Verb {
    does: "leaves",
    words: &Words { wish: |name| format!("waits for the others at {name}"), ..Words::USUAL },
    ..STEP
};

/// As [`std::sync::Barrier`]; in a check, arriving and leaving are steps.
pub struct Barrier {
    tag: Tag,
    size: usize,
    state: StdMutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    arrived: usize,
    generation: u64,
}

const START: State = State { arrived: 0, generation: 0 };

/// As [`std::sync::BarrierWaitResult`].
#[derive(Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this thread is the one that the others were waiting for.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// As std's.
    #[track_caller]
    #[must_use]
    pub const fn new(n: usize) -> Self {
        Barrier { tag: Tag::new("Barrier"), size: n, state: StdMutex::new(START) }
    }

    fn state<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As std's.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let object = self.tag.object(|| self.state(|state| *state = START));
        let loc = Loc::caller();
        let op = |verb: &'static Verb, writes| Op { verb, object, writes, loc };
        let (leader, generation) = engine::step(op(&ARRIVE, true), &|| true, || {
            self.state(|state| {
                state.arrived += 1;
                let (arrived, size) = (state.arrived, self.size);
                engine::note(|| Some(format!("{arrived} of {size}")));
                let mine = state.generation;
                if arrived >= size {
                    *state = State { arrived: 0, generation: mine + 1 };
                    engine::set_level(object, mine + 1);
                }
                (arrived >= size, mine)
            })
        });
        if !leader {
            let is_open = || self.state(|state| state.generation != generation);
            let is_over = |now, mine| now != mine;
            let need = Need { object, how: Use::Read, is_met: is_over, than: generation };
            engine::step_when(op(&LEAVE, false), [Some(need), None], &is_open, || ());
        }
        BarrierWaitResult(leader)
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}
