// The check of exercise 14. It is finished: change src/lib.rs, not this file.
//
// To ask for somebody's health is to wait, and some never answer. One after the other, all wait for the slowest, and for
// ever if one is silent. So a few workers ask at once, each request has a time-out, and whatever goes wrong with one
// server is an answer about that server and about no other.
//
// This check runs real servers on 127.0.0.1. It does not measure whether you are quick: one server answers only when
// as many requests have arrived as there are workers, one only when all others have been asked, and one never.
// Run it with `cargo test -p ex14-health-check`; read docs/14-health-check.md.

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex14-health-check/src/lib.rs")]
mod health;
#[allow(unused_imports)]
use health::*; // so that `crate::` means the same in src/lib.rs, here and there

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

type Health = BTreeMap<String, Result<u16, String>>;

/// A time-out that no server of this check runs into, unless it never answers.
const LONG: Duration = Duration::from_secs(60);
/// For the servers that never answer.
const SHORT: Duration = Duration::from_millis(500);

#[test]
fn each_status_is_told() {
    let urls: Vec<String> = [200, 404, 503, 204].map(answers).into();
    let health = check_all(&urls, 2, LONG);
    for (url, status) in urls.iter().zip([200, 404, 503, 204]) {
        assert!(
            health[url] == Ok(status),
            "a server answered with status {status}, but check_all says {:?}",
            health[url]
        );
    }
}

#[test]
fn the_trouble_of_one_is_its_own() {
    let (refuses, _port_is_taken) = refuses();
    let troubles = [
        ("refuses connections", refuses),
        ("resets the connection", server(|stream| drop(stream.peek(&mut [0])))),
        ("hangs up instead of answering", server(read_request)),
        ("does not speak HTTP", server(|stream| answer(stream, "220 this is a mail server\r\n\r\n"))),
        ("has no valid URL", "http://".to_string()),
    ];
    let mut urls = vec![answers(200)];
    urls.extend(troubles.iter().map(|(_, url)| url.clone()));
    urls.push(answers(201));
    let health = check_all(&urls, 3, LONG);
    for (what, url) in troubles {
        match &health[&url] {
            Ok(status) => {
                panic!("a server that {what} has no status, but check_all says it answered {status}")
            }
            Err(why) => {
                assert!(!why.is_empty(), "check_all does not say what is wrong with a server that {what}")
            }
        }
    }
    for (url, status) in [(&urls[0], 200), (&urls[6], 201)] {
        assert!(
            health[url] == Ok(status),
            "other servers were in trouble, but this one answered {status}; check_all says {:?}",
            health[url]
        );
    }
}

#[test]
fn a_silent_server_is_given_up() {
    let (silent, hung_up) = silent();
    let urls = [silent, dribbles(), answers(200)];
    let mut health = check_all(&urls, 1, SHORT);
    if health[&urls[2]].is_err() {
        // Half a second may be too little for a very busy machine: then it is given more.
        health = check_all(&urls, 1, 4 * SHORT);
    }
    for (url, what) in
        [(&urls[0], "never answers"), (&urls[1], "sends a byte now and then, but no whole answer")]
    {
        assert!(
            health[url].is_err(),
            "a server {what}, but check_all says that its status is {:?}",
            health[url]
        );
    }
    assert!(
        health[&urls[2]] == Ok(200),
        "the server behind two hopeless ones answered 200, but check_all says {:?}",
        health[&urls[2]]
    );
    assert!(
        hears(&hung_up, patience()).is_ok(),
        "check_all has returned, but a request to the silent server is still waiting: was a thread left running?"
    );
}

#[test]
fn a_silent_server_has_all_of_its_time() {
    let (silent, _hung_up) = silent();
    let begin = Instant::now();
    check_all(&[silent], 1, SHORT);
    let given = begin.elapsed();
    // It may be more: the machine may be busy. Clocks that are read in different places may differ a little.
    assert!(
        given >= SHORT * 9 / 10,
        "a silent server was to be given {SHORT:?}, but check_all gave it up after {} ms",
        given.as_millis()
    );
}

