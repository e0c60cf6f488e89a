//! A schedule as a string: a digit for each step says which thread takes it. `121` is thread 1, thread 2,
//! thread 1. `2!` wakes thread 2 although nobody notified it or its time is not up; `~1` after a step says that it took
//! the second of several possibilities (another waiter is notified, an older value is read).

use crate::search::{Choice, Kind};
use crate::world::Tid;

/// Thread 0 is the scenario itself; the others are numbered in the order in which they are started.
pub(crate) const DIGITS: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn digit(n: usize) -> char {
    char::from(DIGITS.as_bytes()[n])
}

/// The string of a run that took these choices.
pub fn to_string(trail: &[Choice]) -> String {
    let mut out = String::new();
    for choice in trail {
        match choice.kind {
            Kind::Turn => out.push(digit(choice.who)),
            Kind::Fault => out.extend([digit(choice.who), '!']),
            Kind::Data(i) => out.extend(['~', digit(i as usize)]),
        }
    }
    out
}

/// The steps that a string describes.
///
/// # Errors
/// When it is no schedule: what a step looks like.
pub fn parse(text: &str) -> Result<Vec<(Tid, Kind)>, String> {
    let number = |c: char| DIGITS.find(c);
    let mut steps = vec![];
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        if c == '~' {
            let Some(i) = rest.next().and_then(number) else {
                return Err(format!("«{text}» is no schedule: after ~ comes a digit"));
            };
            let who = steps.last().map_or(0, |step: &(Tid, Kind)| step.0);
            steps.push((who, Kind::Data(i as u32)));
        } else if let Some(who) = number(c) {
            let fault = rest.next_if_eq(&'!').is_some();
            steps.push((who, if fault { Kind::Fault } else { Kind::Turn }));
        } else {
            return Err(format!(
                "«{text}» is no schedule: it has a digit for each step (which thread takes it), not {c:?}"
            ));
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_survives_the_round_trip() {
        let text = "12~12!0zZ";
        let steps = parse(text).unwrap();
        assert_eq!(steps.len(), 7);
        let choices: Vec<Choice> = steps.iter().map(|&(who, kind)| Choice { who, kind, cost: 0 }).collect();
        assert_eq!(to_string(&choices), text);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in ["1-2", "1~", "!", "1 2"] {
            assert!(parse(text).unwrap_err().contains("is no schedule"), "{text}");
        }
    }
}
