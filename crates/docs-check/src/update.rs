//! Rewrites the blocks that have drifted.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use crate::{Exercises, Repository, output, source};

/// Rewrites every block of code or output that differs from what its comment names, and says which files changed.
///
/// A block that still matches is left as it is: numbers that vary do not make a new version of the page each time.
///
/// # Errors
/// When a command cannot be started or a page cannot be written.
pub fn update(root: &Path, bound: Duration) -> io::Result<Vec<String>> {
    let repository = Repository::open(root, Exercises::AsShipped)?;
    let (_, outputs) = output::compared(&repository, bound)?;
    let mut bodies: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    for (path, index, text) in outputs {
        bodies.entry(path).or_default().insert(index, text);
    }
    for page in &repository.pages {
        for (index, fence) in page.fences.iter().enumerate() {
            if let Some(text) = source::mended(&repository, fence) {
                bodies.entry(page.path.clone()).or_default().insert(index, text);
            }
        }
    }
    for (path, bodies) in &bodies {
        let page = repository.page(path).expect("it was read a moment ago");
        fs::write(root.join(path), page.with_bodies(bodies))?;
    }
    Ok(bodies.into_keys().collect())
}
