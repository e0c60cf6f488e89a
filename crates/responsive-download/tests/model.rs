//! Random sessions against a reference: whatever the server does, and whenever the
//! program ends, a file with the final name is, byte for byte, a version that the server
//! had.
//!
//! `DOWNLOAD_SESSIONS=10000 cargo test -p responsive-download --test model` runs all of
//! them; by default it is fewer.
//!
//! In a session, one file is downloaded again and again, sometimes twice at once. A run
//! ends by itself, by a cancel, or as a killed process does: it stops between two pieces
//! and cleans up nothing. The server has several versions of the file, changes to the
//! next one at random, and answers in the ways of [`Way`]. It doesn't lie where no client
//! could notice: two versions never have the same strong name.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use lab_server::body_byte;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use responsive_download::{Control, End, News, Wish, download};
use support::{Request, at_once, chunk, files, head, serve};

/// The ways to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// As HTTP wants it.
    Honest,
    /// Honest, and chunked.
    Chunked,
    /// Honest, and the connection's end is the body's end.
    UntilClose,
    /// A 206 for less than was asked.
    Short,
    /// A 206 although the version has changed.
    IfRangeIgnored,
    /// A 200 although the rest was asked for.
    RangeIgnored,
    /// A 206 that begins elsewhere, and says so.
    Elsewhere,
    /// A 206 with a total that is too large.
    WrongTotal,
    /// A 206 without a total.
    NoTotal,
    /// A 206 whose length isn't that of its range.
    WrongLength,
    /// A 206 that doesn't say what it holds.
    NoRange,
    /// A 206 that doesn't name its version.
    NoValidators,
    /// A 200 that holds, and names, a slice.
    Slice,
    /// A 206 that wasn't asked for.
    Unasked,
    /// A 416 for no reason.
    Unsatisfiable,
    /// A 503.
    Busy,
    /// A 404.
    Gone,
    /// An encoding that wasn't asked for.
    Encoded,
}

/// How a request for the whole file may be answered, other than honestly.
const FOR_THE_WHOLE: [Way; 7] =
    [Way::Chunked, Way::UntilClose, Way::Slice, Way::Unasked, Way::Busy, Way::Gone, Way::Encoded];

/// How a request for the rest may be.
const FOR_THE_REST: [Way; 16] = [
    Way::Chunked,
    Way::UntilClose,
    Way::Short,
    Way::IfRangeIgnored,
    Way::RangeIgnored,
    Way::Elsewhere,
    Way::WrongTotal,
    Way::NoTotal,
    Way::WrongLength,
    Way::NoRange,
    Way::NoValidators,
    Way::Slice,
    Way::Unsatisfiable,
    Way::Busy,
    Way::Gone,
    Way::Encoded,
];

/// How many versions of its file the server of a session has.
const VERSIONS: usize = 20;

/// How the versions of a session are named.
#[derive(Debug, Clone, Copy)]
enum Names {
    Tag,
    Date,
    /// Weak: within the second of the change.
    DateJustNow,
    WeakTag,
    TagAndDate,
    None,
}

/// What the server of one session has, and how it answers.
struct Session {
    seed: u64,
    sizes: Vec<u64>,
    names: Names,
    now: usize,
    /// No more tricks: what is left must be downloaded.
    calm: bool,
    rng: StdRng,
    seen: BTreeMap<Way, u64>,
    resumed: u64,
}

impl Session {
    fn new(seed: u64) -> Session {
        let mut rng = StdRng::seed_from_u64(seed);
        let any_size =
            |rng: &mut StdRng| if rng.random_range(0..20) == 0 { 0 } else { rng.random_range(1..3000) };
        let mut sizes: Vec<u64> = (0..VERSIONS).map(|_| any_size(&mut rng)).collect();
        if rng.random_range(0..3) > 0 {
            // Then nothing but its name tells one version from another.
            sizes = vec![sizes[0]; VERSIONS];
        }
        // Mostly strong names, or little would be resumed.
        let names = match rng.random_range(0..20) {
            0..=6 => Names::Tag,
            7..=11 => Names::TagAndDate,
            12..=16 => Names::Date,
            17 => Names::DateJustNow,
            18 => Names::WeakTag,
            _ => Names::None,
        };
        Session { seed, sizes, names, now: 0, calm: false, rng, seen: BTreeMap::new(), resumed: 0 }
    }

    fn version(&self, number: usize) -> Vec<u8> {
        let from = self.seed * 1_000_000 + number as u64 * 10_000;
        (0..self.sizes[number]).map(|position| body_byte(from + position)).collect()
    }

