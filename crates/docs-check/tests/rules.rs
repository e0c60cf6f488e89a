//! Each rule sees what it is there to see: a small tree that is right passes, and each way of being wrong is reported
//! with its line. A rule that stops checking fails here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io, process};

use docs_check::{
    Exercises, Finding, Repository, book, chapters, compile, crawl, fences, house, links, minutes, output,
    promises, prose, report, site, source,
};

/// A folder of its own for one test, gone when the test passes.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&root); // There is none, unless a process of this number left one.
        let tree = Self(root);
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    fn open(&self) -> Repository {
        Repository::open(&self.0, Exercises::AsShipped).unwrap()
    }

    fn cache(&self) -> PathBuf {
        self.0.join("target/compiled")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0); // On Windows a program that has not quite ended may still hold it.
        }
    }
}

/// Exactly these findings, each at its line and with these words; none for an empty list.
#[track_caller]
fn assert_findings(findings: &[Finding], expected: &[(&str, usize, &str)]) {
    let mut found = findings.to_vec();
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let fits = |(finding, (path, line, words)): (&Finding, &(&str, usize, &str))| {
        finding.path == *path
            && finding.line == *line
            && finding.to_string().contains(words)
            && !finding.mend.is_empty()
    };
    let all_fit = found.len() == expected.len() && found.iter().zip(expected).all(fits);
    assert!(all_fit, "expected {expected:#?}, but: {}", report(found));
}

#[test]
fn a_dead_link_is_reported_and_a_live_one_is_not() {
    let good = "# Title\n\n[a](docs/a.md) [b](docs/a.md#the-end) [c](#title) [d](docs) [e](docs/) [f][g] ![h](docs/h.svg)\n\
        [i](https://example.com/x?y#z) <https://example.com:8080> [j](src/lib.rs#L1-L2) <img src=\"docs/h.svg\">\n\
        [k](docs/two%20words.md) [l](#by-hand) [m](docs#inside) `[n](nowhere.md)`\n\n<a id=\"by-hand\"></a>\n\n\
        [g]: docs/a.md\n\n```text\n[o](nowhere.md)\n```\n";
    let files = [
        ("README.md", good),
        ("docs/a.md", "# A\n\n## The end\n\n[up](../README.md#title)\n"),
        ("docs/README.md", "# Inside\n"),
        ("docs/two words.md", ""),
        ("docs/h.svg", "<svg/>"),
        ("src/lib.rs", "//! One.\n//! Two.\n"),
    ];
    let tree = Tree::new("links", &files);
    assert_findings(&links::check(&tree.open()), &[]);

    tree.write(
        "docs/a.md",
        "[1](b.md)\n[2](../README.md#nothing)\n[3](#nothing)\n[4](/README.md)\n[5](../../x)\n![6](i.svg)\n\
         <a href=\"b.md\">7</a>\n[8](https://)\n[9](http://exa mple.com)\n[10][undefined]\n[11](../src/lib.rs#L3)\n\
         [12](ftp://example.com)\n[13](../src/lib.rs#main)\n[14]()\n[15](READMe.md)\n[16](https://example.com:port)\n",
    );
    let expected = [
        ("docs/a.md", 1, "leads to docs/b.md, which does not exist"),
        ("docs/a.md", 2, "names #nothing, but README.md has only: by-hand, title"),
        ("docs/a.md", 3, "names #nothing"),
        ("docs/a.md", 4, "starts with a slash"),
        ("docs/a.md", 5, "out of the repository"),
        ("docs/a.md", 6, "docs/i.svg"),
        ("docs/a.md", 7, "docs/b.md"),
        ("docs/a.md", 8, "not a well-formed address"),
        // With a blank in it, 9 is no link at all, and shows as it is written.
        ("docs/a.md", 10, "a label that this page does not define"),
        ("docs/a.md", 11, "has only 2 lines"),
        ("docs/a.md", 12, "scheme ftp"),
        ("docs/a.md", 13, "only lines can be named"),
        ("docs/a.md", 14, "is empty"),
        ("docs/a.md", 15, "docs/READMe.md"),
        ("docs/a.md", 16, "not a well-formed address"),
        // The page that now lacks its heading is reported where the link to it stands.
        ("README.md", 3, "names #the-end"),
    ];
    let mut expected = expected.to_vec();
    expected.sort_by_key(|(path, line, _)| (*path, *line));
    assert_findings(&links::check(&tree.open()), &expected);
}

#[test]
fn a_fragment_of_a_page_in_html_names_an_id_or_a_program() {
    let html = "<main id=\"play\"></main><script type=\"application/json\">[{\"id\":\"deadlock\"}]</script>";
    let pages =
        "[1](page.html#play)\n[2](page.html#deadlock)\n[3](page.html#deadlock:12)\n[4](page.html#race)\n";
    let tree = Tree::new("html", &[("page.html", html), ("README.md", pages)]);
    assert_findings(
        &links::check(&tree.open()),
        &[("README.md", 4, "names #race, but page.html has nothing of that id")],
    );
}

#[test]
fn a_compiler_error_that_is_named_and_not_shown_is_reported() {
    let shown = "It is E0382.\n\n```rust,compile_fail,E0382\nfn main() {}\n```\n";
    let tree =
        Tree::new("unproved", &[("README.md", shown), ("docs/a.md", "A page.\n\nIt is `E0382`, not E03.\n")]);
    assert_findings(&compile::unproved(&tree.open()), &[("docs/a.md", 3, "E0382 is named here")]);
}

#[test]
fn of_many_headings_only_those_like_the_wanted_one_are_listed() {
    let headings: String = (0..30).map(|number| format!("# Other {number}\n")).collect();
    let tree = Tree::new("anchors", &[("README.md", &format!("[a](#mutexes)\n\n# Mutex\n\n{headings}"))]);
    let expected = [("README.md", 1, "has only: mutex, … (31 in all)")];
    assert_findings(&links::check(&tree.open()), &expected);
}

