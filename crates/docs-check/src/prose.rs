//! Plain English, as far as a machine can see it: words and forms that this repository does not use, sentences that
//! are too long, lines that are too wide, and a count of habits for comparing two versions of the pages.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::AddAssign;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::markdown::Page;
use crate::{Finding, Repository};

/// The pages that follow these rules. A new page belongs here from its first day.
pub const CONVERTED: &[&str] = &[
    "README.md",
    "docs/00-setup.md",
    "docs/01-race-conditions.md",
    "docs/02-atomics.md",
    "docs/03-daemon-threads.md",
    "docs/04-deadlock.md",
    "docs/05-reentrant-lock.md",
    "docs/06-rwlock.md",
    "docs/07-semaphore.md",
    "docs/08-event.md",
    "docs/09-condvar.md",
    "docs/10-barrier.md",
    "docs/11-thread-local.md",
    "docs/12-executor.md",
    "docs/13-overlap-io.md",
    "docs/14-health-check.md",
    "docs/15-echo.md",
    "docs/16-wild-bugs.md",
    "docs/README.md",
    "docs/SUMMARY.md",
    "docs/claims.md",
    "docs/echo-costs.md",
    "docs/from-python.md",
    "docs/glossary.md",
    "docs/instructor/README.md",
    "docs/instructor/failures.md",
    "docs/instructor/invitation.md",
    "docs/instructor/notes.md",
    "docs/instructor/pairs.md",
    "docs/instructor/questions.md",
    "docs/instructor/room.md",
    "docs/instructor/timetables.md",
    "docs/offline.md",
    "docs/python-pairs.md",
    "docs/reading-rust.md",
    "exercises/README.md",
    "exercises/ex01-bank/README.md",
    "exercises/ex02-counter/README.md",
    "exercises/ex03-logger/README.md",
    "exercises/ex04-transfer/README.md",
    "exercises/ex05-ledger/README.md",
    "exercises/ex06-cache/README.md",
    "exercises/ex07-semaphore/README.md",
    "exercises/ex08-event/README.md",
    "exercises/ex09-buffer/README.md",
    "exercises/ex10-barrier/README.md",
    "exercises/ex11-thread-id/README.md",
    "exercises/ex12-pool/README.md",
    "exercises/ex13-map/README.md",
    "solutions/PROMISES.md",
];

/// The most columns a line of prose may have.
const COLUMNS: usize = 100;

/// The most words a sentence may have.
const WORDS: usize = 35;

/// Words, in lower case, that are never needed, and what to write in their place.
const PHRASES: &[(&[&str], &str)] = &[
    (&["for", "ever"], "write \"forever\""),
    (&["whoever"], "name the thread or the person: \"a thread that waits\", \"anyone who\""),
    (&["whomever"], "name the thread or the person"),
    (&["nobody"], "name the thread, or write \"no one\" for people"),
    (&["somebody"], "name the thread, or write \"someone\" for people"),
    (&["everybody"], "name the threads, or write \"everyone\" for people"),
    (&["prevents", "that"], "write \"stops X from doing Y\""),
    (&["prevent", "that"], "write \"stop X from doing Y\""),
    (&["look", "whether"], "write \"check whether\""),
    (&["looks", "whether"], "write \"checks whether\""),
    (&["let", "go"], "write \"release\""),
    (&["lets", "go"], "write \"releases\""),
    (&["letting", "go"], "write \"releasing\""),
    (&["need", "not"], "write \"don't need to\""),
    (&["time-out"], "write \"timeout\""),
    (&["time-outs"], "write \"timeouts\""),
    (&["behaviour"], "write \"behavior\""),
    (&["colour"], "write \"color\""),
    (&["licence"], "write \"license\""),
    (&["neighbour"], "write \"neighbor\""),
    (&["towards"], "write \"toward\""),
];

/// Typography that this repository does not use.
const SIGNS: &[(&[char], &str)] = &[
    (&['«', '»'], "write \"straight double quotes\""),
    (&['“', '”', '„', '‘', '’'], "write \"straight\" quotes and apostrophes"),
];

/// Contracted endings that cannot be a possessive.
const ENDINGS: &[&str] = &["n't", "'re", "'ve", "'ll", "'m", "'d"];

/// Words that a contracted "is" or "has" or "us" follows.
const WITH_S: &[&str] =
    &["it's", "that's", "there's", "here's", "what's", "let's", "who's", "where's", "he's", "she's"];

/// One block of text: a paragraph, a heading, an item of a list or a cell of a table.
#[derive(Debug, Default)]
struct Block {
    /// The text, in one line. A span of code is one word.
    text: String,
    /// Where in the text a line of the page begins: offset and line.
    starts: Vec<(usize, usize)>,
    /// Whether a block of code stands directly above it.
    follows_code: bool,
}

