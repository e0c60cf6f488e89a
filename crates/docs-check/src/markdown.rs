//! What one Markdown page says: its headings, links, fences and tables, each with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

/// A Markdown file, read once for all rules.
pub struct Page {
    /// Relative to the root of the repository, with `/` between folders.
    pub path: String,
    /// The file as it stands.
    pub text: String,
    /// Headings, in order.
    pub headings: Vec<Heading>,
    /// What a fragment may name: the headings as GitHub spells them, and HTML `id`s.
    pub anchors: BTreeSet<String>,
    /// Links and images, in Markdown and in HTML.
    pub links: Vec<Link>,
    /// Fenced blocks, in order.
    pub fences: Vec<Fence>,
    /// Tables, in order.
    pub tables: Vec<Vec<Row>>,
    /// Text outside code, with its line.
    pub prose: Vec<(usize, String)>,
    /// Code inside a line of text, with its line.
    pub code_spans: Vec<(usize, String)>,
    /// Lines of `<!-- source… -->` and `<!-- output… -->` comments that no fence follows.
    pub stray_comments: Vec<usize>,
}

/// A heading.
pub struct Heading {
    /// The line it is on.
    pub line: usize,
    /// 1 for the title of the page.
    pub level: u8,
    /// Its text.
    pub text: String,
}

/// Where a link or an image leads.
pub struct Link {
    /// The line it is on.
    pub line: usize,
    /// What it names, as written.
    pub target: String,
    /// What the reader sees; empty for links in HTML.
    pub text: String,
    /// Whether it is `[text][label]` with a label that is defined nowhere.
    pub undefined: bool,
}

/// One row of a table.
pub struct Row {
    /// The line it is on.
    pub line: usize,
    /// Whether it is the head of the table.
    pub is_head: bool,
    /// The text of each cell.
    pub cells: Vec<String>,
    /// What its links lead to.
    pub links: Vec<String>,
}

/// A fenced block.
pub struct Fence {
    /// The line of its opening fence.
    pub line: usize,
    /// The first word after the fence: `rust`, `text`.
    pub language: String,
    /// The further words: `compile_fail`, `E0382`.
    pub attributes: Vec<String>,
    /// Its lines, without the indentation of the fence.
    pub body: String,
    /// What the comment above it claims.
    pub claim: Option<Claim>,
    /// Whether there is a fence before this one, and no heading between them.
    pub follows_a_fence: bool,
    /// Whether it has a closing fence.
    pub is_closed: bool,
    body_range: Range<usize>,
    prefix: String,
}

/// What the comment above a fence claims about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The fence is a file, or an item of it.
    Source {
        /// Relative to the root of the repository.
        path: String,
        /// A name, a path or a range of lines.
        item: Option<String>,
    },
    /// The fence is what a command prints.
    Output {
        /// The command, to be run in the root of the repository.
        command: String,
        /// The exit status it ends with.
        exit: i32,
        /// Whether its numbers vary from run to run.
        varies: bool,
        /// Whether the lines may come in another order.
        any_order: bool,
        /// How many lines of it are shown, and what the first of them holds; all of it where this is `None`.
        excerpt: Option<(usize, String)>,
        /// How wide the command may print, where a page has less room than others.
        columns: Option<usize>,
    },
    /// The fence below a command is drawn by hand, not printed: `<!-- drawing -->`.
    Drawing,
    /// A comment that begins like one of these and cannot be read.
    Unreadable(String),
}

impl Page {
    /// Reads `text`; `path` is what findings call it.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        Reader::new(path, &text.replace("\r\n", "\n")).read()
    }

    /// The text with the bodies of some fences, given by index, replaced.
    #[must_use]
    pub fn with_bodies(&self, bodies: &BTreeMap<usize, String>) -> String {
        let mut text = self.text.clone();
        for (&index, body) in bodies.iter().rev() {
            let fence = &self.fences[index];
            let lines =
                body.lines().map(|line| format!("{}{line}", fence.prefix).trim_end().to_owned() + "\n");
            text.replace_range(fence.body_range.clone(), &lines.collect::<String>());
        }
        text
    }
}

