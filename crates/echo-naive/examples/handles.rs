//! Five clients come and go, one after another. The server keeps the handle of each thread, to join it at the end.

use std::io::{self, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let told = AtomicBool::new(false);
    thread::scope(|threads| {
        let server =
            threads.spawn(|| echo_naive::accept_then_join(&listener, echo_naive::echo_until_eof, &told));
        for _ in 1..=5 {
            let mut client = TcpStream::connect(address)?;
            client.shutdown(Shutdown::Write)?;
            client.read_to_end(&mut Vec::new())?; // Until the server's side is closed, too.
        }
        told.store(true, SeqCst);
        TcpStream::connect(address)?; // Wakes `accept`.
        server.join().expect("the server does not panic")
    })
}