#[test]
fn a_link_to_a_file_that_git_ignores_is_dead() {
    let files = [
        (".gitignore", "/out\n"),
        ("out/made.md", ""),
        ("kept.md", ""),
        ("README.md", "[a](kept.md)\n[b](out/made.md)\n"),
    ];
    let tree = Tree::new("ignored", &files);
    let git = process::Command::new("git").args(["init", "-q"]).current_dir(&tree.0).status();
    if !git.is_ok_and(|status| status.success()) {
        let _ =
            writeln!(io::stderr(), "docs-check: SKIPPED a_link_to_a_file_that_git_ignores_is_dead: no git");
        return;
    }
    assert_findings(
        &links::check(&tree.open()),
        &[("README.md", 2, "out/made.md, which git ignores or does not know yet")],
    );
}

#[test]
fn a_fence_that_no_rule_could_check_is_reported() {
    let manifest = "[package]\nname = \"here\"\n";
    let good = "Run `cargo run -p here` or `cargo test -p <exercise>`.\n\n```sh\n$ cargo run -p here -- -q   # quietly\n```\n\n\
        <!-- output: cargo run -q -p here -- -q -->\n```text\nx\n```\n\nA drawing:\n\n```text\n--->\n```\n\n\
        ```sh\ncargo run -p here\ngit log\n```\n\nBy hand:\n\n<!-- drawing -->\n```text\nand another\n```\n\n\
        ```sh\ncargo test -p here\n```\n\n## See\n\n```text\nnot below a command\n```\n\n<!-- an ordinary comment: output -->\n";
    let tree = Tree::new("fences", &[("crates/here/Cargo.toml", manifest), ("README.md", good)]);
    assert_findings(&fences::check(&tree.open()), &[]);

    tree.write(
        "README.md",
        "<!-- source: src/lib.rs -->\n\n```rust\n```\n\n```\nwhat?\n```\n\n```rs\n```\n\n<!-- outputs: x -->\n```text\n```\n\n\
         ```sh\ncargo run -p here\n```\n\nIt says:\n\n```text\nprinted\n```\n\n```sh\ncargo run -p here -- --a\n```\n\n\
         <!-- output: cargo run -q -p here -- --b -->\n```text\n```\n\n`cargo test -p gone`\n\n\
         ```console\n$ cargo run -p here\nprinted\n```\n\n# Last\n\n```text\nopen\n",
    );
    let expected = [
        ("README.md", 1, "no fence follows"),
        ("README.md", 6, "does not say what it holds"),
        ("README.md", 10, "```rs would not be checked"),
        ("README.md", 14, "<!-- outputs: x --> cannot be read"),
        ("README.md", 23, "nothing checks that `cargo run -p here` prints this"),
        ("README.md", 32, "the reader is told to run `cargo run -p here -- --a`"),
        ("README.md", 35, "names a package that this workspace does not have"),
        ("README.md", 37, "it is mixed with the command"),
        ("README.md", 44, "never closed"),
    ];
    assert_findings(&fences::check(&tree.open()), &expected);
}

const ACCOUNT: &str = "//! An account.\n\n/// What is left.\npub fn balance() -> i64 {\n    1000\n}\n";

#[test]
fn code_that_has_drifted_is_reported_and_can_be_rewritten() {
    let page = "# A\n\n<!-- source: src/lib.rs#balance -->\n```rust\npub fn balance() -> i64 {\n    1000\n}\n```\n\n\
        <!-- source: src/lib.rs -->\n```rust\n//! An account.\n\n/// What is left.\npub fn balance() -> i64 {\n    1000\n}\n```\n";
    let tree = Tree::new("source", &[("src/lib.rs", ACCOUNT), ("docs/a.md", page)]);
    assert_findings(&source::check(&tree.open()), &[]);

    tree.write("src/lib.rs", &ACCOUNT.replace("1000", "300"));
    let drifted = source::check(&tree.open());
    let expected = [
        ("docs/a.md", 4, "the code shown is not what src/lib.rs#balance says"),
        ("docs/a.md", 11, "the code shown is not what src/lib.rs says"),
    ];
    assert_findings(&drifted, &expected);
    let shown = drifted[0].to_string();
    assert!(shown.contains("-     1000\n") && shown.contains("+     300\n"), "{shown}");
    assert!(shown.contains("UPDATE_DOCS=1 cargo test -p docs-check"), "{shown}");

    assert_eq!(docs_check::update(&tree.0, output::BOUND).unwrap(), ["docs/a.md"]);
    assert_eq!(tree.read("docs/a.md"), page.replace("1000", "300"), "only the two bodies change");
    assert_findings(&source::check(&tree.open()), &[]);
    assert_eq!(
        docs_check::update(&tree.0, output::BOUND).unwrap(),
        [""; 0],
        "there is nothing left to rewrite"
    );
}

#[test]
fn a_source_that_is_not_there_is_reported() {
    let page = "<!-- source: src/lib.rs#gone -->\n```rust\n```\n\n<!-- source: gone.rs -->\n```rust\n```\n";
    let tree = Tree::new("no-source", &[("src/lib.rs", ACCOUNT), ("docs/a.md", page)]);
    let expected = [
        ("docs/a.md", 1, "it has no item or region of that name, only: balance"),
        ("docs/a.md", 5, "there is no such file"),
    ];
    assert_findings(&source::check(&tree.open()), &expected);
}

#[test]
fn a_learners_work_in_progress_is_left_alone() {
    let page = "<!-- source: exercises/ex01/src/lib.rs#balance -->\n```rust\npub fn balance() {}\n```\n\n\
        <!-- output (exit 101): cargo test -q -p ex01 -->\n```text\n```\n";
    let files =
        [("Cargo.toml", "[workspace]\n"), ("exercises/ex01/src/lib.rs", ACCOUNT), ("docs/a.md", page)];
    let tree = Tree::new("learner", &files);
    let solving = Repository::open(&tree.0, Exercises::BeingSolved).unwrap();
    assert_findings(&source::check(&solving), &[]);
    assert_findings(&output::check(&solving, output::BOUND).unwrap(), &[]);
    assert_findings(&source::check(&tree.open()), &[("docs/a.md", 2, "the code shown is not")]);
    // The command is run now: cargo finds no such package, says so and ends with 101.
    let findings = output::check(&tree.open(), output::BOUND).unwrap();
    assert_findings(&findings, &[("docs/a.md", 7, "prints something else")]);
}

