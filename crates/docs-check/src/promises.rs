//! Each sentence of an exercise's task has something that checks it, and a page that says what.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{Finding, Repository};

/// The page: a section for each README, with a table of sentences and of what checks them.
const PAGE: &str = "solutions/PROMISES.md";

/// The section of an exercise's README that makes promises.
const TASK: &str = "The task";

/// The README with rules that belong to every task, and the sections with these rules.
const SHARED: (&str, [&str; 2]) = ("exercises/README.md", ["Waiting", "Threads of your own"]);

/// What the page says of a sentence that no fix can break.
const NOTHING: &str = "says nothing that could be broken";

/// Where the language itself holds a fix to a sentence.
const COMPILER: &str = "the Rust compiler";

/// A README that makes promises, and what checks them.
struct Task<'a> {
    readme: &'a str,
    /// Its title, which is also the heading of its section on the page.
    title: &'a str,
    /// Its sections with promises.
    sections: &'a [&'a str],
    checks: Vec<Check>,
    /// The folder with its solution.
    solution: String,
}

/// The code of one `tests/check.rs`, without its comments.
struct Check {
    code: String,
    tests: BTreeSet<String>,
}

/// A paragraph, an item of a list, or a row of a table.
struct Block {
    /// The heading of level 2 above it.
    section: String,
    line: usize,
    /// One for text that isn't in a table.
    cells: Vec<String>,
}

/// Sentences that the page doesn't quote, quotations that no README has, tests that the page doesn't name, and names on
/// the page that lead to no test, rule or fix.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let tasks = tasks(repository);
    let Some(page) = repository.page(PAGE) else {
        let what = "there is no table of the sentences that the exercises' checks hold a fix to";
        return if tasks.is_empty() { vec![] } else { vec![Finding::new(PAGE, 1, what, "write it")] };
    };
    let page = blocks(&page.text);
    tasks.iter().flat_map(|task| faults(repository, task, &page)).collect()
}

fn tasks(repository: &Repository) -> Vec<Task<'_>> {
    let mut all: Vec<Task<'_>> = Vec::new();
    for page in &repository.pages {
        let Some(folder) =
            page.path.strip_prefix("exercises/").and_then(|path| path.strip_suffix("/README.md"))
        else {
            continue;
        };
        let check = repository.read(&format!("exercises/{folder}/tests/check.rs"));
        let (Some(check), Some(title)) = (check, page.headings.first()) else { continue };
        all.push(Task {
            readme: &page.path,
            title: &title.text,
            sections: &[TASK],
            checks: vec![Check::read(&check)],
            solution: format!("solutions/{folder}"),
        });
    }
    if let Some(page) = repository.page(SHARED.0).filter(|_| !all.is_empty())
        && let Some(title) = page.headings.first()
    {
        let code = all.iter().flat_map(|task| &task.checks).map(|check| check.code.as_str()).collect();
        let tests = all.iter().flat_map(|task| &task.checks).flat_map(|check| check.tests.clone()).collect();
        let checks = vec![Check { code, tests }];
        let (title, solution) = (title.text.as_str(), "solutions".to_owned());
        all.push(Task { readme: SHARED.0, title, sections: &SHARED.1, checks, solution });
    }
    all
}

