//! Text that fits the terminal.

use std::env;
use std::io::{self, Stdout, Write};

const MOST_COLUMNS: usize = 100;
const FEWEST_COLUMNS: usize = 40;

/// How wide a line may be: `COLUMNS`, or 100 without it; at least 40 and at most 100.
pub fn columns() -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(MOST_COLUMNS).clamp(FEWEST_COLUMNS, MOST_COLUMNS)
}

/// Standard output that breaks a line which is too wide at a blank: after [`columns`].
pub fn stdout() -> Fitted<Stdout> {
    Fitted::new(io::stdout(), columns())
}

/// As [`stdout`], for lines that another program may read: without `COLUMNS` nothing is broken.
pub fn listing() -> Fitted<Stdout> {
    if env::var_os("COLUMNS").is_some() {
        return stdout();
    }
    Fitted { out: io::stdout(), columns: usize::MAX, line: Vec::new() }
}

/// A writer that breaks what is too wide at a blank. The rest of a broken line is indented as the line is, and by four
/// more.
#[derive(Debug)]
pub struct Fitted<W: Write> {
    out: W,
    columns: usize,
    line: Vec<u8>,
}

impl<W: Write> Fitted<W> {
    /// Writes to `out`, in lines of at most `columns`, but at least 40 and at most 100.
    pub fn new(out: W, columns: usize) -> Fitted<W> {
        Fitted { out, columns: columns.clamp(FEWEST_COLUMNS, MOST_COLUMNS), line: Vec::new() }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        let indent = line.chars().take_while(|&c| c == ' ').count().min(self.columns / 4);
        let mut rest: Vec<char> = line.trim_end().chars().collect();
        let mut lead = 0;
        while rest.len() + lead > self.columns {
            let room = self.columns - lead;
            let is_break = |&at: &usize| rest[at] == ' ' && rest[..at].iter().any(|&c| c != ' ');
            let Some(at) = (1..=room).rev().find(is_break) else { break };
            let head: String = rest.drain(..at).collect();
            writeln!(self.out, "{:lead$}{}", "", head.trim_end())?;
            let blanks = rest.iter().take_while(|&&c| c == ' ').count();
            rest.drain(..blanks);
            lead = indent + 4;
        }
        writeln!(self.out, "{:lead$}{}", "", rest.iter().collect::<String>())
    }
}

impl<W: Write> Write for Fitted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            if byte == b'\n' {
                self.end_line()?;
            } else {
                self.line.push(byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::Fitted;
    use std::io::Write;

    fn fitted(text: &str) -> String {
        let mut out = Vec::new();
        Fitted::new(&mut out, 40).write_all(text.as_bytes()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let text = "  a table   with gaps\n\nand a line of exactly forty characters.\n";
        assert_eq!(fitted(text), text);
    }

    #[test]
    fn what_is_too_wide_is_broken_at_a_blank_and_indented() {
        let text = "  name         a long remark that goes on and on\n";
        assert_eq!(fitted(text), "  name         a long remark that goes\n      on and on\n");
    }

    #[test]
    fn a_word_without_a_blank_is_left_whole() {
        let word = "x".repeat(50);
        assert_eq!(fitted(&format!("{word}\n")), format!("{word}\n"));
    }
}