#[test]
fn rust_that_ends_otherwise_than_the_page_says_is_reported() {
    let moved = "fn main() {\n    let name = String::new();\n    drop(name);\n    drop(name);\n}\n";
    let good = format!(
        "```rust\nfn main() {{}}\n```\n\n```rust\npub fn item() -> u8 {{ 1 }}\n```\n\n```rust,compile_fail,E0382\n{moved}```\n\n\
         ```text\nnot Rust\n```\n"
    );
    let tree = Tree::new("compile", &[("README.md", &good)]);
    assert_eq!(compile::count(&tree.open()), 3);
    assert_findings(&compile::check(&tree.open(), &tree.cache()).unwrap(), &[]);

    let bad = format!(
        "```rust\n{moved}```\n\n```rust,compile_fail,E0373\n{moved}```\n\n```rust,compile_fail,E0382\nfn main() {{}}\n```\n\n\
         ```rust,ignore\nfn main() {{}}\n```\n\n```rust,compile_fail\n{moved}```\n\n```rust\nuse rand::random;\n```\n\n\
         ```rust,compile_fail,E0382\nnot Rust\n```\n\n```rust,compile_fail,E0382,E0308\n{moved}```\n"
    );
    tree.write("README.md", &bad);
    let expected = [
        ("README.md", 1, "this Rust does not compile"),
        ("README.md", 9, "fails with E0382; the page says E0373"),
        ("README.md", 17, "this Rust compiles; the page says that it fails with E0382"),
        ("README.md", 21, "```rust,ignore leaves this code unchecked"),
        ("README.md", 25, "does not say with which error"),
        ("README.md", 33, "E0432"),
        ("README.md", 37, "an error that has no number; the page says E0382"),
        ("README.md", 41, "fails with E0382; the page says E0308 and E0382"),
    ];
    for _again_with_what_was_remembered in 0..2 {
        let findings = compile::check(&tree.open(), &tree.cache()).unwrap();
        assert_findings(&findings, &expected);
        // The compiler's lines are the page's: the second `drop(name)` of the first block is on line 5.
        assert!(findings[0].details.contains("README.md:5:"), "{}", findings[0].details);
    }
}

/// A workspace of one program, which prints its arguments and then does what the first one says.
fn program() -> [(&'static str, &'static str); 3] {
    [
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n"),
        ("crates/says/Cargo.toml", "[package]\nname = \"says\"\nedition = \"2024\"\nversion = \"0.0.0\"\n"),
        (
            "crates/says/src/main.rs",
            r#"
use std::{env, fs, process, thread};

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    println!("hello from the program");
    eprintln!("{}", words.join(" "));
    println!("{}", env::var("COLUMNS").unwrap());
    match words.first().map(String::as_str) {
        None => println!("process {}", process::id()),
        Some("fail") => process::exit(3),
        Some("wait") => loop {
            thread::park();
        },
        Some("luck") if fs::read("bad-luck").is_err() => {
            fs::write("bad-luck", "").unwrap();
            println!("bad luck");
        }
        _ => {}
    }
}
"#,
        ),
    ]
}

#[test]
fn output_that_has_drifted_is_reported_and_can_be_rewritten() {
    let tree = Tree::new("output", &program());
    let good = "<!-- output (varies): cargo run -q -p says -->\n```text\nhello from the program\n\n100\nprocess 7\n```\n\n\
        <!-- output (exit 3): cargo run -q -p says -- fail 'two words' -->\n```text\nhello from the program\nfail two words\n100\n...\n```\n";
    tree.write("README.md", good);
    assert_findings(&output::check(&tree.open(), output::BOUND).unwrap(), &[]);
    assert_eq!(docs_check::update(&tree.0, output::BOUND).unwrap(), [""; 0], "what matches is left as it is");

    // An excerpt is compared, and written anew, as an excerpt.
    let excerpt =
        "<!-- output (varies, 2 lines from 100): cargo run -q -p says -->\n```text\n100\nprocess 7\n```\n";
    tree.write("README.md", excerpt);
    assert_findings(&output::check(&tree.open(), output::BOUND).unwrap(), &[]);
    tree.write("README.md", &excerpt.replace("process 7", "something else"));
    docs_check::update(&tree.0, output::BOUND).unwrap();
    assert!(tree.read("README.md").contains("```text\n100\nprocess "), "{}", tree.read("README.md"));
    tree.write("README.md", &excerpt.replace("from 100", "from 200"));
    let findings = output::check(&tree.open(), output::BOUND).unwrap();
    assert_findings(&findings, &[("README.md", 2, "prints no line with \"200\"")]);

    let bad = "<!-- output (varies): cargo run -q -p says -->\n```text\ngoodbye from the program\n\n100\nprocess 7\n```\n\n\
        <!-- output: cargo run -q -p says -- fail -->\n```text\n...\n```\n\n\
        <!-- output: cargo run -p says | head -1 -->\n```text\n...\n```\n\n\
        <!-- output: cargo run -q -p says -->\n```text\nhello from the program\n\n100\nprocess 7\n```\n\n\
        <!-- output: cargo run -q -p gone -->\n```text\n...\n```\n";
    tree.write("README.md", bad);
    let findings = output::check(&tree.open(), output::BOUND).unwrap();
    let expected = [
        ("README.md", 2, "`cargo run -q -p says` prints something else"),
        ("README.md", 10, "ended with exit status 3; the page says 0"),
        ("README.md", 14, "is not run"),
        ("README.md", 20, "- process 7"),
        ("README.md", 28, "ended with exit status 101; the page says 0"),
    ];
    assert_findings(&findings, &expected);
    let shown = findings.iter().find(|finding| finding.line == 2).unwrap().to_string();
    assert!(
        shown.contains("- goodbye from the program\n") && shown.contains("+ hello from the program\n"),
        "{shown}"
    );

    assert_eq!(docs_check::update(&tree.0, output::BOUND).unwrap(), ["README.md"]);
    let rewritten = tree.read("README.md");
    assert!(
        !rewritten.contains("goodbye")
            && rewritten.starts_with("<!-- output (varies): cargo run -q -p says -->\n```text\nhello")
    );
    assert!(
        rewritten.contains("cargo run -q -p says -- fail -->\n```text\n...\n```"),
        "an exit status is not rewritten"
    );
}

