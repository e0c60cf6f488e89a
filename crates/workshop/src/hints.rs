//! The hints of an exercise: the `<details>` blocks of its README, one after the other.

use crate::exercises::Exercise;
use crate::{Result, Trouble};
use std::fs;

/// A hint of a README.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The line that is always seen.
    pub summary: String,
    /// What is below it.
    pub text: String,
}

/// The hints to an exercise, from the first to the last.
///
/// # Errors
/// When there is no README, or no hint in it.
pub fn hints(exercise: &Exercise) -> Result<Vec<Hint>> {
    let readme = exercise.folder.join("README.md");
    let text = fs::read_to_string(&readme).map_err(|why| Trouble::new(readme.display(), why))?;
    let hints = parse(&text);
    if hints.is_empty() {
        return Err(Trouble::new(readme.display(), "no hints in this file"));
    }
    Ok(hints)
}

/// The folded parts of a page that call themselves hints; all of them if none does.
pub fn parse(page: &str) -> Vec<Hint> {
    let page = page.replace("\r\n", "\n");
    let blocks = page.split("<details").skip(1).filter_map(|block| {
        let block = block.split_once('>')?.1;
        let block = block.split("</details>").next()?;
        let (summary, text) = block.split_once("</summary>")?;
        let summary = summary.split_once("<summary>")?.1;
        Some(Hint { summary: without_tags(summary), text: text.trim().to_string() })
    });
    let (hints, others): (Vec<Hint>, Vec<Hint>) =
        blocks.partition(|block| block.summary.to_lowercase().contains("hint"));
    if hints.is_empty() { others } else { hints }
}

impl Hint {
    /// What it is about: `where to look`, if the summary is `Hint 1: where to look`.
    pub fn title(&self) -> &str {
        match self.summary.split_once(": ") {
            Some((name, title)) if name.to_lowercase().starts_with("hint") => title,
            _ => &self.summary,
        }
    }

    /// The text for a terminal: paragraphs filled to `width`, and for each link its words and where it leads, from the root.
    pub fn filled(&self, width: usize) -> String {
        let text = without_links(&self.text);
        let mut lines: Vec<String> = vec![];
        let (mut is_code, mut goes_on) = (false, false);
        for line in text.lines() {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            let is_prose =
                !is_code && !is_fence && !line.is_empty() && !line.starts_with([' ', '|', '-', '#']);
            if !is_prose {
                lines.push(line.to_string());
            } else {
                for word in line.split(' ') {
                    match lines
                        .last_mut()
                        .filter(|last| goes_on && last.chars().count() + 1 + word.chars().count() <= width)
                    {
                        Some(last) => *last += &format!(" {word}"),
                        None => lines.push(word.to_string()),
                    }
                    goes_on = true;
                }
            }
            goes_on = is_prose;
        }
        lines.join("\n")
    }
}

/// `[exercise 3](../ex03-logger/README.md)` becomes `exercise 3 (exercises/ex03-logger/README.md)`.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (Some(open), Some((target, behind))) = (before.rfind('['), after.split_once(')')) else { break };
        let target = match (target.strip_prefix("../../"), target.strip_prefix("../")) {
            (Some(from_root), _) => from_root.to_string(),
            (None, Some(beside)) => format!("exercises/{beside}"),
            (None, None) => target.to_string(),
        };
        plain += &format!("{}{} ({target})", &before[..open], &before[open + 1..]);
        rest = behind;
    }
    plain + rest
}

fn without_tags(text: &str) -> String {
    let pieces = text.split('<').enumerate().map(|(nth, piece)| match nth {
        0 => piece,
        _ => piece.split_once('>').map_or(piece, |(_, after)| after),
    });
    pieces.collect::<String>().trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::{Hint, parse};

    #[test]
    fn a_hint_is_filled_and_its_links_can_be_followed() {
        let text = "As in [exercise 3](../ex03-logger/README.md), read\n[chapter 8](../../docs/08-event.md#a) `now`.\n\n\
                    ```rust\nlet a = [1](2);\n```\n- one\n- two";
        let hint = Hint {
            summary: "Hint 2: look".into(),
            text: text.replace("[1](2)", "long_and_left_as_it_is_written"),
        };
        assert_eq!(hint.title(), "look");
        let filled = "As in exercise 3\n(exercises/ex03-logger/README.md), read\nchapter 8 (docs/08-event.md#a) `now`.\n\n\
                      ```rust\nlet a = long_and_left_as_it_is_written;\n```\n- one\n- two";
        assert_eq!(hint.filled(40), filled);
    }

    #[test]
    fn hints_are_what_calls_itself_a_hint() {
        let page = "# Bank\n\n<details><summary>What will happen?</summary>\n\nBoth are paid.\n\n</details>\n\n\
                    <details>\n<summary><b>Hint 1</b>: where to look</summary>\n\nAt `withdraw`.\n\n</details>\n\n\
                    <details open>\r\n<summary>Hint 2</summary>\r\n\r\nOne lock,\r\nnot two.\r\n\r\n</details>\n";
        let hints = parse(page);
        let told: Vec<_> = hints.iter().map(|hint| (&*hint.summary, &*hint.text)).collect();
        assert_eq!(told, [("Hint 1: where to look", "At `withdraw`."), ("Hint 2", "One lock,\nnot two.")]);
    }
}
