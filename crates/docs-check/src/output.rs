//! Output that a page shows is what the command above it prints.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;
use std::{env, thread};

use crate::markdown::{Claim, Fence, Page};
use crate::{Finding, Repository, UPDATE, diff, parallel};

/// How long a command may take once it is built. Far more than any demo needs: it only ends what would never end.
pub const BOUND: Duration = Duration::from_secs(120);

/// How long the build of all demos may take.
const BUILD_BOUND: Duration = Duration::from_secs(900);

/// How wide a command may print, unless the page says otherwise.
const COLUMNS: usize = 100;

/// Output that varies gets this many runs to look like the page once numbers are read as `N`.
const TRIES: usize = 3;

/// How this machine calls a Python of 3.8 or newer, the oldest that the pages tell of; on Windows `python3` may be a mere
/// placeholder.
pub static PYTHON: LazyLock<Option<&str>> = LazyLock::new(|| {
    ["python3", "python"].into_iter().find(|name| {
        let mut asked = Command::new(name);
        asked.args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).stdin(Stdio::null());
        asked.output().is_ok_and(|answer| answer.status.success())
    })
});

/// What a command printed, on both streams, in order.
struct Run {
    text: String,
    /// `None` when it was ended: it took too long, or a signal came.
    exit: Option<i32>,
    took_too_long: bool,
}

/// Blocks of output that differ from what their command prints, and commands that are not allowed or do not end.
///
/// # Errors
/// When a command cannot be started.
pub fn check(repository: &Repository, bound: Duration) -> io::Result<Vec<Finding>> {
    let (findings, _) = compared(repository, bound)?;
    Ok(findings)
}

/// What a page would have to say: the page's path, the fence's index, the output.
pub(crate) type Mended = (String, usize, String);

/// The findings, and the real output for those that a rewritten block would mend.
pub(crate) fn compared(repository: &Repository, bound: Duration) -> io::Result<(Vec<Finding>, Vec<Mended>)> {
    let mut findings = Vec::new();
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut without_python = 0;
    for page in &repository.pages {
        for (index, fence) in page.fences.iter().enumerate() {
            let Some(Claim::Output { command, exit, varies, any_order, excerpt, columns }) = &fence.claim
            else {
                continue;
            };
            match words(command) {
                Err(why) => {
                    let mend = "use `cargo run -q -p …`, `cargo test -q -p …`, `cargo workshop …` or `python3 FILE.py`, and no shell";
                    let what = format!("`{command}` is not run: {why}");
                    findings.push(Finding::new(&page.path, fence.line - 1, what, mend));
                }
                Ok(_) if repository.is_learners(command) => {}
                Ok(words) if words[0] == "python3" && PYTHON.is_none() => without_python += 1,
                Ok(words) => {
                    blocks.push(Block {
                        page,
                        index,
                        fence,
                        command,
                        words,
                        exit: *exit,
                        varies: *varies,
                        any_order: *any_order,
                        excerpt: excerpt.as_ref(),
                        columns: columns.unwrap_or(COLUMNS),
                    });
                }
            }
        }
    }
    if without_python > 0 {
        let why = "no python3 of 3.8 or newer was found";
        let _ =
            writeln!(io::stderr(), "docs-check: SKIPPED {without_python} outputs of Python programs: {why}");
    }
    if blocks.is_empty() {
        return Ok((findings, Vec::new()));
    }
    // Straight to stderr: the test harness would keep it to itself, and a reader who waits wants to know for what.
    let _ =
        writeln!(io::stderr(), "docs-check: runs the commands whose output the docs show ({})", blocks.len());
    build(repository, &blocks)?;
    let runs = parallel::map(&blocks, |block| block.check(&repository.root, bound));
    let mut mended = Vec::new();
    for (block, run) in blocks.iter().zip(runs) {
        let (mut finding, mut real) = run?;
        // The others are done: a table that came out odd because the machine was busy gets another chance alone.
        for _ in 1..TRIES {
            if real.is_some() && block.varies {
                (finding, real) = block.check(&repository.root, bound)?;
            }
        }
        findings.extend(finding);
        mended.extend(real.map(|text| (block.page.path.clone(), block.index, text)));
    }
    Ok((findings, mended))
}

