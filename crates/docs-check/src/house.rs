//! What no file may hold, and what the index may not leave out.

use std::env;

use crate::{Exercises, Finding, Repository};

/// Paths of one machine, blanks at the end of a line, unfinished words in a page, and exercises that no index names.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in &repository.files {
        let is_learners = path.starts_with("exercises/") && repository.exercises == Exercises::BeingSolved;
        if let Some(text) = repository.read(path).filter(|_| !is_learners) {
            lines(repository, path, &text, &mut findings);
        }
    }
    unfinished(repository, &mut findings);
    unnamed_exercises(repository, &mut findings);
    findings
}

fn lines(repository: &Repository, path: &str, text: &str, findings: &mut Vec<Finding>) {
    let mut machine_paths: Vec<String> = [["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["\\Us", "ers\\"]]
        // In two halves, or this file would be the first finding.
        .map(|halves| halves.concat())
        .into();
    let own = [Some(repository.root.clone()), env::home_dir()].into_iter().flatten();
    // A path of one part, such as /src, would be found in too much that is innocent.
    machine_paths.extend(own.filter(|own| own.components().count() > 2).map(|own| own.display().to_string()));
    for (index, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            let what = "there are blanks at the end of this line".to_owned();
            findings.push(Finding::new(
                path,
                index + 1,
                what,
                "take them out (a line break in Markdown is a `\\`)",
            ));
        }
        let names = |machine_path: &&String| {
            let before = line.find(machine_path.as_str()).map(|at| &line[..at]);
            // In https://example.com/… the same letters are part of an address.
            before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || "._-".contains(c)))
        };
        if let Some(machine_path) = machine_paths.iter().find(names) {
            let what = format!("{machine_path} is a path on somebody's machine");
            findings.push(Finding::new(path, index + 1, what, "name the file relative to the repository"));
        }
    }
}

fn unfinished(repository: &Repository, findings: &mut Vec<Finding>) {
    for page in &repository.pages {
        for (line, text) in &page.prose {
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            // In backticks such a word may be named: an exercise is told by it.
            if let Some(word) = words.find(|word| matches!(*word, "TODO" | "FIXME" | "TBD" | "XXX")) {
                let what = format!("the page is not finished: it says {word}");
                findings.push(Finding::new(&page.path, *line, what, "write what is missing, or take it out"));
            }
        }
    }
}

fn unnamed_exercises(repository: &Repository, findings: &mut Vec<Finding>) {
    let indexes: Vec<_> =
        ["README.md", "docs/README.md"].iter().filter_map(|path| repository.page(path)).collect();
    let Some(index) = indexes.last() else { return };
    let mut folders: Vec<&str> = repository
        .files
        .iter()
        .filter_map(|path| path.strip_prefix("exercises/")?.split_once('/').map(|(folder, _)| folder))
        .collect();
    folders.dedup();
    for folder in folders {
        if !indexes.iter().any(|index| index.text.contains(folder)) {
            let what = format!("exercises/{folder} is named neither in README.md nor in docs/README.md");
            findings.push(Finding::new(&index.path, 1, what, "add it to the map of chapters"));
        }
    }
}