#[test]
fn a_redirect_brings_no_new_time() {
    // A machine that is too busy for this lets hopeless time-outs run out. Then all is done again, and takes twice as long.
    for timeout in [2, 4, 8, 16].map(|times| times * SHORT) {
        let moments = Arc::new(Mutex::new(vec![Instant::now()]));
        let url = sends_on(timeout, &moments);
        let health = check_all(std::slice::from_ref(&url), 1, timeout);
        // A redirect that is not followed is an answer, too. This one came when the time was over.
        assert!(
            health[&url] != Ok(200),
            "a server redirected the request again and again, and answered 200 when its time of {timeout:?} was over, but check_all says Ok(200): \
             is the time-out as long as it was given, and one for all of the request?"
        );
        let mut moments = moments.lock().unwrap();
        moments.push(Instant::now());
        if moments.windows(2).all(|step| step[1] - step[0] < timeout * 2 / 5) {
            return;
        }
    }
}

#[test]
fn a_late_answer_is_an_answer() {
    let late = server(|stream| {
        read_request(stream);
        // Far less than it is given.
        pause(2 * SHORT);
        answer(stream, &response(200));
    });
    let health = check_all(std::slice::from_ref(&late), 1, LONG);
    assert!(
        health[&late] == Ok(200),
        "a server took a second, and had a minute; check_all says {:?}: which time-out did it use?",
        health[&late]
    );
}

#[test]
fn so_many_are_asked_at_once() {
    asks_at_once(8, 3);
}

#[test]
fn one_worker_asks_one_after_the_other() {
    asks_at_once(3, 1);
}

fn asks_at_once(count: usize, workers: usize) {
    let gate = Arc::new(Gate::default());
    let behind = Arc::clone(&gate);
    let url = server(move |stream| {
        read_request(stream);
        behind.wait_for(workers);
        answer(stream, &response(200));
    });
    let urls: Vec<String> = (1..=count).map(|n| format!("{url}{n}")).collect();
    let health = check_all(&urls, workers, LONG);
    let most = gate.passing.lock().unwrap().most;
    assert!(
        most >= workers,
        "there were {count} URLs and {workers} workers, but at most {most} was asked at a time: what did the others wait for?"
    );
    assert!(
        most <= workers,
        "{most} servers were asked at once, by a check with {workers} worker{}",
        if workers == 1 { "" } else { "s" }
    );
    assert!(
        health.values().all(|health| *health == Ok(200)),
        "all servers answered 200, but check_all says {health:?}"
    );
}

#[test]
fn nobody_waits_behind_a_slow_one() {
    // Whichever end a worker begins at, and however the list is cut: somewhere the slow one has others behind it.
    for slow in 0..5 {
        let asked = Arc::new(Gate::default());
        let (quick, all) = (Arc::clone(&asked), Arc::clone(&asked));
        let quick = server(move |stream| {
            read_request(stream);
            quick.count();
            answer(stream, &response(200));
        });
        // It answers when each of the others has been asked, or when that takes too long.
        let slowly = server(move |stream| {
            read_request(stream);
            all.wait_for_others(4);
            answer(stream, &response(200));
        });
        let urls: Vec<String> =
            (0..5).map(|n| format!("{}{n}", if n == slow { &slowly } else { &quick })).collect();
        check_all(&urls, 2, LONG);
        let waited = asked.passing.lock().unwrap().waited_in_vain;
        assert!(
            !waited,
            "one of 2 workers was kept by a slow server, and the other one did not ask the rest of the 5 URLs: \
             does each worker take the next URL as soon as it is free?"
        );
    }
}

