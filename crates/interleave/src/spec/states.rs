//! What a specification may have come to, and the calls that show what is left of an object.

use super::plan::{Call, Plan, Said, Start, State, Took};
use super::scenario::LARGE;

/// The states that explain everything so far.
pub struct States(pub Vec<Box<dyn State>>);

impl States {
    /// Nothing has been called.
    pub fn of(start: &Start) -> Self {
        States(vec![start.model.copy()])
    }

    /// Whether the call returns without waiting.
    pub fn let_return(&self, plan: &Plan, kind: usize, call: Call) -> bool {
        self.0.iter().all(|state| plan.takes_effect(kind, &mut *state.copy(), call))
    }

    /// The call has returned this. Forgets the states that don't explain it.
    pub fn go_on(&mut self, plan: &Plan, kind: usize, call: Call, said: &Said) {
        self.0.retain_mut(|state| plan.explains(kind, &mut **state, call, said));
    }
}

/// No state explains what a call has returned.
pub struct Unexplained {
    /// The call.
    pub kind: usize,
    /// What it returned, in words.
    pub said: String,
    /// What it should have returned, as the end of a sentence.
    pub expected: String,
}

/// Makes the calls that show what is left: each again and again, as long as it changes something and need not wait. They
/// come after everything else, so each state goes on by itself.
pub fn close(
    plan: &Plan,
    mut states: States,
    mut make: impl FnMut(usize) -> Said,
) -> Result<(), Unexplained> {
    for &kind in &plan.closing {
        for number in 0..2 * LARGE {
            let call = Call::at_the_end(number);
            if !states.let_return(plan, kind, call) {
                break;
            }
            let said = make(kind);
            let before = States(states.0.iter().map(|state| state.copy()).collect());
            let mut has_changed = false;
            let mut earlier = before.0.iter();
            states.0.retain_mut(|state| {
                let explains = plan.explains(kind, &mut **state, call, &said);
                has_changed |= earlier.next().is_some_and(|before| !state.is_same(&**before));
                explains
            });
            if states.0.is_empty() {
                let expected =
                    before.0.first().map_or_else(String::new, |state| plan.expected(kind, &**state, call));
                return Err(Unexplained { kind, said: said.text, expected });
            }
            if !has_changed {
                break;
            }
        }
    }
    Ok(())
}

impl Plan {
    /// What the specification says to the whole call, both effects of it.
    pub fn ask(&self, kind: usize, state: &mut dyn State, call: Call, said: Option<&Said>) -> Took {
        let model = &self.kinds[kind].model;
        match model(state, call, said) {
            Took::Later => model(state, call, said),
            took => took,
        }
    }

    /// Whether the call returns without waiting.
    pub fn takes_effect(&self, kind: usize, state: &mut dyn State, call: Call) -> bool {
        matches!(self.ask(kind, state, call, None), Took::Returns { may_wait: false, .. })
    }

    /// Whether the call may have returned this.
    pub fn explains(&self, kind: usize, state: &mut dyn State, call: Call, said: &Said) -> bool {
        matches!(self.ask(kind, state, call, Some(said)), Took::Returns { fits: true, .. })
    }

    /// What the call should return, as the end of a sentence.
    pub fn expected(&self, kind: usize, state: &dyn State, call: Call) -> String {
        match self.ask(kind, &mut *state.copy(), call, None) {
            Took::Returns { text: Some(text), .. } => format!(" instead of {}", text()),
            _ => String::new(),
        }
    }
}
