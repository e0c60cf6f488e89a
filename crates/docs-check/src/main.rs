//! Prints how plain the English of every page is: `cargo run -q -p docs-check -- prose [FOLDER]`. It also is the
//! preprocessor with which mdBook builds the book; see `docs/book.toml`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use docs_check::prose::{self, Counts};
use docs_check::{Exercises, Repository, site};

/// The repository that this program was built in.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const USAGE: &str = "usage: docs-check prose [FOLDER]

Counts, for each Markdown page below FOLDER (by default this repository): words, contractions,
guillemets, \"nobody\", \"whoever\", \"for ever\", and words for each colon or semicolon.
Run it in two clones to compare two versions.

mdBook runs `docs-check preprocess` for the links of the book.";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let folder = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prose"] => PathBuf::from(ROOT),
        ["preprocess"] => return preprocess(),
        ["preprocess", "supports", renderer] => return ExitCode::from(u8::from(renderer != "html")),
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

/// Reads the book that mdBook sends, and prints the one that it's to render.
fn preprocess() -> ExitCode {
    let made = io::read_to_string(io::stdin()).and_then(|input| {
        let repository = Repository::open(Path::new(ROOT), Exercises::AsShipped)?;
        site::preprocess(&repository, &input).map_err(io::Error::other)
    });
    match made {
        Ok(book) => {
            println!("{book}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("docs-check: cannot prepare the book: {why}");
            ExitCode::FAILURE
        }
    }
}
