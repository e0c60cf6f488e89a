// This is the finished check for exercise 15: change src/lib.rs, not this file.
//
// A thread that waits in `accept` or `read` runs no code, so it can't check a flag. A server that can
// be stopped must either wake its waiting threads or let them wait for only a short time. And its
// shutdown must be clean: every client gets back what it has sent, then `Shutting down!`, then the
// end of the stream, and all threads are joined before `run` returns.
//
// The check talks to your server through real sockets on 127.0.0.1. In here, `std::net` and
// `std::thread` are watched: a thread that is never joined is reported with the line that started
// it, and sockets always do what they otherwise do once in a while. A `write` takes only half of
// the bytes that it is given, and `accept` returns an error.
// Run it with `cargo test -p ex15-echo`, or one stage with `cargo test -p ex15-echo stage_1`; read
// docs/15-echo.md.
//
// The README's promises, and the tests that hold you to them:
//
// | promise | tests |
// |---|---|
// | `run` serves several clients at once, and every byte comes back | `every_byte_comes_back`, `a_client_that_was_silent_for_long_is_served`, `clients_that_never_sent_anything_are_told_goodbye` |
// | only `stop` stops the server | `a_handle_that_is_dropped_stops_nothing` |
// | after a stop, `run` returns within about two seconds | every test; without clients, `a_stop_ends_a_server_without_clients`; with many, `many_clients_do_not_delay_the_end` |
// | every thread is joined | every test, when `run` has returned |
// | `stop` doesn't wait | `stop_waits_for_no_client` |
// | `stop` works before `run`, twice, and after the end | `a_stop_works_before_run_twice_and_after_the_end` |
// | echo, goodbye, end of the stream | `every_client_is_told_goodbye`, `clients_that_never_sent_anything_are_told_goodbye`, `what_arrived_before_the_stop_is_echoed_first` |
// | no byte is lost, whenever the server is stopped | `a_stop_within_an_echo_loses_nothing`, `a_stop_after_a_read_that_found_nothing_loses_nothing`, `a_stop_that_pauses_between_its_steps_works` |
// | a client that closes its side gets the rest and no goodbye | `a_client_that_closes_its_side_gets_the_rest` |
// | a waiting thread sleeps | `waiting_threads_sleep` |
// | `bind` returns an error | `an_address_in_use_is_an_error` |
// | two servers are independent | `two_servers_have_nothing_in_common`, `a_new_server_on_an_old_address_runs` |
// | a client that doesn't read, or keeps sending, is cut off | `a_client_that_never_reads_is_cut_off`, `a_client_that_keeps_sending_is_cut_off`, `a_client_that_sends_after_its_goodbye_is_cut_off` |
// | but not before its second has passed | `a_slow_client_is_not_cut_off_too_early`, `a_slow_client_has_a_second_after_the_stop` |
// | a broken connection ends one thread | `a_client_that_breaks_off_harms_no_other`, `a_client_that_breaks_off_during_the_stop_harms_no_other`, `a_client_that_breaks_off_before_accept_harms_no_other`, `a_client_that_is_gone_when_it_is_let_in_harms_no_other` |
// | a client that leaves ends one thread | `clients_that_leave_in_another_order_harm_no_other` |
// | a client that has left leaves nothing behind | `clients_that_have_left_leave_nothing_behind` |

extern crate self as std; // in this file and the modules it includes, std is this crate: …
pub use interleave::live::watched_std::*; // … the real one, with net, process and thread watched
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex15-echo/src/lib.rs")]
mod echo;
#[allow(unused_imports)]
use echo::*; // so that `crate::` means the same here as in src/lib.rs

use echo::{Server, Stop};
use interleave::live::{MOMENT, PATIENCE, Watch, kept_panics, receive};
use interleave::real; // the clients are not watched
use real::io::{ErrorKind, Read, Write};
use real::net::{Shutdown, SocketAddr, TcpStream};
use real::panic::{AssertUnwindSafe, catch_unwind};
use real::sync::Mutex;
use real::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use real::time::{Duration, Instant};

interleave::side_by_side! {
    stage_1: [
        a_stop_ends_a_server_without_clients,
        every_client_is_told_goodbye,
        every_byte_comes_back,
        clients_that_never_sent_anything_are_told_goodbye,
        a_client_that_was_silent_for_long_is_served,
        a_client_that_closes_its_side_gets_the_rest,
        what_arrived_before_the_stop_is_echoed_first,
        a_stop_within_an_echo_loses_nothing,
        a_stop_after_a_read_that_found_nothing_loses_nothing,
        stop_waits_for_no_client,
        a_handle_that_is_dropped_stops_nothing,
        a_stop_that_pauses_between_its_steps_works,
        a_stop_works_before_run_twice_and_after_the_end,
        many_clients_do_not_delay_the_end,
        waiting_threads_sleep,
        two_servers_have_nothing_in_common,
        a_new_server_on_an_old_address_runs,
        an_address_in_use_is_an_error,
    ];
    stage_2: [
        a_client_that_never_reads_is_cut_off,
        a_client_that_keeps_sending_is_cut_off,
        a_client_that_sends_after_its_goodbye_is_cut_off,
        a_slow_client_is_not_cut_off_too_early,
        a_slow_client_has_a_second_after_the_stop,
        a_client_that_breaks_off_harms_no_other,
        a_client_that_breaks_off_during_the_stop_harms_no_other,
        a_client_that_breaks_off_before_accept_harms_no_other,
        a_client_that_is_gone_when_it_is_let_in_harms_no_other,
        clients_that_leave_in_another_order_harm_no_other,
        clients_that_have_left_leave_nothing_behind,
    ];
}

