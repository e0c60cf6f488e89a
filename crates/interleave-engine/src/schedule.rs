//! A schedule as a string: a digit for each step says which thread takes it. `121` is thread 1, thread 2,
//! thread 1. `2!` wakes thread 2 although nobody notified it or its time is not up; `~1` after a step says that it took
//! the second of several possibilities (another waiter is notified, an older value is read).

use crate::search::{Choice, Kind};
use crate::thread::Tid;

/// Thread 0 is the scenario itself; the others are numbered in the order in which they are started.
pub(crate) const DIGITS: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A digit; a number that has none is written in parentheses.
fn digit(n: usize) -> String {
    DIGITS.get(n..=n).map_or_else(|| format!("({n})"), str::to_owned)
}

/// The string of a run that took these choices.
pub fn to_string(trail: &[Choice]) -> String {
    let mut out = String::new();
    for choice in trail {
        match choice.kind {
            Kind::Turn => out += &digit(choice.who),
            Kind::Fault => out += &(digit(choice.who) + "!"),
            Kind::Data(i) => out += &format!("~{}", digit(i as usize)),
        }
    }
    out
}

/// The steps that a string describes.
///
/// # Errors
/// When it isn't a schedule: what a step looks like.
pub fn parse(text: &str) -> Result<Vec<(Tid, Kind)>, String> {
    let mut steps = vec![];
    let mut rest = text.trim().chars().peekable();
    let number = |c: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        if c != '(' {
            return DIGITS.find(c);
        }
        let digits: String = rest.by_ref().take_while(|c| *c != ')').collect();
        digits.parse().ok()
    };
    while let Some(c) = rest.next() {
        if c == '~' {
            let Some(i) = rest.next().and_then(|c| number(c, &mut rest)) else {
                return Err(format!("\"{text}\" isn't a schedule: after ~ comes a digit"));
            };
            let who = steps.last().map_or(0, |step: &(Tid, Kind)| step.0);
            steps.push((who, Kind::Data(i as u32)));
        } else if let Some(who) = number(c, &mut rest) {
            let fault = rest.next_if_eq(&'!').is_some();
            steps.push((who, if fault { Kind::Fault } else { Kind::Turn }));
        } else {
            return Err(format!(
                "\"{text}\" isn't a schedule: it has a digit for each step (which thread takes it), not {c:?}"
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
            assert!(parse(text).unwrap_err().contains("isn't a schedule"), "{text}");
        }
    }
}
