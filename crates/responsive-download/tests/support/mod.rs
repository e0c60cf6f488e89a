//! A server of a few lines, so that a test can send whatever it wants.

#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use responsive_download::Settings;

/// What the server reads of a request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// The first byte that is asked for.
    pub(crate) range: Option<u64>,
    pub(crate) if_range: Option<String>,
}

/// Answers each request with `answer`, on a connection of its own that is closed
/// afterwards. An error ends that connection and nothing else. The server lives as long
/// as the test.
pub(crate) fn serve(
    answer: impl Fn(&Request, &mut TcpStream) -> io::Result<()> + Send + Sync + Clone + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer) = (stream, answer.clone()) else { continue };
            thread::spawn(move || read(&stream).and_then(|request| answer(&request, &mut stream)));
        }
    });
    address
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut request = Request::default();
    for (number, line) in BufReader::new(stream).lines().enumerate() {
        let line = line?;
        let (name, value) = line.split_once(' ').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            _ if number == 0 => {
                request.path = value.split(' ').next().unwrap_or_default().to_owned();
            }
            "range:" => {
                request.range =
                    value.strip_prefix("bytes=").and_then(|range| range.split('-').next()?.parse().ok());
            }
            "if-range:" => request.if_range = Some(value.to_owned()),
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    Ok(request)
}

/// Sends a head: a status, and headers with ` | ` between them.
pub(crate) fn head(stream: &mut TcpStream, status: &str, headers: &str) -> io::Result<()> {
    let lines: String =
        headers.split(" | ").filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect();
    write!(stream, "HTTP/1.1 {status} Text\r\nConnection: close\r\n{lines}\r\n")
}

/// Sends one chunk of a chunked body; an empty one is the last.
pub(crate) fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    write!(stream, "{:x}\r\n", bytes.len())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\r\n")
}

/// Waits for nothing between attempts. A server that hangs is a failure after ten
/// seconds.
pub(crate) fn at_once() -> Settings {
    Settings {
        silence: Duration::from_secs(10),
        first_wait: Duration::ZERO,
        longest_wait: Duration::ZERO,
        proxy: false,
    }
}

/// The names in a folder.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort_unstable();
    names
}
