//! A client says hello and ends its side; the server's loop does not know what a read of 0 bytes means.

use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (stream, _) = listener.accept()?;
    client.write_all(b"hello\n")?;
    client.shutdown(Shutdown::Write)?;
    println!("a client says hello, and that it will send no more");
    echo_naive::echo_ignoring_eof(stream)
}