#[test]
fn output_of_a_python_program_that_has_drifted_is_reported() {
    let says = "import sys\nprint('hello', *sys.argv[1:])\nsys.exit(len(sys.argv) - 1)\n";
    let page = "```sh\npython3 says.py\n```\n\n<!-- output: python3 says.py -->\n```text\nhello\n```\n\n\
                <!-- output (exit 1): python3 says.py you -->\n```text\nhello you\n```\n";
    let tree = Tree::new("python", &[("says.py", says), ("README.md", page)]);
    assert_findings(&output::check(&tree.open(), output::BOUND).unwrap(), &[]);
    assert_findings(&fences::check(&tree.open()), &[]);
    let no_claim = page.replace("<!-- output: python3 says.py -->\n", "");
    tree.write("README.md", &no_claim);
    let unchecked = [("README.md", 5, "nothing checks that `python3 says.py` prints this")];
    assert_findings(&fences::check(&tree.open()), &unchecked);

    if output::PYTHON.is_none() {
        let _ = writeln!(io::stderr(), "docs-check: SKIPPED the outputs of a Python program: no python3");
        return;
    }
    tree.write("README.md", page);
    tree.write("says.py", &says.replace("hello", "goodbye"));
    let drifted = [("README.md", 6, "- hello\n+ goodbye"), ("README.md", 11, "- hello you\n+ goodbye you")];
    let found = output::check(&tree.open(), output::BOUND).unwrap();
    assert_eq!(found.len(), drifted.len());
    assert_findings(&found, &drifted.map(|(page, line, _)| (page, line, "prints something else")));
    for (finding, (_, _, details)) in found.iter().zip(drifted) {
        assert!(finding.details.contains(details), "{}", finding.details);
    }
    assert_eq!(docs_check::update(&tree.0, output::BOUND).unwrap(), ["README.md"]);
    assert_eq!(tree.read("README.md"), page.replace("hello", "goodbye"));
}

#[test]
fn output_that_varies_gets_another_try_and_other_output_does_not() {
    let tree = Tree::new("luck", &program());
    let page = "<!-- output (varies): cargo run -q -p says -- luck -->\n```text\nhello from the program\nluck\n100\n```\n";
    tree.write("README.md", page);
    assert_findings(&output::check(&tree.open(), output::BOUND).unwrap(), &[]);
    assert!(tree.0.join("bad-luck").exists(), "the first run was another");

    fs::remove_file(tree.0.join("bad-luck")).unwrap();
    tree.write("README.md", &page.replace(" (varies)", ""));
    assert_findings(&output::check(&tree.open(), output::BOUND).unwrap(), &[("README.md", 2, "+ bad luck")]);
}

#[test]
fn a_command_that_does_not_end_is_ended_and_reported() {
    let tree = Tree::new("endless", &program());
    tree.write("README.md", "<!-- output: cargo run -q -p says -- wait -->\n```text\n...\n```\n");
    // How long cargo takes to start it is not known; the bound grows until the program has said something.
    for bound in [2, 8, 32, 128].map(Duration::from_secs) {
        let findings = output::check(&tree.open(), bound).unwrap();
        let what = format!("was still running after {bound:?} and was ended");
        assert_findings(&findings, &[("README.md", 2, &what)]);
        if findings[0].details.contains("hello from the program") {
            return;
        }
    }
    panic!("what it printed until then is not shown");
}

#[test]
fn minutes_that_do_not_add_up_are_reported() {
    let timetable = |total: &str, one: &str, start: &str| {
        format!(
            "| Time | What | Minutes |\n|---|---|---|\n| 9:00 | Welcome | 10 |\n| 9:10 | [One](../01-one.md) | {one} |\n\
             | {start} | [Two](../02-two.md#run) | 20 min |\n| | Slack | 6 |\n| | **Total** | {total} |\n"
        )
    };
    let tree = Tree::new(
        "minutes",
        &[
            ("docs/01-one.md", "# One\n\n*15 minutes*\n"),
            ("docs/02-two.md", "# Two\n\n20 minutes\n"),
            ("docs/glossary.md", "# No chapter\n"),
            ("docs/instructor/timetable.md", &timetable("51", "15", "9:25")),
        ],
    );
    assert_findings(&minutes::check(&tree.open()), &[]);

    let path = "docs/instructor/timetable.md";
    for (total, one, start, expected) in [
        ("50", "15", "9:25", (path, 7, "the total says 50 minutes; the rows add up to 51")),
        ("46", "10", "9:20", (path, 4, "this row plans 10 minutes; what it links to takes 15")),
        ("51", "15", "9:30", (path, 5, "the row before ends at 09:25, this one starts at 09:30")),
        ("36", "?", "9:25", (path, 4, "this row has no minutes")),
    ] {
        tree.write(path, &timetable(total, one, start));
        assert_findings(&minutes::check(&tree.open()), &[expected]);
    }
    tree.write(path, "| What | Minutes |\n|---|---|\n| Welcome | 8 |\n| Slack | 1 |\n");
    assert_findings(&minutes::check(&tree.open()), &[(path, 1, "states no total")]);
    tree.write(path, "Later.\n");
    assert_findings(&minutes::check(&tree.open()), &[(path, 1, "no table here has a column")]);
    tree.write(path, &timetable("51", "15", "9:25"));
    tree.write("docs/01-one.md", &format!("# One\n{}15 minutes\n", "\n".repeat(12)));
    assert_findings(&minutes::check(&tree.open()), &[("docs/01-one.md", 1, "does not say")]);
}

