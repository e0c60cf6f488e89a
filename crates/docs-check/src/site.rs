//! Makes a book of pages that link to the whole repository.
//!
//! On a code host a page may link to any file. A book holds the pages of `docs/` alone, so mdBook would leave those
//! links dead. This is a preprocessor of mdBook: it adds the README of each exercise to the book, and turns every other
//! link that leads out of the book into one to the repository, whose address stands in `docs/book.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::Repository;
use crate::links::{decoded, resolved, scheme};

/// The heading of the part of the book that holds the exercises.
const PART: &str = "Exercises";

/// What mdBook hands to a preprocessor, with the exercises added and every link leading somewhere.
///
/// # Errors
/// When `input` isn't what mdBook 0.5 hands over, or `docs/book.toml` names no repository.
pub fn preprocess(repository: &Repository, input: &str) -> Result<String, String> {
    let read: Value = serde_json::from_str(input).map_err(|why| format!("not what mdBook sends: {why}"))?;
    let [context, book] = <[Value; 2]>::try_from(read.as_array().cloned().unwrap_or_default())
        .map_err(|_| "mdBook sends a context and a book".to_owned())?;
    let address = context.pointer("/config/output/html/git-repository-url").and_then(Value::as_str);
    let address = address.ok_or("docs/book.toml has no git-repository-url below [output.html]")?;
    let mut book = book;
    let items = book.get_mut("items").and_then(Value::as_array_mut).ok_or("this book has no items")?;
    add_exercises(repository, items);
    let site = Site { repository, address: address.trim_end_matches('/'), pages: pages(items) };
    items.iter_mut().for_each(|item| site.follow(item));
    add_notes(repository, items);
    serde_json::to_string(&book).map_err(|why| why.to_string())
}

struct Site<'a> {
    repository: &'a Repository,
    address: &'a str,
    /// Each page of the book: its path in the repository, and its path in the book.
    pages: BTreeMap<String, String>,
}

impl Site<'_> {
    fn follow(&self, item: &mut Value) {
        let Some(chapter) = item.get_mut("Chapter") else { return };
        if let Some((file, page)) = paths(chapter) {
            let content = chapter["content"].as_str().unwrap_or_default();
            chapter["content"] = with_links(content, |target| self.target(&file, &page, target)).into();
        }
        if let Some(items) = chapter.get_mut("sub_items").and_then(Value::as_array_mut) {
            items.iter_mut().for_each(|item| self.follow(item));
        }
    }

    /// What to write in place of `target` on `page` of the book, which is `file` of the repository.
    fn target(&self, file: &str, page: &str, target: &str) -> Option<String> {
        if target.starts_with('#') || scheme(target).is_some() {
            return None;
        }
        let at = target.find(['#', '?']).unwrap_or(target.len());
        let (path, rest) = target.split_at(at);
        let path = resolved(file, &decoded(path))?;
        let readme = if path.is_empty() { "README.md".to_owned() } else { format!("{path}/README.md") };
        if let Some(other) = self.pages.get(&path).or_else(|| self.pages.get(&readme)) {
            return Some(format!("{}{rest}", relative(page, other)));
        }
        if let Some(beside) = path.strip_prefix("docs/").filter(|_| self.repository.files.contains(&path)) {
            return Some(format!("{}{rest}", relative(page, beside)));
        }
        let kind = if self.repository.files.contains(&path) { "blob" } else { "tree" };
        Some(format!("{}/{kind}/main/{path}{rest}", self.address))
    }
}

/// Where a chapter comes from in the repository, and where it is in the book; none for one without a file.
fn paths(chapter: &Value) -> Option<(String, String)> {
    let source = chapter["source_path"].as_str()?.replace('\\', "/");
    let file = resolved("docs/SUMMARY.md", &source)?;
    Some((file, chapter["path"].as_str()?.replace('\\', "/")))
}

fn pages(items: &[Value]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for chapter in items.iter().filter_map(|item| item.get("Chapter")) {
        found.extend(paths(chapter));
        found.extend(pages(chapter["sub_items"].as_array().map_or(&[], Vec::as_slice)));
    }
    found
}

