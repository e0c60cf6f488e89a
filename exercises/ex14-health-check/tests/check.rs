// This is the finished check for exercise 14: change src/lib.rs, not this file.
//
// A health check spends its time waiting, and some servers never answer. If it asks one server after
// another, every server waits for the slowest, and a silent server stops the program. So a few workers
// ask at the same time, each request has a timeout, an error from one server is the result for that server
// only, and results are collected in the order in which they arrive.
//
// The check runs real servers on 127.0.0.1, and doesn't measure your speed. Its servers report when a
// request has arrived, and answer when the scenario tells them to. So a scenario can hold back one
// answer until all the others have arrived, and knows the order in which the answers were sent.
// Run it with `cargo test -p ex14-health-check`; read docs/14-health-check.md.
//
// The README's promises, and the tests that hold you to them:
//
// | promise | tests |
// |---|---|
// | `workers` requests run at the same time, never more | `asks_as_many_at_once_as_there_are_workers` |
// | a worker that is done takes the next URL | `a_free_worker_takes_the_next_url` |
// | results are in the order in which they arrive | `results_stand_in_the_order_of_arrival` |
// | one result for each element of `urls`, one GET request for each | `each_url_is_asked_once`, `a_request_that_fails_is_not_repeated`, `the_same_url_twice_is_requested_twice`, `no_url_one_url_and_many` |
// | every status is an answer | `every_status_is_an_answer` |
// | a redirect is followed or reported | `a_redirect_is_followed_or_reported` |
// | an error is the `Err` for its URL and doesn't affect the others | `trouble_belongs_to_one_url`, `errors_delay_no_other_url` |
// | each request gets the whole `timeout`, no more and no less | `a_silent_server_is_given_up`, `an_answer_after_the_timeout_is_too_late`, `a_redirect_gets_no_new_timeout`, `a_silent_server_gets_its_whole_timeout`, `a_late_answer_counts`, `every_request_has_a_timeout_of_its_own` |
// | no request outlives `check_all` | `a_silent_server_is_given_up` |
// | calls are independent of each other | `two_calls_at_once_do_not_mix` |

extern crate self as std; // in this file and the modules it includes, std is this crate: …
pub use interleave::live::watched_std::*; // … the real one, but the end of the process is reported
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex14-health-check/src/lib.rs")]
mod health;
#[allow(unused_imports)]
use health::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::live::{MOMENT, PATIENCE, kept_panics, receive};
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

interleave::side_by_side! {
    check_all: [
        asks_as_many_at_once_as_there_are_workers,
        a_free_worker_takes_the_next_url,
        a_silent_server_is_given_up,
        results_stand_in_the_order_of_arrival,
        each_url_is_asked_once,
        a_request_that_fails_is_not_repeated,
        trouble_belongs_to_one_url,
        errors_delay_no_other_url,
        every_status_is_an_answer,
        an_answer_after_the_timeout_is_too_late,
        a_silent_server_gets_its_whole_timeout,
        every_request_has_a_timeout_of_its_own,
        a_late_answer_counts,
        a_redirect_is_followed_or_reported,
        a_redirect_gets_no_new_timeout,
        the_same_url_twice_is_requested_twice,
        no_url_one_url_and_many,
        two_calls_at_once_do_not_mix,
    ];
}

type Health = Vec<(String, Result<u16, String>)>;

/// A timeout that never expires in a scenario, unless a server never answers.
const LONG: Duration = Duration::from_secs(60);
/// A timeout for servers that never answer.
const SHORT: Duration = Duration::from_millis(250);

fn asks_as_many_at_once_as_there_are_workers() {
    for (count, workers) in [(8, 3), (3, 1), (2, 5), (6, 6), (75, 70)] {
        let mut check = Conducted::start(count, workers);
        check.gather();
        // If there were more requests than that, they would have arrived by the end of this pause.
        pause(Duration::from_millis(150));
        while check.unanswered() > 0 {
            check.gather();
            check.answer(0, Reply::Status(200));
        }
        check.finish();
    }
}