#[test]
fn a_timetable_without_slack_or_without_a_place_to_rejoin_is_reported() {
    let exercise = ("exercises/ex03-log/README.md", "# Exercise 3\n\n20 minutes\n");
    let good = "| What | Minutes |\n|---|---|\n| [Log](../../exercises/ex03-log/README.md) | 20 |\n| Talk | 100 |\n| Slack | 15 |\n\
        | Break | 10 |\n| Talk. **Rejoin here:** `cargo workshop diff 3 --peek` | 8 |\n| Slack, and questions | 1 |\n| Total | 154 |\n";
    let path = "docs/instructor/timetable.md";
    let tree = Tree::new("slack", &[exercise, (path, good)]);
    assert_findings(&minutes::check(&tree.open()), &[]);
    for (right, wrong, expected) in [
        ("| Slack | 15 |", "| Slack |  14 |\n| Break | 1 |", (path, 1, "128 minutes are taught, with 15")),
        (
            "| Talk | 100 |\n| Slack | 15 |",
            "| Slack | 15 |\n| Talk | 100 |\n| Talk | 21 |\n| Slack | 4 |",
            (path, 6, "more than 120"),
        ),
        ("diff 3", "diff 4", (path, 7, "doesn't say how")),
        ("**Rejoin here:** ", "", (path, 7, "doesn't say how")),
    ] {
        let text = good.replace(right, wrong);
        assert_ne!(text, good);
        let text = text.replace(
            "| Total | 154 |",
            if expected.2.starts_with("more") { "| Total | 179 |" } else { "| Total | 154 |" },
        );
        tree.write(path, &text);
        assert_findings(&minutes::check(&tree.open()), &[expected]);
    }
}

#[test]
fn minutes_of_a_chapter_are_those_of_its_exercise_and_of_the_index() {
    let chapter = ("docs/01-one.md", "# One\n\n25 minutes: 10 to read and run, 15 for the exercise.\n");
    let exercise = ("exercises/ex01-one/README.md", "# Exercise 1\n\n15 minutes\n");
    let index = (
        "docs/README.md",
        "# All\n\n| chapter | minutes |\n|---|---|\n| [1 One](01-one.md) | 25 |\n| Total | 25 |\n",
    );
    let plan = (
        "docs/instructor/timetable.md",
        "| What | Minutes |\n|---|---|\n| [One](../01-one.md) | 10 |\n\
         | [One](../../exercises/ex01-one/README.md) | 15 |\n| Slack | 4 |\n| Total | 29 |\n",
    );
    let tree = Tree::new("chapter-minutes", &[chapter, exercise, index, plan]);
    assert_findings(&minutes::check(&tree.open()), &[]);

    for (file, from, to, expected) in [
        (
            chapter,
            "25 minutes: 10",
            "30 minutes: 15",
            vec![
                ("docs/README.md", 5, "takes 30 minutes; this row says otherwise"),
                ("docs/instructor/timetable.md", 3, "this row plans 10 minutes; what it links to takes 15"),
            ],
        ),
        (
            chapter,
            "25 minutes: 10",
            "25 minutes: 9",
            vec![
                (chapter.0, 1, "9 and 15 minutes are 24"),
                ("docs/instructor/timetable.md", 3, "this row plans 10 minutes; what it links to takes 9"),
            ],
        ),
        (
            chapter,
            ": 10 to read and run, 15 for the exercise",
            "",
            vec![
                (chapter.0, 1, "does not say how long reading and solving take"),
                ("docs/instructor/timetable.md", 3, "this row plans 10 minutes; what it links to takes 25"),
            ],
        ),
        (
            exercise,
            "15",
            "20",
            vec![
                (chapter.0, 1, "exercises/ex01-one/README.md takes 20"),
                ("docs/instructor/timetable.md", 4, "this row plans 15 minutes; what it links to takes 20"),
            ],
        ),
        (
            index,
            "One](01-one.md) | 25 |",
            "One](01-one.md) | 20 |",
            vec![
                (index.0, 5, "takes 25 minutes; this row says otherwise"),
                (index.0, 6, "the rows add up to 20 minutes"),
            ],
        ),
        (
            index,
            "01-one.md",
            "other.md",
            vec![(index.0, 1, "no table here says how many minutes docs/01-one.md takes")],
        ),
    ] {
        assert!(file.1.contains(from), "{from}");
        tree.write(file.0, &file.1.replace(from, to));
        assert_findings(&minutes::check(&tree.open()), &expected);
        tree.write(file.0, file.1);
    }
}

#[test]
fn a_chapter_without_its_parts_in_order_is_reported() {
    let chapter = "# One\n\n## Predict\n\nWhat?\n\n<details><summary>Answer</summary>\n\nThat.\n\n</details>\n\n\
                   ## Run: it\n\n`cargo run -p one`\n\n## Something of its own\n\n## See\n\n![A picture](one.svg) [Play](scheduler.html#one)\n\n\
                   ## Why\n\n## What Rust prevents, and what it does not\n\n## In Python\n\n\
                   ## Your turn\n\n[ex01-one](../exercises/ex01-one/README.md)\n\n## Where next\n";
    let path = "docs/01-one.md";
    let tree = Tree::new(
        "parts",
        &[
            (path, chapter),
            ("docs/00-setup.md", "# Set up\n"),
            ("exercises/ex01-one/README.md", "# Exercise 1\n"),
        ],
    );
    assert_findings(&chapters::check(&tree.open()), &[]);

    for (from, to, expected) in [
        ("## Run: it", "## Running it", (path, 1, "this chapter has no part `## Run`")),
        ("## Where next", "## Next", (path, 1, "has no part `## Where next`")),
        ("<details>", "<div>", (path, 3, "no question here, or no answer")),
        ("What?", "What.", (path, 3, "no question here, or no answer")),
        ("cargo run", "cargo", (path, 13, "nothing to run")),
        ("![", "[", (path, 19, "no timeline or table")),
        ("scheduler.html#one", "one.md", (path, 19, "no link to a level of the game")),
        ("ex01-one/README", "ex02-two/README", (path, 29, "exercises/ex01-one is not linked to")),
        (
            "## Why\n\n## What Rust prevents, and what it does not",
            "## What Rust prevents, and what it does not\n\n## Why",
            (path, 23, "`## What Rust prevents, and what it does not` comes before `## Why`"),
        ),
    ] {
        assert!(chapter.contains(from), "{from}");
        tree.write(path, &chapter.replace(from, to));
        assert_findings(&chapters::check(&tree.open()), &[expected]);
    }
}

