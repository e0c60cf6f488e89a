//! Why this server does not wake its readers with `shutdown(Read)`: what a client then loses that still has something to say.
//!
//! A client sends, and has not read its echoes yet. The server says goodbye and half-closes; one more message arrives. If the
//! server has shut its reading side, the system answers that message with a reset, and throws away what waits to be sent.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

const SENT: usize = 1 << 20;

fn main() -> io::Result<()> {
    println!("{SENT} bytes echoed, then the goodbye, then one more message arrives");
    println!("{:<30}{:<22}{:<10}what ended it", "the server", "the client reads", "goodbye");
    for (name, shut_read) in [("shuts its reading side", true), ("goes on reading, and forgets", false)] {
        let (heard, end) = what_the_client_hears(shut_read)?;
        let goodbye = if heard.ends_with(b"Shutting down!") { "yes" } else { "no" };
        println!("{name:<30}{:<22}{goodbye:<10}{end}", format!("{} bytes", heard.len()));
    }
    println!(
        "A reset destroys what is on its way: after the goodbye, go on reading until the client closes."
    );
    Ok(())
}

fn what_the_client_hears(shut_read: bool) -> io::Result<(Vec<u8>, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    thread::scope(|scope| {
        let echoed = scope.spawn(|| io::copy(&mut (&server).take(SENT as u64), &mut &server));
        client.write_all(&vec![b'x'; SENT])?;
        echoed.join().unwrap()?;
        if shut_read {
            server.shutdown(Shutdown::Read)?;
        }
        (&server).write_all(b"Shutting down!")?;
        server.shutdown(Shutdown::Write)?;
        // Whether these still succeed depends on how soon the reset is here.
        let _ = client.write_all(b"one more").and_then(|()| client.shutdown(Shutdown::Write));
        scope.spawn(|| io::copy(&mut &server, &mut io::sink()));
        let mut heard = Vec::new();
        let end =
            client.read_to_end(&mut heard).map_or_else(|error| error.to_string(), |_| "end of file".into());
        Ok((heard, end))
    })
}
