//! Every chapter has the same parts in the same order, so that a reader knows where to look and an instructor what comes next.

use std::collections::BTreeMap;

use crate::markdown::Page;
use crate::{Finding, Repository};

/// The headings of a chapter; `Run: the naive server` is a `Run`, and other headings may stand between these.
pub const PARTS: [&str; 8] = [
    "Predict",
    "Run",
    "See",
    "Why",
    "What Rust prevents, and what it does not",
    "In Python",
    "Your turn",
    "Where next",
];

/// Chapters without one of their parts, with parts in another order, or with a part that does not do what it is for.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let chapters = repository.pages.iter().filter(|page| number(&page.path).is_some_and(|number| number > 0));
    chapters.flat_map(|page| faults(repository, page)).collect()
}

/// Links in the indexes and in the exercises that call one of `chapters` by a name that is not its title.
#[must_use]
pub fn names(repository: &Repository, chapters: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_index = |path: &str| {
        matches!(path, "README.md" | "docs/README.md" | "docs/SUMMARY.md") || path.starts_with("exercises/")
    };
    for page in repository.pages.iter().filter(|page| is_index(&page.path)) {
        for link in &page.links {
            let file = link.target.rsplit('/').next().unwrap_or_default();
            let path = format!("docs/{file}");
            let Some(chapter) = number(&path).and_then(|_| repository.page(&path)) else { continue };
            let Some(title) = chapter.headings.first().filter(|_| chapters.contains(&path.as_str())) else {
                continue;
            };
            // "1 Race conditions", "Chapter 1: Race conditions" and "chapter 1" are all right.
            let name = link.text.strip_prefix(['C', 'c']).and_then(|rest| rest.strip_prefix("hapter "));
            let name = name.unwrap_or(&link.text).trim_start_matches(|c: char| c.is_ascii_digit());
            let name = name.trim_start_matches([':', '.', ' ']);
            if !name.is_empty() && name != title.text {
                let what = format!("{path} is called \"{name}\" here; its title is \"{}\"", title.text);
                findings.push(Finding::new(&page.path, link.line, what, "use one name everywhere"));
            }
        }
    }
    findings
}

/// Code before the answer of a question, in one of `chapters`, whose comments give the answer away.
#[must_use]
pub fn spoiled(repository: &Repository, chapters: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in repository.pages.iter().filter(|page| chapters.contains(&page.path.as_str())) {
        let Some(question) = page.headings.iter().find(|heading| heading.text == "Predict") else { continue };
        let lines = page.text.lines().skip(question.line);
        let answer = question.line + lines.take_while(|line| !line.contains("<details>")).count();
        let asked = page.fences.iter().filter(|fence| (question.line..=answer).contains(&fence.line));
        for fence in asked.filter(|fence| fence.language == "rust" && fence.body.contains("//")) {
            let what = "a comment in this code answers the question that the reader is about to be asked";
            let mend =
                "leave out the comment above the item, and move a comment within it to its documentation";
            findings.push(Finding::new(&page.path, fence.line, what, mend));
        }
    }
    findings
}

/// The page that holds what the speaker says.
const NOTES: &str = "docs/instructor/notes.md";

/// The notes of each chapter that has some, by the chapter's path: what stands below the heading `## N Title` of the
/// speaker notes, without the line that links to the chapter.
#[must_use]
pub fn notes(repository: &Repository) -> BTreeMap<String, String> {
    let Some(page) = repository.page(NOTES) else { return BTreeMap::new() };
    let lines: Vec<&str> = page.text.lines().collect();
    let chapters = repository.pages.iter().filter_map(|chapter| Some((number(&chapter.path)?, chapter)));
    let of_a_chapter = |(number, chapter): (u32, &Page)| {
        let name = format!("{number} {}", chapter.headings.first()?.text);
        let head = page.headings.iter().find(|heading| heading.level == 2 && heading.text == name)?;
        let below = lines[head.line..].iter().take_while(|line| !line.starts_with("## "));
        let text: Vec<&str> = below.copied().filter(|line| !line.starts_with("The chapter: ")).collect();
        Some((chapter.path.clone(), text.join("\n").trim().to_owned()))
    };
    chapters.filter_map(of_a_chapter).collect()
}