#[test]
fn a_page_that_the_book_leaves_out_is_reported() {
    let files = [
        ("docs/SUMMARY.md", "- [One](one.md)\n- [Two](./more/two.md)\n"),
        ("docs/one.md", ""),
        ("docs/more/two.md", ""),
    ];
    let tree = Tree::new("contents", &files);
    assert_findings(&book::contents(&tree.open()), &[]);
    tree.write("docs/three.md", "");
    assert_findings(
        &book::contents(&tree.open()),
        &[("docs/SUMMARY.md", 1, "docs/three.md is not in the contents")],
    );
}

#[test]
fn a_heading_that_is_a_link_is_reported() {
    let tree = Tree::new("linked", &[("docs/a.md", "# A\n\n[b](a.md)\n\n## [C](a.md)\n")]);
    assert_findings(
        &book::linked_headings(&tree.open()),
        &[("docs/a.md", 5, "the heading \"C\" holds a link")],
    );
}

#[test]
fn an_address_that_the_book_does_not_name_is_reported() {
    let files = [
        ("docs/book.toml", "[output.html]\ngit-repository-url = \"https://github.com/me/it\"\n"),
        ("README.md", "[a]\n\n[a]: https://me.github.io/it/play.html\n"),
    ];
    let tree = Tree::new("addresses", &files);
    assert_findings(&book::addresses(&tree.open()), &[]);
    tree.write("README.md", "[a]\n\n[a]: https://you.github.io/it/play.html\n");
    assert_findings(&book::addresses(&tree.open()), &[("README.md", 3, "https://me.github.io/it/")]);
    tree.write("docs/book.toml", "[output.html]\n");
    assert_findings(&book::addresses(&tree.open()), &[("docs/book.toml", 1, "names no repository")]);
}

#[test]
fn a_dead_link_of_the_book_is_reported() {
    let files = [
        (
            "index.html",
            "<a href=\"x/a.html#here\"></a><a href=\"g.html#level:12\"></a><a href=\"https://e.com\"></a>",
        ),
        ("x/a.html", "<p id=\"here\"><a href=\"../index.html?q#\"></a><a href=\"#here\"></a>"),
        ("g.html", "<script>[{\"id\":\"level\"}]</script>"),
    ];
    let tree = Tree::new("crawl", &files);
    assert_findings(&crawl::check(&tree.0).unwrap(), &[]);
    tree.write(
        "x/a.html",
        "<p id=\"there\"><img src=\"b.svg\"><a href=\"#here\"></a><a href=\"../g.html#none\"></a>",
    );
    let expected = [
        ("index.html", 1, "x/a.html has no #here"),
        ("x/a.html", 1, "x/a.html has no #here"),
        ("x/a.html", 1, "g.html has no #none"),
        ("x/a.html", 1, "links to b.svg, which it does not have"),
    ];
    assert_findings(&crawl::check(&tree.0).unwrap(), &expected);
}

#[test]
fn links_out_of_the_book_lead_to_an_exercise_or_to_the_repository() {
    let files = [
        ("docs/README.md", "# Start\n"),
        ("docs/a.md", "# A\n\n"),
        ("docs/p.svg", "<svg/>"),
        ("exercises/README.md", "# The exercises\n"),
        ("exercises/ex01-x/README.md", "# Exercise 1: x\n\n[a](../../docs/a.md#a)\n"),
        ("src/lib.rs", ""),
    ];
    let tree = Tree::new("site", &files);
    let content = "[1](../exercises/ex01-x/README.md#t) [2](../exercises) [3](../src/lib.rs#L1) [4](../src) \
                   ![5](p.svg) [6](README.md) [7](#a) [8](https://e.com/../x)";
    let chapter = |name: &str, content: &str, source: &str, path: &str, number: &str| {
        format!(
            "{{\"Chapter\":{{\"name\":\"{name}\",\"content\":\"{content}\",\"number\":{number},\"sub_items\":[],\
             \"path\":\"{path}\",\"source_path\":\"{source}\",\"parent_names\":[]}}}}"
        )
    };
    let start = chapter("Start", "", "README.md", "index.md", "null");
    let a = chapter("A", content, "a.md", "a.md", "[1]");
    let config = "{\"config\":{\"output\":{\"html\":{\"git-repository-url\":\"https://h.com/o/r\"}}}}";
    let input = format!("[{config},{{\"items\":[{start},{a},\"Separator\"]}}]");
    let book = site::preprocess(&tree.open(), &input).unwrap();
    let wanted = "[1](exercises/ex01-x.md#t) [2](exercises/index.md) [3](https://h.com/o/r/blob/main/src/lib.rs#L1) \
                  [4](https://h.com/o/r/tree/main/src) ![5](p.svg) [6](index.md) [7](#a) [8](https://e.com/../x)";
    assert!(book.contains(wanted), "{book}");
    assert!(book.contains("[a](../a.md#a)") && book.contains("\"name\":\"1. x\""), "{book}");
    // The exercises stand behind the last chapter.
    let order = ["\"A\"", "\"Exercises\"", "\"1. x\"", "\"Separator\""].map(|it| book.find(it).unwrap());
    assert!(order.is_sorted(), "{book}");
    assert!(site::preprocess(&tree.open(), &input.replace("git-repository-url", "no")).is_err());
}

