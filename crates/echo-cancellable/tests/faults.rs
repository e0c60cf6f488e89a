//! What the world does to a server, and what the server then still does.
//!
//! Full size (10000 connections, 64 MiB, ten idle seconds): `ECHO_FULL=1 cargo test -p echo-cancellable --test faults`.
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use echo_client::load::{Echoes, LONGEST, Pattern};
use rustix::process::Signal;
#[cfg(target_os = "linux")]
use support::wait_until;
use support::{Process, at_most, full_or};

const SERVER: &str = env!("CARGO_BIN_EXE_echo-cancellable");

/// Sends and compares `size` bytes, at once and not piece by piece.
fn exchange(client: &TcpStream, size: usize) {
    let mut echoes = Echoes::of(0);
    thread::scope(|scope| {
        scope.spawn(|| Pattern::of(0).send(client, size).unwrap());
        let mut bytes = vec![0; LONGEST];
        while echoes.echoed < size as u64 {
            let n = (&*client).read(&mut bytes).unwrap();
            assert_ne!(n, 0, "closed after {} of {size} bytes", echoes.echoed);
            echoes.hear(&bytes[..n]).unwrap();
        }
    });
}

fn ends_well(mut server: Process) {
    server.signal(Signal::INT);
    assert_eq!(server.wait(), 0);
}

#[test]
fn two_hundred_clients_are_served_with_sixty_four_descriptors() {
    let mut server =
        Process::start_command(Command::new("sh").args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", SERVER]));
    let (clients, _turn) = at_most(200);
    // All are connected, as far as the system is concerned; the server can accept about fifty.
    let clients: Vec<_> = (0..clients).map(|_| server.connect()).collect();
    let complaint = server.wait_for_line("accept: ");
    assert!(complaint.contains("Too many open files"), "{complaint}");
    // Four times a second it asks again.
    does_nothing(&server, Duration::from_millis(10));
    // Each makes room for another when it leaves.
    clients.into_iter().for_each(|client| exchange(&client, 64));
    ends_well(server);
}

#[test]
fn it_stops_while_it_has_no_descriptor_left() {
    let mut server =
        Process::start_command(Command::new("sh").args(["-c", "ulimit -n 20; exec \"$0\" \"$@\"", SERVER]));
    let clients: Vec<_> = (0..40).map(|_| server.connect()).collect();
    server.wait_for_line("accept: ");
    server.signal(Signal::INT);
    for client in clients {
        let mut heard = Vec::new();
        match (&client).read_to_end(&mut heard) {
            Ok(_) => assert_eq!(heard, echo_client::load::GOODBYE),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
    assert_eq!(server.wait(), 0);
}

/// Watches for a while, once all is quiet, and finds next to no processor time used.
#[cfg(target_os = "linux")]
fn does_nothing(server: &Process, in_a_second: Duration) {
    // After its last echo a client counts as busy for a moment; and on a busy machine a thread that has begun may have to
    // wait for the processor, which is not to sleep.
    wait_until("all threads sleep", || {
        let before = server.cpu_time();
        thread::sleep(Duration::from_millis(50));
        server.cpu_time() == before && server.sleeps()
    });
    let seconds = full_or(1, 10) as u32;
    let before = server.cpu_time();
    thread::sleep(Duration::from_secs(seconds.into()));
    let used = server.cpu_time() - before;
    println!("{used:?} of processor time in {seconds} s");
    assert!(used < in_a_second * seconds, "{used:?} of processor time in {seconds} s");
}

#[cfg(not(target_os = "linux"))]
fn does_nothing(_: &Process, _: Duration) {}

#[test]
#[cfg(target_os = "linux")]
fn a_hundred_idle_clients_cost_no_processor_time() {
    let (number, _turn) = at_most(100);
    let mut server = Process::start(SERVER, &[]);
    let clients: Vec<_> = (0..number).map(|_| server.connect()).collect();
    for client in &clients {
        exchange(client, 64);
    }
    (0..number).for_each(|_| drop(server.wait_for_line("connected")));
    does_nothing(&server, Duration::from_millis(2));
    ends_well(server);
}

#[test]
fn a_reset_in_mid_echo_ends_one_client_and_no_other() {
    let mut server = Process::start(SERVER, &[]);
    let other = server.connect();
    for _ in 0..full_or(100, 1000) {
        let client = server.connect();
        Pattern::of(0).send(&client, 64 * 1024).unwrap();
        // Closing a socket that does not linger is a reset.
        rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
        drop(client);
    }
    exchange(&other, 1 << 20);
    server.wait_for_line("reset");
    ends_well(server);
}

#[test]
fn a_killed_client_ends_one_client_and_no_other() {
    let mut server = Process::start(SERVER, &[]);
    let other = server.connect();
    server.wait_for_line("client 1: connected");
    // `cat` sends back whatever it gets, and so does the server: bytes go round for as long as it lives.
    let mut client = server.connect();
    client.write_all(&[b'x'; 10_000]).unwrap();
    let output = Stdio::from(OwnedFd::from(client.try_clone().unwrap()));
    let mut cat = Command::new("cat").stdin(OwnedFd::from(client)).stdout(output).spawn().unwrap();
    server.wait_for_line("client 2: connected");
    cat.kill().unwrap();
    cat.wait().unwrap();
    server.wait_for_line("client 2: ");
    exchange(&other, 1 << 20);
    ends_well(server);
}

#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_clients_leave_nothing_behind() {
    let (at_a_time, _turn) = at_most(50);
    let server = Process::start(SERVER, &[]);
    let threads = server.status("Threads:");
    let come_and_go = |clients: usize| {
        // Fifty at a time: together they come to what is asked.
        for _ in 0..clients / at_a_time {
            let together: Vec<_> = (0..at_a_time).map(|_| server.connect()).collect();
            together.iter().for_each(|client| exchange(client, 64));
            drop(together);
            // Each time, or how many threads are alive together, and with it memory, depends on the scheduler.
            wait_until("all threads are gone", || server.status("Threads:") == threads);
        }
        server.status("VmRSS:")
    };
    let warm = come_and_go(500);
    let after = come_and_go(full_or(1_000, 10_000));
    println!(
        "resident: {warm} kB after 500 clients, {after} kB after all; {threads} threads before and after"
    );
    // Fifty stacks more or less are no leak; at full size, a hundred bytes for each client would be one.
    assert!(after < warm + 900, "{warm} kB grew to {after} kB");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    assert!(descriptors < 10, "{descriptors} descriptors left");
    ends_well(server);
}

#[test]
fn random_bytes_and_empty_writes_come_back_as_they_were() {
    let server = Process::start(SERVER, &[]);
    let mut client = server.connect();
    let mut x: u64 = 88_172_645_463_325_252;
    for _ in 0..200 {
        // Any byte, any length up to 10 kB, and every so often none at all.
        let mut random = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x
        };
        let length = random() as usize % 10_000 * (random() as usize % 4).min(1);
        let sent: Vec<u8> = (0..length).map(|_| random() as u8).collect();
        assert_eq!(client.write(&sent[..0]).unwrap(), 0);
        client.write_all(&sent).unwrap();
        let mut heard = vec![0; length];
        client.read_exact(&mut heard).unwrap();
        assert!(heard == sent);
    }
    drop(client);
    ends_well(server);
}

#[test]
fn long_streams_come_back_whole() {
    let server = Process::start(SERVER, &[]);
    let size = full_or(8 << 20, 64 << 20);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| exchange(&TcpStream::connect(server.addr).unwrap(), size));
        }
    });
    ends_well(server);
}