#[test]
fn more_workers_than_urls_and_none_at_all() {
    check_all(&[], 3, LONG);
    let urls = [answers(200)];
    let health = check_all(&urls, 5, LONG);
    assert!(
        health[&urls[0]] == Ok(200),
        "one server answered 200 to 5 workers, but check_all says {health:?}"
    );
}

/// Calls the learner's function on a thread of its own, so that a wait without an end is a failure and not a wait.
fn check_all(urls: &[String], workers: usize, timeout: Duration) -> Health {
    keep_panics_for_later();
    let (tell, told) = mpsc::channel();
    let asked = urls.to_vec();
    thread::spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| health::check_all(&asked, workers, timeout)));
        let _ = tell.send(outcome);
    });
    // Two of the servers never answer.
    let patience = if timeout < LONG { patience().max(6 * timeout) } else { patience() };
    let health = match hears(&told, patience) {
        Ok(Ok(health)) => health,
        Ok(Err(_)) => panic!("check_all panicked instead of returning what it knows{}", kept_panics()),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!(
            "check_all has not returned, and each server had {timeout:?}: who is it still waiting for?{}",
            kept_panics()
        ),
    };
    for url in urls {
        assert!(health.contains_key(url), "check_all says nothing about {url}, one of {} URLs", urls.len());
    }
    assert!(
        health.len() == urls.len(),
        "{} URLs were asked, but check_all speaks of {}",
        urls.len(),
        health.len()
    );
    health
}

/// How long to wait for what takes milliseconds: long enough for a busy machine, and less once a test has failed, so that the
/// others do not all wait in vain.
fn patience() -> Duration {
    Duration::from_secs(if HAS_FAILED.load(Relaxed) { 2 } else { 6 })
}

/// What is told, if it is told in this time. A machine that is too busy to wake this thread after some milliseconds is too busy for
/// the others as well: what it takes longer does not count.
fn hears<T>(told: &Receiver<T>, patience: Duration) -> Result<T, RecvTimeoutError> {
    let mut left = patience;
    loop {
        match told.recv_timeout(MOMENT) {
            Err(RecvTimeoutError::Timeout) if left > MOMENT => left -= MOMENT,
            heard => return heard,
        }
    }
}

const MOMENT: Duration = Duration::from_millis(10);

static HAS_FAILED: AtomicBool = AtomicBool::new(false);
thread_local!(static IS_TEST: Cell<bool> = const { Cell::new(false) });
static PANICS: Mutex<Vec<String>> = Mutex::new(vec![]);

/// A failure begins with the check's own sentence, and has no backtrace, which would speak of this file only: panics of other
/// threads are told behind it.
fn keep_panics_for_later() {
    static ONCE: Once = Once::new();
    IS_TEST.set(true);
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| match IS_TEST.get() {
            true => {
                HAS_FAILED.store(true, Relaxed);
                let place = panic.location().map(|place| format!("{}:{}: ", place.file(), place.line()));
                let words = panic.payload_as_str().unwrap_or("a panic without words");
                eprintln!("{}{words}", place.unwrap_or_default());
            }
            false => PANICS.lock().unwrap().push(panic.to_string()),
        }));
    });
}

fn kept_panics() -> String {
    let mut panics = PANICS.lock().unwrap().clone();
    panics.dedup();
    panics.iter().map(|panic| format!("\n\na thread {panic}")).collect()
}

/// A server with a thread for each connection; its URL. It ends with the check.
fn server(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(&mut stream));
        }
    });
    url
}

/// A server that answers at once.
fn answers(status: u16) -> String {
    server(move |stream| {
        read_request(stream);
        answer(stream, &response(status));
    })
}

/// A server that reads the request and never answers. The channel says that the client has hung up.
fn silent() -> (String, Receiver<()>) {
    let (tell, hung_up) = mpsc::channel();
    let url = server(move |stream| {
        read_request(stream);
        let _ = stream.read(&mut [0]);
        let _ = tell.send(());
    });
    (url, hung_up)
}

