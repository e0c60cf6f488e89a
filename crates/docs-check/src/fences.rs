//! Every fence says what it is, every claim is above a fence, and no output stands unclaimed below its command.

use crate::markdown::{Claim, Fence, Page};
use crate::{Finding, Repository};

/// Fences that the other rules could not check, or would check against another command than the reader sees.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let packages = repository.packages();
    for page in &repository.pages {
        for &line in &page.stray_comments {
            let what = "this comment is about a fence, and no fence follows on the next line";
            findings.push(Finding::new(
                &page.path,
                line,
                what,
                "put it directly above its fence, or take it out",
            ));
        }
        for (index, fence) in page.fences.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| &page.fences[before]);
            if let Some((what, mend)) = fault(fence, before.filter(|_| fence.follows_a_fence)) {
                findings.push(Finding::new(&page.path, fence.line, what, mend));
            }
        }
        for (line, command) in commands(page) {
            for package in packages_in(&command).filter(|name| !packages.contains(*name)) {
                let what = format!("`{}` names a package that this workspace does not have", command.trim());
                let mend =
                    format!("correct the name {package}; the packages are folders of crates/ and exercises/");
                findings.push(Finding::new(&page.path, line, what, mend));
            }
        }
    }
    findings
}

fn fault(fence: &Fence, before: Option<&Fence>) -> Option<(String, &'static str)> {
    let shown = before.filter(|before| is_shell(before)).map(commands_with_output).unwrap_or_default();
    if !fence.is_closed {
        return Some(("this fence is never closed".to_owned(), "close it with ``` on a line of its own"));
    }
    if fence.language.is_empty() {
        let what = "this fence does not say what it holds".to_owned();
        return Some((what, "add a language: ```rust, ```sh, ```text, ```python, …"));
    }
    if matches!(fence.language.to_lowercase().as_str(), "rs" | "rust") && fence.language != "rust" {
        return Some((format!("```{} would not be checked", fence.language), "write ```rust"));
    }
    if is_shell(fence) && mixes_output_in(fence) {
        let what = "nothing checks the output in this fence: it is mixed with the command".to_owned();
        return Some((
            what,
            "end the fence after the command, and give the output a ```text fence of its own",
        ));
    }
    match (&fence.claim, shown.last()) {
        (Some(Claim::Unreadable(comment)), _) => {
            let what = format!("{comment} cannot be read");
            let mend = "write `<!-- source: path#item -->` or `<!-- output (exit 101, varies): command -->`";
            Some((what, mend))
        }
        (Some(Claim::Output { command, .. }), Some(last))
            if !shown.iter().any(|it| plain(it) == plain(command)) =>
        {
            let what = format!("the reader is told to run `{last}`, but this output is that of `{command}`");
            Some((what, "make both commands the same (`-q` may be left out of the one that is shown)"))
        }
        (None, Some(shown))
            if matches!(fence.language.as_str(), "text" | "txt" | "plain" | "output" | "log") =>
        {
            let what = format!("nothing checks that `{shown}` prints this");
            let mend = "put `<!-- output: the command -->` directly above the fence, \
                        or `<!-- drawing -->` where no program prints it";
            Some((what, mend))
        }
        _ => None,
    }
}

fn is_shell(fence: &Fence) -> bool {
    matches!(fence.language.as_str(), "sh" | "shell" | "bash" | "console" | "powershell")
}

fn commands_with_output(fence: &Fence) -> Vec<&str> {
    let lines = fence.body.lines().map(|line| line.trim().trim_start_matches("$ "));
    let commands = lines.map(|line| line.split(" #").next().unwrap_or_default().trim());
    commands
        .filter(|line| {
            ["cargo run", "cargo test", "cargo workshop", "python3 "].iter().any(|it| line.starts_with(it))
        })
        .collect()
}

/// Lines without a prompt below one with a prompt are what a command printed.
fn mixes_output_in(fence: &Fence) -> bool {
    let mut lines = fence.body.lines().map(str::trim).skip_while(|line| !line.starts_with("$ cargo "));
    lines.any(|line| !line.is_empty() && !line.starts_with("$ ") && !line.starts_with('#'))
}

/// The command without what changes only how much cargo itself says.
fn plain(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let own = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let kept = words.iter().enumerate().filter(|(at, word)| *at > own || !matches!(**word, "-q" | "--quiet"));
    kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

/// Everything that looks like a command, with its line.
fn commands(page: &Page) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = page.code_spans.clone();
    for fence in &page.fences {
        if is_shell(fence) {
            let lines = fence.body.lines().enumerate();
            commands.extend(lines.map(|(offset, line)| (fence.line + 1 + offset, line.to_owned())));
        }
        if let Some(Claim::Output { command, .. }) = &fence.claim {
            commands.push((fence.line - 1, command.clone()));
        }
    }
    commands
}

/// The names after `-p` in a cargo command; placeholders such as `<demo>` or `exNN-…` are not names.
fn packages_in(command: &str) -> impl Iterator<Item = &str> {
    let is_cargo = command.contains("cargo run") || command.contains("cargo test");
    let own = command.split(" -- ").next().filter(|_| is_cargo).unwrap_or_default();
    let words: Vec<&str> = own.split_whitespace().collect();
    let names: Vec<&str> =
        words.windows(2).filter(|pair| matches!(pair[0], "-p" | "--package")).map(|pair| pair[1]).collect();
    let is_name = |name: &&str| {
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    };
    names.into_iter().filter(is_name)
}