fn a_free_worker_takes_the_next_url() {
    // Wherever the slow URL is, and however the list is divided, some URLs come after it.
    for slow in 0..5 {
        let mut check = Conducted::start(5, 2);
        while check.unanswered() > 0 {
            check.gather();
            let quick = check.asked.iter().position(|request| request.path != format!("/{slow}"));
            check.answer(quick.unwrap_or(0), Reply::Status(200));
        }
        check.finish();
    }
}

fn a_silent_server_is_given_up() {
    let (silent, waiting) = silent();
    let urls = [silent, dribbles(), answers(200)];
    let health =
        patiently(SHORT, |timeout| check_all(&urls, 1, timeout), |health| result(health, &urls[2]).is_ok());
    for (url, what) in
        [(&urls[0], "never answers"), (&urls[1], "sends a byte now and then, but no whole answer")]
    {
        assert!(
            result(&health, url).is_err(),
            "a server {what}, but check_all reports the status {:?}",
            result(&health, url)
        );
    }
    assert!(
        *result(&health, &urls[2]) == Ok(200),
        "a third server answered 200 after two unresponsive ones, but check_all reports {:?}",
        result(&health, &urls[2])
    );
    // The system tells the server at once that the client has closed its socket.
    assert!(
        waiting.try_iter().all(|stream| ends_within(&stream, MOMENT * 10)),
        "check_all has returned, but its request to the silent server is still waiting: was a thread left running?"
    );
}

fn results_stand_in_the_order_of_arrival() {
    let mut random = Random(15);
    for (count, workers) in [(5, 2), (7, 3), (4, 1), (9, 4), (6, 2), (8, 3)] {
        let mut check = Conducted::start(count, workers);
        while check.unanswered() > 0 {
            check.gather();
            let next = random.below(check.asked.len());
            check.answer(next, Reply::Status(200));
        }
        check.finish();
    }
    // Alternating: each worker has some of the results, and none has all of its results before another's.
    for first in [0, 1] {
        let mut check = Conducted::start(8, 2);
        while check.unanswered() > 0 {
            check.gather();
            // The request that has waited longer; but the first time, request `first`.
            let next = if check.answered.is_empty() { first } else { 0 };
            check.answer(next, Reply::Status(200));
        }
        check.finish();
    }
}

fn each_url_is_asked_once() {
    let mut random = Random(14);
    for workers in [1, 2, 3] {
        let mut check = Conducted::start(8, workers);
        while check.unanswered() > 0 {
            check.gather();
            let reply = match random.below(5) {
                0 => Reply::HangUp,
                1 => Reply::Garbage,
                2 => Reply::Status(503),
                3 => Reply::Status(404),
                _ => Reply::Status(200),
            };
            check.answer(0, reply);
        }
        check.finish();
    }
}

fn a_request_that_fails_is_not_repeated() {
    let failing = [
        ("resets the connection", LONG, counts(|_| {})),
        ("hangs up instead of answering", LONG, counts(|stream| drop(read_request(stream)))),
        ("hangs up in the middle of its answer", LONG, counts(breaks_off)),
        ("doesn't speak HTTP", LONG, counts(|stream| send(stream, "220 this is a mail server\r\n\r\n"))),
        (
            "answers 503",
            LONG,
            counts(|stream| {
                read_request(stream);
                send(stream, &response(503));
            }),
        ),
        (
            "never answers",
            SHORT,
            counts(|stream| {
                read_request(stream);
                let _ = stream.peek(&mut [0]);
            }),
        ),
    ];
    for (what, timeout, (url, count)) in failing {
        check_all(&[url], 1, timeout);
        let requests = count.load(SeqCst);
        // If the timeout is short, it may expire on a busy machine before the request is sent.
        assert!(
            requests <= 1,
            "a server {what}, and received {requests} requests: a health check must request each URL once, even if that request fails"
        );
    }
}