const GOODBYE: &[u8] = b"Shutting down!";

fn a_stop_ends_a_server_without_clients() {
    let running = Running::start();
    // A client that has connected and left proves that `run` is in `accept` again, or soon will be.
    drop(running.client());
    running.stop();
    running.has_ended();
}

fn every_client_is_told_goodbye() {
    let running = Running::start();
    let mut clients: Vec<Client> = (1..=4).map(|_| running.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.is_echoed(format!("I am number {number}").as_bytes());
    }
    running.stop();
    for client in &mut clients {
        client.ends_with_goodbye(b"");
    }
    // All clients are still connected, and none of them sends anything.
    running.has_ended();
}

fn every_byte_comes_back() {
    let running = Running::start();
    let mut patient = running.client();
    // These bytes are neither a line nor text. And a second client is served while the first one stays.
    let mut other = running.client();
    other.is_echoed(&[0, 255, 10, 13, 128]);
    patient.is_echoed(b"still served");
    // A buffer of any usual size is exactly full once.
    for size in (6..=16).map(|power| 1 << power) {
        other.is_echoed(&vec![b'x'; size]);
    }
    // More bytes than any buffer holds, read while they are written.
    let sent: Vec<u8> = (0..1_500_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut writer, bytes) = (other.stream.try_clone().unwrap(), sent.clone());
    let writing = real::thread::spawn(move || {
        let _ = writer.write_all(&bytes);
        // This ends what the client sends, not what it receives.
        let _ = writer.shutdown(Shutdown::Write);
    });
    other.gets_the_rest(&sent);
    let _ = writing.join();
    running.stop();
    patient.ends_with_goodbye(b"");
    running.has_ended();
}

fn many_clients_do_not_delay_the_end() {
    let running = Running::start();
    let mut clients: Vec<Client> = (0..70).map(|_| running.client()).collect();
    running.stop();
    // A server that ends one client after another takes too long.
    running.has_ended();
    for client in &mut clients {
        client.ends_with_goodbye(b"");
    }
}

fn clients_that_never_sent_anything_are_told_goodbye() {
    let running = Running::start();
    let silent = || {
        let stream = TcpStream::connect(running.addr).expect("the server listens");
        Client { stream, story: "" }
    };
    let mut clients: Vec<Client> = (0..50).map(|_| silent()).collect();
    // This client is let in after the silent ones, and doesn't wait for them.
    clients.push(running.client_after("50 clients had connected and sent nothing, and then "));
    running.stop();
    for client in &mut clients {
        client.ends_with_goodbye(b"");
    }
    running.has_ended();
}

