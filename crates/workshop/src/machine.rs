//! Reads the line for programs that ends each check's output. `machine.rs` of the crate `interleave` prints it and says
//! what its words mean.

/// What such a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// A check passed.
    Passes {
        /// Whether it tried every interleaving.
        complete: Complete,
        /// How many it tried.
        runs: usize,
    },
    /// A check failed.
    Fails {
        /// In a word, such as `deadlock`.
        kind: &'a str,
        /// The line of the test file that has the check.
        line: Option<&'a str>,
    },
}

/// Whether a check tried every interleaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complete {
    /// It did.
    Yes,
    /// Every one within the check's limits: for example, with at most one spurious wakeup.
    WithinLimits,
    /// There are too many.
    No,
}

impl<'a> Line<'a> {
    /// Reads a line of output; `None` if it isn't one of these lines.
    pub fn read(text: &'a str) -> Option<Self> {
        let words = text.strip_prefix("interleave: verdict=")?;
        let (verdict, pairs) = words.split_once(' ').unwrap_or((words, ""));
        let value = |key: &str| {
            let mut pairs = pairs.split(' ').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
        };
        match verdict {
            "passes" => {
                let runs = value("runs").and_then(|runs| runs.parse().ok()).unwrap_or(0);
                let complete = match value("complete") {
                    Some("yes") => Complete::Yes,
                    Some("within-limits") => Complete::WithinLimits,
                    _ => Complete::No,
                };
                Some(Line::Passes { complete, runs })
            }
            "fails" => Some(Line::Fails { kind: value("kind").unwrap_or_default(), line: value("line") }),
            _ => None,
        }
    }
}

/// What the passing checks have tried.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Searches {
    /// How many checks passed.
    pub all: usize,
    /// How many of them tried every interleaving, or every one within their limits.
    pub complete: usize,
    /// How many of those had no limits.
    pub unlimited: usize,
    /// How many interleavings the others tried together.
    pub tried_by_others: usize,
}

impl Searches {
    /// Counts the lines in the output of a check's program.
    pub fn of(output: &str) -> Self {
        let mut searches = Searches::default();
        for line in output.lines() {
            if let Some(Line::Passes { complete, runs }) = Line::read(line) {
                searches.all += 1;
                searches.complete += usize::from(complete != Complete::No);
                searches.unlimited += usize::from(complete == Complete::Yes);
                searches.tried_by_others += if complete == Complete::No { runs } else { 0 };
            }
        }
        searches
    }

    /// What a pass is worth, in a sentence; `None` if nothing was explored.
    pub fn told(&self) -> Option<String> {
        let Searches { all, complete, unlimited, tried_by_others } = *self;
        let tried = crate::thousands(tried_by_others);
        let the_check = if unlimited == complete { "The check" } else { "Within its limits, the check" };
        match (all, complete) {
            (0, _) => None,
            (all, _) if all == unlimited => {
                Some("The check tried every interleaving, so this is a proof.".to_string())
            }
            (all, complete) if all == complete => Some(format!("{the_check} tried every interleaving.")),
            (_, 0) => Some(format!("The check tried {tried} interleavings; there are too many to try all.")),
            (all, complete) => Some(format!(
                "{the_check} tried every interleaving in {complete} of its {all} searches, and {tried} in the rest."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Complete, Line, Searches};

    #[test]
    fn a_line_is_read_whatever_else_is_in_it() {
        let fails = "interleave: verdict=fails kind=deadlock new=1 test=t line=34 schedule=12!1";
        assert_eq!(Line::read(fails), Some(Line::Fails { kind: "deadlock", line: Some("34") }));
        let overflow = Line::Fails { kind: "overflow", line: None };
        assert_eq!(Line::read("interleave: verdict=fails kind=overflow"), Some(overflow));
        let passes = "interleave: verdict=passes complete=yes runs=252 interruptions=4 test=t line=34";
        assert_eq!(Line::read(passes), Some(Line::Passes { complete: Complete::Yes, runs: 252 }));
        assert_eq!(Line::read("interleave: a thread has run for 10 seconds"), None);
        assert_eq!(Line::read("interleave: verdict=unknown kind=deadlock"), None);
        assert_eq!(Line::read(" interleave: verdict=passes"), None);
    }

    #[test]
    fn a_pass_says_what_it_is_worth() {
        let complete = "interleave: verdict=passes complete=yes runs=252\n";
        let rest = "interleave: verdict=passes complete=no runs=20000\n";
        let told = |output: &str| Searches::of(output).told().unwrap_or_default();
        assert_eq!(told("test result: ok\n"), "");
        assert_eq!(told(complete), "The check tried every interleaving, so this is a proof.");
        let limited = complete.replace("yes", "within-limits");
        assert_eq!(told(&limited), "Within its limits, the check tried every interleaving.");
        assert_eq!(told(&(limited + complete)), "Within its limits, the check tried every interleaving.");
        assert!(told(rest).starts_with("The check tried 20,000 interleavings;"));
        let both = format!("{complete}{complete}{rest}{rest}");
        let told = told(&both);
        assert!(
            told.ends_with("every interleaving in 2 of its 4 searches, and 40,000 in the rest."),
            "{told}"
        );
    }
}