fn errors_delay_no_other_url() {
    let (refuses, _port_is_taken) = refuses();
    let mut urls: Vec<String> = (0..50).map(|n| format!("{refuses}{n}")).collect();
    urls.push(answers(200));
    let health = check_all_with(
        &urls,
        1,
        LONG,
        || 0,
        "50 servers refused the connection at once: does a worker wait after an error?",
    );
    assert!(
        *result(&health, &urls[50]) == Ok(200),
        "only other servers failed, and this server answered 200, but check_all reports {:?}",
        result(&health, &urls[50])
    );
}

fn trouble_belongs_to_one_url() {
    let (refuses, _port_is_taken) = refuses();
    let troubles = [
        ("refuses connections", refuses),
        ("resets the connection", server(|stream| drop(stream.peek(&mut [0])))),
        ("hangs up instead of answering", server(|stream| drop(read_request(stream)))),
        ("hangs up in the middle of its answer", server(breaks_off)),
        ("doesn't speak HTTP", server(|stream| send(stream, "220 this is a mail server\r\n\r\n"))),
        ("has a URL without a host", "http://".to_string()),
        ("has an empty URL", String::new()),
        ("has a URL that isn't for HTTP", "ftp://127.0.0.1/".to_string()),
        // Wherever a text is cut, the cut is within a character of one of these.
        ("has a long URL without a host", format!("http://{}", "€".repeat(100))),
        ("has a long URL without a host", format!("http:// {}", "€".repeat(100))),
    ];
    for workers in [1, 3] {
        let mut urls = vec![answers(200)];
        urls.extend(troubles.iter().map(|(_, url)| url.clone()));
        urls.push(answers(201));
        let health = check_all(&urls, workers, LONG);
        for (what, url) in &troubles {
            match result(&health, url) {
                Ok(status) => {
                    panic!("a server that {what} has no status, but check_all reports Ok({status})")
                }
                Err(why) => assert!(
                    !why.trim().is_empty(),
                    "the `Err` for a server that {what} has an empty text: the text must say what went wrong"
                ),
            }
        }
        for (url, status) in [(&urls[0], 200), (&urls[urls.len() - 1], 201)] {
            assert!(
                *result(&health, url) == Ok(status),
                "only other servers failed, and this server answered {status}, but check_all reports {:?}",
                result(&health, url)
            );
        }
    }
}

fn every_status_is_an_answer() {
    let statuses = [200, 404, 503, 204, 400, 401, 429, 500, 418, 226, 599, 600, 999];
    let urls = statuses.map(answers);
    let health = check_all(&urls, 2, LONG);
    for (url, status) in urls.iter().zip(statuses) {
        assert!(
            *result(&health, url) == Ok(status),
            "a server answered with status {status}, but check_all reports {:?}",
            result(&health, url)
        );
    }
}

fn an_answer_after_the_timeout_is_too_late() {
    // A machine that is too busy to wake the client in time may deliver the answer after all.
    let came_in_time = (1..=3).all(|times| {
        let timeout = times * SHORT;
        let late = server(move |stream| {
            read_request(stream);
            pause(timeout * 9 / 4);
            send(stream, &response(200));
        });
        check_all(&[late], 1, timeout)[0].1.is_ok()
    });
    assert!(
        !came_in_time,
        "a server answered after more than twice the timeout, but check_all reports the status: \
         is the request's timeout longer than the one you were given?"
    );
}

fn a_silent_server_gets_its_whole_timeout() {
    let (silent, _waiting) = silent();
    let begin = Instant::now();
    check_all(&[silent], 1, SHORT);
    let given = begin.elapsed();
    // It may take longer on a busy machine. Clocks that are read in two places differ a little.
    assert!(
        given >= SHORT * 9 / 10,
        "the timeout was {SHORT:?}, but check_all gave up on a silent server after {} ms",
        given.as_millis()
    );
}

fn every_request_has_a_timeout_of_its_own() {
    let ask = |timeout: Duration| {
        let (silent, _waiting) = silent();
        let late = server(move |stream| {
            read_request(stream);
            pause(timeout / 2);
            send(stream, &response(200));
        });
        check_all(&[silent, late.clone(), format!("{late}again")], 1, timeout)
    };
    let is_right = |health: &Health| health.iter().filter(|(_, result)| *result == Ok(200)).count() == 2;
    let health = patiently(SHORT, ask, is_right);
    assert!(
        is_right(&health),
        "two servers answered in half the timeout, but check_all reports {:?} and {:?}: does the time that one request takes count against the next?",
        health[1].1,
        health[2].1
    );
}

