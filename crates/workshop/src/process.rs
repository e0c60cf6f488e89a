//! Runs a program for a limited time, and ends it with everything that it started.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Code(i32),
    /// By this signal (Unix).
    Signal(i32),
    /// It was ended: the time was over.
    OutOfTime,
}

/// A run that is over.
#[derive(Debug, Clone)]
pub struct Ran {
    /// How it came to its end.
    pub end: End,
    /// What it printed; of very much, the beginning and the end.
    pub stdout: String,
    /// What it printed to standard error; of very much, the beginning and the end.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// Is called with each line of a program's standard error, as soon as the line is complete.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// Runs `command` without input for at most `limit`. Nothing that it started outlives this call.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Ran> {
    run_and_tell(command, limit, None)
}

/// As [`run`]; `listener` hears standard error while the program runs.
///
/// # Errors
/// When it cannot be started.
pub fn run_and_tell(command: &mut Command, limit: Duration, listener: Option<&Listener>) -> io::Result<Ran> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that it can be ended with its children; Ctrl-C does not reach it then, see `end_all`.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let start = Instant::now();
    let mut child = {
        let mut running = running();
        let child = command.spawn()?;
        running.groups.insert(child.id());
        child
    };
    let group = child.id();
    let stdout = collect(child.stdout.take().expect("it is piped"), None);
    let stderr = collect(child.stderr.take().expect("it is piped"), listener.cloned());
    let ended = wait(child);
    let status = match ended.recv_timeout(limit) {
        Ok(status) => Some(status?),
        Err(_) => {
            end_group(group);
            let _ = ended.recv_timeout(LAST_WORDS);
            None
        }
    };
    let took = start.elapsed();
    // The end of a pipe says that nobody is left who could write to it.
    if stdout.wait() == Left::Somebody || stderr.wait() == Left::Somebody {
        end_group(group);
        let _ = (stdout.wait(), stderr.wait());
    }
    running().groups.remove(&group);
    Ok(Ran { end: status.map_or(End::OutOfTime, end), stdout: stdout.text(), stderr: stderr.text(), took })
}

/// Ends everything that runs and removes what was to be removed; nothing can be started after it.
///
/// For the end of this program at Ctrl-C.
pub fn end_all_and_exit(code: i32) -> ! {
    let running = running();
    for &group in &running.groups {
        end_group(group);
    }
    for folder in &running.scratch {
        let _ = std::fs::remove_dir_all(folder);
    }
    // The lock is still held: nobody starts another.
    std::process::exit(code)
}

/// A folder that is removed when this is dropped, or at Ctrl-C.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder, empty.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        running().scratch.push(folder.clone());
        Ok(Scratch(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        running().scratch.retain(|folder| *folder != self.0);
    }
}

/// After its end, so long may it take until its output is read or its children are gone.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Of the output, so much from the beginning and so much from the end is kept.
const KEPT: usize = 4 << 20;

struct Running {
    groups: BTreeSet<u32>,
    scratch: Vec<PathBuf>,
}

fn running() -> MutexGuard<'static, Running> {
    static RUNNING: Mutex<Running> = Mutex::new(Running { groups: BTreeSet::new(), scratch: Vec::new() });
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(mut child: Child) -> Receiver<io::Result<ExitStatus>> {
    let (tell, ended) = channel();
    thread::spawn(move || tell.send(child.wait()));
    ended
}

#[cfg(unix)]
fn end_group(group: u32) {
    use nix::sys::signal::{Signal, killpg};
    let group = nix::unistd::Pid::from_raw(i32::try_from(group).expect("a process id fits"));
    // It fails when nobody is left, which is what is wanted.
    let _ = killpg(group, Signal::SIGKILL);
}

#[cfg(not(unix))]
fn end_group(group: u32) {
    let quiet = || Stdio::null();
    let mut taskkill = Command::new("taskkill");
    taskkill.args(["/T", "/F", "/PID", &group.to_string()]);
    let _ = taskkill.stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
}

#[cfg(unix)]
fn end(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn end(status: ExitStatus) -> End {
    End::Code(status.code().unwrap_or(-1))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nobody,
    Somebody,
}

/// What comes out of a pipe, as it comes.
struct Collected {
    kept: Arc<Mutex<Kept>>,
    closed: Receiver<()>,
}

#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    lost: usize,
}

fn collect(mut pipe: impl Read + Send + 'static, listener: Option<Listener>) -> Collected {
    let kept = Arc::new(Mutex::new(Kept::default()));
    let (closing, closed) = channel();
    let writer = Arc::clone(&kept);
    thread::spawn(move || {
        let mut block = [0; 1 << 16];
        let mut line = vec![];
        loop {
            match pipe.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    writer.lock().unwrap_or_else(PoisonError::into_inner).add(&block[..n]);
                    if let Some(listener) = &listener {
                        tell_lines(&mut line, &block[..n], listener);
                    }
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        drop(closing);
    });
    Collected { kept, closed }
}

/// Tells the lines that `bytes` completes; the beginning of the next one stays in `line`.
fn tell_lines(line: &mut Vec<u8>, bytes: &[u8], listener: &Listener) {
    for &byte in bytes {
        match byte {
            b'\n' => listener(&String::from_utf8_lossy(&std::mem::take(line))),
            byte if line.len() < LONGEST_LINE => line.push(byte),
            _ => {}
        }
    }
}

/// A listener hears at most this many bytes of a line.
const LONGEST_LINE: usize = 1000;

impl Collected {
    fn wait(&self) -> Left {
        match self.closed.recv_timeout(LAST_WORDS) {
            Err(RecvTimeoutError::Timeout) => Left::Somebody,
            _ => Left::Nobody,
        }
    }

    fn text(&self) -> String {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).text()
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..over);
        self.lost += over;
    }

    fn text(&mut self) -> String {
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        if self.lost > 0 {
            text.push_str(&format!("\n… ({} more bytes) …\n", self.lost));
        }
        text.push_str(&String::from_utf8_lossy(self.tail.make_contiguous()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Listener, tell_lines};
    use std::sync::{Arc, Mutex};

    #[test]
    fn lines_are_told_whole_in_whatever_pieces_they_come() {
        let told = Arc::new(Mutex::new(vec![]));
        let theirs = Arc::clone(&told);
        let listener: Listener = Arc::new(move |line: &str| theirs.lock().unwrap().push(line.to_string()));
        let mut line = vec![];
        for piece in ["Compi", "ling a\n\nCompiling b\nBuil", "ding"] {
            tell_lines(&mut line, piece.as_bytes(), &listener);
        }
        assert_eq!(*told.lock().unwrap(), ["Compiling a", "", "Compiling b"]);
    }

    #[test]
    fn of_very_much_output_both_ends_are_kept() {
        let mut kept = Kept::default();
        kept.add(b"first");
        let block = vec![b'.'; 1 << 20];
        for _ in 0..20 {
            kept.add(&block);
        }
        kept.add(b"last");
        let text = kept.text();
        assert!(text.starts_with("first"));
        assert!(text.ends_with("last"));
        assert!(text.contains(" more bytes)"));
        assert!(text.len() < 9 << 20);
    }
}