#[test]
fn a_signal_that_means_nothing_interrupts_nothing() {
    let server = Process::start(SERVER, &[]);
    let client = server.connect();
    for _ in 0..20 {
        // Stopped and continued: on some systems every call that blocks ends with EINTR.
        server.signal(Signal::STOP);
        server.signal(Signal::WINCH);
        server.signal(Signal::CONT);
        exchange(&client, 4096);
        exchange(&server.connect(), 64);
    }
    drop(client);
    ends_well(server);
}

/// Alone, as the page has it: `ECHO_FULL=1 cargo test -p echo-cancellable --test faults figures -- --nocapture`.
#[test]
fn figures_time_from_signal_to_exit() {
    // No limit is asserted: a busy machine is no fault. The page has the figures of a quiet one.
    let (idle, _turn) = at_most(full_or(100, 1000));
    for (what, clients, deaf, they_close) in [
        ("idle clients that close", idle, 0, true),
        ("idle clients that stay", idle, 0, false),
        ("clients that never read", 0, 10, false),
    ] {
        let mut took = Vec::new();
        for _ in 0..full_or(1, 9) {
            let mut server = Process::start(
                SERVER,
                if deaf > 0 && full_or(0, 1) == 0 { &["--grace", "0.2"] } else { &[] },
            );
            let mut idle: Vec<_> = (0..clients).map(|_| server.connect()).collect();
            (0..deaf).for_each(|_| drop(support::that_never_reads(server.addr)));
            // Where that cannot be seen, the figure may be that of clients that could be told goodbye.
            let _ = server.waits_until_echoes_pile_up(deaf);
            (0..clients + deaf).for_each(|_| drop(server.wait_for_line("connected")));
            let signal = Instant::now();
            server.signal(Signal::INT);
            if they_close {
                let mut heard = idle.drain(..).map(|client| support::read_to_end(&client));
                assert!(heard.all(|heard| heard == echo_client::load::GOODBYE));
            }
            assert_eq!(server.wait(), 0);
            took.push(signal.elapsed());
            drop(idle);
        }
        took.sort();
        println!(
            "{} {what}: {:?} from signal to exit, slowest {:?}",
            clients + deaf,
            took[took.len() / 2],
            took[took.len() - 1]
        );
    }
}