fn a_late_answer_counts() {
    let late = server(|stream| {
        read_request(stream);
        // This is much less than the timeout.
        pause(Duration::from_secs(1));
        send(stream, &response(200));
    });
    let health = check_all(&[late], 1, LONG);
    assert!(
        health[0].1 == Ok(200),
        "a server answered after a second, and the timeout was a minute, but check_all reports {:?}: which timeout did the request use?",
        health[0].1
    );
}

fn a_redirect_is_followed_or_reported() {
    for status in [200, 404] {
        let there = answers(status);
        let here = server(move |stream| {
            read_request(stream);
            redirect(stream, &there);
        });
        let health = check_all(&[here], 1, LONG);
        assert!(
            health[0].1 == Ok(302) || health[0].1 == Ok(status),
            "a server answered 302 with a redirect to a server that answers {status}, but check_all reports {:?}",
            health[0].1
        );
    }
}

fn a_redirect_gets_no_new_timeout() {
    // If the machine is too busy for this, other timeouts expire as well. Then the scenario runs again,
    // and takes twice as long.
    for timeout in [2, 4, 8].map(|times| times * SHORT) {
        let moments = Arc::new(Mutex::new(vec![Instant::now()]));
        let url = redirects_again_and_again(timeout, &moments);
        let health = check_all(&[url], 1, timeout);
        // A redirect that isn't followed is an answer. But this status arrived after the timeout.
        assert!(
            health[0].1 != Ok(200),
            "a server redirected the request again and again, and answered 200 only after the timeout of {timeout:?}, but check_all reports Ok(200): \
             does each redirect get a new timeout?"
        );
        let mut moments = moments.lock().unwrap();
        moments.push(Instant::now());
        if moments.windows(2).all(|step| step[1] - step[0] < timeout * 2 / 5) {
            return;
        }
    }
}

fn the_same_url_twice_is_requested_twice() {
    for workers in [2, 1] {
        let (url, count) = counts(|stream| {
            read_request(stream);
            // Meanwhile, a second worker takes the same URL.
            pause(Duration::from_millis(200));
            send(stream, &response(200));
        });
        let health = check_all(&[url.clone(), url.clone(), answers(404), url], workers, LONG);
        let well = health.iter().filter(|(_, result)| *result == Ok(200)).count();
        assert!(
            well == 3,
            "a URL was in the list three times and its server answered 200 each time, but check_all reports {health:?}"
        );
        let requests = count.load(SeqCst);
        assert!(
            requests == 3,
            "a URL was in the list three times, but its server received {requests} requests: does one request serve for several results?"
        );
    }
}

fn no_url_one_url_and_many() {
    check_all(&[], 3, LONG);
    let (url, requests) = counts(|stream| {
        read_request(stream);
        send(stream, &response(200));
    });
    for (count, workers) in [(1, 5), (120, 4)] {
        let urls: Vec<String> = (0..count).map(|n| format!("{url}{n}")).collect();
        // A busy machine may take its time, as long as requests arrive.
        let progress = || requests.load(SeqCst);
        let story = format!("all {count} servers answered at once: what is check_all still waiting for?");
        let health = check_all_with(&urls, workers, LONG, progress, &story);
        let well = health.iter().filter(|(_, result)| *result == Ok(200)).count();
        assert!(
            well == count,
            "{count} requests from {workers} workers were answered with 200, but check_all reports Ok(200) for only {well}"
        );
    }
}

fn two_calls_at_once_do_not_mix() {
    let mut first = Conducted::start(4, 2);
    first.gather();
    let mut second = Conducted::start(4, 3);
    second.gather();
    for check in [&mut second, &mut first] {
        while check.unanswered() > 0 {
            check.gather();
            check.answer(0, Reply::Status(200));
        }
    }
    first.finish();
    second.finish();
}