    /// The headers that name the version that there is now. A weak name is the name of all
    /// of them.
    fn validators(&self) -> String {
        let (seed, now) = (self.seed, self.now);
        let tag = format!("\"{seed}-{now}\"");
        let date = format!("Mon, 02 Nov 2026 08:{now:02}:00 GMT");
        let noon = "Mon, 02 Nov 2026 12:00:00 GMT";
        match self.names {
            Names::Tag => format!("ETag: {tag}"),
            Names::Date => format!("Last-Modified: {date} | Date: {noon}"),
            Names::DateJustNow => format!("Last-Modified: {noon} | Date: {noon}"),
            Names::WeakTag => format!("ETag: W/\"{seed}\" | Last-Modified: {noon} | Date: {noon}"),
            Names::TagAndDate => format!("ETag: {tag} | Last-Modified: {date} | Date: {noon}"),
            Names::None => String::new(),
        }
    }

    /// What to send: the status, the headers, the body, whether it is chunked, and after
    /// how many bytes it breaks off.
    fn answer(&mut self, request: &Request) -> (String, String, Vec<u8>, bool, Option<usize>) {
        let (tricks, in_100) = match request.range {
            Some(_) => (&FOR_THE_REST[..], 70),
            None => (&FOR_THE_WHOLE[..], 15),
        };
        let mut way = Way::Honest;
        if !self.calm && self.rng.random_range(0..100) < in_100 {
            way = tricks[self.rng.random_range(0..tricks.len())];
        }
        // A trick that joins two versions needs two.
        let another = matches!(way, Way::IfRangeIgnored | Way::NoValidators | Way::NoRange);
        let in_100 = if another { 70 } else { 10 };
        if !self.calm && self.now + 1 < VERSIONS && self.rng.random_range(0..100) < in_100 {
            self.now += 1;
        }
        let body = self.version(self.now);
        let size = body.len() as u64;
        let validators = self.validators();
        // It takes any name that it gave, also a weak one: a client must not send that.
        let same = request.if_range.as_ref().is_some_and(|name| validators.contains(&format!(": {name}")));
        let rest = request.range.filter(|&from| from < size);
        let part = |from: u64, to: u64, total: &str, validators: &str, length: u64| {
            let last = to - 1;
            let range = format!("Content-Range: bytes {from}-{last}/{total}");
            format!("{validators} | {range} | Content-Length: {length}")
        };
        let slice = |from: u64, to: u64| body[from as usize..to as usize].to_vec();
        let total = size.to_string();
        let a = rest.unwrap_or(0);
        let b = if a < size { self.rng.random_range(a + 1..=size) } else { size };
        let whole = || ("200".to_owned(), format!("{validators} | Content-Length: {size}"), body.clone());
        // Some ways are for answers with a rest only, and only for a file that isn't
        // empty.
        let (status, headers, sent) = match (way, rest) {
            (Way::Honest, Some(from)) if same => {
                self.resumed += 1;
                ("206".into(), part(from, size, &total, &validators, size - from), slice(from, size))
            }
            (Way::Honest, None) if same && request.range.is_some() => {
                ("416".into(), format!("Content-Range: bytes */{size} | Content-Length: 0"), Vec::new())
            }
            (Way::Chunked, Some(from)) if same => {
                let headers = part(from, size, &total, &validators, 0);
                let headers = headers.replace("Content-Length: 0", "Transfer-Encoding: chunked");
                ("206".into(), headers, slice(from, size))
            }
            (Way::Chunked, _) => {
                ("200".into(), format!("{validators} | Transfer-Encoding: chunked"), body.clone())
            }
            (Way::UntilClose, Some(from)) if same => {
                let headers = part(from, size, &total, &validators, 0).replace(" | Content-Length: 0", "");
                ("206".into(), headers, slice(from, size))
            }
            (Way::UntilClose, _) => ("200".into(), validators.clone(), body.clone()),
            (Way::Short, Some(from)) if same => {
                ("206".into(), part(from, b, &total, &validators, b - from), slice(from, b))
            }
            (Way::IfRangeIgnored, Some(from)) => {
                ("206".into(), part(from, size, &total, &validators, size - from), slice(from, size))
            }
            (Way::Elsewhere, Some(asked)) if asked < size => {
                // Earlier, and as long as what was asked for; or anywhere, up to the end.
                let (from, to) = if self.rng.random_range(0..2) == 0 {
                    let from = self.rng.random_range(0..=asked);
                    (from, from + size - asked)
                } else {
                    (self.rng.random_range(0..size), size)
                };
                ("206".into(), part(from, to, &total, &validators, to - from), slice(from, to))
            }
            (Way::WrongTotal, Some(from)) if same => {
                let total = (size + self.rng.random_range(1..50)).to_string();
                ("206".into(), part(from, size, &total, &validators, size - from), slice(from, size))
            }
            (Way::NoTotal, Some(from)) if same => {
                ("206".into(), part(from, size, "*", &validators, size - from), slice(from, size))
            }
            (Way::WrongLength, Some(from)) if same => {
                ("206".into(), part(from, size, &total, &validators, b - from), slice(from, b))
            }
            (Way::NoRange, Some(from)) => {
                ("206".into(), format!("{validators} | Content-Length: {}", size - from), slice(from, size))
            }
            (Way::NoValidators, Some(from)) => {
                ("206".into(), part(from, size, &total, "", size - from), slice(from, size))
            }
            (Way::Slice, _) if size > 0 => {
                let mut headers = part(a, b, &total, &validators, b - a);
                if self.rng.random_range(0..2) == 0 {
                    let length = format!("Content-Length: {}", b - a);
                    headers = headers.replace(&length, "Transfer-Encoding: chunked");
                }
                ("200".into(), headers, slice(a, b))
            }
            (Way::Unasked, None) if size > 0 => {
                ("206".into(), part(a, b, &total, &validators, b - a), slice(a, b))
            }
            (Way::Unsatisfiable, Some(_)) => {
                ("416".into(), format!("Content-Range: bytes */{size} | Content-Length: 0"), Vec::new())
            }
            (Way::Busy, _) => ("503".into(), "Retry-After: 0 | Content-Length: 0".into(), Vec::new()),
            (Way::Gone, _) if self.rng.random_range(0..4) == 0 => {
                ("404".into(), "Content-Length: 4".into(), b"gone".to_vec())
            }
            (Way::Encoded, _) => {
                let (status, headers, body) = whole();
                let encoded = body.iter().map(|byte| !byte).collect();
                (status, format!("{headers} | Content-Encoding: gzip"), encoded)
            }
            (Way::RangeIgnored, _) => whole(),
            _ => {
                way = if request.range.is_some() { Way::RangeIgnored } else { Way::Honest };
                whole()
            }
        };
        *self.seen.entry(way).or_default() += 1;
        let chunked = headers.contains("chunked");
        // Two answers of three break off, perhaps right before the last chunk.
        let most = sent.len() + 1;
        let broken = (!self.calm && self.rng.random_range(0..3) > 0).then(|| self.rng.random_range(0..most));
        (status, headers, sent, chunked, broken)
    }
}

