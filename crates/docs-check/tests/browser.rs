//! Reads the built book in a real browser, where there is one: see `crates/scheduler/tests/browser/book.mjs`.
//!
//! It looks at the slides, at every page on a phone, and at what the pages' scripts do; with `CI=1` also at every page's width in the
//! light, and at what axe finds on one page in twelve; with `ALL=1` at what axe finds on all pages, in the light and in the dark.
//!
//! To run it: `apt-get install -y chromium nodejs npm`, then `npm ci` in crates/scheduler/tests/browser, and mdBook.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{env, io};

use docs_check::book;

#[test]
fn every_page_and_every_slide_is_read_in_a_browser() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = root.join("crates/scheduler/tests/browser");
    let chromium = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|node| node.status.success());
    let mdbook = book::mdbook(root);
    let missing = if !Path::new(&chromium).is_file() {
        format!("there is no {chromium} (the variable CHROMIUM names another)")
    } else if !has_node {
        "there is no node".to_owned()
    } else if !folder.join("node_modules/playwright-core").is_dir() {
        "npm ci has not been run in crates/scheduler/tests/browser".to_owned()
    } else if mdbook.is_none() {
        format!("there is no mdbook; {}", book::INSTALL)
    } else {
        String::new()
    };
    // Past the harness, which swallows what a passing test prints.
    let mut told = io::stderr();
    if !missing.is_empty() {
        assert!(env::var_os("CI").is_none(), "continuous integration reads the book, but {missing}");
        writeln!(told, "docs-check: SKIPPED reading the book in a browser: {missing}").unwrap();
        return;
    }
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book-in-a-browser");
    let _ = std::fs::remove_dir_all(&into); // A page that is gone must not be left from an earlier run.
    let build = Command::new(mdbook.unwrap())
        .args(["build", "--dest-dir"])
        .arg(&into)
        .arg(root.join("docs"))
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let mut node = Command::new("node");
    node.arg(folder.join("book.mjs")).arg(&into).args(env::var_os("SCREENSHOTS")).env("CHROMIUM", chromium);
    // The pages take minutes.
    if env::var_os("ALL").is_none() {
        node.env("ONLY", if env::var_os("CI").is_some() { "light" } else { "slides" });
    }
    let run = node.output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    writeln!(told, "docs-check: {}", said.trim_end()).unwrap();
}