/// A call of `check_all` whose servers answer only when the scenario tells them to.
struct Conducted {
    count: usize,
    workers: usize,
    events: Receiver<Event>,
    /// Requests that have arrived and aren't answered yet, in the order of their arrival.
    asked: Vec<Request>,
    /// The answers in the order in which they were sent: the path, and what `check_all` must
    /// report.
    answered: Vec<(String, Reply)>,
    url: String,
}

enum Event {
    Asked(Request),
    Returned(Result<Health, String>),
}

/// A request that is waiting for its answer.
struct Request {
    path: String,
    method: String,
    reply: Sender<Reply>,
}

#[derive(Clone, Copy, PartialEq)]
enum Reply {
    Status(u16),
    HangUp,
    Garbage,
}

impl Conducted {
    fn start(count: usize, workers: usize) -> Self {
        let (happens, events) = mpsc::channel();
        let asked = Mutex::new(happens.clone());
        let url = server(move |stream| {
            let request = read_request(stream);
            let mut words = request.split(' ');
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let (reply, replies) = mpsc::channel();
            let request = Request { path: path.to_string(), method: method.to_string(), reply };
            let _ = asked.lock().unwrap().send(Event::Asked(request));
            match replies.recv() {
                Ok(Reply::Status(status)) => send(stream, &response(status)),
                Ok(Reply::Garbage) => send(stream, "220 this is a mail server\r\n\r\n"),
                Ok(Reply::HangUp) | Err(_) => {}
            }
        });
        let urls: Vec<String> = (0..count).map(|n| format!("{url}{n}")).collect();
        thread::spawn(move || {
            let _ = happens.send(Event::Returned(call(&urls, workers, LONG)));
        });
        Conducted { count, workers, events, asked: vec![], answered: vec![], url }
    }

    fn unanswered(&self) -> usize {
        self.count - self.answered.len()
    }

    /// Waits until there is a request for each worker, or for each URL that is left if those are fewer.
    fn gather(&mut self) {
        let wanted = self.workers.min(self.unanswered());
        while self.asked.len() < wanted {
            match receive(&self.events, PATIENCE) {
                Ok(event) => self.take(event),
                Err(_) => panic!(
                    "there {} and {} without an answer, but {} running: what are the workers waiting for?{}",
                    if self.workers == 1 {
                        "is 1 worker".to_string()
                    } else {
                        format!("are {} workers", self.workers)
                    },
                    if self.unanswered() == 1 {
                        "1 URL".to_string()
                    } else {
                        format!("{} URLs", self.unanswered())
                    },
                    match self.asked.len() {
                        0 => "no request is".to_string(),
                        1 => "only 1 request is".to_string(),
                        n => format!("only {n} requests are"),
                    },
                    kept_panics()
                ),
            }
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Asked(request) => {
                let path = &request.path;
                let again = self.answered.iter().find(|(answered, _)| answered == path);
                assert!(
                    again.is_none() && self.asked.iter().all(|asked| asked.path != *path),
                    "a URL was requested twice{}: a health check must request each URL once",
                    match again {
                        Some((_, Reply::Status(status))) =>
                            format!(", although its server had answered {status}"),
                        Some(_) => ", the second time after an error".to_string(),
                        None => String::new(),
                    }
                );
                assert!(
                    request.method == "GET",
                    "a server received a {} request: a health check must send GET requests",
                    request.method
                );
                self.asked.push(request);
                assert!(
                    self.asked.len() <= self.workers,
                    "{} requests are running at the same time, but the number of workers is {}",
                    self.asked.len(),
                    self.workers
                );
            }
            Event::Returned(outcome) => match outcome {
                Ok(_) => panic!(
                    "check_all returned too early: only {} of {} requests have been answered",
                    self.answered.len(),
                    self.count
                ),
                Err(why) => panic!("{why}"),
            },
        }
    }

    /// Answers the request at this index in `asked`.
    fn answer(&mut self, number: usize, reply: Reply) {
        let request = self.asked.remove(number);
        let _ = request.reply.send(reply);
        self.answered.push((request.path, reply));
    }

