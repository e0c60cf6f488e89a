//! Every page of this repository is true.
//!
//! A failure names the file, the line and the command that mends it. `UPDATE_DOCS=1 cargo test -p docs-check` rewrites
//! the blocks of code and output that have drifted, then checks. With `CI=1`, what the exercises print as shipped is
//! compared too; without it they are taken for a learner's work in progress and left alone.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use docs_check::{
    Exercises, Finding, Repository, book, chapters, compile, crawl, fences, house, links, minutes, output,
    promises, prose, report, source,
};

/// Read once, after the update where one is asked for: no test may read a page while another rewrites it.
static REPOSITORY: LazyLock<Repository> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("it is crates/docs-check");
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    if is_set("UPDATE_DOCS") {
        for path in docs_check::update(root, output::BOUND).expect("the pages can be rewritten") {
            say(&format!("rewrote blocks of {path}"));
        }
    }
    let as_shipped = is_set("CI") || is_set("UPDATE_DOCS");
    let exercises = if as_shipped { Exercises::AsShipped } else { Exercises::BeingSolved };
    Repository::open(root, exercises).expect("the repository can be read")
});

/// Straight to stderr: the harness would show it only for a test that fails.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "docs-check: {line}");
}

fn assert_none(findings: Vec<Finding>) {
    assert!(!REPOSITORY.pages.is_empty(), "there is a page to check");
    assert!(findings.is_empty(), "{}", report(findings));
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn every_link_leads_somewhere() {
    assert_none(links::check(&REPOSITORY));
}

#[test]
fn every_fence_can_be_checked() {
    assert_none(fences::check(&REPOSITORY));
}

#[test]
fn code_shown_as_source_is_the_source() {
    assert_none(source::check(&REPOSITORY));
}

#[test]
fn other_rust_compiles_or_fails_as_the_page_says() {
    assert_none(compile::check(&REPOSITORY, &scratch("compiled")).expect("rustc runs"));
}

#[test]
fn every_compiler_error_that_a_page_names_is_shown_by_the_compiler() {
    assert_none(compile::unproved(&REPOSITORY));
}

#[test]
fn every_chapter_has_its_parts_in_order() {
    assert_none(chapters::check(&REPOSITORY));
}

#[test]
fn every_page_on_the_list_is_in_plain_english() {
    assert_none(prose::check(&REPOSITORY, prose::CONVERTED));
}

#[test]
fn a_chapter_has_one_name() {
    assert_none(chapters::names(&REPOSITORY, prose::CONVERTED));
}

#[test]
fn no_comment_answers_a_question_before_the_reader_can() {
    assert_none(chapters::spoiled(&REPOSITORY, prose::CONVERTED));
}

#[test]
fn every_chapter_has_speaker_notes() {
    assert_none(chapters::unnoted(&REPOSITORY));
}

#[test]
fn output_shown_is_what_the_command_prints() {
    assert_none(output::check(&REPOSITORY, output::BOUND).expect("cargo runs"));
    if REPOSITORY.exercises == Exercises::BeingSolved {
        say("takes exercises/ for work in progress; CI=1 compares what they print as shipped");
    }
}

#[test]
fn every_sentence_of_a_task_is_checked() {
    assert_none(promises::check(&REPOSITORY));
}

#[test]
fn minutes_add_up() {
    assert_none(minutes::check(&REPOSITORY));
}

#[test]
fn no_file_holds_what_it_may_not() {
    assert_none(house::check(&REPOSITORY));
}

#[test]
fn every_page_is_in_the_book() {
    assert_none(book::contents(&REPOSITORY));
}

#[test]
fn no_heading_is_a_link() {
    assert_none(book::linked_headings(&REPOSITORY));
}

#[test]
fn mdbook_builds_the_book_without_a_warning_and_every_link_in_it_leads_somewhere() {
    let Some(mdbook) = book::mdbook(&REPOSITORY.root) else {
        let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "0");
        assert!(!is_ci, "continuous integration builds the book, but there is no mdbook: {}", book::INSTALL);
        say(&format!("SKIPPED building the book and following its links: no mdbook; {}", book::INSTALL));
        return;
    };
    let folder = scratch("book");
    let _ = std::fs::remove_dir_all(&folder); // A page that is gone must not be left from an earlier run.
    assert_none(book::build(&REPOSITORY, &mdbook, &folder).expect("mdBook runs"));
    assert_none(crawl::check(&folder).expect("the book can be read"));
}

#[test]
fn output_on_the_front_page_is_short() {
    assert_none(book::front_page(&REPOSITORY));
}

#[test]
fn readme_leads_to_the_address_that_the_book_names() {
    assert_none(book::addresses(&REPOSITORY));
}
