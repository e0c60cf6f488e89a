//! The pages make a book: all of them are in its contents, and mdBook builds it without a warning.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::markdown::Claim;
use crate::{Finding, Repository};

/// The version of mdBook that the book is written for.
pub const VERSION: &str = "0.5.";

/// How to get it, into a folder that git ignores; its server is left out, its search is not.
pub const INSTALL: &str = "cargo install mdbook --version 0.5.4 --locked --no-default-features --features search \
                           --root target/tools";

/// Pages under docs/ that `docs/SUMMARY.md` leaves out: they would be missing from the book.
#[must_use]
pub fn contents(repository: &Repository) -> Vec<Finding> {
    let Some(summary) = repository.page("docs/SUMMARY.md") else { return Vec::new() };
    let listed: Vec<&str> = summary.links.iter().map(|link| link.target.trim_start_matches("./")).collect();
    let pages = repository.pages.iter().filter_map(|page| page.path.strip_prefix("docs/"));
    let missing = pages.filter(|page| *page != "SUMMARY.md" && !listed.contains(page));
    let finding = |page: &str| {
        let what = format!("docs/{page} is not in the contents of the book");
        Finding::new(&summary.path, 1, what, format!("add a line for it here: - [Title]({page})"))
    };
    missing.map(finding).collect()
}

/// Links of README.md that don't lead to where `docs/book.toml` says that the repository and its pages are.
#[must_use]
pub fn addresses(repository: &Repository) -> Vec<Finding> {
    let config = repository.read("docs/book.toml").unwrap_or_default();
    let named =
        config.lines().find_map(|line| line.strip_prefix("git-repository-url = \"")?.strip_suffix('"'));
    let parts: Vec<&str> = named.unwrap_or_default().rsplit('/').take(2).collect();
    let [name, owner] = parts[..] else {
        let what = "the book names no repository";
        return vec![Finding::new("docs/book.toml", 1, what, "set git-repository-url below [output.html]")];
    };
    let pages = format!("https://{owner}.github.io/{name}/");
    let Some(readme) = repository.page("README.md") else { return Vec::new() };
    let repository = named.unwrap_or_default();
    let is_ours = |line: &str| line.contains("github") && line.contains(&format!("/{name}"));
    let lines = (1..).zip(readme.text.lines()).filter(|(_, line)| is_ours(line));
    let elsewhere = lines.filter(|(_, line)| !line.contains(&pages) && !line.contains(repository));
    let finding = |(number, line): (usize, &str)| {
        let what = format!("this leads elsewhere than docs/book.toml says, which names {repository}");
        let mend = format!("begin the address with {repository} or {pages}");
        Finding::new(&readme.path, number, what, mend).with(line)
    };
    elsewhere.map(finding).collect()
}

/// What is printed on the front page fits the column in which a code host shows it, and is read at one glance.
const MOST_LINES: usize = 14;
const MOST_COLUMNS: usize = 80;

/// Blocks of output in README.md with more than 14 lines, or with a line of more than 80 columns.
#[must_use]
pub fn front_page(repository: &Repository) -> Vec<Finding> {
    let Some(readme) = repository.page("README.md") else { return Vec::new() };
    let outputs = readme.fences.iter().filter(|fence| matches!(fence.claim, Some(Claim::Output { .. })));
    let mut findings = Vec::new();
    for fence in outputs {
        let lines = fence.body.lines().count();
        let columns = fence.body.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        for (found, most, unit) in [(lines, MOST_LINES, "lines"), (columns, MOST_COLUMNS, "columns")] {
            if found > most {
                let what = format!("this output has {found} {unit}, and the front page has room for {most}");
                let mend = "leave lines out (`...`), or write, say, `80 columns` in the comment above it";
                findings.push(Finding::new(&readme.path, fence.line, what, mend));
            }
        }
    }
    findings
}

/// Where mdBook is: on PATH, or in `target/tools/bin`.
#[must_use]
pub fn mdbook(root: &Path) -> Option<PathBuf> {
    let name = format!("mdbook{}", env::consts::EXE_SUFFIX);
    let on_path =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let folders = on_path.into_iter().chain([root.join("target/tools/bin")]);
    folders.map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// What mdBook complains about when it builds `docs/` into `into`.
///
/// # Errors
/// When mdBook cannot be started.
pub fn build(repository: &Repository, mdbook: &Path, into: &Path) -> io::Result<Vec<Finding>> {
    let version = Command::new(mdbook).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !version.trim_start_matches("mdbook v").starts_with(VERSION) {
        let what = format!("{} is «{version}»; the book is written for {VERSION}x", mdbook.display());
        return Ok(vec![Finding::new("docs/book.toml", 1, what, INSTALL)]);
    }
    let run = Command::new(mdbook)
        .arg("build")
        .arg(repository.root.join("docs"))
        .arg("--dest-dir")
        .arg(into)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .output()?;
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    // Its log has one line for each step, with its level first; a complaint may go on below it.
    let complains = said.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("WARN")
            || line.starts_with("ERROR")
            || line.contains("[WARN]")
            || line.contains("[ERROR]")
    });
    if run.status.success() && !complains {
        return Ok(fragments_that_differ(repository, into));
    }
    let what = "mdBook does not build this book without a complaint";
    Ok(vec![Finding::new("docs/SUMMARY.md", 1, what, "mdbook build docs").with(said)])
}

/// Headings that are links: mdBook leaves them out of the sidebar, and a blank line stands there.
#[must_use]
pub fn linked_headings(repository: &Repository) -> Vec<Finding> {
    let of_a_page = |page: &crate::markdown::Page| {
        let lines: BTreeSet<usize> = page.links.iter().map(|link| link.line).collect();
        let linked = page.headings.iter().filter(|heading| lines.contains(&heading.line));
        let finding = |heading: &crate::markdown::Heading| {
            let what = format!("the heading \"{}\" holds a link", heading.text);
            Finding::new(&page.path, heading.line, what, "put the link into the line below the heading")
        };
        linked.map(finding).collect::<Vec<_>>()
    };
    repository.pages.iter().filter(|page| page.path.starts_with("docs/")).flat_map(of_a_page).collect()
}

/// Headings that somebody links to, and that mdBook names otherwise than GitHub: one of the two links is dead.
fn fragments_that_differ(repository: &Repository, book: &Path) -> Vec<Finding> {
    let links = repository.pages.iter().flat_map(|page| &page.links);
    let wanted: BTreeSet<&str> = links.filter_map(|link| Some(link.target.split_once('#')?.1)).collect();
    let mut findings = Vec::new();
    for page in &repository.pages {
        let Some(path) = page.path.strip_prefix("docs/") else { continue };
        let path = path.replace("README.md", "index.md").replace(".md", ".html");
        let Ok(html) = fs::read_to_string(book.join(path)) else { continue };
        let linked = page.anchors.iter().filter(|anchor| wanted.contains(anchor.as_str()));
        for anchor in linked.filter(|anchor| !html.contains(&format!("id=\"{anchor}\""))) {
            let what = format!("the heading that GitHub calls #{anchor} has another name in the book");
            findings.push(Finding::new(
                &page.path,
                1,
                what,
                "word the heading with letters, digits and hyphens",
            ));
        }
    }
    findings
}