fn a_client_that_was_silent_for_long_is_served() {
    let running = Running::start();
    let mut client = running.client();
    let mut other = running.client();
    // Nothing happens for this long.
    let (_sender, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(Duration::from_millis(2500));
    client.story = "a client sent nothing for a while, and then ";
    client.is_echoed(b"I am back");
    // The server is stopped long after these clients were accepted: no second of theirs is over.
    let burst: Vec<u8> = (0..32_000_u32).map(|n| (n % 247) as u8).collect();
    let (held, hold) = until_more_has_arrived(&running.watch);
    running.watch.before_each_write(hold);
    other.sends(b"x");
    held.comes_within(PATIENCE);
    other.sends(&burst);
    held.until(|| running.stop());
    other.ends_with_goodbye(&[b"x", &burst[..]].concat());
    client.story = "";
    client.ends_with_goodbye(b"");
    running.has_ended();
}

fn a_client_that_closes_its_side_gets_the_rest() {
    let running = Running::start();
    let mut client = running.client();
    client.sends(b"and that is all");
    let _ = client.stream.shutdown(Shutdown::Write);
    client.gets_the_rest(b"and that is all");
    running.stop();
    running.has_ended();
}

fn what_arrived_before_the_stop_is_echoed_first() {
    for _ in 0..3 {
        let running = Running::start();
        let mut clients: Vec<Client> = (0..12).map(|_| running.client()).collect();
        // The burst fits into the server's buffer, so it has arrived when the write returns, before the stop.
        let burst: Vec<u8> = (0..32_000_u32).map(|n| (n % 249) as u8).collect();
        for client in &mut clients {
            client.sends(&burst);
        }
        running.stop();
        for client in &mut clients {
            client.ends_with_goodbye(&burst);
        }
        running.has_ended();
    }
}

fn a_stop_within_an_echo_loses_nothing() {
    let running = Running::start();
    let mut client = running.client();
    let (held, hold) = until_more_has_arrived(&running.watch);
    running.watch.before_each_write(hold);
    client.sends(b"one");
    assert!(
        held.comes_within(PATIENCE),
        "a client sent \"one\", but the server wrote nothing{}",
        kept_panics()
    );
    client.sends(b" two");
    held.until(|| running.stop());
    client.ends_with_goodbye(b"one two");
    running.has_ended();
}

fn a_stop_after_a_read_that_found_nothing_loses_nothing() {
    let running = Running::start();
    let mut client = running.client();
    let (held, hold) = until_more_has_arrived(&running.watch);
    // Without a timeout for reads, threads are woken in another way, and no read returns empty-handed.
    if let Some(limit) = running.watch.longest_read() {
        running.watch.after_each_poll(hold);
        held.comes_within(limit.min(PATIENCE) + Duration::from_millis(300));
    }
    client.sends(b"just in time");
    held.until(|| running.stop());
    client.ends_with_goodbye(b"just in time");
    running.has_ended();
}

fn stop_waits_for_no_client() {
    let watch = Watch::default();
    watch.adopt();
    let server = bind();
    let more: Vec<Stop> = (0..8).map(|_| server.stop_handle()).collect();
    let running = Running::run(server, watch);
    let mut client = running.client();
    // In its write, this client's thread waits until `stop` has returned.
    let (began, release) = hold_the_next_write(&running.watch);
    client.sends(b"busy");
    let _ = receive(&began, PATIENCE);
    running.stop();
    // Meanwhile, `run` begins to wait for the threads of its clients.
    for stop in more {
        stop_in_time(stop, &running.watch, "again while a client was served");
        real::thread::sleep(MOMENT);
    }
    drop(release);
    client.ends_with_goodbye(b"busy");
    running.has_ended();
}

#[allow(clippy::drop_non_drop)] // another solution may have something to drop
fn a_handle_that_is_dropped_stops_nothing() {
    let watch = Watch::default();
    watch.adopt();
    let server = bind();
    drop(server.stop_handle());
    let while_running = server.stop_handle();
    let running = Running::run(server, watch);
    let mut client = running.client_after("a handle was dropped without a call of `stop`, and then ");
    drop(while_running);
    running.client_after(client.story).is_echoed(b"come in");
    client.is_echoed(b"am I still served?");
    running.stop();
    client.ends_with_goodbye(b"");
    running.has_ended();
}

fn a_stop_that_pauses_between_its_steps_works() {
    let running = Running::start();
    let mut clients = [running.client(), running.client()];
    // The system may pause any thread. A thread that `stop` wakes must not go back to sleep, or end,
    // because `stop` has done only half of its work.
    running.watch.pause_after_each_wake(Duration::from_millis(300));
    running.stop();
    for client in &mut clients {
        client.ends_with_goodbye(b"");
    }
    running.has_ended();
}

fn a_stop_works_before_run_twice_and_after_the_end() {
    let watch = Watch::default();
    watch.adopt();
    let server = bind();
    let handles = [(); 4].map(|()| server.stop_handle());
    let [before, twice, within, after] = handles;
    stop_in_time(before, &watch, "before run");
    stop_in_time(twice, &watch, "a second time");
    let (finishes, finished) = mpsc::channel();
    let stop = server.stop_handle();
    real::thread::spawn(watch.for_thread(move || {
        (0..96).for_each(|_| stop.stop());
        let _ = finishes.send(());
    }));
    assert!(
        receive(&finished, PATIENCE).is_ok(),
        "Stop::stop was called a hundred times before run, and one of these calls hasn't returned: what is stop waiting for?{}",
        kept_panics()
    );
    let running = Running::run(server, watch);
    running.has_ended();
    // Wait until the server itself is dropped as well.
    let _ = receive(&running.dropped, PATIENCE);
    stop_in_time(within, &running.watch, "after the end of run");
    stop_in_time(after, &running.watch, "after the end of run");
}

fn waiting_threads_sleep() {
    let running = Running::start();
    let mut clients = [running.client(), running.client(), running.client()];
    let watch = &running.watch;
    // A thread may be charged for the work of another virtual machine on the same processor: measure three times.
    let mut busy = None;
    for _ in 0..3 {
        let (begin, worked) = (Instant::now(), watch.processor_time());
        watch.polls();
        // Nothing happens for this long.
        let (_sender, nothing) = mpsc::channel::<()>();
        let _ = nothing.recv_timeout(Duration::from_millis(300));
        let (polls, shortest) = watch.polls();
        let worked = watch.processor_time().saturating_sub(worked);
        // The time is measured last, so a busy machine makes these rates smaller, never larger.
        let time = begin.elapsed();
        assert!(
            shortest.is_none_or(|limit| limit >= Duration::from_millis(10)),
            "a waiting thread wakes up after {:?} to check again: a waiting thread must sleep for at least 10 ms",
            shortest.unwrap_or_default()
        );
        assert!(
            polls as f64 / time.as_secs_f64() < 2000.0,
            "for {} ms, no client sent anything, but the server checked {polls} times: a waiting thread must sleep for at least 10 ms",
            time.as_millis()
        );
        busy = Some((time, worked)).filter(|_| worked >= time / 10);
        if busy.is_none() {
            break;
        }
    }
    if let Some((time, worked)) = busy {
        panic!(
            "for {} ms, no client sent anything, but the server kept a processor busy for {} ms: which thread checks in a loop instead of sleeping?",
            time.as_millis(),
            worked.as_millis()
        );
    }
    for client in &mut clients {
        client.is_echoed(b"and you?");
    }
    running.stop();
    for client in &mut clients {
        client.ends_with_goodbye(b"");
    }
    running.has_ended();
}

fn two_servers_have_nothing_in_common() {
    let (one, other) = (Running::start(), Running::start());
    let (mut first, mut second) = (one.client(), other.client());
    one.stop();
    first.ends_with_goodbye(b"");
    one.has_ended();
    second.story = "another server was stopped, and then ";
    second.is_echoed(b"am I still served?");
    other.stop();
    second.story = "";
    second.ends_with_goodbye(b"");
    other.has_ended();
}

fn a_new_server_on_an_old_address_runs() {
    // Another program may get the address in between.
    for _ in 0..5 {
        let old = Running::start();
        old.stop();
        old.has_ended();
        let _ = receive(&old.dropped, PATIENCE);
        let watch = Watch::default();
        watch.adopt();
        let Ok(server) = Server::bind(&old.addr.to_string()) else { continue };
        let running = Running::run(server, watch);
        let mut client =
            running.client_after("a server was stopped, a new one was bound to the same address, and then ");
        client.story = "";
        running.stop();
        client.ends_with_goodbye(b"");
        running.has_ended();
        return;
    }
}

fn an_address_in_use_is_an_error() {
    let running = Running::start();
    let addr = running.addr.to_string();
    let outcome = catch_unwind(AssertUnwindSafe(|| Server::bind(&addr).map(drop)));
    assert!(
        outcome.is_ok_and(|outcome| outcome.is_err()),
        "another server already listens on {addr}, but Server::bind(\"{addr}\") didn't return an error"
    );
    running.stop();
    running.has_ended();
}

fn a_client_that_never_reads_is_cut_off() {
    let running = Running::start();
    let deaf = running.client();
    // This client sends until no more bytes fit: every buffer is full, and its thread is stuck in a write.
    deaf.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    while (&deaf.stream).write(&[b'x'; 65_536]).is_ok() {}
    let mut polite = running.client();
    polite.is_echoed(b"and me?");
    running.stop();
    polite.ends_with_goodbye(b"");
    running.has_ended_although("a client doesn't read; how long does a write to that client wait?");
}

fn a_client_that_keeps_sending_is_cut_off() {
    let running = Running::start();
    let mut polite = running.client();
    let mut talker = running.client();
    let (addr, more) = (talker.stream.local_addr().unwrap(), talker.stream.try_clone().unwrap());
    more.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    // Before the server has written the echo of one word, the next word arrives.
    let watch = running.watch.clone();
    running.watch.before_each_write(move |server| {
        let read_before = watch.bytes_read();
        if server.peer_addr().is_ok_and(|peer| peer == addr) && (&more).write(b" and").is_ok() {
            watch.have_arrived(server, read_before, Duration::from_millis(100));
            // One word per millisecond is enough to keep the server from ever catching up.
            real::thread::sleep(Duration::from_millis(1));
        }
    });
    talker.sends(b"well");
    let echo = talker.reads();
    assert!(
        echo.as_ref().is_ok_and(|echo| echo.starts_with(b"w")),
        "a client sent \"well\", but its echo didn't arrive{}",
        kept_panics()
    );
    let reading = real::thread::spawn(move || while talker.reads().is_ok_and(|echo| !echo.is_empty()) {});
    running.stop();
    polite.ends_with_goodbye(b"");
    running.has_ended_although("a client keeps sending; for how long does the server echo its bytes?");
    let _ = reading.join();
}

fn a_client_that_sends_after_its_goodbye_is_cut_off() {
    let running = Running::start();
    let client = running.client();
    let mut more = client.stream.try_clone().unwrap();
    running.stop();
    let (ends, ended) = mpsc::channel::<()>();
    let sending = real::thread::spawn(move || {
        while more.write_all(b"and").is_ok()
            && receive(&ended, Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout)
        {}
    });
    running.has_ended_although(
        "a client sends a few bytes now and then; for how long does the server read them?",
    );
    drop(ends);
    let _ = sending.join();
}

fn a_slow_client_is_not_cut_off_too_early() {
    unless_the_machine_is_slower(|| {
        let running = Running::start();
        let mut client = running.client();
        running.watch.is_full_for(A_WHILE);
        client.sends(b"no hurry");
        let echo = client.reads_up_to(b"no hurry".len());
        let took = running.watch.was_full_for();
        if took > ALMOST_A_SECOND {
            return None;
        }
        assert!(
            echo == b"no hurry",
            "a client read nothing for {A_WHILE:?}, and then {}: a client has a second before it may be cut off{}",
            if echo.is_empty() { "was cut off".to_string() } else { format!("received {}", show(&echo)) },
            kept_panics()
        );
        running.stop();
        client.ends_with_goodbye(b"");
        running.has_ended();
        Some(())
    });
}

fn a_slow_client_has_a_second_after_the_stop() {
    unless_the_machine_is_slower(|| {
        let running = Running::start();
        let mut client = running.client();
        running.watch.is_full_for(A_WHILE);
        let (begins, began) = mpsc::channel();
        running.watch.before_each_write(move |_| {
            let _ = begins.send(());
        });
        client.sends(b"in a moment");
        let _ = receive(&began, PATIENCE);
        running.stop();
        let (heard, end) = client.reads_to_the_end();
        if running.watch.was_full_for() > ALMOST_A_SECOND {
            return None;
        }
        assert!(
            heard.starts_with(b"in a moment"),
            "a client that began to read {A_WHILE:?} after the stop should get back \"in a moment\", but received {}: a client has a second before it may be cut off",
            show(&heard)
        );
        client.has_heard_goodbye(b"in a moment", &heard, end);
        running.has_ended();
        Some(())
    });
}

fn a_client_that_breaks_off_harms_no_other() {
    let running = Running::start();
    let mut polite = running.client();
    for _ in 0..5 {
        let mut rude = running.client();
        // A client that closes its socket with an unread echo resets the connection.
        rude.sends(&[b'x'; 8_192]);
        let _ = rude.stream.peek(&mut [0]);
    }
    polite.story = "another client broke its connection, and then ";
    polite.is_echoed(b"still here");
    running.client_after(polite.story).is_echoed(b"come in");
    running.stop();
    polite.ends_with_goodbye(b"");
    running.has_ended();
}

fn a_client_that_breaks_off_during_the_stop_harms_no_other() {
    let running = Running::start();
    let mut polite = running.client();
    let mut rude = running.client();
    rude.sends(&[b'x'; 8_192]);
    let _ = rude.stream.peek(&mut [0]);
    // In a write, the rude client's thread waits until the server is stopped and this client is gone.
    let (began, release) = hold_the_next_write(&running.watch);
    rude.sends(b"busy");
    let _ = receive(&began, PATIENCE);
    running.stop();
    drop(rude);
    drop(release);
    polite.ends_with_goodbye(b"");
    running.has_ended();
}

fn a_client_that_breaks_off_before_accept_harms_no_other() {
    const STORY: &str =
        "a client broke off before it was let in (`accept` returned ConnectionAborted), and then ";
    let running = Running::start();
    running.watch.fail_next_accept(ErrorKind::ConnectionAborted);
    // A thread that is already in `accept` lets this client in. The next call to `accept` fails.
    let mut one = running.client_after(STORY);
    running.client_after(STORY).is_echoed(b"come in");
    one.is_echoed(b"still here");
    running.stop();
    one.ends_with_goodbye(b"");
    running.has_ended();
}

fn a_client_that_is_gone_when_it_is_let_in_harms_no_other() {
    const STORY: &str = "a client broke off before it was let in (every call on its socket fails), and then ";
    let running = Running::start();
    let mut polite = running.client();
    running.watch.next_client_is_gone();
    drop(TcpStream::connect(running.addr).expect("the server listens"));
    running.client_after(STORY).is_echoed(b"come in");
    polite.story = STORY;
    polite.is_echoed(b"still here");
    running.stop();
    polite.ends_with_goodbye(b"");
    running.has_ended();
}

fn clients_that_leave_in_another_order_harm_no_other() {
    let running = Running::start();
    let leaves = |mut client: Client| {
        let _ = client.stream.shutdown(Shutdown::Write);
        client.gets_the_rest(b"");
    };
    let [first, mut second, third, fourth] = [(); 4].map(|()| running.client());
    leaves(first);
    // If a client's number is its index in a list, the newcomer gets the index that the fourth client had.
    let mut newcomer = running.client();
    newcomer.is_echoed(b"come in");
    leaves(fourth);
    leaves(third);
    for stays in [&mut second, &mut newcomer] {
        stays.story = "other clients have left, and then ";
        stays.is_echoed(b"and I stay");
    }
    running.stop();
    for stays in [&mut second, &mut newcomer] {
        stays.ends_with_goodbye(b"");
    }
    running.has_ended();
}

fn clients_that_have_left_leave_nothing_behind() {
    type Leaves = fn(&Running);
    let ways: [(&str, Leaves); 3] = [
        ("have come and gone", |running| {
            let mut client = running.client();
            let _ = client.stream.shutdown(Shutdown::Write);
            client.gets_the_rest(b"");
        }),
        ("have broken their connections", |running| {
            let mut client = running.client();
            client.sends(&[b'x'; 8_192]);
            let _ = client.stream.peek(&mut [0]);
        }),
        ("were gone when they were let in", |running| {
            running.watch.next_client_is_gone();
            drop(TcpStream::connect(running.addr).expect("the server listens"));
            // The next client is let in after this one.
            let mut client = running.client();
            let _ = client.stream.shutdown(Shutdown::Write);
            client.gets_the_rest(b"");
        }),
    ];
    for (what, leaves) in ways {
        leave_nothing_behind(what, leaves);
    }
}

fn leave_nothing_behind(what: &str, leaves: impl Fn(&Running)) {
    const MANY: usize = 30;
    let running = Running::start();
    // The oldest client stays.
    let mut stays = running.client();
    (0..MANY).for_each(|_| leaves(&running));
    // The last clients may still be leaving, or may be cleaned up only when others connect.
    let left = || (running.watch.open_sockets(), running.watch.kept_handles());
    for _ in 0..MANY {
        let (sockets, handles) = left();
        if sockets.max(handles) <= MANY / 2 {
            break;
        }
        leaves(&running);
        real::thread::sleep(Duration::from_millis(30));
    }
    let (sockets, handles) = left();
    assert!(
        sockets <= MANY / 2,
        "{} clients {what}, but the server still keeps {sockets} sockets open: a server must close the socket of a client that has left",
        2 * MANY
    );
    assert!(
        handles <= MANY / 2,
        "{} clients {what}, but the server still keeps the handles of {handles} threads that have ended",
        2 * MANY
    );
    running.stop();
    stays.ends_with_goodbye(b"");
    running.has_ended();
}

/// How long a slow client waits before it reads.
const A_WHILE: Duration = Duration::from_millis(700);
/// If a busy machine makes the wait longer than this, the client may be cut off.
const ALMOST_A_SECOND: Duration = Duration::from_millis(900);

/// Retries until the machine was fast enough for the scenario to be meaningful.
fn unless_the_machine_is_slower(scenario: impl Fn() -> Option<()>) {
    for _ in 0..8 {
        if scenario().is_some() {
            return;
        }
    }
}

/// A thread of the server that the scenario holds.
struct Held {
    events: Receiver<&'static str>,
    release: Sender<()>,
    came: Mutex<bool>,
}

/// The next thread that writes tells the receiver, and waits until the sender is dropped.
fn hold_the_next_write(watch: &Watch) -> (Receiver<()>, Sender<()>) {
    let (begins, began) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let once = Mutex::new(Some((begins, released)));
    watch.before_each_write(move |_| {
        let once = once.lock().unwrap().take();
        if let Some((begins, released)) = once {
            let _ = begins.send(());
            let _ = receive(&released, 2 * PATIENCE);
        }
    });
    (began, release)
}

/// Returns a function that the server's threads call with their sockets. The first thread that calls it
/// is held until more bytes have arrived on its socket and [`Held::until`] releases the thread.
fn until_more_has_arrived(watch: &Watch) -> (Held, impl Fn(&TcpStream) + Send + Sync + use<>) {
    let watch = watch.clone();
    let (happens, events) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let hold = move |server: &TcpStream| {
        if let Ok(released) = released.try_lock()
            && let read_before = watch.bytes_read()
            && happens.send("held").is_ok()
            && watch.have_arrived(server, read_before, PATIENCE)
            && happens.send("more has arrived").is_ok()
        {
            let _ = receive(&released, PATIENCE);
        }
    };
    (Held { events, release, came: Mutex::new(false) }, hold)
}

impl Held {
    /// Returns whether a thread was held within `limit`.
    fn comes_within(&self, limit: Duration) -> bool {
        let came = receive(&self.events, limit).is_ok();
        *self.came.lock().unwrap() = came;
        came
    }

    /// Waits until more bytes have arrived, calls `done`, and releases the thread. After that, no thread is held.
    fn until(self, done: impl FnOnce()) {
        if *self.came.lock().unwrap() {
            let _ = receive(&self.events, PATIENCE);
        }
        drop(self.events);
        done();
        drop(self.release);
    }
}

/// A server whose `run` was called on a thread of its own.
struct Running {
    addr: SocketAddr,
    stop: Mutex<Option<Stop>>,
    watch: Watch,
    ended: Receiver<(real::thread::Result<io::Result<()>>, Option<String>)>,
    dropped: Receiver<()>,
}

impl Running {
    fn start() -> Self {
        let watch = Watch::default();
        watch.adopt();
        let server = bind();
        Self::run(server, watch)
    }

    fn run(server: Server, watch: Watch) -> Self {
        let (ends, ended) = mpsc::channel();
        let (drops, dropped) = mpsc::channel();
        let (addr, stop) = (server.local_addr(), Mutex::new(Some(server.stop_handle())));
        let list = watch.clone();
        let run = watch.for_thread(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| server.run()));
            // Check this now, not after the server is dropped: `run` makes this promise.
            let _ = ends.send((outcome, list.not_joined()));
            drop(server);
            let _ = drops.send(());
        });
        real::thread::spawn(run);
        Running { addr, stop, watch, ended, dropped }
    }

    fn stop(&self) {
        let stop = self.stop.lock().unwrap().take().expect("each scenario stops its server once");
        stop_in_time(stop, &self.watch, "");
    }

    fn client(&self) -> Client {
        self.client_after("")
    }

    /// `story` begins the message if the client isn't echoed.
    fn client_after(&self, story: &'static str) -> Client {
        let stream = TcpStream::connect(self.addr).unwrap_or_else(|why| {
            panic!("{story}a client can't connect to the running server: {why}{}", kept_panics())
        });
        let mut client = Client { stream, story };
        // The echo proves that the client was let in.
        client.is_echoed(b"hello");
        client
    }

    fn has_ended(&self) {
        self.has_ended_although("");
    }

    fn has_ended_although(&self, story: &str) {
        let Ok((outcome, not_joined)) = receive(&self.ended, PATIENCE) else {
            panic!(
                "the server was stopped, but run hasn't returned: {}{}",
                if story.is_empty() { "what is run still waiting for?" } else { story },
                kept_panics()
            );
        };
        match outcome {
            Err(_) => panic!("run panicked instead of returning{}", kept_panics()),
            Ok(Err(why)) => panic!("the server was stopped, but run returned an error: {why}"),
            Ok(Ok(())) => {}
        }
        if let Some(place) = not_joined.or_else(|| self.watch.not_joined()) {
            panic!("run has returned, but the thread that was started at {place} was never joined");
        }
    }
}

