//! Rust that a page shows without naming its source compiles, or fails with exactly the error it is said to.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::markdown::{Claim, Fence, Page};
use crate::{Finding, Repository, parallel};

/// Blocks of Rust whose compilation does not end as the page says.
///
/// A block that ended as it should is remembered under `cache`, by its text and the compiler's version.
///
/// # Errors
/// When the compiler cannot be started or `cache` cannot be written.
pub fn check(repository: &Repository, cache: &Path) -> io::Result<Vec<Finding>> {
    let blocks: Vec<(&Page, &Fence)> = repository.pages.iter().flat_map(blocks_of).collect();
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    fs::create_dir_all(cache)?;
    let version = Command::new(rustc()).arg("-vV").output()?.stdout;
    let results = parallel::map(&blocks, |(page, fence)| checked(page, fence, cache, &version));
    results.into_iter().filter_map(Result::transpose).collect()
}

/// Numbers of compiler errors that a page names and that no block on it produces.
#[must_use]
pub fn unproved(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &repository.pages {
        let proved: BTreeSet<&String> =
            blocks_of(page).flat_map(|(_, fence)| &fence.attributes).filter(|word| is_code(word)).collect();
        for (line, text) in page.prose.iter().chain(&page.code_spans) {
            let named = text.split(|c: char| !c.is_alphanumeric()).filter(|word| is_code(word));
            for code in named.filter(|code| !proved.contains(&(*code).to_owned())) {
                let what = format!("{code} is named here, and no block on this page fails with it");
                let mend = format!("add a block ```rust,compile_fail,{code} that does");
                findings.push(Finding::new(&page.path, *line, what, mend));
            }
        }
    }
    findings
}

/// How many blocks of Rust a check compiles.
#[must_use]
pub fn count(repository: &Repository) -> usize {
    repository.pages.iter().flat_map(blocks_of).count()
}

/// Pages whose Rust needs a crate: cargo runs it as doctests of that crate.
const DOCTESTS: [&str; 1] = ["crates/interleave/README.md"];

fn blocks_of(page: &Page) -> impl Iterator<Item = (&Page, &Fence)> {
    let is_doctest = DOCTESTS.iter().any(|path| page.path.ends_with(path));
    let compiled = move |fence: &&Fence| {
        fence.language == "rust" && !is_doctest && !matches!(fence.claim, Some(Claim::Source { .. }))
    };
    page.fences.iter().filter(compiled).map(move |fence| (page, fence))
}

fn checked(page: &Page, fence: &Fence, cache: &Path, version: &[u8]) -> io::Result<Option<Finding>> {
    let expected = match expected(&fence.attributes) {
        Ok(expected) => expected,
        Err(what) => {
            let mend = "write ```rust (it compiles), ```rust,compile_fail,E0382 (it fails with that error), \
                        or put `<!-- source: path#item -->` above the block";
            return Ok(Some(Finding::new(&page.path, fence.line, what, mend)));
        }
    };
    let mut hasher = DefaultHasher::new();
    (&fence.body, &expected, version, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
    let remembered = cache.join(format!("{:016x}", hasher.finish()));
    if remembered.exists() {
        return Ok(None);
    }
    let (succeeded, said) = compiled(fence, cache, &page.path)?;
    let found: BTreeSet<String> =
        said.match_indices("error[").filter_map(|(at, _)| code_at(&said[at..])).collect();
    let what = match (expected.is_empty(), succeeded) {
        (true, true) => None,
        (true, false) => Some("this Rust does not compile".to_owned()),
        (false, true) => {
            Some(format!("this Rust compiles; the page says that it fails with {}", list(&expected)))
        }
        (false, false) if found == expected => None,
        (false, false) => {
            Some(format!("this Rust fails with {}; the page says {}", list(&found), list(&expected)))
        }
    };
    let Some(what) = what else {
        fs::write(remembered, "")?;
        return Ok(None);
    };
    let mend = if expected.is_empty() {
        "make the block a whole program (`fn main`) or a list of items that needs only std, \
         or show real source with `<!-- source: path#item -->`"
    } else {
        "correct the error number after compile_fail, or the code"
    };
    Ok(Some(Finding::new(&page.path, fence.line, what, mend).with(said)))
}

/// The errors that the block is to fail with; none when it is to compile.
fn expected(attributes: &[String]) -> Result<BTreeSet<String>, String> {
    match attributes {
        [] => Ok(BTreeSet::new()),
        [first] if first == "compile_fail" => Err(
            "```rust,compile_fail does not say with which error: add its number, as in compile_fail,E0382"
                .to_owned(),
        ),
        [first, codes @ ..] if first == "compile_fail" && codes.iter().all(|code| is_code(code)) => {
            Ok(codes.iter().cloned().collect())
        }
        _ => Err(format!(
            "```rust,{} leaves this code unchecked, and what is not checked goes stale",
            attributes.join(",")
        )),
    }
}

fn compiled(fence: &Fence, cache: &Path, page: &str) -> io::Result<(bool, String)> {
    let kind = if fence.body.contains("fn main(") { "bin" } else { "lib" };
    let thread = format!("{:?}", std::thread::current().id());
    let metadata = cache.join(format!("{}-{}.rmeta", std::process::id(), thread.replace(['(', ')'], "-")));
    let mut compiler = Command::new(rustc())
        .args([
            "--edition=2024",
            "--crate-name=block",
            "--crate-type",
            kind,
            "-Awarnings",
            "--color=never",
            "-",
        ])
        .arg(format!("--emit=metadata={}", metadata.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // As many lines first as the page has above the block, so that the compiler names the lines of the page.
    let code = "\n".repeat(fence.line) + &fence.body;
    compiler.stdin.take().expect("it is piped").write_all(code.as_bytes())?;
    let run = compiler.wait_with_output()?;
    let _ = fs::remove_file(metadata); // It is absent when the compilation failed.
    Ok((run.status.success(), String::from_utf8_lossy(&run.stderr).replace("<anon>", page)))
}

fn rustc() -> PathBuf {
    env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from)
}

fn code_at(said: &str) -> Option<String> {
    let code = said.strip_prefix("error[")?.split(']').next()?;
    is_code(code).then(|| code.to_owned())
}

fn is_code(text: &str) -> bool {
    text.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.chars().all(|c| c.is_ascii_digit()))
}

fn list(codes: &BTreeSet<String>) -> String {
    if codes.is_empty() {
        return "an error that has no number".to_owned();
    }
    codes.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}
