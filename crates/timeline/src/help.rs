//! `--help` that fits the terminal.
//!
//! clap can do it with `wrap_help`, which brings four crates and a second of building to every demo.

use std::io::{self, Write};
use std::process::exit;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};

use crate::fitted::columns;

/// As `get_matches`, but the lines of `--help` are at most `COLUMNS` wide, or 100.
pub fn matches(command: Command) -> ArgMatches {
    command.try_get_matches().unwrap_or_else(|error| {
        if error.kind() != ErrorKind::DisplayHelp {
            error.exit();
        }
        // A reader who has left has seen enough.
        let _ = io::stdout().write_all(fitted(&error.render().to_string(), columns()).as_bytes());
        exit(0)
    })
}

/// Breaks lines at blanks, and begins the rest of a line below the words that it goes on with: in a list of
/// flags, below the words to the right of the flag.
fn fitted(help: &str, columns: usize) -> String {
    let mut fitted = String::new();
    for line in help.lines() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        // Two blanks end the flag; the words about it come next. A line that is indented by much is all words.
        let flag = body.find("  ").filter(|_| (1..=8).contains(&indent)).map_or(0, |end| {
            let gap = body[end..].len() - body[end..].trim_start().len();
            body[..end].chars().count() + gap
        });
        let lead = indent + flag;
        let mut width = 0;
        for (index, word) in line.split(' ').enumerate() {
            let needed = word.chars().count();
            // An empty word is one of the blanks that make up an indentation or a gap.
            if width > lead && !word.is_empty() && width + 1 + needed > columns {
                fitted.truncate(fitted.trim_end().len());
                fitted.push('\n');
                fitted.push_str(&" ".repeat(lead));
                width = lead;
            } else if index > 0 {
                fitted.push(' ');
                width += 1;
            }
            fitted.push_str(word);
            width += needed;
        }
        fitted.truncate(fitted.trim_end_matches(' ').len());
        fitted.push('\n');
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::fitted;
    use clap::{Arg, Command};

    #[test]
    fn the_words_about_a_flag_go_on_below_themselves() {
        let help = "\
A demo that has much to say about itself
in general

Options:
  -h, --help  Prints what there is to know, and then ends
";
        assert_eq!(
            fitted(help, 30),
            "\
A demo that has much to say
about itself
in general

Options:
  -h, --help  Prints what
              there is to
              know, and then
              ends
"
        );
    }

    #[test]
    fn no_line_of_clap_s_own_help_is_wider_and_no_word_is_lost() {
        let long = "many words that no terminal of forty columns has room for, in one line at least";
        let mut command = Command::new("demo")
            .about(long)
            .after_help(format!("WORDS:\n  word          {long}"))
            .arg(Arg::new("number").long("number").value_name("N").default_value("1000").help(long))
            .arg(Arg::new("word").help(long));
        let help = command.render_help().to_string();
        for columns in 40..=100 {
            let narrow = fitted(&help, columns);
            assert!(narrow.lines().all(|line| line.chars().count() <= columns), "{columns}:\n{narrow}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&narrow), words(&help));
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let help = Command::new("demo").arg(Arg::new("word").long("word").help("A word")).render_help();
        assert_eq!(fitted(&help.to_string(), 100), help.to_string());
    }
}