/// A server that answers each request with a redirect to itself, after a pause much shorter than `timeout`. When more time than
/// `timeout` has gone by since the first request, it redirects once more, and then answers 200.
///
/// That is no matter of speed. The last redirect goes out when the time is over, so whoever asks behind it has seen the time run
/// out, however slow the machine is.
/// `moments` has that of the call, and gets those of the requests.
fn sends_on(timeout: Duration, moments: &Arc<Mutex<Vec<Instant>>>) -> String {
    let moments = Arc::clone(moments);
    let late = AtomicBool::new(false);
    server(move |stream| {
        read_request(stream);
        let first = {
            let mut moments = moments.lock().unwrap();
            moments.push(Instant::now());
            moments[1]
        };
        if late.load(SeqCst) {
            return answer(stream, &response(200));
        }
        pause(timeout / 4);
        late.store(first.elapsed() > timeout + timeout / 20, SeqCst);
        let here = stream.local_addr().unwrap();
        let headers = format!("Location: http://{here}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        answer(stream, &format!("HTTP/1.1 302 as asked\r\n{headers}"));
    })
}

/// A server whose answer grows by a byte now and then, and never ends.
fn dribbles() -> String {
    server(|stream| {
        read_request(stream);
        answer(stream, "HTTP/1.1 200 OK\r\nX-Patience: ");
        // Its pace, not a wait: until the client hangs up, nothing else happens here.
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// The URL of a port on which nobody listens, and that nobody else is given while the connection is there that uses it.
fn refuses() -> (String, [TcpStream; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let url = format!("http://{}/", stream.local_addr().unwrap());
    let (other_end, _) = listener.accept().unwrap();
    (url, [stream, other_end])
}

/// A server takes its time.
fn pause(time: Duration) {
    let (_nobody, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time);
}

fn read_request(stream: &mut TcpStream) {
    let mut request = vec![];
    let mut bytes = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(n) => request.extend(&bytes[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn response(status: u16) -> String {
    format!("HTTP/1.1 {status} as asked\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn answer(stream: &mut TcpStream, text: &str) {
    // A client that has hung up is told of elsewhere.
    let _ = stream.write_all(text.as_bytes());
}

/// Lets requests pass when so many have arrived. The first ones are kept a little longer, in case there are too many.
#[derive(Default)]
struct Gate {
    passing: Mutex<Passing>,
    changed: Condvar,
}

#[derive(Default)]
struct Passing {
    inside: usize,
    most: usize,
    open: bool,
    /// Those that need not wait.
    others: usize,
    waited_in_vain: bool,
}

impl Gate {
    fn wait_for(&self, wanted: usize) {
        let mut passing = self.passing.lock().unwrap();
        passing.inside += 1;
        passing.most = passing.most.max(passing.inside);
        self.changed.notify_all();
        let too_few = |passing: &mut Passing| !passing.open && passing.inside < wanted;
        let limit = patience() / 2;
        passing = self.changed.wait_timeout_while(passing, limit, too_few).unwrap().0;
        let not_too_many = |passing: &mut Passing| !passing.open && passing.inside <= wanted;
        passing = self.changed.wait_timeout_while(passing, SHORT, not_too_many).unwrap().0;
        // Open for good. The answer is sent after this, so whoever asks next is not counted together with this one.
        passing.open = true;
        passing.inside -= 1;
        self.changed.notify_all();
    }

    fn count(&self) {
        self.passing.lock().unwrap().others += 1;
        self.changed.notify_all();
    }

    fn wait_for_others(&self, wanted: usize) {
        let passing = self.passing.lock().unwrap();
        let too_few = |passing: &mut Passing| passing.others < wanted;
        let waited = self.changed.wait_timeout_while(passing, patience() / 2, too_few);
        let (mut passing, limit) = waited.unwrap();
        passing.waited_in_vain = limit.timed_out();
    }
}