/// One sentence of a block.
struct Sentence<'a> {
    line: usize,
    words: Vec<&'a str>,
}

/// What a page says outside its code, and the lines that no rule about width applies to.
struct Prose {
    blocks: Vec<Block>,
    unbroken: BTreeSet<usize>,
}

/// How often a page uses the forms that plain English prefers or avoids.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Words outside code.
    pub words: usize,
    /// "Don't", "it's" and the like.
    pub contractions: usize,
    /// Guillemets, opening and closing.
    pub guillemets: usize,
    /// "Nobody".
    pub nobody: usize,
    /// "Whoever".
    pub whoever: usize,
    /// "For ever", in two words.
    pub for_ever: usize,
    /// Colons and semicolons that divide a sentence or introduce what follows.
    pub colons: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.contractions += other.contractions;
        self.guillemets += other.guillemets;
        self.nobody += other.nobody;
        self.whoever += other.whoever;
        self.for_ever += other.for_ever;
        self.colons += other.colons;
    }
}

impl Counts {
    /// The heads of the columns of its `Display`.
    pub const HEAD: &str = "words  contractions  guillemets  nobody  whoever  for ever  words per colon";
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { words, contractions, guillemets, nobody, whoever, for_ever, colons } = self;
        let per_colon = words.checked_div(*colons).map_or("-".to_owned(), |words| words.to_string());
        write!(
            f,
            "{words:>5}  {contractions:>12}  {guillemets:>10}  {nobody:>6}  {whoever:>7}  {for_ever:>8}  {per_colon:>15}"
        )
    }
}

/// Returns what is not plain English on the pages `converted`, and the paths among them that are not pages.
#[must_use]
pub fn check(repository: &Repository, converted: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in converted {
        match repository.page(path) {
            Some(page) => faults(page, &mut findings),
            None => {
                let what = "this page is said to be in plain English, but it does not exist";
                findings.push(Finding::new(
                    path,
                    1,
                    what,
                    "correct `CONVERTED` in crates/docs-check/src/prose.rs",
                ));
            }
        }
    }
    findings
}

/// Returns the counts of each page, in the order of the repository.
#[must_use]
pub fn counts(repository: &Repository) -> Vec<(&str, Counts)> {
    repository.pages.iter().map(|page| (page.path.as_str(), counted(page))).collect()
}

fn counted(page: &Page) -> Counts {
    let mut counts = Counts::default();
    for block in read(page).blocks {
        counts.guillemets += block.text.matches(['«', '»']).count();
        for sentence in block.sentences() {
            let words: Vec<String> = sentence.words.iter().map(|word| bare(word)).collect();
            let is = |wanted: &str| words.iter().filter(|word| word.trim_end_matches("'s") == wanted).count();
            counts.words += words.len();
            counts.nobody += is("nobody");
            counts.whoever += is("whoever");
            counts.for_ever += places(&words, &["for", "ever"]).count();
            counts.contractions += words.iter().filter(|word| is_contraction(word)).count();
            counts.colons += sentence.colons();
        }
    }
    counts
}

fn is_contraction(word: &str) -> bool {
    let word = word.replace('’', "'");
    WITH_S.contains(&word.as_str()) || ENDINGS.iter().any(|ending| word.ends_with(ending))
}

fn faults(page: &Page, findings: &mut Vec<Finding>) {
    let mut report = |line: usize, what: String, mend: &str| {
        findings.push(Finding::new(&page.path, line, what, mend));
    };
    let prose = read(page);
    for block in &prose.blocks {
        for (signs, mend) in SIGNS {
            for (at, sign) in block.text.match_indices(*signs) {
                report(block.line_at(at), format!("{sign} is not a sign that these pages use"), mend);
            }
        }
        if block.follows_code && block.text.starts_with(char::is_lowercase) {
            let what = "this paragraph goes on with a sentence that began above the block of code";
            report(
                block.line_at(0),
                what.to_owned(),
                "end the sentence above the block with a colon, and begin a new one",
            );
        }
        for sentence in block.sentences() {
            let words: Vec<String> = sentence.words.iter().map(|word| bare(word)).collect();
            for (phrase, mend) in PHRASES {
                if places(&words, phrase).next().is_some() {
                    report(sentence.line, format!("this sentence says \"{}\"", phrase.join(" ")), mend);
                }
            }
            if no_noun(&words) {
                report(sentence.line, "this sentence says \"is no\"".to_owned(), "write \"isn't a\"");
            }
            if so_many(&words) {
                report(
                    sentence.line,
                    "this sentence says \"so many\"".to_owned(),
                    "write \"that many\", or the number",
                );
            }
            if words.len() > WORDS {
                let what = format!("this sentence has {} words; {WORDS} is the most", words.len());
                report(sentence.line, what, "make two sentences of it");
            }
            if sentence.colons() > 1 {
                let what = "this sentence has more than one colon or semicolon".to_owned();
                report(sentence.line, what, "make two sentences of it");
            }
        }
    }
    for (line, text) in (1..).zip(page.text.lines()) {
        let width = text.chars().count();
        if width > COLUMNS && !prose.unbroken.contains(&line) {
            report(line, format!("this line has {width} columns; {COLUMNS} is the most"), "break the line");
        }
    }
}

