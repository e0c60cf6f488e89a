//! Every relative link and every fragment leads somewhere; every absolute link is well formed.

use crate::markdown::Page;
use crate::{Finding, Repository};

/// Links and images, in Markdown and in HTML, that lead nowhere.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &repository.pages {
        for link in &page.links {
            let fault = if link.undefined {
                Some("is a label that this page does not define".to_owned())
            } else {
                fault(repository, &page.path, &link.target)
            };
            if let Some(fault) = fault {
                let what = format!("the link «{}» {fault}", link.target);
                let mend = "correct the link, or the name it refers to";
                findings.push(Finding::new(&page.path, link.line, what, mend));
            }
        }
    }
    findings
}

fn fault(repository: &Repository, page: &str, target: &str) -> Option<String> {
    if let Some(scheme) = scheme(target) {
        return absolute_fault(scheme, &target[scheme.len() + 1..]);
    }
    if target.is_empty() {
        return Some("is empty".to_owned());
    }
    if target.starts_with('/') {
        return Some("starts with a slash: write it relative to this page".to_owned());
    }
    let (path, fragment) = target.split_once('#').map_or((target, None), |(path, it)| (path, Some(it)));
    let path = decoded(path.split('?').next().unwrap_or_default());
    let Some(path) = resolved(page, &path) else {
        return Some("leads out of the repository".to_owned());
    };
    let is_file = repository.files.contains(&path);
    if !is_file && !repository.has_folder(&path) {
        if repository.root.join(&path).exists() {
            return Some(format!(
                "leads to {path}, which git ignores or does not know yet: is `git add` missing?"
            ));
        }
        return Some(match nearest(repository, &path) {
            Some(nearest) => format!("leads to {path}, which does not exist (is {nearest} meant?)"),
            None => format!("leads to {path}, which does not exist"),
        });
    }
    let fragment = decoded(fragment?);
    let shown =
        if is_file { path.clone() } else { format!("{path}/README.md").trim_start_matches('/').to_owned() };
    match repository.page(&shown) {
        Some(page) if page.anchors.contains(&fragment) => None,
        Some(page) => {
            Some(format!("names #{fragment}, but {shown} has only: {}", nearest_anchors(page, &fragment)))
        }
        None if shown.ends_with(".html") => html_fault(repository, &shown, &fragment),
        None => lines_fault(repository, &shown, &fragment),
    }
}

/// All anchors of a page, or, where there are many, those that begin like `wanted`.
fn nearest_anchors(page: &Page, wanted: &str) -> String {
    const MANY: usize = 8;
    let mut anchors: Vec<&str> = page.anchors.iter().map(String::as_str).collect();
    let count = anchors.len();
    if count > MANY {
        anchors.retain(|anchor| anchor.chars().take(3).eq(wanted.chars().take(3)));
        anchors.truncate(MANY);
        anchors.push("…");
    }
    format!("{} ({count} in all)", anchors.join(", "))
}

/// In HTML a fragment is an element's `id`, or that of something in the page's data, such as a program of scheduler.html
/// with or without a schedule: `#deadlock:12`.
fn html_fault(repository: &Repository, path: &str, fragment: &str) -> Option<String> {
    let text = repository.read(path).unwrap_or_default();
    let id = fragment.split(':').next().unwrap_or_default();
    let is_there = [format!("id=\"{id}\""), format!("\"id\":\"{id}\"")].iter().any(|it| text.contains(it));
    (!is_there).then(|| format!("names #{fragment}, but {path} has nothing of that id"))
}

/// GitHub shows lines of a file under `#L10` and `#L10-L20`.
fn lines_fault(repository: &Repository, path: &str, fragment: &str) -> Option<String> {
    let Some(text) = repository.read(path) else {
        return Some(format!("names #{fragment}, but {path} has no headings"));
    };
    let lines: Option<Vec<usize>> =
        fragment.split('-').map(|line| line.strip_prefix('L').and_then(|line| line.parse().ok())).collect();
    match lines {
        Some(lines) if lines.iter().all(|line| (1..=text.lines().count()).contains(line)) => None,
        Some(_) => Some(format!("names #{fragment}, but {path} has only {} lines", text.lines().count())),
        None => Some(format!("names #{fragment}: in {path} only lines can be named, as #L10 or #L10-L20")),
    }
}

pub(crate) fn scheme(target: &str) -> Option<&str> {
    let (scheme, _) = target.split_once(':')?;
    let is_scheme =
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

fn absolute_fault(scheme: &str, rest: &str) -> Option<String> {
    match scheme {
        "http" | "https" => {
            let fault = "is not a well-formed address: it reads scheme://host/path".to_owned();
            let Some(rest) = rest.strip_prefix("//") else { return Some(fault) };
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
            let labels_are_fine = host.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            });
            let is_fine =
                labels_are_fine && port.parse::<u16>().is_ok() && !rest.contains(char::is_whitespace);
            (!is_fine).then_some(fault)
        }
        "mailto" => (!rest.contains('@')).then(|| "is not an address".to_owned()),
        other => Some(format!("has the scheme {other}: use https or a relative path")),
    }
}

/// `target` as seen from the folder of `page`; `None` above the root.
pub(crate) fn resolved(page: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(page.to_owned());
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A file of the same name elsewhere, or of another name in the same folder that begins alike.
fn nearest<'a>(repository: &'a Repository, path: &str) -> Option<&'a str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let same_name = |file: &&String| file.rsplit('/').next() == Some(name) && name != "README.md";
    let same_start = |file: &&String| {
        let (other_folder, other) = file.rsplit_once('/').unwrap_or(("", file));
        folder == other_folder && name.get(..3).is_some_and(|start| other.starts_with(start))
    };
    let found = repository.files.iter().find(same_name).or_else(|| repository.files.iter().find(same_start));
    found.map(String::as_str)
}