/// Calls `stop` on a thread of its own: `stop` may be called anywhere, and must not wait for a client.
fn stop_in_time(stop: Stop, watch: &Watch, when: &str) {
    let (finishes, finished) = mpsc::channel();
    real::thread::spawn(watch.for_thread(move || {
        stop.stop();
        let _ = finishes.send(());
    }));
    let called = if when.is_empty() { String::new() } else { format!(", which was called {when},") };
    match receive(&finished, PATIENCE) {
        Ok(()) => {}
        Err(RecvTimeoutError::Timeout) => {
            panic!("Stop::stop{called} hasn't returned: what is stop waiting for?{}", kept_panics())
        }
        Err(RecvTimeoutError::Disconnected) => {
            panic!("Stop::stop{called} panicked{}", kept_panics())
        }
    }
}

fn bind() -> Server {
    Server::bind("127.0.0.1:0").unwrap_or_else(|why| panic!("Server::bind(\"127.0.0.1:0\") failed: {why}"))
}

struct Client {
    stream: TcpStream,
    /// The beginning of each message about this client: what happened before.
    story: &'static str,
}

/// How a client's stream ended.
enum End {
    OfStream,
    /// Closing a socket with unread bytes resets the connection.
    Reset,
    Other(String),
}

impl Client {
    fn sends(&mut self, bytes: &[u8]) {
        let story = self.story;
        self.stream.set_write_timeout(Some(PATIENCE)).unwrap();
        if let Err(why) = self.stream.write_all(bytes) {
            panic!(
                "{story}a client can't send {} bytes to the running server: {why}{}",
                bytes.len(),
                kept_panics()
            );
        }
    }

