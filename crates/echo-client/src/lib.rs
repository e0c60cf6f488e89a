//! A client for the echo servers: a line in, its echo out.
//!
//! Two things can happen next, a line from the keyboard or bytes from the server, and a blocking call waits for one of
//! them. So there are two threads: one waits for the keyboard, the other for the server. The server's last word ends the
//! program even while the first thread is blocked: nobody joins it, and it dies with the process, like a daemon thread.
//!
//! [`load`] is the other half: many clients at once, every byte of every echo compared.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

pub mod load;

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
) -> io::Result<()> {
    let to_server = server.try_clone()?;
    // Its handle is dropped: a thread that waits for a keyboard cannot be cancelled, only abandoned.
    thread::Builder::new().name("keyboard".into()).spawn(move || send_lines(input, &to_server))?;
    copy_echoes(server, output)
}

fn send_lines(mut input: impl BufRead, mut server: &TcpStream) {
    let mut line = Vec::new();
    // A failed write is not reported here: the thread that reads learns of the same end, and says so once.
    while matches!(input.read_until(b'\n', &mut line), Ok(1..)) && server.write_all(&line).is_ok() {
        line.clear();
    }
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
