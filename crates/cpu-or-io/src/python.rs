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

/// Runs the jobs of `measure.py` with the interpreter `command`.
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
    let mut arguments = vec![jobs.to_string(), time.as_secs_f64().to_string(), url.to_owned()];
    arguments.extend(threads.iter().map(usize::to_string));
    let printed = run(command, include_str!("measure.py"), &arguments)?;
    read(&printed).ok_or_else(|| format!("{command} printed no figures"))
}

/// What `mixed.py` measured with one interpreter.
#[derive(Debug)]
pub struct Mixed {
    /// Its version, and whether it has a GIL.
    pub version: String,
    /// The threads that wait, with no other.
    pub alone: Duration,
    /// The same threads while one more computes.
    pub beside: Duration,
}

/// Lets `threads` threads wait `waits` times, alone and beside a thread that computes.
///
/// # Errors
/// One clause that says why there are no figures.
pub fn mixed(command: &str, threads: usize, waits: usize, time: Duration) -> Result<Mixed, String> {
    let arguments = [threads.to_string(), waits.to_string(), time.as_secs_f64().to_string()];
    let printed = run(command, include_str!("mixed.py"), &arguments)?;
    read_mixed(&printed).ok_or_else(|| format!("{command} printed no figures"))
}

fn run(command: &str, script: &str, arguments: &[String]) -> Result<String, String> {
    let output = Command::new(command)
        .args(["-c", script])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|_| format!("no {command} was found"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command} failed: {}", said.lines().last().unwrap_or("it does not say why")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn read_mixed(text: &str) -> Option<Mixed> {
    let (first, figures) = text.split_once('\n')?;
    let version = first.strip_prefix("version ")?.to_owned();
    let (alone, beside) = figures.trim().strip_prefix("mixed ")?.split_once(' ')?;
    let time = |text: &str| Duration::try_from_secs_f64(text.parse().ok()?).ok();
    Some(Mixed { version, alone: time(alone)?, beside: time(beside)? })
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
        let mixed = read_mixed("version 3.13.0 with the GIL\nmixed 0.0625 0.5\n").unwrap();
        assert_eq!(mixed.version, "3.13.0 with the GIL");
        assert_eq!((mixed.alone, mixed.beside), (Duration::from_micros(62_500), Duration::from_millis(500)));
        for bad in ["", "version 3", "version 3\nmixed 0.5\n", "version 3\nmixed 1 one\n", "mixed 1 1\n"] {
            assert!(read_mixed(bad).is_none(), "{bad:?}");
        }
    }
}