/// One block of output on a page, and the command that is to print it.
struct Block<'a> {
    page: &'a Page,
    index: usize,
    fence: &'a Fence,
    command: &'a str,
    words: Vec<String>,
    exit: i32,
    varies: bool,
    any_order: bool,
    excerpt: Option<&'a (usize, String)>,
    columns: usize,
}

impl Block<'_> {
    /// What is wrong, and the text that would be right.
    fn check(&self, root: &Path, bound: Duration) -> io::Result<(Option<Finding>, Option<String>)> {
        println!("runs {}", self.command);
        let mut run = run(root, &self.words, bound, self.columns)?;
        let finding = |what: String, mend: &str| Finding::new(&self.page.path, self.fence.line, what, mend);
        if run.took_too_long {
            let what = format!("`{}` was still running after {bound:?} and was ended", self.command);
            return Ok((
                Some(finding(what, "run it by hand and see what it waits for").with(run.text)),
                None,
            ));
        }
        if run.exit != Some(self.exit) {
            let found =
                run.exit.map_or_else(|| "a signal".to_owned(), |status| format!("exit status {status}"));
            let what = format!("`{}` ended with {found}; the page says {}", self.command, self.exit);
            let mend = "correct the command, or write `<!-- output (exit N): … -->` if it is meant to fail";
            return Ok((Some(finding(what, mend).with(run.text)), None));
        }
        if let Some((count, first)) = self.excerpt {
            let shown: Vec<&str> =
                run.text.lines().skip_while(|line| !line.contains(first)).take(*count).collect();
            if shown.is_empty() {
                let what = format!("`{}` prints no line with \"{first}\"", self.command);
                let mend = "correct what the comment says about the first line that is shown";
                return Ok((Some(finding(what, mend).with(run.text)), None));
            }
            run.text = shown.join("\n").trim_end().to_owned();
        }
        let sorted = |text: &str| {
            let mut lines: Vec<String> =
                normalised(text).lines().map(|line| line.trim().to_owned()).collect();
            lines.sort_unstable();
            lines
        };
        if self.any_order && sorted(&self.fence.body) == sorted(&run.text) {
            return Ok((None, None));
        }
        if matches(&self.fence.body, &run.text, self.varies) {
            return Ok((None, None));
        }
        let what = format!("`{}` prints something else", self.command);
        let details = if self.varies {
            diff::lines(&normalised(&self.fence.body), &normalised(&run.text))
        } else {
            diff::lines(self.fence.body.trim_end(), &run.text)
        };
        Ok((Some(finding(what, UPDATE).with(details)), Some(run.text)))
    }
}

/// Builds everything once, so that the time limit of a command is about the command.
fn build(repository: &Repository, blocks: &[Block<'_>]) -> io::Result<()> {
    for (subcommand, build) in [("run", "cargo build -q"), ("test", "cargo test -q --no-run")] {
        let packages: BTreeSet<&str> = blocks
            .iter()
            .filter(|block| block.words[1] == subcommand)
            .filter_map(|block| {
                block.words.windows(2).find(|pair| pair[0] == "-p").map(|pair| pair[1].as_str())
            })
            .collect();
        if !packages.is_empty() {
            let selected = packages.iter().flat_map(|package| ["-p", package]);
            let words: Vec<String> = build.split(' ').chain(selected).map(str::to_owned).collect();
            println!("runs {}", words.join(" "));
            // Whether it succeeds is told by the commands themselves, each with its place in the docs.
            run(&repository.root, &words, BUILD_BOUND, COLUMNS)?;
        }
    }
    Ok(())
}

/// The words of a command that may be run.
fn words(command: &str) -> Result<Vec<String>, &'static str> {
    let allowed = ["cargo run -q -p ", "cargo test -q -p ", "cargo workshop"];
    let is_script = command
        .strip_prefix("python3 ")
        .and_then(|rest| rest.split(' ').next())
        .is_some_and(|file| file.ends_with(".py") && !file.starts_with('-'));
    if !is_script && !allowed.iter().any(|start| command.starts_with(start)) {
        return Err("it is not one of the commands that are allowed");
    }
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('|' | '&' | ';' | '<' | '>' | '$' | '`' | '*' | '\\', None) => return Err("it needs a shell"),
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().expect("there is always one").push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.retain(|word| !word.is_empty());
    Ok(words)
}

