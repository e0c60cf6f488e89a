//! A log that nobody waits for.
//!
//! A terminal that is paused or a pipe that nobody empties blocks whoever prints, and a server that blocks in its log cannot
//! shut down. So lines go through a bounded channel to one thread that prints. If the channel is full, lines are lost and
//! counted; if the reader of a pipe is gone, they are lost.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// See the [module](self). A clone writes to the same place.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: Option<SyncSender<String>>,
    lost: Arc<AtomicUsize>,
}

/// Where the lines go; [`Log::to`] makes one.
#[derive(Debug)]
pub struct Printer(Receiver<()>);

impl Log {
    /// A log that forgets every line.
    pub fn none() -> Self {
        Self::default()
    }

    /// A log that a thread of its own writes to `out`.
    pub fn to(out: impl Write + Send + 'static) -> (Self, Printer) {
        let (lines, to_print) = sync_channel(8192);
        let (done, printed) = sync_channel(1);
        let lost = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&lost);
        thread::spawn(move || {
            print(out, &to_print, &count);
            let _ = done.send(());
        });
        (Self { lines: Some(lines), lost }, Printer(printed))
    }

    /// Adds a line; never blocks.
    pub fn line(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines
            && let Err(TrySendError::Full(_)) = lines.try_send(line())
        {
            self.lost.fetch_add(1, Relaxed);
        }
    }
}

impl Printer {
    /// Waits until every [`Log`] is dropped and its lines are out; asks every `patience` if they are `stuck`, and then gives up.
    pub fn finish(self, patience: Duration, stuck: impl Fn() -> bool) {
        while self.0.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) && !stuck() {}
    }
}

fn print(mut out: impl Write, lines: &Receiver<String>, lost: &AtomicUsize) {
    let mut text = String::new();
    // One write for all the lines that are waiting: a thousand clients that leave at once are no thousand system calls.
    while let Ok(first) = lines.recv() {
        text.clear();
        let mut next = Ok(first);
        while let Ok(line) = next {
            text.push_str(&line);
            text.push('\n');
            next = if text.len() < 64 * 1024 { lines.try_recv() } else { Err(TryRecvError::Empty) };
        }
        match lost.swap(0, Relaxed) {
            0 => {}
            lost => text.push_str(&format!("log: {lost} lines lost, nobody read them in time\n")),
        }
        // A closed pipe is no reason to end a server.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
