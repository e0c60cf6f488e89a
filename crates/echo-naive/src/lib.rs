//! An echo server with a thread for each client, and what is wrong with it.
//!
//! It echoes well. Its faults show at the end: at Ctrl-C the process dies at once and every thread with it
//! ([`accept_for_ever`]), or it does not die while a client stays ([`accept_then_join`]); and a loop that does not know the
//! end of a stream when it reads one never ends ([`echo_ignoring_eof`]).
//!
//! Rust prevents none of this. A handle that is dropped leaves its thread running; a thread that is blocked in a read cannot
//! be ended from outside.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a client's thread does with its connection; an error if that breaks.
pub type Echo = fn(TcpStream) -> io::Result<()>;

/// Serves a client until it leaves.
pub fn echo_until_eof(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 2048];
    loop {
        let n = stream.read(&mut bytes)?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&bytes[..n])?;
        log(&format!("echoed {n} bytes: {}", bytes[..n].escape_ascii()));
    }
}

/// The same without the `if`: a read at the end of a stream returns 0 bytes at once, again and again. For a second only.
pub fn echo_ignoring_eof(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 2048];
    let (mut reads_of_nothing, mut since) = (0, Instant::now());
    while reads_of_nothing == 0 || since.elapsed() < Duration::from_secs(1) {
        let n = stream.read(&mut bytes)?;
        stream.write_all(&bytes[..n])?;
        if n > 0 {
            log(&format!("echoed {n} bytes: {}", bytes[..n].escape_ascii()));
            (reads_of_nothing, since) = (0, Instant::now());
        } else {
            reads_of_nothing += 1;
        }
    }
    log(&format!("{reads_of_nothing} reads of 0 bytes in one second: a core was busy with nothing"));
    Ok(())
}

/// Serves whoever connects; nobody waits for the threads, as for Python's daemon threads.
///
/// # Errors
/// A client could not be accepted, or given a thread: the server ends, for one client's sake.
pub fn accept_for_ever(listener: &TcpListener, echo: Echo) -> io::Result<()> {
    for (number, stream) in (1..).zip(listener.incoming()) {
        spawn(number, stream?, echo)?;
    }
    Ok(())
}

/// Serves whoever connects until `told` to stop, then waits for every thread, as Python does for those that are not daemons.
/// Errors are those of [`accept_for_ever`].
pub fn accept_then_join(listener: &TcpListener, echo: Echo, told: &AtomicBool) -> io::Result<()> {
    let mut handles = Vec::new();
    for (number, stream) in (1..).zip(listener.incoming()) {
        if told.load(SeqCst) {
            break;
        }
        handles.push(spawn(number, stream?, echo)?);
        // Each handle keeps its thread's stack, long after the thread has ended.
        let alive = handles.iter().filter(|handle| !handle.is_finished()).count();
        log(&format!("handles kept: {}, threads alive: {alive}", handles.len()));
    }
    log("no more clients; waiting for every thread");
    handles.into_iter().for_each(|handle| handle.join().unwrap());
    Ok(())
}

fn spawn(number: usize, stream: TcpStream, echo: Echo) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(format!("client {number}")).spawn(move || {
        log("connected");
        match echo(stream) {
            Ok(()) => log("left"),
            Err(error) => log(&error.to_string()),
        }
    })
}

fn log(what: &str) {
    let thread = thread::current();
    // A closed pipe is no reason to end a server: `println!` would panic.
    let _ = writeln!(io::stdout(), "{}: {what}", thread.name().unwrap_or("server"));
}
