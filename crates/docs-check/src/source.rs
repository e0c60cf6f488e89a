//! Code that a page shows as source is the source.

use crate::items;
use crate::markdown::{Claim, Fence};
use crate::{Finding, Repository, UPDATE, diff};

/// Blocks with a `source` comment that differ from what they name, and comments that name nothing.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &repository.pages {
        for fence in &page.fences {
            let Some(Claim::Source { path, item }) = &fence.claim else { continue };
            if repository.is_learners(path) {
                continue;
            }
            let name = item.as_ref().map_or_else(|| path.clone(), |item| format!("{path}#{item}"));
            match candidates(repository, path, item.as_deref()) {
                Err(why) => {
                    let what = format!("the comment names {name}, and that cannot be shown: {why}");
                    findings.push(Finding::new(
                        &page.path,
                        fence.line - 1,
                        what,
                        "correct the comment above the block",
                    ));
                }
                Ok(candidates) if candidates.contains(&items::shown(&fence.body)) => {}
                Ok(candidates) => {
                    let what = format!("the code shown is not what {name} says");
                    let details = diff::lines(&items::shown(&fence.body), best(fence, &candidates));
                    findings.push(Finding::new(&page.path, fence.line, what, UPDATE).with(details));
                }
            }
        }
    }
    findings
}

/// What the fence would have to say, when it says something else.
pub(crate) fn mended(repository: &Repository, fence: &Fence) -> Option<String> {
    let Some(Claim::Source { path, item }) = &fence.claim else { return None };
    let candidates = candidates(repository, path, item.as_deref()).ok()?;
    (!candidates.contains(&items::shown(&fence.body))).then(|| best(fence, &candidates).to_owned())
}

fn candidates(repository: &Repository, path: &str, item: Option<&str>) -> Result<Vec<String>, String> {
    let text = repository.read(path).ok_or_else(|| "there is no such file".to_owned())?;
    match item {
        Some(item) => items::find(&text, item),
        None => Ok(vec![items::shown(&text)]),
    }
}

/// The candidate that begins as the page does: a page that leaves out the comments above an item keeps doing so.
fn best<'a>(fence: &Fence, candidates: &'a [String]) -> &'a str {
    let kind = |text: &str| match text.trim_start() {
        text if text.starts_with("//") => 0,
        text if text.starts_with('#') => 1,
        _ => 2,
    };
    let same_kind = candidates.iter().find(|candidate| kind(candidate) == kind(&fence.body));
    match same_kind {
        Some(candidate) if !fence.body.trim().is_empty() => candidate,
        _ => &candidates[0],
    }
}