fn run(root: &Path, words: &[String], bound: Duration, columns: usize) -> io::Result<Run> {
    let (mut from_command, to_us) = io::pipe()?;
    let program = match words[0].as_str() {
        "python3" => PYTHON.unwrap_or("python3").into(),
        _ => env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
    };
    let mut command = Command::new(program);
    command.args(&words[1..]).current_dir(root).stdin(Stdio::null()).stdout(to_us.try_clone()?).stderr(to_us);
    command
        .env("COLUMNS", columns.to_string())
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        // `cargo workshop` says what it builds, as a reader should know, but a page need not.
        .env("CARGO_TERM_QUIET", "true")
        .env("RUST_BACKTRACE", "0")
        .env("PYTHONUTF8", "1");
    // What cargo and the test harness tell this test is not meant for the command.
    let own = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let not_meant = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "UPDATE_DOCS",
        "RUST_TEST_",
        "CLICOLOR",
    ];
    own.filter(|name| not_meant.iter().any(|start| name.starts_with(start))).for_each(|name| {
        command.env_remove(name);
    });
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    drop(command); // It holds our copy of the writing end, and reading ends when the last copy is closed.
    let (send, received) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_command.read(&mut bytes) {
            if send.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let start = std::time::Instant::now();
    let mut bytes = Vec::new();
    let took_too_long = loop {
        match received.recv_timeout(bound.saturating_sub(start.elapsed())) {
            Ok(more) => bytes.extend(more),
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            Err(mpsc::RecvTimeoutError::Timeout) => break true,
        }
    };
    if took_too_long {
        end_with_children(&mut child)?;
    }
    let exit = child.wait()?.code();
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let text = text.replace(&format!("{}{}", root.display(), std::path::MAIN_SEPARATOR), "");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    Ok(Run { text: lines.join("\n").trim_matches('\n').to_owned(), exit, took_too_long })
}

/// Ends cargo and what it started: on Unix its process group, on Windows its process tree.
fn end_with_children(child: &mut Child) -> io::Result<()> {
    let id = child.id().to_string();
    let mut end = if cfg!(windows) { Command::new("taskkill") } else { Command::new("kill") };
    if cfg!(windows) {
        end.args(["/F", "/T", "/PID", &id]);
    } else {
        end.args(["-KILL", "--", &format!("-{id}")]);
    }
    let _ = end.stdout(Stdio::null()).stderr(Stdio::null()).status(); // Whatever it says, cargo itself ends here:
    child.kill()
}

