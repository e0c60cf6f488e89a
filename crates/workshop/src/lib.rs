//! `cargo workshop`: guides a learner through the exercises, and proves that their checks judge right.
//!
//! The folders say what an exercise is: `exercises/<name>` and `solutions/<name>`, in the order of their names. Nothing
//! is registered anywhere, and nothing is sent anywhere; progress is kept in one small text file.
//!
//! - [`exercises`]: the workshop's folders, and what `1`, `01` or `ex01` mean.
//! - [`process`]: runs a program for a limited time, and ends it with everything that it started.
//! - [`cargo`]: builds tests, and says where the outcome is.
//! - [`machine`]: reads the line for programs that ends a check's output.
//! - [`verdict`]: what a run of a check says about the file that it checked.
//! - [`told`]: what a learner reads of a file that isn't solved.
//! - [`check`]: builds and runs the check of an exercise as `cargo test` would.
//! - [`progress`]: which verdict belongs to which state of a file.
//! - [`verify`]: every check against the shipped file, the solution, and the right and wrong fixes.
//! - [`hints`], [`reset`], [`watch`], [`doctor`]: the commands of these names.

pub mod cargo;
pub mod check;
pub mod doctor;
pub mod exercises;
pub mod hints;
pub mod machine;
pub mod play;
pub mod process;
pub mod progress;
pub mod reset;
pub mod told;
pub mod verdict;
pub mod verify;
pub mod watch;

/// What failed and why, for one line on standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble(pub String);

impl Trouble {
    /// `what: why`.
    pub fn new(what: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Trouble(format!("{what}: {why}"))
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

/// What may go wrong with the world outside.
pub type Result<T> = std::result::Result<T, Trouble>;

/// `1 exercise`, `2 exercises`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `20,000`
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether standard error is a terminal that can move its cursor: progress may be drawn there.
pub fn can_draw() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether standard output is a terminal that shows bold text and colors.
pub fn has_colors() -> bool {
    use std::io::IsTerminal;
    std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        && std::io::stdout().is_terminal()
}

/// How wide a line may be: `COLUMNS`, the terminal's width, or 80.
pub fn width() -> usize {
    use std::io::IsTerminal;
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = || {
        let term = console::Term::stdout();
        std::io::stdout()
            .is_terminal()
            .then(|| term.size_checked())
            .flatten()
            .map(|(_, wide)| usize::from(wide))
    };
    columns().or_else(terminal).unwrap_or(PROSE).clamp(40, 160)
}

/// How wide a line of prose may be: less than a table, since long lines are hard to read.
pub fn prose_width() -> usize {
    width().min(PROSE)
}

const PROSE: usize = 80;

/// The text, shortened to this many characters.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The text in lines of at most this many characters, broken at blanks, but not within a command in backticks.
pub fn filled(text: &str, width: usize) -> String {
    let mut filled = String::new();
    let mut column = 0;
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        let mut word = word.to_string();
        while word.matches('`').count() % 2 == 1 {
            let Some(rest) = words.next() else { break };
            word = format!("{word} {rest}");
        }
        let needed = word.chars().count();
        if column > 0 && column + 1 + needed > width {
            filled.push('\n');
            column = 0;
        } else if column > 0 {
            filled.push(' ');
            column += 1;
        }
        filled.push_str(&word);
        column += needed;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::{cut, filled, thousands};

    #[test]
    fn numbers_have_commas() {
        assert_eq!(
            [0, 999, 1000, 20_012, 1_234_567].map(thousands),
            ["0", "999", "1,000", "20,012", "1,234,567"]
        );
    }

    #[test]
    fn text_fits() {
        assert_eq!(filled("one two three", 7), "one two\nthree");
        assert_eq!(filled("one two three", 6), "one\ntwo\nthree");
        assert_eq!(filled("seventeen letters", 4), "seventeen\nletters");
        assert_eq!(filled("run `a b c` or not", 8), "run\n`a b c`\nor not");
        assert_eq!(filled("an odd ` sign", 6), "an odd\n` sign");
        assert_eq!(cut("seventeen", 5), "seve…");
    }
}
