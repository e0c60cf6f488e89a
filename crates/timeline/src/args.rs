//! The arguments that every demo with a timeline shares.

use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::{Recorder, Style};

/// Adds `--timeline`, `--ascii`, `--svg FILE` and `--trace FILE`.
pub fn args(command: Command) -> Command {
    let file = |name| Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf));
    let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
    command
        .arg(flag("timeline").help("Draw what each thread did, and when"))
        .arg(flag("ascii").help("Draw with plain ASCII characters"))
        .arg(file("svg").help("Write the timeline as a picture for a browser"))
        .arg(file("trace").help("Write the timeline for https://ui.perfetto.dev"))
}

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Whether to draw text.
    pub timeline: bool,
    /// Whether it must be ASCII.
    pub ascii: bool,
    /// Where the SVG goes.
    pub svg: Option<PathBuf>,
    /// Where the trace goes.
    pub trace: Option<PathBuf>,
}

impl Asked {
    /// Reads what [`args`] added.
    ///
    /// # Panics
    ///
    /// If the command was made without [`args`].
    pub fn by(matches: &ArgMatches) -> Asked {
        Asked {
            timeline: matches.get_flag("timeline"),
            ascii: matches.get_flag("ascii"),
            svg: matches.get_one("svg").cloned(),
            trace: matches.get_one("trace").cloned(),
        }
    }

    /// A recorder that is on if anything was asked for that it must provide.
    pub fn recorder(&self, title: impl Into<String>) -> Recorder {
        let on = self.timeline || self.svg.is_some() || self.trace.is_some();
        if on { Recorder::new(title) } else { Recorder::off() }
    }

    /// The terminal's style, or ASCII if that was asked for.
    pub fn style(&self) -> Style {
        let style = Style::from_env();
        Style { ascii: self.ascii || style.ascii, ..style }
    }

    /// Writes the files and draws to `out`, as asked; nothing otherwise.
    ///
    /// # Errors
    ///
    /// `cannot write FILE: why` for a file; what `out` says for `out`.
    pub fn write(&self, recorder: &Recorder, out: &mut impl Write) -> io::Result<()> {
        if !recorder.is_on() {
            return Ok(());
        }
        let recording = recorder.recording();
        // The files first: whoever reads the rest may leave (`| head -1`).
        let mut wrote = String::new();
        if let Some(path) = &self.svg {
            write_file(path, &recording.svg())?;
            wrote += &format!("wrote {}: open it in a browser\n", path.display());
        }
        if let Some(path) = &self.trace {
            write_file(path, &recording.trace())?;
            wrote += &format!("wrote {}: open it at https://ui.perfetto.dev\n", path.display());
        }
        if self.timeline {
            out.write_all(recording.text(&self.style()).as_bytes())?;
        }
        out.write_all(wrote.as_bytes())
    }
}

fn write_file(path: &Path, content: &str) -> io::Result<()> {
    let explain =
        |why: io::Error| io::Error::other(format!("cannot write {}: {}", path.display(), reason(&why)));
    fs::write(path, content).map_err(explain)
}

/// The system's words without the number that std appends.
fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_owned()
}

/// Reads plain seconds, or a number with its unit: `2`, `1.5s`, `500ms` or `2m`.
///
/// # Errors
/// When it is none of these, or not within `seconds`: what to write instead.
pub fn parse_seconds(text: &str, seconds: RangeInclusive<f64>) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("", 1.0)];
    let with_unit = units.iter().find_map(|&(unit, length)| Some((text.strip_suffix(unit)?, length)));
    match with_unit.and_then(|(number, length)| Some(number.parse::<f64>().ok()? * length)) {
        Some(time) if seconds.contains(&time) => Ok(Duration::from_secs_f64(time)),
        _ => {
            let (least, most) = (seconds.start(), seconds.end());
            Err(format!("between {least} and {most} seconds, please: 1.5, 1.5s, 500ms or 2m"))
        }
    }
}

/// What to do about an address that a server cannot listen on, to be put behind the error; nothing where nobody can tell.
pub fn listen_instead(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "; stop the other one, or take another port: --addr 127.0.0.1:8001",
        ErrorKind::PermissionDenied => "; take another port: --addr 127.0.0.1:8001",
        ErrorKind::InvalidInput => "; write HOST:PORT, for example 127.0.0.1:8000",
        _ => "",
    }
}

/// How `main` ends: in peace, also when whoever reads the output has left (`| head -1`); otherwise with
/// `name: what failed: why` on stderr and exit status 1.
pub fn exit_code(name: impl Display, result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if stderr is gone too.
            let _ = writeln!(io::stderr(), "{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