fn respond(session: &Mutex<Session>, request: &Request, stream: &mut TcpStream) -> io::Result<()> {
    let (status, headers, body, chunked, broken) = session.lock().unwrap().answer(request);
    head(stream, &status, &headers)?;
    let sent = &body[..broken.unwrap_or(body.len())];
    // In pieces, so that a run can end between two of them.
    for piece in sent.chunks(700) {
        if chunked { chunk(stream, piece)? } else { stream.write_all(piece)? }
    }
    if chunked && broken.is_none() { chunk(stream, &[]) } else { Ok(()) }
}

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Done,
    WasThere,
    Cancelled,
    Failed,
    Killed,
}

struct Killed;

/// One run, which is killed, cancelled or paused for a moment after some news.
fn run(url: &str, file: &Path, rng: &mut StdRng, calm: bool) -> Ended {
    let control = Control::default();
    let [killed, cancelled, paused] = [6, 2, 4].map(|often| {
        let at = rng.random_range(1..8_u32);
        (!calm && rng.random_range(0..10) < often).then_some(at)
    });
    let heard = std::cell::Cell::new(0);
    let tell = |news| {
        heard.set(heard.get() + 1);
        let now = Some(heard.get());
        if news == News::Paused {
            control.set(Wish::Run);
        }
        if now == paused {
            control.set(Wish::Pause);
        }
        if now == cancelled {
            control.set(Wish::Cancel);
        }
        if now == killed {
            // Through all that the download holds, and past all that it would clean up.
            resume_unwind(Box::new(Killed));
        }
    };
    match catch_unwind(AssertUnwindSafe(|| download(&at_once(), url, file, &control, tell))) {
        Ok(Ok(End::Done { .. })) => Ended::Done,
        Ok(Ok(End::WasThere)) => Ended::WasThere,
        Ok(Ok(End::Cancelled)) => Ended::Cancelled,
        Ok(Err(why)) => {
            assert!(!calm, "an honest server is not enough: {why}");
            Ended::Failed
        }
        Err(killed) if killed.is::<Killed>() => Ended::Killed,
        Err(bug) => resume_unwind(bug),
    }
}