impl Claim {
    /// The claim in an HTML comment; `None` when the comment is about something else.
    #[must_use]
    pub fn parse(comment: &str) -> Option<Self> {
        let inner = comment.trim().strip_prefix("<!--")?.trim_start();
        if inner.strip_suffix("-->").is_some_and(|inner| inner.trim() == "drawing") {
            return Some(Self::Drawing);
        }
        let start = inner.get(..6)?.to_lowercase();
        if start != "source" && start != "output" {
            return None;
        }
        let unreadable = || Some(Self::Unreadable(comment.trim().to_owned()));
        let Some((head, value)) = inner.strip_suffix("-->").and_then(|inner| inner.split_once(':')) else {
            return unreadable();
        };
        let value = value.trim().to_owned();
        if value.is_empty() {
            return unreadable();
        }
        if head == "source" {
            return Some(match value.split_once('#') {
                Some((path, item)) => Self::Source { path: path.to_owned(), item: Some(item.to_owned()) },
                None => Self::Source { path: value, item: None },
            });
        }
        let (mut exit, mut varies, mut any_order, mut excerpt, mut columns) = (0, false, false, None, None);
        let Some(options) = head.strip_prefix("output") else { return unreadable() };
        let options = options.trim();
        if !options.is_empty() {
            let Some(options) = options.strip_prefix('(').and_then(|it| it.strip_suffix(')')) else {
                return unreadable();
            };
            for option in options.split(',').map(str::trim) {
                if let Some((count, first)) = option.split_once(" lines from ") {
                    let Ok(count) = count.parse() else { return unreadable() };
                    excerpt = Some((count, first.to_owned()));
                    continue;
                }
                if let Some(count) = option.strip_suffix(" columns") {
                    let Ok(count) = count.parse() else { return unreadable() };
                    columns = Some(count);
                    continue;
                }
                match option.strip_prefix("exit ").map(str::parse) {
                    Some(Ok(status)) => exit = status,
                    None if option == "varies" => varies = true,
                    None if option == "any order" => any_order = true,
                    _ => return unreadable(),
                }
            }
        }
        Some(Self::Output { command: value, exit, varies, any_order, excerpt, columns })
    }
}

/// The fragment under which GitHub, and mdBook, offer a heading.
#[must_use]
pub fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

struct Reader<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    /// How often each heading was seen.
    slugs: BTreeMap<String, usize>,
    /// Comments about a fence, and those that a fence has claimed, by line.
    comments: BTreeSet<usize>,
    claimed: BTreeSet<usize>,
    /// Whether a fence has been seen since the last heading.
    fence_in_this_section: bool,
    /// What text belongs to, from its start tag to its end tag.
    heading: Option<String>,
    code: Option<(String, String)>,
    cell: Option<String>,
    in_link: bool,
    page: Page,
}