    /// Sends these bytes, and expects them back.
    fn is_echoed(&mut self, bytes: &[u8]) {
        self.sends(bytes);
        let story = self.story;
        let mut heard = vec![];
        while heard.len() < bytes.len() {
            match self.reads() {
                Ok(more) if !more.is_empty() => heard.extend(more),
                Ok(_) => panic!(
                    "{story}a client sent {}, but its connection was closed before the echo{}",
                    show(bytes),
                    kept_panics()
                ),
                Err(why) => {
                    let why = match why.kind() {
                        ErrorKind::TimedOut => format!("no echo arrived in {} seconds", PATIENCE.as_secs()),
                        _ => format!("got an error instead of the echo: {why}"),
                    };
                    panic!("{story}a client sent {}, but {why}{}", show(bytes), kept_panics())
                }
            }
        }
        assert!(heard == bytes, "{story}a client sent {}, but {} came back", show(bytes), show(&heard));
    }

    /// Waits for more bytes. The error `TimedOut` means that none arrived.
    fn reads(&mut self) -> io::Result<Vec<u8>> {
        let mut left = PATIENCE;
        self.stream.set_read_timeout(Some(MOMENT)).unwrap();
        let mut bytes = vec![0; 65_536];
        loop {
            return match self.stream.read(&mut bytes) {
                Ok(n) => Ok(bytes[..n].to_vec()),
                Err(why) if why.kind() == ErrorKind::Interrupted => continue,
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    // As in `receive`, a moment that takes longer counts as one.
                    left = left.saturating_sub(MOMENT);
                    if !left.is_zero() {
                        continue;
                    }
                    Err(ErrorKind::TimedOut.into())
                }
                Err(why) => Err(why),
            };
        }
    }

    /// Reads `count` bytes, or fewer if the stream ends first.
    fn reads_up_to(&mut self, count: usize) -> Vec<u8> {
        let mut heard = vec![];
        while heard.len() < count {
            match self.reads() {
                Ok(more) if !more.is_empty() => heard.extend(more),
                _ => break,
            }
        }
        heard
    }

    fn reads_to_the_end(&mut self) -> (Vec<u8>, End) {
        let mut heard = vec![];
        loop {
            match self.reads() {
                Ok(more) if more.is_empty() => return (heard, End::OfStream),
                Ok(more) => heard.extend(more),
                Err(why) => {
                    let end = match why.kind() {
                        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => End::Reset,
                        ErrorKind::TimedOut => {
                            End::Other(format!("nothing more arrived in {} seconds", PATIENCE.as_secs()))
                        }
                        _ => End::Other(format!("the next read returned an error: {why}")),
                    };
                    return (heard, end);
                }
            }
        }
    }

    /// After the client has closed its side: expects the rest of its echo, then the end.
    fn gets_the_rest(&mut self, sent: &[u8]) {
        let (heard, end) = self.reads_to_the_end();
        if heard == sent && matches!(end, End::OfStream) {
            return;
        }
        let what = if heard.strip_prefix(sent) == Some(GOODBYE) {
            "was told goodbye, although the server wasn't stopped".to_string()
        } else if heard == sent {
            match end {
                End::OfStream => unreachable!("that is right"),
                End::Reset => "its connection was reset instead of being closed".to_string(),
                End::Other(why) => format!("didn't get the end of its stream: {why}"),
            }
        } else if sent.starts_with(&heard) {
            format!("got back only {} of the {} bytes that it had sent", heard.len(), sent.len())
        } else if heard.len() < sent.len() {
            format!(
                "got back {} of the {} bytes that it had sent, with gaps: a `write` may take fewer bytes than it is given, and returns how many it took",
                heard.len(),
                sent.len()
            )
        } else {
            format!("received {}, which isn't what it had sent", show(&heard))
        };
        panic!("a client closed its side of the connection, but {what}{}", kept_panics());
    }

    /// After a stop: expects the rest of the client's echo, then the goodbye, then the end.
    fn ends_with_goodbye(&mut self, echo: &[u8]) {
        let (heard, end) = self.reads_to_the_end();
        self.has_heard_goodbye(echo, &heard, end);
    }

    fn has_heard_goodbye(&self, echo: &[u8], heard: &[u8], end: End) {
        let right = heard.iter().zip(echo).take_while(|(heard, sent)| heard == sent).count();
        let then = &heard[right..];
        if right < echo.len() {
            let came = if right == 0 { "nothing".to_string() } else { format!("only {right}") };
            panic!(
                "{} bytes had arrived at the server before the stop, but {came} came back before {}{}",
                echo.len(),
                match (then, end) {
                    ([], End::OfStream) => "the end of the stream".to_string(),
                    ([], End::Other(why)) => format!("the client gave up: {why}"),
                    ([], End::Reset) | (GOODBYE, _) => {
                        "the goodbye: after the stop, does the thread `read` once more for the bytes that arrived in between?"
                            .to_string()
                    }
                    (words, _) => show(words),
                },
                kept_panics()
            );
        }
        match (then, end) {
            (GOODBYE, End::OfStream) => {}
            (GOODBYE, End::Reset) => panic!(
                "after the goodbye, a client's connection was reset instead of being closed: did the server close the socket with unread bytes in it?"
            ),
            (GOODBYE, End::Other(why)) => {
                panic!("a client received the goodbye, but not the end of its stream: {why}{}", kept_panics())
            }
            ([], End::OfStream) => panic!(
                "the server was stopped, but a connected client got the end of its stream without a goodbye{}",
                kept_panics()
            ),
            ([], End::Reset) => panic!(
                "the server was stopped, but a connected client got a reset instead of a goodbye{}",
                kept_panics()
            ),
            ([], End::Other(why)) => panic!(
                "the server was stopped, but a connected client got no goodbye: {why}{}",
                kept_panics()
            ),
            (words, _) => panic!(
                "the last words to a client must be \"Shutting down!\" and nothing else, but a client received {}",
                show(words)
            ),
        }
    }
}

/// Formats bytes for a message, and only the end of many bytes.
fn show(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".to_string(),
        1..=60 => format!("\"{}\"", bytes.escape_ascii()),
        n => format!("{n} bytes that end with \"{}\"", bytes[n - 20..].escape_ascii()),
    }
}