    /// Every request is answered: checks what `check_all` returns.
    fn finish(mut self) {
        let health = loop {
            match receive(&self.events, PATIENCE) {
                Ok(Event::Returned(Ok(health))) => break health,
                Ok(event) => self.take(event),
                Err(_) => panic!(
                    "all {} requests have been answered, but check_all hasn't returned: what is check_all still waiting for?{}",
                    self.count,
                    kept_panics()
                ),
            }
        };
        let path =
            |url: &String| url.strip_prefix(&self.url).map(|path| format!("/{path}")).unwrap_or_default();
        let paths: Vec<String> = health.iter().map(|(url, _)| path(url)).collect();
        let urls: Vec<String> = (0..self.count).map(|n| format!("{}{n}", self.url)).collect();
        has_one_result_for_each(&urls, &health);
        for (answered, reply) in &self.answered {
            let place = paths.iter().position(|path| path == answered).expect("each has a result");
            let result = &health[place].1;
            let is_right = match *reply {
                Reply::Status(status) => *result == Ok(status),
                Reply::HangUp | Reply::Garbage => result.is_err(),
            };
            assert!(
                is_right,
                "a server {}, but check_all reports {result:?}",
                match reply {
                    Reply::Status(status) => format!("answered {status}"),
                    Reply::HangUp => "hung up".to_string(),
                    Reply::Garbage => "didn't speak HTTP".to_string(),
                }
            );
        }
        // A worker that requests the next URL has stored its previous result. When no URLs are left, the
        // last results may overtake each other.
        let certain = if self.workers == 1 { self.count } else { self.count.saturating_sub(self.workers) };
        let answered: Vec<&String> = self.answered.iter().map(|(path, _)| path).collect();
        let reported: Vec<&String> = paths.iter().collect();
        assert!(
            answered[..certain] == reported[..certain],
            "the servers answered in the order {}, but check_all returned {}: results must be in the order in which they arrive",
            list(&answered),
            list(&reported)
        );
    }
}

fn list(paths: &[&String]) -> String {
    paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(" ")
}

/// Calls the function in src/lib.rs on a thread of its own, so that a wait that never ends is reported as a failure.
fn check_all(urls: &[String], workers: usize, timeout: Duration) -> Health {
    let story = format!("each request had a timeout of {timeout:?}: what is check_all still waiting for?");
    check_all_with(urls, workers, timeout, || 0, &story)
}

/// Waits longer as long as `progress` changes; `story` ends the message if `check_all` doesn't return.
fn check_all_with(
    urls: &[String],
    workers: usize,
    timeout: Duration,
    progress: impl Fn() -> usize,
    story: &str,
) -> Health {
    let (finished, outcome) = mpsc::channel();
    let asked = urls.to_vec();
    thread::spawn(move || finished.send(call(&asked, workers, timeout)));
    // At most two of the servers never answer.
    let patience = if timeout < LONG { PATIENCE / 2 + 2 * timeout } else { PATIENCE };
    let health = loop {
        let before = progress();
        match receive(&outcome, patience) {
            Ok(Ok(health)) => break health,
            Ok(Err(why)) => panic!("{why}"),
            Err(_) if progress() != before => {}
            Err(_) => panic!("check_all hasn't returned, although {story}{}", kept_panics()),
        }
    };
    has_one_result_for_each(urls, &health);
    health
}

fn call(urls: &[String], workers: usize, timeout: Duration) -> Result<Health, String> {
    catch_unwind(AssertUnwindSafe(|| health::check_all(urls, workers, timeout)))
        .map_err(|_| format!("check_all panicked instead of returning its results{}", kept_panics()))
}

fn has_one_result_for_each(urls: &[String], health: &Health) {
    for url in urls {
        assert!(
            health.iter().any(|(reported, _)| reported == url),
            "check_all returned no result for {url:?}, one of {} URLs",
            urls.len()
        );
    }
    assert!(
        health.len() == urls.len(),
        "the list has {} URLs, but check_all returned {} results",
        urls.len(),
        health.len()
    );
}

