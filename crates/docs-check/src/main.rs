//! Prints how plain the English of every page is: `cargo run -q -p docs-check -- prose [FOLDER]`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use docs_check::prose::{self, Counts};
use docs_check::{Exercises, Repository};

const USAGE: &str = "usage: docs-check prose [FOLDER]

Counts, for each Markdown page below FOLDER (by default this repository): words, contractions,
guillemets, \"nobody\", \"whoever\", \"for ever\", and words for each colon or semicolon.
Run it in two clones to compare two versions.";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let folder = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prose"] => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")),
        ["prose", folder] => PathBuf::from(folder),
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let opened = fs::canonicalize(&folder).and_then(|root| Repository::open(&root, Exercises::BeingSolved));
    let repository = match opened {
        Ok(repository) => repository,
        Err(why) => {
            eprintln!("docs-check: cannot read {}: {why}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    let pages = prose::counts(&repository);
    let widest = pages.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    println!("{:widest$}  {}", "page", Counts::HEAD);
    let mut total = Counts::default();
    for (path, counts) in pages {
        println!("{path:widest$}  {counts}");
        total += counts;
    }
    println!("{:widest$}  {total}", "all pages");
    ExitCode::SUCCESS
}