#[derive(Default)]
struct Totals {
    ways: BTreeMap<Way, u64>,
    ended: BTreeMap<Ended, u64>,
    resumed: u64,
    done_with_tricks: u64,
}

/// The sessions that are played now, by the path of their URL.
type Sessions = Arc<Mutex<HashMap<String, Arc<Mutex<Session>>>>>;

fn play(seed: u64, server: SocketAddr, sessions: &Sessions, totals: &Mutex<Totals>) {
    let session = Arc::new(Mutex::new(Session::new(seed)));
    let path = format!("/{seed}");
    sessions.lock().unwrap().insert(path.clone(), Arc::clone(&session));
    let folder = tempfile::tempdir().unwrap();
    let (url, file) = (format!("http://{server}{path}"), folder.path().join("file"));
    let mut rng = StdRng::seed_from_u64(!seed);
    let check = |when: &str| {
        if let Ok(content) = fs::read(&file) {
            let session = session.lock().unwrap();
            let right = (0..=session.now).any(|number| session.version(number) == content);
            assert!(right, "session {seed}, {when}: {} bytes are none of its versions", content.len());
        }
    };
    let mut ended = Vec::new();
    for number in 1..=rng.random_range(1..6) {
        if rng.random_range(0..4) == 0 {
            // Two processes. A lock belongs to an open file, so two threads contend as
            // two processes do.
            let mut other = StdRng::seed_from_u64(rng.random());
            thread::scope(|threads| {
                let second = threads.spawn(|| run(&url, &file, &mut other, false));
                ended.push(run(&url, &file, &mut rng, false));
                ended.push(second.join().unwrap_or_else(|bug| resume_unwind(bug)));
            });
        } else {
            ended.push(run(&url, &file, &mut rng, false));
        }
        check(&format!("run {number}"));
        if file.exists() {
            totals.lock().unwrap().done_with_tricks += 1;
            fs::remove_file(&file).unwrap();
        }
    }
    // Whatever is left, an honest server is enough.
    session.lock().unwrap().calm = true;
    let last = run(&url, &file, &mut rng, true);
    assert_eq!(last, Ended::Done, "session {seed}: the last run");
    check("the last run");
    assert!(
        fs::read(&file).unwrap() == {
            let session = session.lock().unwrap();
            session.version(session.now)
        }
    );
    assert_eq!(files(folder.path()), ["file"], "session {seed}");
    sessions.lock().unwrap().remove(&path);
    let session = session.lock().unwrap();
    let mut totals = totals.lock().unwrap();
    session.seen.iter().for_each(|(way, times)| *totals.ways.entry(*way).or_default() += times);
    ended.into_iter().for_each(|ended| *totals.ended.entry(ended).or_default() += 1);
    totals.resumed += session.resumed;
}

#[test]
fn no_session_ends_with_a_final_name_and_wrong_content() {
    let sessions: u64 = std::env::var("DOWNLOAD_SESSIONS")
        .map_or(200, |sessions| sessions.parse().expect("a number of sessions"));
    let totals = Mutex::new(Totals::default());
    let playing = Sessions::default();
    let served = Arc::clone(&playing);
    let server = serve(move |request, stream| {
        let session = served.lock().unwrap().get(&request.path).cloned();
        session.map_or(Ok(()), |session| respond(&session, request, stream))
    });
    thread::scope(|threads| {
        for half in 0..2 {
            let (playing, totals) = (&playing, &totals);
            threads.spawn(move || {
                (half..sessions).step_by(2).for_each(|seed| play(seed, server, playing, totals));
            });
        }
    });
    let Totals { ways, ended, resumed, done_with_tricks } = totals.into_inner().unwrap();
    println!("{sessions} sessions; requests by the way they were answered: {ways:?}");
    println!(
        "runs: {ended:?}; {resumed} rests from an honest server; {done_with_tricks} files among the tricks"
    );
    // A reference that is never asked proves nothing.
    let all = FOR_THE_WHOLE.iter().chain(&FOR_THE_REST).chain(&[Way::Honest]);
    assert!(all.clone().all(|way| ways.contains_key(way)), "{ways:?}");
    let all = [Ended::Done, Ended::Cancelled, Ended::Failed, Ended::Killed];
    assert!(all.iter().all(|end| ended.contains_key(end)), "{ended:?}");
    assert!(resumed > sessions / 10 && done_with_tricks > sessions / 10);
}
