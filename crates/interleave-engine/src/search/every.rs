//! All interleavings, depth first.

use super::{Choice, NOT_DETERMINISTIC};

/// Takes every choice there is, and leaves nothing out.
#[derive(Default)]
pub struct Every {
    /// The choices of the current run, and which of them was taken.
    taken: Vec<(Vec<Choice>, usize)>,
    depth: usize,
    /// A run was so long that it was not followed to its end.
    pub coasted: bool,
}

impl Every {
    pub(super) fn pick(&mut self, choices: &[Choice]) -> Result<Choice, String> {
        self.depth += 1;
        let Some((before, at)) = self.taken.get(self.depth - 1) else {
            self.taken.push((choices.to_vec(), 0));
            return Ok(choices[0]);
        };
        let is_same = before.len() == choices.len() && before.iter().zip(choices).all(|(a, b)| a.is(b));
        if is_same { Ok(choices[*at]) } else { Err(NOT_DETERMINISTIC.into()) }
    }

    /// How many choices the next run has in common with the one before.
    pub fn shared(&self) -> usize {
        self.taken.len().saturating_sub(1)
    }

    /// Leaves out what can follow the first `choices` choices of this run: it is known.
    pub fn leave_out_after(&mut self, choices: usize) {
        self.taken.truncate(choices);
    }

    /// Backs up to the next run; false when there is none.
    pub fn next_run(&mut self) -> bool {
        self.depth = 0;
        while let Some((choices, at)) = self.taken.last_mut() {
            *at += 1;
            if *at < choices.len() {
                return true;
            }
            self.taken.pop();
        }
        false
    }
}
