//! Small workshops in folders of their own, so that no test touches a learner's files.

#![allow(dead_code)] // each test program uses some of it

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

/// This repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// A workshop in a folder of its own.
pub struct Tree {
    pub root: PathBuf,
}

/// The check of a tiny exercise: no threads, and nothing but std.
pub const CHECK: &str = "\
#[cfg_attr(not(feature = \"solution\"), path = \"../src/lib.rs\")]
#[cfg_attr(feature = \"solution\", path = \"../../../solutions/NAME/src/lib.rs\")]
mod tiny;

#[test]
fn the_answer_is_42() {
    assert!(tiny::answer() == 42, \"the answer is {}, and not 42\", tiny::answer());
}
";

pub const README: &str = "\
# Exercise 1: the answer

<details><summary>What is asked?</summary>

Nobody knows.

</details>

<details><summary>Hint 1: how large?</summary>

More than 41.

</details>

<details><summary>Hint 2: how large at most?</summary>

Less than 43.

</details>
";

/// A file whose answer is this, written in this many ways.
pub fn answer(reason: &str, expression: &str) -> String {
    format!("// {reason}\npub fn answer() -> u32 {{\n    {expression}\n}}\n")
}

impl Tree {
    /// With two tiny exercises whose checks, solutions and fixes are all as they must be.
    pub fn tiny(name: &str) -> Self {
        let tree = Tree::new(name);
        tree.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"exercises/*\", \"solutions/*\"]\n",
        );
        for exercise in ["ex01-tiny", "ex02-small"] {
            let package = |name: &str, rest: &str| {
                let topic = format!("numbers, at the {} end", exercise.split_once('-').unwrap().1);
                format!(
                    "[package]\nname = \"{name}\"\ndescription = \"{topic}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{rest}"
                )
            };
            tree.write(
                &format!("exercises/{exercise}/Cargo.toml"),
                &package(exercise, "[lib]\ndoctest = false\npath = \"src/lib.rs\"\n"),
            );
            tree.write(&format!("exercises/{exercise}/README.md"), README);
            tree.write(&format!("exercises/{exercise}/tests/check.rs"), &CHECK.replace("NAME", exercise));
            let test = format!(
                "[[test]]\nname = \"check\"\npath = \"../../exercises/{exercise}/tests/check.rs\"\n\n\
                 [features]\ndefault = [\"solution\"]\nsolution = []\n"
            );
            let solution =
                package(&format!("{exercise}-solution"), &format!("[lib]\ndoctest = false\n\n{test}"));
            let beside = |file: &str| format!("solutions/{exercise}/{file}");
            tree.write(&beside("Cargo.toml"), &solution);
            tree.write(&beside("src/lib.rs"), &answer("The solution.", "42"));
            for file in [beside("shipped.rs"), format!("exercises/{exercise}/src/lib.rs")] {
                tree.write(&file, &answer("TODO: what is the answer?", "41"));
            }
            tree.write(&beside("fixes/right/in_hex.rs"), &answer("Another way to write it.", "0x2a"));
            tree.write(&beside("fixes/right/product.rs"), &answer("As a product.", "6 * 7"));
            tree.write(&beside("fixes/wrong/one_more.rs"), &answer("One too many.", "43"));
            tree.write(&beside("fixes/wrong/panics.rs"), &answer("No answer at all.", "panic!(\"no idea\")"));
        }
        tree
    }

    /// With ex01-bank, as it is shipped.
    pub fn bank(name: &str) -> Self {
        let tree = Tree::new(name);
        let from = repository();
        let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
        let explorer = from.join("crates").join("interleave");
        // As it is here, but for the optimised explorer: that would take longer to build than it saves.
        let manifest = manifest.split("[profile.").next().unwrap_or_default();
        let path = format!("interleave = {{ path = '{}' }}", explorer.display());
        let manifest = manifest
            .replace("interleave = { path = \"crates/interleave\" }", &path)
            .replace("\"crates/*\", ", "")
            .replace("\"crates/*/bench\", ", "")
            .replace("\"crates/*/example\", ", "")
            .replace("\"crates/workshop/mutants\", ", "")
            .replace("default-members", "#");
        tree.write("Cargo.toml", &manifest);
        fs::copy(from.join("Cargo.lock"), tree.root.join("Cargo.lock")).unwrap();
        for file in ["Cargo.toml", "tests/check.rs"] {
            let file = format!("exercises/ex01-bank/{file}");
            tree.write(&file, &fs::read_to_string(from.join(&file)).unwrap());
        }
        let shipped = fs::read_to_string(from.join("solutions/ex01-bank/shipped.rs")).unwrap();
        tree.write("exercises/ex01-bank/src/lib.rs", &shipped);
        for file in ["Cargo.toml", "src/lib.rs", "shipped.rs"] {
            let file = format!("solutions/ex01-bank/{file}");
            tree.write(&file, &fs::read_to_string(from.join(&file)).unwrap());
        }
        tree
    }

    /// Empty but for what was built there before. Two trees do not share a folder for that: to cargo, two workspaces
    /// with the same package at the same place in each are one.
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&root).unwrap();
        for entry in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_file() {
                fs::remove_file(entry).unwrap();
            } else if !entry.ends_with("target") {
                fs::remove_dir_all(entry).unwrap();
            }
        }
        Tree { root }
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap()
    }

    /// `cargo workshop --root … words`.
    pub fn workshop(&self, words: &[&str]) -> Command {
        Command::from_std(self.std_command(words))
    }

    pub fn std_command(&self, words: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_workshop"));
        command.arg("--root").arg(&self.root).args(words).env("CARGO_TARGET_DIR", self.root.join("target"));
        command.env("CARGO_NET_OFFLINE", "true").env("COLUMNS", "100").env_remove("RUSTFLAGS");
        command
    }
}

/// How the programs of this tree that still run are called. Looks where Linux tells; nowhere else.
pub fn still_running(tree: &Tree) -> Vec<String> {
    let Ok(processes) = fs::read_dir("/proc") else { return vec![] };
    let here = tree.root.display().to_string();
    let line = |process: fs::DirEntry| {
        let line = fs::read(process.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let folder = fs::read_link(process.path().join("cwd")).unwrap_or_default();
        let is_here = folder.starts_with(&tree.root) || line.contains(&here);
        is_here.then_some(line)
    };
    processes.filter_map(|process| line(process.ok()?)).collect()
}