fn faults(repository: &Repository, task: &Task<'_>, page: &[Block]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let readme = repository.page(task.readme).map(|page| blocks(&page.text)).unwrap_or_default();
    let promised: Vec<(usize, String)> = readme
        .iter()
        .filter(|block| task.sections.contains(&block.section.as_str()))
        .flat_map(|block| {
            sentences(&block.cells.join(" ")).into_iter().map(|sentence| (block.line, sentence))
        })
        .collect();
    let section: Vec<&Block> = page.iter().filter(|block| block.section == task.title).collect();
    let rows: Vec<(usize, &str, &str)> = section
        .iter()
        .filter_map(|block| match block.cells.as_slice() {
            [sentence, checked_by] => Some((block.line, sentence.as_str(), checked_by.as_str())),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        let what = format!("there is no table below a heading `## {}`", task.title);
        findings.push(Finding::new(PAGE, 1, what, format!("write one for {}", task.readme)));
        return findings;
    }
    let mut quoted = BTreeSet::new();
    for (line, text, checked_by) in &rows {
        for sentence in sentences(text) {
            if !promised.iter().any(|(_, promise)| *promise == sentence) {
                let what = format!("{} has no such sentence in its task: {sentence}", task.readme);
                findings.push(Finding::new(PAGE, *line, what, "quote it as it is, or take it out"));
            }
            quoted.insert(sentence);
        }
        findings.extend(unknown_names(repository, task, *line, checked_by));
    }
    for (line, sentence) in promised.iter().filter(|(_, sentence)| !quoted.contains(sentence)) {
        let what = format!("{PAGE} doesn't say what checks this sentence: {sentence}");
        let mend = format!("add a test that fails if it is broken, and a row below `## {}`", task.title);
        findings.push(Finding::new(task.readme, *line, what, mend));
    }
    let named: BTreeSet<&str> = rows.iter().flat_map(|(_, _, checked_by)| names(checked_by)).collect();
    // All of them are named in the sections of their own exercises.
    let own = task.checks.iter().filter(|_| task.readme != SHARED.0);
    let tests = own.flat_map(|check| &check.tests);
    for test in tests.filter(|test| !named.contains(test.as_str())) {
        let what = format!("no sentence of {} is said to be checked by the test {test}", task.readme);
        let mend = "name it beside the sentence that it checks; a check asks for nothing that isn't promised";
        findings.push(Finding::new(PAGE, rows[0].0, what, mend));
    }
    findings
}

/// What is wrong with the second column of a row.
fn unknown_names(repository: &Repository, task: &Task<'_>, line: usize, checked_by: &str) -> Vec<Finding> {
    let names: Vec<&str> = names(checked_by).collect();
    if names.is_empty() && checked_by != NOTHING && !checked_by.contains(COMPILER) {
        let what = "this row doesn't say what checks its sentence";
        let mend = format!("name a test or a rule in `code`, or write \"{COMPILER}\" or \"{NOTHING}\"");
        return vec![Finding::new(PAGE, line, what, mend)];
    }
    let is_known = |name: &&str| match name.strip_prefix("fixes/") {
        Some(_) => repository.files.iter().any(|file| {
            file.starts_with(&format!("{}/", task.solution)) && file.ends_with(&format!("/{name}"))
        }),
        None => task.checks.iter().any(|check| check.tests.contains(*name) || check.calls(name)),
    };
    let unknown = names.iter().filter(|name| !is_known(name)).map(|name| {
        let what = format!("the check of {} has no test and calls no rule named {name}", task.readme);
        Finding::new(PAGE, line, what, "name it as it is in tests/check.rs, or a file below fixes/right")
    });
    let calls = told_calls(checked_by);
    let untold = calls.iter().filter(|text| !task.checks.iter().any(|check| check.tells(text))).map(|text| {
        let what = format!("no text in the check of {} begins with \"{text}\"", task.readme);
        Finding::new(PAGE, line, what, "quote a call of the specification as it is told")
    });
    unknown.chain(untold).collect()
}

/// The spans of code in a cell.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// What stands in quotes in a cell, outside its code.
fn told_calls(cell: &str) -> Vec<String> {
    let prose: String = cell.split('`').step_by(2).collect();
    prose.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

impl Check {
    fn read(source: &str) -> Self {
        let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        let tests = code.split("#[test]").skip(1).filter_map(|test| {
            let name = test.split_once("fn ")?.1;
            Some(name.split_once('(')?.0.to_owned())
        });
        // `side_by_side! { group: [name, name]; }` makes a test of each name.
        let lists = code.split("side_by_side! {").skip(1).filter_map(|text| text.split_once("\n}"));
        let groups = lists.flat_map(|(list, _)| list.split('[').skip(1));
        let scenarios =
            groups.filter_map(|group| group.split_once(']')).flat_map(|(names, _)| names.split(','));
        let scenarios = scenarios.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let tests = tests.chain(scenarios).collect();
        Check { tests, code }
    }

    /// Whether it calls a method or a function of this name.
    fn calls(&self, name: &str) -> bool {
        self.code.contains(&format!(".{name}(")) || self.code.contains(&format!("::{name}("))
    }

    /// Whether it has a string that begins like this.
    fn tells(&self, text: &str) -> bool {
        self.code.contains(&format!("\"{text}"))
    }
}

/// What a page says outside its blocks of code, without links and emphasis.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut section, mut current) = (String::new(), String::new());
    let (mut line, mut in_code, mut is_head) = (1, false, false);
    for (event, range) in
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM).into_offset_iter()
    {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::TableHead) => is_head = true,
            Event::End(TagEnd::TableHead) => is_head = false,
            Event::Start(Tag::TableRow) => {
                let line = text[..range.start].matches('\n').count() + 1;
                blocks.push(Block { section: section.clone(), line, cells: Vec::new() });
            }
            Event::End(TagEnd::TableCell) => {
                let cell = std::mem::take(&mut current).trim().to_owned();
                if let Some(row) = blocks.last_mut().filter(|_| !is_head) {
                    row.cells.push(cell);
                }
            }
            Event::End(TagEnd::Heading(level)) => {
                let heading = std::mem::take(&mut current);
                if *level as u8 <= 2 {
                    section = heading;
                }
            }
            // An item may have no paragraph: the text in it is one.
            Event::Start(Tag::Paragraph | Tag::Item | Tag::List(_))
            | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                let cell = std::mem::take(&mut current);
                if !cell.trim().is_empty() {
                    blocks.push(Block { section: section.clone(), line, cells: vec![cell] });
                }
            }
            Event::Text(_) | Event::Code(_) if !in_code => {
                if current.is_empty() {
                    line = text[..range.start].matches('\n').count() + 1;
                }
                match &event {
                    Event::Code(code) => current.extend(["`", code, "`"]),
                    Event::Text(text) => current.push_str(text),
                    _ => {}
                }
            }
            Event::SoftBreak | Event::HardBreak => current.push(' '),
            _ => {}
        }
    }
    blocks
}

/// The sentences of a text. A full stop within code ends none.
fn sentences(text: &str) -> Vec<String> {
    let (mut sentences, mut words, mut in_code) = (Vec::new(), Vec::new(), false);
    for word in text.split_whitespace() {
        words.push(word);
        in_code ^= word.matches('`').count() % 2 == 1;
        if !in_code && word.trim_end_matches(['"', ')']).ends_with(['.', '?', '!']) {
            sentences.push(std::mem::take(&mut words).join(" "));
        }
    }
    if !words.is_empty() {
        sentences.push(words.join(" "));
    }
    sentences
}