/// "It is no queue", but not "there is no queue" or "it is no longer a queue".
fn no_noun(words: &[String]) -> bool {
    places(words, &["is", "no"]).any(|at| {
        let before = at.checked_sub(1).map(|at| words[at].as_str());
        let after = words.get(at + 2).map(String::as_str);
        before != Some("there") && !matches!(after, Some("longer" | "more" | "one"))
    })
}

/// "So many threads", but not "so many threads that …".
fn so_many(words: &[String]) -> bool {
    places(words, &["so", "many"]).any(|at| !words[at..].iter().any(|word| word == "that"))
}

/// Where `phrase` stands among `words`.
fn places<'a>(words: &'a [String], phrase: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    words
        .windows(phrase.len())
        .enumerate()
        .filter(move |(_, window)| {
            window.iter().map(|word| word.trim_end_matches("'s")).eq(phrase.iter().copied())
        })
        .map(|(at, _)| at)
}

/// A word in lower case, without the punctuation around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != CODE).to_lowercase()
}

/// What stands for a span of code: a character that no page contains.
const CODE: char = '\u{fffc}';

impl Block {
    fn line_at(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        self.starts[after.saturating_sub(1)].1
    }

    fn push(&mut self, text: &str, line: usize) {
        if self.starts.last().is_none_or(|(_, last)| *last != line) {
            self.starts.push((self.text.len(), line));
        }
        self.text.push_str(text);
    }

    fn sentences(&self) -> Vec<Sentence<'_>> {
        let mut sentences = Vec::new();
        let mut words = Vec::new();
        let mut start = 0;
        for word in self.text.split_whitespace() {
            let at = word.as_ptr() as usize - self.text.as_ptr() as usize;
            if words.is_empty() {
                start = at;
            }
            if word.contains(|c: char| c.is_alphanumeric() || c == CODE) {
                words.push(word);
            }
            let end = word.trim_end_matches(['"', ')', '*', '_', '»', '”']);
            if end.ends_with(['.', '?', '!', '·']) && !matches!(bare(end).as_str(), "e.g" | "i.e" | "vs") {
                sentences.push(Sentence { line: self.line_at(start), words: std::mem::take(&mut words) });
            }
        }
        sentences.push(Sentence { line: self.line_at(start), words });
        sentences.retain(|sentence| !sentence.words.is_empty());
        sentences
    }
}

impl Sentence<'_> {
    fn colons(&self) -> usize {
        let ends = |word: &&&str| word.trim_end_matches(['"', ')', '»', '”']).ends_with([':', ';']);
        self.words.iter().filter(ends).count()
    }
}

fn read(page: &Page) -> Prose {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_GFM;
    let starts: Vec<usize> =
        [0].into_iter().chain(page.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_of = |offset: usize| starts.partition_point(|&start| start <= offset);
    let mut prose = Prose { blocks: Vec::new(), unbroken: BTreeSet::new() };
    let mut block = Block::default();
    let (mut in_code, mut follows_code) = (false, false);
    for (event, range) in Parser::new_ext(&page.text, options).into_offset_iter() {
        let line = line_of(range.start);
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => (in_code, follows_code) = (false, true),
            Event::Text(text) if !in_code => block.push(text, line),
            Event::Code(_) => block.push(&CODE.to_string(), line),
            Event::SoftBreak | Event::HardBreak => block.push(" ", line),
            _ => {}
        }
        // A table cannot be wrapped, and neither can code or a comment.
        if matches!(event, Event::Start(Tag::CodeBlock(_) | Tag::Table(_) | Tag::HtmlBlock) | Event::Html(_))
        {
            prose.unbroken.extend(line..=line_of(range.end.max(range.start + 1) - 1));
        }
        let divides = matches!(
            event,
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell | Tag::Heading { .. })
                | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::Heading(_))
        );
        if divides {
            let block = std::mem::take(&mut block);
            if !block.starts.is_empty() {
                prose.blocks.push(Block { follows_code, ..block });
                follows_code = false;
            }
        }
    }
    // A word that is wider than the page, such as an address, has no place to be broken.
    let wide = |line: &str| line.split_whitespace().any(|word| word.chars().count() > COLUMNS - 20);
    prose.unbroken.extend((1..).zip(page.text.lines()).filter(|(_, text)| wide(text)).map(|(line, _)| line));
    prose
}