/// Adds a page for each exercise, behind the chapters.
fn add_exercises(repository: &Repository, items: &mut Vec<Value>) {
    let chapter = |file: &str, path: String, name: &str, sub_items: Vec<Value>| {
        let content = repository.page(file).map_or("", |page| &page.text);
        json!({"Chapter": {
            "name": name, "content": content, "number": null, "sub_items": sub_items, "path": path,
            "source_path": format!("../{file}"), "parent_names": [],
        }})
    };
    let title = |file: &str| Some(repository.page(file)?.headings.first()?.text.clone());
    let exercises: Vec<Value> = repository
        .pages
        .iter()
        .filter_map(|page| {
            let name = page.path.strip_prefix("exercises/")?.strip_suffix("/README.md")?;
            let title = title(&page.path)?;
            let title = title.strip_prefix("Exercise ").unwrap_or(&title).replacen(": ", ". ", 1);
            Some(chapter(&page.path, format!("exercises/{name}.md"), &title, Vec::new()))
        })
        .collect();
    let index = "exercises/README.md";
    if repository.page(index).is_none() {
        return;
    }
    let last_numbered = items.iter().rposition(|item| !item["Chapter"]["number"].is_null());
    let at = last_numbered.map_or(items.len(), |at| at + 1);
    let part = [
        json!({ "PartTitle": PART }),
        chapter(index, "exercises/index.md".to_owned(), "How a check works", Vec::new()),
    ];
    items.splice(at..at, part.into_iter().chain(exercises));
}

/// Adds what the speaker's window shows to the end of each chapter, out of sight.
fn add_notes(repository: &Repository, items: &mut [Value]) {
    let notes = crate::chapters::notes(repository);
    for chapter in items.iter_mut().filter_map(|item| item.get_mut("Chapter")) {
        let file = format!("docs/{}", chapter["source_path"].as_str().unwrap_or_default());
        if let Some(note) = notes.get(&file) {
            let content = chapter["content"].as_str().unwrap_or_default();
            let content = format!("{content}\n<div id=\"speaker-notes\" hidden>\n\n{note}\n\n</div>\n");
            chapter["content"] = content.into();
        }
    }
}

/// `to`, as a page at `from` links to it.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let shared = from.iter().zip(&to).take(from.len() - 1).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - 1 - shared);
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// `markdown` with each target for which `change` has another one replaced.
fn with_links(markdown: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    // What stands before a target tells it from the text and from the title of a link.
    let mut replace = |range: Range<usize>, before: &str, target: &str| {
        let found = markdown[range.clone()].rfind(&format!("{before}{target}"));
        if let (Some(at), Some(new)) = (found, change(target)) {
            let start = range.start + at + before.len();
            edits.push((start..start + target.len(), new));
        }
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_GFM;
    let parser = Parser::new_ext(markdown, options);
    for (_, definition) in parser.reference_definitions().iter() {
        replace(definition.span.clone(), "]: ", &definition.dest);
    }
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(
                Tag::Link { link_type: LinkType::Inline, dest_url, .. }
                | Tag::Image { link_type: LinkType::Inline, dest_url, .. },
            ) => replace(range, "](", &dest_url),
            Event::Html(html) | Event::InlineHtml(html) => {
                for (at, name) in ["href=\"", "src=\""].iter().flat_map(|name| html.match_indices(*name)) {
                    let start = at + name.len();
                    let target = html[start..].split('"').next().unwrap_or_default();
                    let start = range.start + start;
                    replace(start..start + target.len(), "", target);
                }
            }
            _ => {}
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = markdown.to_owned();
    for (range, new) in edits.into_iter().rev() {
        text.replace_range(range, &new);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{relative, with_links};

    #[test]
    fn a_page_links_to_another_wherever_the_two_are() {
        assert_eq!(relative("a.md", "b.md"), "b.md");
        assert_eq!(relative("a.md", "x/b.md"), "x/b.md");
        assert_eq!(relative("x/a.md", "x/b.md"), "b.md");
        assert_eq!(relative("x/a.md", "b.md"), "../b.md");
        assert_eq!(relative("x/a.md", "y/z/b.md"), "../y/z/b.md");
    }

    #[test]
    fn every_kind_of_link_is_replaced_and_code_is_not() {
        let text = "[a](x) ![b](x \"x\") [![c](x)](x) <a href=\"x\">x</a> [d] `[e](x)` [f](y)\n\n[d]: x\n";
        let wanted = "[a](n) ![b](n \"x\") [![c](n)](n) <a href=\"n\">x</a> [d] `[e](x)` [f](y)\n\n[d]: n\n";
        let change = |target: &str| (target == "x").then(|| "n".to_owned());
        assert_eq!(with_links(text, change), wanted);
    }
}