#[test]
fn a_complaint_of_mdbook_is_reported() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let Some(mdbook) = book::mdbook(root) else {
        let _ = writeln!(io::stderr(), "docs-check: SKIPPED a_complaint_of_mdbook_is_reported: no mdbook");
        return;
    };
    let files = [
        ("docs/book.toml", "[book]\ntitle = \"B\"\nsrc = \".\"\n[build]\ncreate-missing = false\n"),
        ("docs/SUMMARY.md", "- [One](one.md)\n"),
        ("docs/one.md", "# One\n\n> [!NOTE]\n> Well.\n"),
    ];
    let tree = Tree::new("book", &files);
    let into = tree.0.join("target/book");
    assert_findings(&book::build(&tree.open(), &mdbook, &into).unwrap(), &[]);
    assert!(into.join("one.html").is_file());
    tree.write("docs/one.md", "# One {#first}\n\n[here](#one-first)\n");
    let named = book::build(&tree.open(), &mdbook, &into).unwrap();
    assert_findings(&named, &[("docs/one.md", 1, "#one-first has another name in the book")]);
    tree.write("docs/one.md", "# One\n\n<details>\n\nNever closed.\n");
    let warned = book::build(&tree.open(), &mdbook, &into).unwrap();
    assert_findings(&warned, &[("docs/SUMMARY.md", 1, "unclosed HTML tag")]);
    tree.write("docs/SUMMARY.md", "- [Gone](gone.md)\n");
    let failed = book::build(&tree.open(), &mdbook, &into).unwrap();
    assert_findings(&failed, &[("docs/SUMMARY.md", 1, "gone.md")]);
}

#[test]
fn what_no_file_may_hold_is_reported() {
    let good = "# A\n\nFind the `TODO` in ex01-bank. See https://example.com/home/x.\n";
    let files = [("README.md", good), ("exercises/ex01-bank/src/lib.rs", "// TODO\n"), ("logo.png", "\0 \n")];
    let tree = Tree::new("house", &files);
    assert_findings(&house::check(&tree.open()), &[]);

    let home = ["/ho", "me/"].concat();
    tree.write("justfile", &format!("a: {home}ann/x\nb: {}\n", tree.0.display()));
    tree.write("src/lib.rs", "//! A. \n//! B.\t\n");
    tree.write("README.md", "# A\n\nTODO: the rest.\n");
    let expected = [
        ("README.md", 1, "exercises/ex01-bank is named neither in README.md nor in docs/README.md"),
        ("README.md", 3, "it says TODO"),
        ("justfile", 1, "is a path on somebody's machine"),
        ("justfile", 2, "is a path on somebody's machine"),
        ("src/lib.rs", 1, "blanks at the end"),
        ("src/lib.rs", 2, "blanks at the end"),
    ];
    assert_findings(&house::check(&tree.open()), &expected);
}

#[test]
fn a_chapter_that_goes_by_two_names_is_reported() {
    let index =
        "| chapter |\n|---|\n| [1 One](docs/01-one.md) |\n\nRead [chapter 1](docs/01-one.md#run) first.\n";
    let exercise = "# Exercise 1: one\n\nbefore it: [One](../../docs/01-one.md)\n\n[Chapter 1: One](../../docs/01-one.md)\n";
    let files = [
        ("README.md", index),
        ("docs/SUMMARY.md", "- [One](01-one.md)\n- [Two, by another name](02-two.md)\n"),
        ("docs/01-one.md", "# One\n"),
        ("docs/02-two.md", "# Two\n"),
        ("exercises/ex01-one/README.md", exercise),
    ];
    let tree = Tree::new("names", &files);
    assert_findings(&chapters::names(&tree.open(), &["docs/01-one.md"]), &[]);
    let both = ["docs/01-one.md", "docs/02-two.md"];
    let two = ("docs/SUMMARY.md", 2, "called \"Two, by another name\" here; its title is \"Two\"");
    assert_findings(&chapters::names(&tree.open(), &both), &[two]);

    tree.write("README.md", &index.replace("1 One", "1 The one"));
    tree.write("exercises/ex01-one/README.md", &exercise.replace("1: One", "1, one"));
    let expected =
        [("README.md", 3, "called \"The one\""), ("exercises/ex01-one/README.md", 5, "its title is \"One\"")];
    assert_findings(&chapters::names(&tree.open(), &["docs/01-one.md"]), &expected);
}

#[test]
fn a_question_whose_code_gives_the_answer_is_reported() {
    let chapter = "# One\n\n## Predict\n\n```rust\nfn one() {}\n```\n\nWhat?\n\n<details><summary>Answer</summary>\n\n\
                   ```rust\n/// Wrong.\nfn two() {}\n```\n\n</details>\n\n## Run\n\n```rust\nfn three() {} // Right.\n```\n";
    let path = "docs/01-one.md";
    let tree = Tree::new("spoiled", &[(path, chapter)]);
    assert_findings(&chapters::spoiled(&tree.open(), &[path]), &[]);
    for with_comment in ["/// It never returns.\nfn one() {}", "fn one() {} // two steps"] {
        tree.write(path, &chapter.replace("fn one() {}", with_comment));
        let expected = (path, 5, "a comment in this code answers the question");
        assert_findings(&chapters::spoiled(&tree.open(), &[path]), &[expected]);
        assert_findings(&chapters::spoiled(&tree.open(), &[]), &[]);
    }
}

/// A sentence, a row of a table or a line of each kind that is not plain English, and what is said about it.
const NOT_PLAIN: &[(&str, &str)] = &[
    ("It says «go».", "is not a sign"),
    ("It says “go”.", "is not a sign"),
    ("It doesn’t go.", "’ is not a sign"),
    ("It waits for ever.", "says \"for ever\""),
    ("Whoever waits sleeps.", "says \"whoever\""),
    ("It starts so many workers.", "says \"so many\""),
    ("It prevents that a thread ends.", "says \"prevents that\""),
    ("A set is no queue.", "says \"is no\""),
    ("It looks whether there is one.", "says \"looks whether\""),
    ("It\nlets\ngo of the lock.", "says \"lets go\""),
    ("*Nobody's* thread waits.", "says \"nobody\""),
    ("| a | Somebody `waits` |\n|---|---|", "says \"somebody\""),
    ("- One.\n- Everybody waits.", "says \"everybody\""),
    ("It takes a time-out.", "says \"time-out\""),
    ("The behaviour is the same.", "says \"behaviour\""),
    ("One: two; three.", "more than one colon or semicolon"),
    ("The command\n\n```sh\nls\n```\n\nlists files.", "goes on with a sentence"),
];

