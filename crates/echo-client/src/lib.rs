//! A client for the echo servers: a line in, its echo out.
//!
//! Two things can happen next, a line from the keyboard or bytes from the server, and a blocking call waits for one of
//! them. So there are two threads: one waits for the keyboard, the other for the server. The server's last word ends the
//! program even while the first thread is blocked: nobody joins it, and it dies with the process, like a daemon thread.
//!
//! [`load`] is the other half: many clients at once, every byte of every echo compared.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

pub mod load;

/// Who was the first to have nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Our input was at its end; then the server closed, too.
    ByUs,
    /// The server, while our input went on.
    ByServer,
}

/// Sends the lines of `input` to `server` and copies what comes back to `output`, until the server ends the connection.
///
/// The end of `input` half-closes the connection: the server sees end-of-file, sends the echoes it still owes, and closes.
///
/// # Errors
/// The connection broke, or `output` could not be written.
pub fn talk(
    server: &TcpStream,
    input: impl BufRead + Send + 'static,
    output: &mut impl Write,
) -> io::Result<Ended> {
    let to_server = server.try_clone()?;
    let left = Arc::new(AtomicBool::new(false));
    let leaves = Arc::clone(&left);
    // Its handle is dropped: a thread that waits for a keyboard cannot be cancelled, only abandoned.
    thread::Builder::new().name("keyboard".into()).spawn(move || send_lines(input, &to_server, &leaves))?;
    copy_echoes(server, output)?;
    Ok(if left.load(SeqCst) { Ended::ByUs } else { Ended::ByServer })
}

fn send_lines(mut input: impl BufRead, mut server: &TcpStream, left: &AtomicBool) {
    let mut line = Vec::new();
    while matches!(input.read_until(b'\n', &mut line), Ok(1..)) {
        // A failed write is not reported here: the thread that reads learns of the same end, and says so once.
        if server.write_all(&line).is_err() {
            return;
        }
        line.clear();
    }
    // Before the server can know: when it closes for this reason, the reason is there to be read.
    left.store(true, SeqCst);
    let _ = server.shutdown(Shutdown::Write);
}

fn copy_echoes(mut server: &TcpStream, output: &mut impl Write) -> io::Result<()> {
    let mut bytes = [0; 2048];
    let mut last = b'\n';
    loop {
        let n = match server.read(&mut bytes) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        last = bytes[n - 1];
        output.write_all(&bytes[..n])?;
        output.flush()?;
    }
    // The goodbye has no end of line; the shell's prompt should not share its line.
    if last != b'\n' {
        writeln!(output)?;
    }
    Ok(())
}