/// Chapters without speaker notes, and chapters whose notes lack one of their six parts.
#[must_use]
pub fn unnoted(repository: &Repository) -> Vec<Finding> {
    const KINDS: [&str; 6] = ["Predict", "Run", "Ask", "Wrong answer", "Say", "Cut first"];
    let notes = notes(repository);
    let mut findings = Vec::new();
    for chapter in repository.pages.iter().filter(|page| number(&page.path).is_some_and(|number| number > 0))
    {
        let (number, title) = (number(&chapter.path).unwrap_or_default(), chapter.headings.first());
        let title = title.map_or("", |title| &title.text);
        let Some(note) = notes.get(&chapter.path) else {
            let what = format!("there are no speaker notes for {}", chapter.path);
            let mend = format!("add `## {number} {title}` and its notes");
            findings.push(Finding::new(NOTES, 1, what, mend));
            continue;
        };
        for kind in KINDS.iter().filter(|kind| !note.contains(&format!("- **{kind}.**"))) {
            let what = format!("the notes of chapter {number} have no \"{kind}\"");
            findings.push(Finding::new(NOTES, 1, what, format!("add an item `- **{kind}.** …`")));
        }
    }
    findings
}

/// The number of the chapter that is in this file; chapter 0, the set-up, has parts of its own.
pub(crate) fn number(path: &str) -> Option<u32> {
    match path.strip_prefix("docs/")?.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', b'-', ..] => {
            Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
        }
        _ => None,
    }
}

/// The folder of the exercise that goes with this chapter.
pub(crate) fn exercise(repository: &Repository, chapter: &str) -> Option<String> {
    let folder = format!("exercises/ex{:02}-", number(chapter)?);
    let file = repository.files.iter().find(|file| file.starts_with(&folder))?;
    Some(file.split('/').take(2).collect::<Vec<_>>().join("/"))
}

fn faults(repository: &Repository, page: &Page) -> Vec<Finding> {
    let lines: Vec<&str> = page.text.lines().collect();
    let heads: Vec<_> = page.headings.iter().filter(|heading| heading.level == 2).collect();
    let mut findings = Vec::new();
    let mut before: Option<(&str, usize)> = None;
    for part in PARTS {
        let is_part =
            |text: &str| text.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        let Some(place) = heads.iter().position(|heading| is_part(&heading.text)) else {
            let what = format!("this chapter has no part `## {part}`");
            let mend = format!("its parts are, in this order: {}", PARTS.join("; "));
            findings.push(Finding::new(&page.path, 1, what, mend));
            continue;
        };
        let line = heads[place].line;
        if let Some((other, _)) = before.filter(|(_, other_line)| *other_line > line) {
            let what = format!("`## {part}` comes before `## {other}`");
            findings.push(Finding::new(&page.path, line, what, format!("put it after `## {other}`")));
        }
        before = Some((part, line));
        let end = heads.get(place + 1).map_or(lines.len(), |next| next.line - 1);
        let text = lines[line..end].join("\n");
        if let Some((what, mend)) = missing(repository, page, part, &text) {
            findings.push(Finding::new(&page.path, line, what, mend));
        }
    }
    findings
}

/// What a part is for, where that can be seen.
fn missing(repository: &Repository, page: &Page, part: &str, text: &str) -> Option<(String, &'static str)> {
    let has = |any: &[&str]| any.iter().any(|it| text.contains(it));
    match part {
        "Predict" if !has(&["?"]) || !has(&["<details>"]) => Some((
            "there is no question here, or no answer in `<details>`".to_owned(),
            "ask something that a reader can guess, and hide the answer",
        )),
        "Run" if !has(&["cargo run", "<!-- output"]) => {
            Some(("there is nothing to run here".to_owned(), "give the command"))
        }
        "See" if !has(&["![", "```text", "timeline"]) => {
            Some(("there is no timeline or table here".to_owned(), "show one"))
        }
        "See" if !has(&["](scheduler.html#"]) => Some((
            "there is no link to a level of the game here".to_owned(),
            "link to a level of scheduler.html: the built book shows it in a frame",
        )),
        "Your turn" => {
            let exercise = exercise(repository, &page.path)?;
            let link = format!("(../{exercise}/README.md)");
            (!text.contains(&link))
                .then(|| (format!("{exercise} is not linked to here"), "link to its README.md"))
        }
        _ => None,
    }
}
