//! Follows every link and every fragment of the book as mdBook built it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use crate::Finding;
use crate::links::{decoded, resolved, scheme};
use crate::markdown::attributes;

/// A page of the book: what it links to, and what its fragments may name.
struct Html {
    links: BTreeSet<String>,
    ids: BTreeSet<String>,
}

/// Links of the book in `folder` to a file or a fragment that it doesn't have.
///
/// # Errors
/// When a file of the book cannot be read.
pub fn check(folder: &Path) -> io::Result<Vec<Finding>> {
    let mut files = BTreeSet::new();
    list(folder, "", &mut files)?;
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.ends_with(".html")) {
        pages.insert(file.as_str(), Html::read(&fs::read_to_string(folder.join(file))?));
    }
    let mut findings = Vec::new();
    for (file, page) in &pages {
        for link in page.links.iter().filter(|link| scheme(link).is_none()) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let path = decoded(path.split('?').next().unwrap_or_default());
            let target = resolved(file, &path).unwrap_or_default();
            let target = if target.is_empty() { "index.html".to_owned() } else { target };
            let fragment = decoded(fragment.split(':').next().unwrap_or_default());
            let what = if !files.contains(&target) {
                format!("the book links to {link}, which it does not have")
            } else if !fragment.is_empty()
                && pages.get(target.as_str()).is_some_and(|page| !page.ids.contains(&fragment))
            {
                format!("the book links to {link}, but {target} has no #{fragment}")
            } else {
                continue;
            };
            findings.push(Finding::new(
                file,
                1,
                what,
                "see crates/docs-check/src/site.rs for what is a page",
            ));
        }
    }
    Ok(findings)
}

fn list(folder: &Path, below: &str, files: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(folder, &format!("{path}/"), files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

impl Html {
    /// Reads the tags, and only those: what looks like one in a script or in a comment isn't.
    fn read(text: &str) -> Self {
        let mut page = Self { links: BTreeSet::new(), ids: BTreeSet::new() };
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            rest = &rest[at..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            let end = tag_end(rest);
            let tag = &rest[..end];
            rest = &rest[end..];
            for (name, value) in attributes(tag) {
                match name.as_str() {
                    "href" | "src" if !tag.starts_with("<base") => {
                        page.links.insert(value.replace("&amp;", "&"));
                    }
                    "id" => {
                        page.ids.insert(value);
                    }
                    _ => {}
                }
            }
            if tag.starts_with("<script") {
                let script = rest.split("</script").next().unwrap_or_default();
                // Programs of the game are named by its data.
                for (at, key) in script.match_indices("\"id\":\"") {
                    let id = script[at + key.len()..].split('"').next().unwrap_or_default();
                    page.ids.insert(id.to_owned());
                }
                rest = &rest[script.len()..];
            }
        }
        page
    }
}

/// How long the tag at the start of `text` is; a `>` within quotes doesn't end it.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') if text[..at].ends_with('=') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn tags_are_read_and_scripts_and_comments_are_not() {
        let page = Html::read(
            "<a id=one href=\"a>b\">it's</a><!-- <a href=\"c\"> --><script src='d'>\"<a href='e'>\"</script><p id='f'>",
        );
        assert_eq!(page.links.iter().collect::<Vec<_>>(), ["a>b", "d"]);
        assert_eq!(page.ids.iter().collect::<Vec<_>>(), ["f", "one"]);
    }
}