fn result<'a>(health: &'a Health, url: &str) -> &'a Result<u16, String> {
    &health.iter().find(|(reported, _)| reported == url).expect("each URL has a result").1
}

/// Asks again, with longer timeouts, if the result may be wrong only because the machine is busy.
fn patiently(
    timeout: Duration,
    ask: impl Fn(Duration) -> Health,
    is_right: impl Fn(&Health) -> bool,
) -> Health {
    let health = ask(timeout);
    if is_right(&health) { health } else { ask(timeout * 4) }
}

/// Pseudorandom numbers that are the same in every run.
struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as usize % limit
    }
}

/// Starts a server with a thread for each connection, and returns its URL. The server ends with the check.
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
        send(stream, &response(status));
    })
}

/// A server that reads the request and never answers. The channel has its end of each connection.
fn silent() -> (String, Receiver<TcpStream>) {
    let (asks, waiting) = mpsc::channel();
    let url = server(move |stream| {
        read_request(stream);
        let _ = asks.send(stream.try_clone().unwrap());
        let _ = stream.peek(&mut [0]);
    });
    (url, waiting)
}

/// Returns whether the other end is closed, or gets closed within `limit`.
fn ends_within(stream: &TcpStream, limit: Duration) -> bool {
    stream.set_read_timeout(Some(MOMENT)).unwrap();
    let is_open = |error: &Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    // As in `receive`, a moment that takes longer counts as one.
    (0..limit.as_millis() / MOMENT.as_millis())
        .any(|_| !stream.peek(&mut [0]).is_err_and(|error| is_open(&error)))
}

/// A server that counts its requests.
fn counts(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let url = server(move |stream| {
        if stream.peek(&mut [0]).is_ok_and(|bytes| bytes > 0) {
            counted.fetch_add(1, SeqCst);
        }
        serve(stream);
    });
    (url, count)
}

/// A server that answers each request with a redirect to itself, after a pause much shorter than
/// `timeout`. When more than `timeout` has passed since the first request, it redirects once more,
/// and then answers 200.
///
/// Speed doesn't matter: the last redirect is sent after the timeout, so a client that follows it
/// has let its timeout expire, however slow the machine is. `moments` holds the time of the call,
/// and the server adds the time of each request.
fn redirects_again_and_again(timeout: Duration, moments: &Arc<Mutex<Vec<Instant>>>) -> String {
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
            return send(stream, &response(200));
        }
        pause(timeout / 4);
        late.store(first.elapsed() > timeout + timeout / 20, SeqCst);
        let here = format!("http://{}/", stream.local_addr().unwrap());
        redirect(stream, &here);
    })
}

/// Hangs up in the middle of the head of an answer.
fn breaks_off(stream: &mut TcpStream) {
    read_request(stream);
    send(stream, "HTTP/1.1 200 OK\r\nContent-Le");
}

/// A server whose answer grows by one byte now and then, and is never complete.
fn dribbles() -> String {
    server(|stream| {
        read_request(stream);
        let mut more = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Patience: ");
        while more.is_ok() {
            pause(Duration::from_millis(20));
            more = stream.write_all(b"x");
        }
    })
}

/// Returns the URL of a port that no program listens on. The two streams occupy the port, so no other program gets it.
fn refuses() -> (String, [TcpStream; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let url = format!("http://{}/", stream.local_addr().unwrap());
    let (other_end, _) = listener.accept().unwrap();
    (url, [stream, other_end])
}

/// Lets a server take its time.
fn pause(time: Duration) {
    let (_sender, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time);
}

/// Reads to the end of the request's head, and returns it.
fn read_request(stream: &mut TcpStream) -> String {
    let mut request = vec![];
    let mut bytes = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(n) => request.extend(&bytes[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn response(status: u16) -> String {
    format!("HTTP/1.1 {status} as asked\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn redirect(stream: &mut TcpStream, to: &str) {
    let headers = format!("Location: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    send(stream, &format!("HTTP/1.1 302 as asked\r\n{headers}"));
}

/// Sends the answer, and closes the sending side. A client that has hung up is noticed elsewhere.
fn send(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}