impl<'a> Reader<'a> {
    fn new(path: &str, text: &'a str) -> Self {
        Self {
            text,
            line_starts: [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect(),
            slugs: BTreeMap::new(),
            comments: BTreeSet::new(),
            claimed: BTreeSet::new(),
            fence_in_this_section: false,
            heading: None,
            code: None,
            cell: None,
            in_link: false,
            page: Page {
                path: path.to_owned(),
                text: text.to_owned(),
                headings: Vec::new(),
                anchors: BTreeSet::new(),
                links: Vec::new(),
                fences: Vec::new(),
                tables: Vec::new(),
                prose: Vec::new(),
                code_spans: Vec::new(),
                stray_comments: Vec::new(),
            },
        }
    }

    fn read(mut self) -> Page {
        let mut undefined = Vec::new();
        let mut note = |link: BrokenLink<'_>| {
            // `[x]` alone may be meant as it stands; `[x][y]` and `[x][]` are links to whoever wrote them.
            if !matches!(link.link_type, LinkType::Shortcut | LinkType::ShortcutUnknown) {
                undefined.push((link.span.start, link.reference.to_string()));
            }
            None
        };
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM;
        let events = Parser::new_with_broken_link_callback(self.text, options, Some(&mut note));
        let events: Vec<_> = events.into_offset_iter().collect();
        for (offset, target) in undefined {
            self.page.links.push(Link {
                line: self.line_of(offset),
                target,
                text: String::new(),
                undefined: true,
            });
        }
        for (event, range) in events {
            self.event(event, range);
        }
        self.page.stray_comments = self.comments.difference(&self.claimed).copied().collect();
        self.page
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        let line = self.line_of(range.start);
        match event {
            Event::Start(Tag::Heading { .. }) => self.heading = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => self.end_heading(line, level as u8),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                self.code = Some((info.into_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => self.end_fence(range),
            Event::Start(Tag::Table(_)) => self.page.tables.push(Vec::new()),
            Event::Start(Tag::TableHead) => self.start_row(line, true),
            Event::Start(Tag::TableRow) => self.start_row(line, false),
            Event::Start(Tag::TableCell) => self.cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let cell = self.cell.take().unwrap_or_default();
                self.in_row(|row| row.cells.push(cell));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                if self.cell.is_some() {
                    self.in_row(|row| row.links.push(dest_url.to_string()));
                }
                self.page.links.push(Link {
                    line,
                    target: dest_url.into_string(),
                    text: String::new(),
                    undefined: false,
                });
                self.in_link = true;
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.in_link = false,
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html, range.start),
            Event::Code(span) => {
                self.text(&span);
                self.page.code_spans.push((line, span.into_string()));
            }
            Event::Text(text) => {
                self.text(&text);
                if self.code.is_none() {
                    self.page.prose.push((line, text.into_string()));
                }
            }
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let code = self.code.as_mut().map(|(_, body)| body);
        if let Some(into) = code.or(self.heading.as_mut()).or(self.cell.as_mut()) {
            into.push_str(text);
        }
        if let Some(link) = self.page.links.last_mut().filter(|_| self.in_link) {
            link.text.push_str(text);
        }
    }

    fn start_row(&mut self, line: usize, is_head: bool) {
        if let Some(table) = self.page.tables.last_mut() {
            table.push(Row { line, is_head, cells: Vec::new(), links: Vec::new() });
        }
    }

    fn in_row(&mut self, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.page.tables.last_mut().and_then(|table| table.last_mut()) {
            change(row);
        }
    }

    fn end_heading(&mut self, line: usize, level: u8) {
        let text = self.heading.take().unwrap_or_default();
        let slug = slug(&text);
        self.page.headings.push(Heading { line, level, text });
        let seen = self.slugs.entry(slug.clone()).or_insert(0);
        self.page.anchors.insert(if *seen == 0 { slug } else { format!("{slug}-{seen}") });
        *seen += 1;
        self.fence_in_this_section = false;
    }

    fn end_fence(&mut self, range: Range<usize>) {
        // An indented block of code has no info string and makes no claim.
        let Some((info, body)) = self.code.take() else { return };
        let line = self.line_of(range.start);
        let mut words = info.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
        let claim = self.line_above(line).and_then(Claim::parse);
        if claim.is_some() {
            self.claimed.insert(line - 1);
        }
        let block = self.text[range.clone()].trim_end_matches('\n');
        let body_start = range.start + block.find('\n').map_or(block.len(), |at| at + 1);
        let last_line = block.rfind('\n').map_or(range.start, |at| range.start + at + 1);
        let closing = self.text[last_line..range.start + block.len()].trim_start_matches(['>', ' ']);
        let is_closed = last_line >= body_start && (closing.starts_with("```") || closing.starts_with("~~~"));
        let body_end = if is_closed { last_line } else { (range.start + block.len()).max(body_start) };
        let line_start = self.line_starts[line - 1];
        let prefix = &self.text[line_start..range.start];
        self.page.fences.push(Fence {
            line,
            language: words.next().unwrap_or_default(),
            attributes: words.collect(),
            body,
            claim,
            follows_a_fence: std::mem::replace(&mut self.fence_in_this_section, true),
            is_closed,
            body_range: body_start..body_end,
            prefix: prefix.chars().map(|c| if c == '>' { '>' } else { ' ' }).collect(),
        });
    }

    fn line_above(&self, line: usize) -> Option<&'a str> {
        let above = self.text.lines().nth(line.checked_sub(2)?)?;
        Some(above.trim_start_matches(['>', ' ']))
    }

    fn html(&mut self, html: &str, offset: usize) {
        let mut rest = 0;
        while let Some(open) = html[rest..].find('<').map(|at| rest + at) {
            let line = self.line_of(offset + open);
            if html[open..].starts_with("<!--") {
                rest = html[open..].find("-->").map_or(html.len(), |at| open + at + 3);
                if Claim::parse(&html[open..rest]).is_some() {
                    self.comments.insert(line);
                }
                continue;
            }
            rest = html[open..].find('>').map_or(html.len(), |at| open + at + 1);
            for (name, value) in attributes(&html[open..rest]) {
                match name.as_str() {
                    "href" | "src" => self.page.links.push(Link {
                        line,
                        target: value,
                        text: String::new(),
                        undefined: false,
                    }),
                    "id" | "name" => {
                        self.page.anchors.insert(value);
                    }
                    _ => {}
                }
            }
        }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }
}

/// The `name="value"` pairs of an HTML tag.
pub(crate) fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in tag.match_indices('=') {
        let name = tag[..at]
            .trim_end()
            .rsplit(|c: char| !c.is_alphanumeric() && c != '-')
            .next()
            .unwrap_or_default();
        let value = tag[at + 1..].trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
            _ => value.split([' ', '>', '\n']).next(),
        };
        found.push((name.to_lowercase(), value.unwrap_or_default().to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Claim, Page, slug};

    #[test]
    fn slugs_are_spelt_as_github_spells_them() {
        assert_eq!(slug("Read-modify-write"), "read-modify-write");
        assert_eq!(slug("Guard (RAII)"), "guard-raii");
        assert_eq!(slug("What's `Mutex<T>` & why?"), "whats-mutext--why");
        assert_eq!(slug("Ex 1: the bank_account"), "ex-1-the-bank_account");
        assert_eq!(slug("Überholen"), "überholen");
        let page = Page::parse("p.md", "# Twice\n\n## Twice\n\n## Twice\n\n<a id=\"by-hand\"></a>\n");
        assert_eq!(page.anchors.iter().collect::<Vec<_>>(), ["by-hand", "twice", "twice-1", "twice-2"]);
    }

    #[test]
    fn claims_are_read_from_comments() {
        let output = |command: &str, exit, varies| {
            let (any_order, excerpt, columns) = (false, None, None);
            Some(Claim::Output { command: command.to_owned(), exit, varies, any_order, excerpt, columns })
        };
        assert_eq!(
            Claim::parse("<!-- output (exit 101, 80 columns, 14 lines from step │): c -->"),
            Some(Claim::Output {
                command: "c".to_owned(),
                exit: 101,
                varies: false,
                any_order: false,
                excerpt: Some((14, "step │".to_owned())),
                columns: Some(80),
            })
        );
        assert_eq!(Claim::parse("<!-- output: cargo run -q -p a -->"), output("cargo run -q -p a", 0, false));
        assert_eq!(Claim::parse("<!-- output (varies): c -->"), output("c", 0, true));
        assert_eq!(Claim::parse("<!-- output (exit 101, varies): c -->"), output("c", 101, true));
        assert_eq!(Claim::parse("<!-- an aside: not about a fence -->"), None);
        for unreadable in [
            "<!-- output (exit many): c -->",
            "<!-- output (some lines from x): c -->",
            "<!-- output (some columns): c -->",
            "<!-- sources: a -->",
            "<!-- Source: a -->",
            "<!-- output -->",
        ] {
            assert_eq!(Claim::parse(unreadable), Some(Claim::Unreadable(unreadable.to_owned())));
        }
    }

    #[test]
    fn fences_under_one_heading_belong_together() {
        let page =
            Page::parse("p.md", "```sh\n```\n\nIt prints:\n\n```text\n```\n\n# Next\n\n```text\n```\n");
        let follow: Vec<bool> = page.fences.iter().map(|fence| fence.follows_a_fence).collect();
        assert_eq!(follow, [false, true, false]);
    }

    #[test]
    fn a_body_is_replaced_where_it_stands_and_nothing_else_changes() {
        let text = "a\n\n<!-- source: x -->\n```rust\nold\n\nold\n```\nb\n\n> <!-- source: y -->\n> ```rust\n> old\n> ```\n\n- c\n\n  ```text\n  ```\n";
        let page = Page::parse("p.md", text);
        let all = [(0, "new\n".to_owned()), (1, "one\n\ntwo\n".to_owned()), (2, "three\n".to_owned())];
        let expected = "a\n\n<!-- source: x -->\n```rust\nnew\n```\nb\n\n> <!-- source: y -->\n> ```rust\n> one\n>\n> two\n> ```\n\n- c\n\n  ```text\n  three\n  ```\n";
        assert_eq!(page.with_bodies(&all.into()), expected);
        assert!(page.fences.iter().all(|fence| fence.is_closed));
        assert!(page.fences[1].claim.is_some() && page.fences[2].claim.is_none());
    }
}
