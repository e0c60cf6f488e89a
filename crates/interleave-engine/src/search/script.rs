//! One run that follows a schedule.

use super::{Choice, Kind, Steps};
use crate::thread::Tid;

/// Follows a schedule; after its end the usual choices are made.
pub struct Script {
    steps: Steps,
    at: usize,
}

impl Script {
    /// Follows these steps.
    pub fn new(steps: Steps) -> Self {
        Script { steps, at: 0 }
    }

    /// How many of the steps have been followed, and how many there are.
    pub fn followed(&self) -> (usize, usize) {
        (self.at, self.steps.len())
    }

    /// The thread that takes the next step, if there are more steps to be followed.
    pub(super) fn next(&self) -> Option<Tid> {
        self.steps.get(self.at).map(|(who, _)| *who)
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Result<Choice, String> {
        let Some(&(who, kind)) = self.steps.get(self.at) else { return Ok(choices[0]) };
        let is_data = |kind| matches!(kind, Kind::Data(_));
        if is_data(choices[0].kind) && !is_data(kind) {
            return Ok(choices[0]);
        }
        self.at += 1;
        let fits = choices.iter().find(|c| (c.who, c.kind) == (who, kind));
        fits.copied().ok_or_else(|| {
            let wanted = crate::schedule::to_string(&[Choice { who, kind, cost: 0 }]);
            let possible: Vec<String> =
                choices.iter().map(|c| crate::schedule::to_string(std::slice::from_ref(c))).collect();
            let (step, possible) = (self.at, possible.join(" or "));
            format!(
                "the schedule does not fit: step {step} is {wanted}, but only {possible} is possible there; does it belong to \
                 another version of the code?"
            )
        })
    }
}