/// The same words and forms where they are right.
const PLAIN: &str = "# A page: its title\n\nThere is no queue, and it is no longer full. There are so many threads that none runs.\n\
    One: two. Three; four. Minutes: 15 · file: `a`. `«for ever»`, `whoever`. For example, ever since.\n\n\
    ```text\n«for ever», and a line that is far too wide for prose but is what a program has printed, so it has to stay as it is\n```\n\n\
    `ls` prints it.\n\nA [page](https://example.com/with/an/address/that/is/wider/than/a/line/and/that/no/one/can/break/in/two/parts).\n\n\
    | a row of a table may be wider than other lines of prose, because a row of a table cannot be broken |\n|---|\n";

#[test]
fn what_is_not_plain_english_is_reported() {
    let tree = Tree::new("prose", &[("README.md", PLAIN)]);
    let found = |converted: &[&str]| prose::check(&tree.open(), converted);
    assert_findings(&found(&["README.md"]), &[]);
    assert_findings(&found(&["gone.md"]), &[("gone.md", 1, "it does not exist")]);

    for (text, words) in NOT_PLAIN {
        tree.write("README.md", &format!("# A page\n\n{text}\n"));
        let findings = found(&["README.md"]);
        assert!(!findings.is_empty(), "{text}: nothing is reported");
        assert!(
            findings.iter().all(|finding| finding.to_string().contains(words)),
            "{text}: {}",
            report(findings)
        );
        assert_findings(&found(&[]), &[]);
    }

    let words = |many: usize| format!("A{} `b c`.", " word".repeat(many - 2));
    let sentence =
        |many: usize| format!("One.\n{}\nTwo.\n", words(many).replace("word word word ", "word word\nword "));
    tree.write("README.md", &sentence(35));
    assert_findings(&found(&["README.md"]), &[]);
    tree.write("README.md", &sentence(36));
    assert_findings(&found(&["README.md"]), &[("README.md", 2, "this sentence has 36 words")]);

    tree.write("README.md", &format!("One.\n\n{}.\n", "wide, ".repeat(16).trim_end()));
    assert_findings(&found(&["README.md"]), &[]);
    tree.write("README.md", &format!("One.\n\n{}.\n", "wide, ".repeat(17).trim_end()));
    assert_findings(&found(&["README.md"]), &[("README.md", 3, "this line has 102 columns")]);
}

#[test]
fn long_output_on_the_front_page_is_reported() {
    let page = |lines: usize, columns: usize| {
        let body = format!("{}\n", "x".repeat(columns)).repeat(lines);
        format!("<!-- output: cargo run -q -p a -->\n```text\n{body}```\n")
    };
    let tree = Tree::new("front", &[("README.md", &page(14, 80)), ("docs/a.md", &page(15, 81))]);
    assert_findings(&book::front_page(&tree.open()), &[]);
    tree.write("README.md", &page(15, 81));
    let expected = [("README.md", 2, "has 15 lines"), ("README.md", 2, "has 81 columns")];
    assert_findings(&book::front_page(&tree.open()), &expected);
}

#[test]
fn habits_are_counted() {
    let page = "# Nobody's page\n\nIt's «one»: nobody doesn't wait; whoever waits, waits for ever. Ann's is `for ever`.\n";
    let tree = Tree::new("counts", &[("README.md", page)]);
    let repository = tree.open();
    let [(path, counts)] = prose::counts(&repository)[..] else { panic!("there is one page") };
    let expected = prose::Counts {
        words: 15,
        contractions: 2,
        guillemets: 2,
        nobody: 2,
        whoever: 1,
        for_ever: 1,
        colons: 2,
    };
    assert_eq!((path, counts), ("README.md", expected));
}

#[test]
fn a_sentence_of_a_task_that_nothing_checks_is_reported() {
    let readme = "# Exercise 1: x\n\nNot here.\n\n## The task\n\n| call | what it does |\n|---|---|\n| `f()` | says `a. b` |\n\n\
                  - It *never*\n  waits. See [the rule](#x).\n\n## Run it\n\nNor here.\n";
    let check = "// #[test]\n// fn old() {}\n#[test]\nfn says_it() {\n    Check::new().must_join().told(\"calls f\");\n}\n";
    let table = "# P\n\n## Exercise 1: x\n\n| sentence | what checks it |\n|---|---|\n| `f()` says `a. b` | `says_it` (\"calls\") |\n\
                 | It never waits. | `must_join` |\n| See the rule. | says nothing that could be broken |\n";
    let page = "solutions/PROMISES.md";
    let files =
        [("exercises/ex01-x/README.md", readme), ("exercises/ex01-x/tests/check.rs", check), (page, table)];
    let tree = Tree::new("promises", &files);
    assert_findings(&promises::check(&tree.open()), &[]);
    for (right, wrong, expected) in [
        (
            "| It never waits. | `must_join` |\n",
            "",
            ("exercises/ex01-x/README.md", 11, "what checks this sentence: It never"),
        ),
        (
            "It never waits. |",
            "It never waits. It is red. |",
            (page, 8, "no such sentence in its task: It is red."),
        ),
        ("`must_join`", "`old`", (page, 8, "has no test and calls no rule named old")),
        ("`must_join`", "`fixes/right/a.rs`", (page, 8, "named fixes/right/a.rs")),
        ("`must_join`", "some test", (page, 8, "doesn't say what checks its sentence")),
        ("\"calls\"", "\"asks\"", (page, 7, "begins with \"asks\"")),
        ("`says_it`", "`must_join`", (page, 7, "checked by the test says_it")),
        ("## Exercise 1: x", "## Exercise 1: y", (page, 1, "no table below a heading `## Exercise 1: x`")),
    ] {
        tree.write(page, &table.replace(right, wrong));
        assert_findings(&promises::check(&tree.open()), &[expected]);
    }
}
