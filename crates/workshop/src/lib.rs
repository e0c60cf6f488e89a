//! `cargo workshop`: the way through the exercises, and the proof that their checks judge right.
//!
//! What an exercise is follows from the folders: `exercises/<name>` and `solutions/<name>`, in the order of their
//! names. Nothing is registered anywhere, and nothing is sent anywhere; what is remembered is in one small text file.
//!
//! - [`exercises`]: the workshop's folders, and what `1`, `01` or `ex01` mean.
//! - [`process`]: runs a program for a limited time, and ends it with everything that it started.
//! - [`cargo`]: builds tests, and says where the outcome is.
//! - [`verdict`]: what a run of a check says about the file that it checked.
//! - [`check`]: builds and runs the check of an exercise as `cargo test` would.
//! - [`progress`]: which verdict belongs to which state of a file.
//! - [`verify`]: every check against the shipped file, the solution, and the right and wrong fixes.
//! - [`hints`], [`reset`], [`watch`], [`doctor`]: the commands of these names.

pub mod cargo;
pub mod check;
pub mod doctor;
pub mod exercises;
pub mod hints;
pub mod process;
pub mod progress;
pub mod reset;
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

/// «1 exercise», «2 exercises».
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Whether standard error is a terminal that can move its cursor: progress may be drawn there.
pub fn can_draw() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// How wide a line may be: `COLUMNS`, the terminal's width, or 100.
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
    columns().or_else(terminal).unwrap_or(100).clamp(40, 160)
}

/// The text, shortened to so many characters.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
