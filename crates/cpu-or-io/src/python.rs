//! The same jobs by CPython, measured by a script of ours in the same run.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Run;

/// What one interpreter achieved.
#[derive(Debug)]
pub struct Python {
    /// Its version, and whether it has a GIL.
    pub version: String,
    /// The jobs that compute.
    pub cpu: Vec<Run>,
    /// The jobs that wait.
    pub io: Vec<Run>,
}

/// Runs the script with the interpreter `command`.
///
/// # Errors
/// One clause that says why there are no figures.
pub fn measure(
    command: &str,
    jobs: usize,
    time: Duration,
    url: &str,
    threads: &[usize],
) -> Result<Python, String> {
    let output = Command::new(command)
        .args(["-c", include_str!("measure.py")])
        .args([jobs.to_string(), time.as_secs_f64().to_string(), url.to_owned()])
        .args(threads.iter().map(usize::to_string))
        .stdin(Stdio::null())
        .output()
        .map_err(|_| format!("no {command} was found"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command} failed: {}", said.lines().last().unwrap_or("it does not say why")));
    }
    read(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| format!("{command} printed no figures"))
}

/// Reads what the script printed.
fn read(text: &str) -> Option<Python> {
    let mut lines = text.lines();
    let version = lines.next()?.strip_prefix("version ")?.to_owned();
    let mut python = Python { version, cpu: Vec::new(), io: Vec::new() };
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[kind, threads, seconds, gave_way, was_stopped] = words.as_slice() else { return None };
        let run = Run {
            threads: threads.parse().ok()?,
            took: Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?,
            gave_way: gave_way.parse().ok(),
            was_stopped: was_stopped.parse().ok(),
        };
        if kind == "cpu" { python.cpu.push(run) } else { python.io.push(run) }
    }
    (!python.cpu.is_empty() && python.cpu.len() == python.io.len()).then_some(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_s_lines_are_read() {
        let python = read("version 3.13.0 with the GIL\ncpu 1 0.5 7 9\nio 1 0.25 - -\n").unwrap();
        assert_eq!(python.version, "3.13.0 with the GIL");
        assert_eq!((python.cpu[0].took, python.cpu[0].was_stopped), (Duration::from_millis(500), Some(9)));
        assert_eq!((python.io[0].took, python.io[0].gave_way), (Duration::from_millis(250), None));
        for bad in ["", "version 3", "version 3\ncpu 1 0.5 7 9\n", "version 3\ncpu one 1 1 1\nio 1 1 1 1\n"] {
            assert!(read(bad).is_none(), "{bad:?}");
        }
    }
}
