//! Bars on a terminal, lines in a pipe. Only the thread that owns it draws, so it knows where the cursor is.

use std::io::{self, IsTerminal, Write, stdout};
use std::time::Duration;

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lab_server::printable;
use responsive_download::{End, News};

/// What the user sees of the downloads.
pub(crate) struct Screen {
    names: Vec<String>,
    bars: Option<Bars>,
    /// The last quarter that was told of each download, where there are no bars.
    quarters: Vec<u64>,
}

/// The bars, and below them the line on which the user types; between two calls the cursor is on that line.
struct Bars {
    all: MultiProgress,
    each: Vec<ProgressBar>,
    term: Term,
}

/// Whether so many bars, and a line to type on, find room here; this is also where somebody can type.
pub(crate) fn has_room_for(bars: usize) -> bool {
    let term = Term::stderr();
    stdout().is_terminal() && term.features().colors_supported() && bars + 2 <= usize::from(term.size().0)
}

impl Bars {
    fn new(names: &[String]) -> Bars {
        let all = MultiProgress::new();
        let template = "{prefix:>3} {msg:20!} {wide_bar} {bytes:>10} of {total_bytes:10}";
        let style = ProgressStyle::with_template(template).expect("the template is well formed");
        let bar = |(number, name): (usize, &String)| {
            let bar = ProgressBar::new(0).with_style(style.clone()).with_message(name.clone());
            all.add(bar.with_prefix((number + 1).to_string()))
        };
        let each: Vec<_> = names.iter().enumerate().map(bar).collect();
        let bars = Bars { all, each, term: Term::stderr() };
        bars.each.iter().for_each(ProgressBar::force_draw);
        bars.line_to_type_on();
        bars
    }

    fn line_to_type_on(&self) {
        if !self.each.iter().all(ProgressBar::is_finished) {
            self.write("\n\x1b[J> ");
        }
    }

    /// Draws from the last bar's line, and goes back to where the user was typing.
    fn above(&self, draw: impl FnOnce()) {
        self.write("\x1b7\x1b[A");
        draw();
        self.write("\x1b8");
    }

    /// Prints a line above the bars, after `before`; what is typed so far is no longer to be seen, and still counts.
    fn say(&self, line: &str, before: impl FnOnce()) -> io::Result<()> {
        self.write("\x1b[2K\x1b[A");
        before();
        self.all.suspend(|| writeln!(timeline::stdout(), "{line}"))?;
        self.line_to_type_on();
        Ok(())
    }

    fn write(&self, text: &str) {
        // Without a terminal there is nobody left to draw for.
        let _ = self.term.write_str(text);
    }
}

impl Screen {
    pub(crate) fn new(names: &[String], bars: bool) -> Screen {
        let bars = bars.then(|| Bars::new(names));
        Screen { names: names.to_vec(), bars, quarters: vec![0; names.len()] }
    }

    pub(crate) fn say(&self, line: &str) -> io::Result<()> {
        match &self.bars {
            Some(bars) => bars.say(line, || ()),
            None => writeln!(timeline::stdout(), "{line}"),
        }
    }

    /// The user has pressed Enter, and the terminal went to the next line.
    pub(crate) fn entered(&self) {
        if let Some(bars) = &self.bars {
            bars.write("\x1b[A\r\x1b[J> ");
        }
    }

    pub(crate) fn news(&mut self, number: usize, news: News) -> io::Result<()> {
        let name = &self.names[number];
        if let Some(bars) = &self.bars {
            let bar = &bars.each[number];
            bars.above(|| match news {
                News::Progress(bytes, total) => {
                    bar.set_length(total);
                    bar.set_position(bytes);
                    bar.set_message(name.clone());
                }
                News::Paused => bar.set_message(format!("{name} paused")),
                News::Retrying(_) => bar.set_message(format!("{name} retrying")),
            });
            if !matches!(news, News::Progress(..)) {
                // No progress comes after it, and a bar leaves out what would be drawn too often.
                bars.above(|| bar.force_draw());
            }
            return Ok(());
        }
        match news {
            News::Progress(bytes, total) => {
                let quarter = (bytes * 4).checked_div(total).unwrap_or(0);
                if quarter > self.quarters[number] && quarter < 4 {
                    self.quarters[number] = quarter;
                    return self.say(&format!("{name}: {} % of {total} bytes", quarter * 25));
                }
                Ok(())
            }
            News::Paused => self.say(&format!("{name}: paused")),
            // What is shorter is over before it is read.
            News::Retrying(wait) if wait >= Duration::from_secs(1) => {
                self.say(&format!("{name}: trying again in {} s", wait.as_secs()))
            }
            News::Retrying(_) => self.say(&format!("{name}: trying again")),
        }
    }

    pub(crate) fn ended(&self, number: usize, end: &io::Result<End>) -> io::Result<()> {
        let name = &self.names[number];
        let line = match end {
            Ok(End::Done { bytes }) => format!("{name}: done, {bytes} bytes"),
            Ok(End::WasThere) => {
                format!("{name}: is there already, left as it is; to download it again, move it away")
            }
            Ok(End::Cancelled) => format!("{name}: cancelled, nothing left behind"),
            Err(why) => format!("{name}: failed: {}", printable(&why.to_string())),
        };
        match &self.bars {
            Some(bars) => bars.say(&line, || bars.each[number].finish_and_clear()),
            None => self.say(&line),
        }
    }
}