/// Whether a page's block is what was printed; a line `...` of the page stands for any number of lines.
#[must_use]
pub fn matches(page: &str, real: &str, varies: bool) -> bool {
    let read = |text: &str| if varies { normalised(text) } else { text.to_owned() };
    let (page, real) = (read(page.trim_matches('\n')), read(real.trim_matches('\n')));
    let page: Vec<&str> = page.lines().map(str::trim_end).collect();
    let real: Vec<&str> = real.lines().map(str::trim_end).collect();
    let parts: Vec<&[&str]> = page.split(|line| line.trim() == "...").collect();
    let [first, rest @ ..] = parts.as_slice() else { return real.is_empty() };
    let [middle @ .., last] = rest else { return page == real };
    let Some(mut real) = real.strip_prefix(*first).and_then(|rest| rest.strip_suffix(*last)) else {
        return false;
    };
    for part in middle.iter().filter(|part| !part.is_empty()) {
        match real.windows(part.len()).position(|window| window == *part) {
            Some(at) => real = &real[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// `text` with what varies from run to run made equal: a number, with the unit of time behind it, is `N`; an address
/// is `N:N`; any run of blanks is one, and any run of one drawing character is one, since both follow from numbers.
#[must_use]
pub fn normalised(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| normalised_line(&without_bar(line))).collect();
    lines.join("\n")
}

/// A row of a timeline without what is drawn in it: who waits and who works is there, not where on the axis.
fn without_bar(line: &str) -> String {
    let is_drawn = |bar: &str| !bar.is_empty() && !bar.chars().any(|c| c.is_ascii_lowercase());
    match line.split('│').collect::<Vec<_>>()[..] {
        [before, bar, after] if is_drawn(bar) => format!("{before}│…│{after}"),
        _ => line.to_owned(),
    }
}

fn normalised_line(line: &str) -> String {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = line.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
    let mut out = String::new();
    let mut here = 0;
    while here < chars.len() {
        let follows_a_word = here > 0 && at(here - 1).is_alphanumeric();
        if at(here).is_ascii_digit() {
            if at(here) == '0' && at(here + 1) == 'x' {
                here += 2;
                here += chars[here..].iter().take_while(|c| c.is_ascii_hexdigit()).count();
            } else {
                while at(here).is_ascii_digit()
                    || (matches!(at(here), '.' | ',' | '_') && at(here + 1).is_ascii_digit())
                {
                    here += 1;
                }
            }
            here += unit(&chars[here..]);
            out.push('N');
        } else if at(here) == 'N' && !follows_a_word && !at(here + 1).is_alphanumeric() {
            here += 1;
            here += unit(&chars[here..]);
            out.push('N');
        } else {
            let is_drawn = "─━═-=█▇▆▅▄▃▂▁▓▒░#·*".contains(at(here));
            if !(is_drawn && out.ends_with(at(here))) {
                out.push(at(here));
            }
            here += 1;
        }
    }
    out
}

/// How many characters at the start are a unit of time, with the blank before it.
fn unit(chars: &[char]) -> usize {
    let blank = usize::from(chars.first() == Some(&' '));
    let word: String = chars[blank..].iter().take_while(|c| c.is_alphanumeric()).collect();
    if matches!(word.as_str(), "ns" | "us" | "µs" | "μs" | "ms" | "s") {
        blank + word.chars().count()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::{matches, normalised, words};

    #[test]
    fn numbers_times_and_addresses_read_as_n() {
        assert_eq!(normalised("took  1.25 ms on 127.0.0.1:40312"), "took N on N:N");
        assert_eq!(normalised("980µs, 3 s, 2 steps, 0x7ffe12, 1,000"), "N, N, N steps, N, N");
        assert_eq!(normalised("N ms | No | ────── | 12 %"), "N | No | ─ | N %");
        assert_eq!(
            normalised("worker 1 │  ─░░█ │ waited 3 ms"),
            normalised("worker 2 │ ░░░██│ waited 12 ms")
        );
        assert_ne!(normalised("1 │ 18 let a │"), normalised("1 │ 18 let b │"));
    }

    #[test]
    fn dots_stand_for_any_number_of_lines() {
        assert!(matches("a\n...\nd", "a\nb\nc\nd", false));
        assert!(matches("a\n...\nd", "a\nd", false));
        assert!(matches("...\nc\n...\n", "a\nb\nc\nd", false));
        assert!(!matches("a\n...\nx", "a\nb\nd", false));
        assert!(!matches("a\n...\na", "a", false), "a line is not both the first and the last");
        assert!(!matches("...\nc\n...\nb\n...", "a\nb\nc\nd", false));
        assert!(matches("took 5 ms", "took 12.5 µs", true));
        assert!(!matches("took 5 ms", "took 12.5 µs", false));
        assert!(!matches("took 5 ms", "took 5 ms\nmore", true));
    }

    #[test]
    fn only_commands_of_this_workspace_are_run() {
        assert_eq!(
            words("cargo run -q -p a -- --x 'b c'").unwrap(),
            ["cargo", "run", "-q", "-p", "a", "--", "--x", "b c"]
        );
        assert_eq!(words("python3 a/b.py x").unwrap(), ["python3", "a/b.py", "x"]);
        for refused in [
            "rm -r x",
            "cargo install x",
            "cargo run -p a",
            "cargo run -q -p a | head",
            "cargo run -q -p a; b",
            "python3 -c 1.py",
            "python3 a",
        ] {
            assert!(words(refused).is_err(), "{refused}");
        }
    }
}
