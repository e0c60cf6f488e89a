//! Servers that do what HTTP allows, and what it doesn't: what is called done is what the
//! server has.

mod support;

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lab_server::body_byte;
use responsive_download::{Control, End, LONGEST_NAME, News, Settings, Wish, download};
use support::{Request, at_once, chunk, files, head, serve};
use tempfile::TempDir;

const SIZE: u64 = 200_000;

/// The two versions of the file that the servers have.
fn version(number: u64) -> Vec<u8> {
    (0..SIZE).map(|position| body_byte(position + number * 1_000_000)).collect()
}

struct Place {
    folder: TempDir,
    file: PathBuf,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        Place { folder, file }
    }

    fn part(&self) -> PathBuf {
        self.file.with_extension("part")
    }

    fn note(&self) -> PathBuf {
        self.file.with_extension("part-tag")
    }
}

fn get(url: &str, file: &Path) -> io::Result<End> {
    download(&at_once(), url, file, &Control::default(), |_| ())
}

/// An honest answer with the version that has this `tag`, or its rest.
fn honest(stream: &mut TcpStream, request: &Request, tag: &str, bytes: &[u8]) -> io::Result<()> {
    match request.range.filter(|_| request.if_range.as_deref() == Some(tag)) {
        Some(from) if from < SIZE => {
            let (length, last) = (SIZE - from, SIZE - 1);
            let range = format!("Content-Range: bytes {from}-{last}/{SIZE}");
            head(stream, "206", &format!("ETag: {tag} | Content-Length: {length} | {range}"))?;
            stream.write_all(&bytes[from as usize..])
        }
        Some(_) => head(stream, "416", &format!("Content-Length: 0 | Content-Range: bytes */{SIZE}")),
        None => {
            head(stream, "200", &format!("ETag: {tag} | Content-Length: {SIZE}"))?;
            stream.write_all(bytes)
        }
    }
}

/// The first answer breaks off at 80,000 of 200,000 bytes, `second` is the second one,
/// and from then on the server is honest and has version `now`. The file must be that
/// version.
fn after_a_break(
    now: u64,
    second: impl Fn(&Request, &mut TcpStream) -> io::Result<()> + Send + Sync + Clone + 'static,
) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&requests);
    let address = serve(move |request, stream| {
        let number = {
            let mut noted = noted.lock().unwrap();
            noted.push(request.clone());
            noted.len()
        };
        match number {
            1 => {
                head(stream, "200", &format!("ETag: \"v0\" | Content-Length: {SIZE}"))?;
                stream.write_all(&version(0)[..80_000])
            }
            2 => second(request, stream),
            _ => honest(stream, request, &format!("\"v{now}\""), &version(now)),
        }
    });
    let place = Place::new();
    let end = get(&format!("http://{address}/file"), &place.file).unwrap();
    assert_eq!(end, End::Done { bytes: SIZE });
    assert!(fs::read(&place.file).unwrap() == version(now), "the final name and wrong content");
    assert_eq!(files(place.folder.path()), ["file"]);
    let second = &requests.lock().unwrap()[1];
    assert_eq!((second.range, second.if_range.as_deref()), (Some(80_000), Some("\"v0\"")));
}

#[test]
fn a_206_that_is_shorter_than_asked_is_not_the_end() {
    after_a_break(0, |_, stream| {
        head(
            stream,
            "206",
            "ETag: \"v0\" | Content-Length: 50000 | Content-Range: bytes 80000-129999/200000",
        )?;
        stream.write_all(&version(0)[80_000..130_000])
    });
}

#[test]
fn a_206_without_a_length_that_ends_early_is_not_the_end() {
    for chunked in [false, true] {
        after_a_break(0, move |_, stream| {
            let encoding = if chunked { " | Transfer-Encoding: chunked" } else { "" };
            head(
                stream,
                "206",
                &format!("ETag: \"v0\" | Content-Range: bytes 80000-199999/200000{encoding}"),
            )?;
            if chunked {
                chunk(stream, &version(0)[80_000..110_000])?;
                return chunk(stream, &[]);
            }
            stream.write_all(&version(0)[80_000..110_000])
        });
    }
}

#[test]
fn a_206_of_another_version_is_not_joined() {
    for tag in ["ETag: \"v1\" | ", ""] {
        after_a_break(1, move |_, stream| {
            let headers = "Content-Length: 120000 | Content-Range: bytes 80000-199999/200000";
            head(stream, "206", &format!("{tag}{headers}"))?;
            stream.write_all(&version(1)[80_000..])
        });
    }
}

#[test]
fn a_206_that_says_where_else_it_belongs_is_not_joined() {
    for (range, from, to) in [
        ("bytes 0-199999/200000", 0, 200_000),
        ("bytes 79000-198999/200000", 79_000, 199_000),
        ("bytes 80000-199999/210000", 80_000, 200_000),
        ("bytes 80000-199998/200000", 80_000, 200_000),
        ("bytes */200000", 80_000, 200_000),
        ("lines 80000-199999/200000", 80_000, 200_000),
    ] {
        after_a_break(0, move |_, stream| {
            let length = to - from;
            head(
                stream,
                "206",
                &format!("ETag: \"v0\" | Content-Length: {length} | Content-Range: {range}"),
            )?;
            stream.write_all(&version(0)[from..to])
        });
    }
}

#[test]
fn a_200_with_a_slice_is_not_a_whole_file() {
    let range = "ETag: \"v0\" | Content-Range: bytes 80000-199999/200000";
    after_a_break(0, move |_, stream| {
        head(stream, "200", &format!("{range} | Content-Length: 120000"))?;
        stream.write_all(&version(0)[80_000..])
    });
    after_a_break(0, move |_, stream| {
        head(stream, "200", &format!("{range} | Transfer-Encoding: chunked"))?;
        chunk(stream, &version(0)[80_000..])?;
        chunk(stream, &[])
    });
}

#[test]
fn a_503_while_resuming_is_asked_again_and_so_is_a_416() {
    after_a_break(0, |_, stream| head(stream, "503", "Retry-After: 0 | Content-Length: 0"));
    after_a_break(0, |_, stream| head(stream, "416", "Content-Length: 0 | Content-Range: bytes */9"));
}

#[test]
fn retry_after_is_waited_for() {
    let requests = Arc::new(AtomicUsize::new(0));
    let address = serve(move |request, stream| match requests.fetch_add(1, SeqCst) {
        0 => head(stream, "503", "Retry-After: 7 | Content-Length: 0"),
        _ => honest(stream, request, "\"v0\"", &version(0)),
    });
    let place = Place::new();
    let settings = Settings { longest_wait: Duration::from_secs(7), ..at_once() };
    let control = Control::default();
    let waits = std::cell::RefCell::new(Vec::new());
    let end = download(&settings, &format!("http://{address}/"), &place.file, &control, |news| {
        if let News::Retrying(wait) = news {
            waits.borrow_mut().push(wait);
            // No test waits that long.
            control.set(Wish::Cancel);
        }
    });
    assert_eq!((end.unwrap(), waits.into_inner()), (End::Cancelled, vec![Duration::from_secs(7)]));
}

#[test]
fn last_modified_alone_is_enough_to_resume() {
    let dates = "Last-Modified: Mon, 02 Nov 2026 08:00:00 GMT | Date: Mon, 02 Nov 2026 09:00:00 GMT";
    let requests = Arc::new(AtomicUsize::new(0));
    let address = serve(move |request, stream| match requests.fetch_add(1, SeqCst) {
        0 => {
            head(stream, "200", &format!("{dates} | Content-Length: {SIZE}"))?;
            stream.write_all(&version(0)[..80_000])
        }
        _ => {
            // Anything but a request for the rest of this version gets nothing.
            let same = request.if_range.as_deref() == Some("Mon, 02 Nov 2026 08:00:00 GMT");
            let from = request.range.filter(|_| same).ok_or(io::ErrorKind::InvalidData)?;
            let length = SIZE - from;
            let range = format!("Content-Range: bytes {from}-199999/{SIZE}");
            head(stream, "206", &format!("{dates} | Content-Length: {length} | {range}"))?;
            stream.write_all(&version(0)[from as usize..])
        }
    });
    let place = Place::new();
    assert_eq!(get(&format!("http://{address}/"), &place.file).unwrap(), End::Done { bytes: SIZE });
    assert!(fs::read(&place.file).unwrap() == version(0));
}

#[test]
fn a_body_without_an_end_of_its_own_is_not_complete() {
    let address = serve(|_, stream| {
        head(stream, "200", "ETag: \"v0\"")?;
        stream.write_all(&version(0))
    });
    let place = Place::new();
    let error = get(&format!("http://{address}/"), &place.file).unwrap_err().to_string();
    assert!(error.contains("doesn't say where the file ends"), "{error}");
    assert!(files(place.folder.path()).is_empty());
}

#[test]
fn a_chunked_body_is_complete_with_its_last_chunk_only() {
    let requests = Arc::new(AtomicUsize::new(0));
    let address = serve(move |_, stream| {
        head(stream, "200", "Transfer-Encoding: chunked")?;
        for part in version(0).chunks(50_000) {
            chunk(stream, part)?;
        }
        // The first time it breaks off, exactly between two chunks.
        if requests.fetch_add(1, SeqCst) == 0 { Ok(()) } else { chunk(stream, &[]) }
    });
    let place = Place::new();
    assert_eq!(get(&format!("http://{address}/"), &place.file).unwrap(), End::Done { bytes: SIZE });
    assert!(fs::read(&place.file).unwrap() == version(0));
}

#[test]
fn an_encoding_that_was_not_asked_for_is_refused() {
    let address = serve(|_, stream| {
        head(stream, "200", "Content-Encoding: gzip | Content-Length: 3")?;
        stream.write_all(b"\x1f\x8b\x08")
    });
    let place = Place::new();
    let error = get(&format!("http://{address}/"), &place.file).unwrap_err().to_string();
    assert!(error.contains("content-encoding: gzip"), "{error}");
    assert!(files(place.folder.path()).is_empty());
}

/// How many requests a download makes of a server that answers with 80,000 bytes the first
/// time, and as `then` does from there on.
fn requests_until_it_gives_up(
    then: impl Fn(&Request, &mut TcpStream) -> io::Result<()> + Send + Sync + Clone + 'static,
) -> usize {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let address = serve(move |request, stream| {
        if count.fetch_add(1, SeqCst) == 0 {
            head(stream, "200", &format!("ETag: \"v0\" | Content-Length: {SIZE}"))?;
            stream.write_all(&version(0)[..80_000])
        } else {
            then(request, stream)
        }
    });
    let place = Place::new();
    get(&format!("http://{address}/"), &place.file).unwrap_err();
    assert!(!place.file.exists());
    requests.load(SeqCst)
}

#[test]
fn a_server_that_never_gets_further_is_given_up() {
    // Each answer begins anew and breaks off at the same place; or holds nothing of the rest.
    let anew = requests_until_it_gives_up(|_, stream| {
        head(stream, "200", &format!("ETag: \"v0\" | Content-Length: {SIZE}"))?;
        stream.write_all(&version(0)[..80_000])
    });
    let nothing = requests_until_it_gives_up(|_, stream| {
        head(stream, "206", "ETag: \"v0\" | Content-Range: bytes 80000-199999/200000")
    });
    let busy = requests_until_it_gives_up(|_, stream| head(stream, "503", "Content-Length: 0"));
    // The first one brought something, so it counts as the first of five.
    assert_eq!([anew, nothing, busy], [5; 3]);
}

/// Holds a download at 80,000 bytes while `meanwhile` runs, and lets it continue
/// afterwards.
fn while_it_runs(meanwhile: impl FnOnce(&str, &Place)) -> (io::Result<End>, Place) {
    let (release, held) = channel();
    let held = Arc::new(Mutex::new(Some(held)));
    let address = serve(move |_, stream| {
        head(stream, "200", &format!("ETag: \"v0\" | Content-Length: {SIZE}"))?;
        stream.write_all(&version(0)[..80_000])?;
        // Only the first one.
        if let Some(held) = held.lock().unwrap().take() {
            let () = held.recv().unwrap();
        }
        stream.write_all(&version(0)[80_000..])
    });
    let (place, url) = (Place::new(), format!("http://{address}/file"));
    let (tell, news) = channel();
    let end = thread::scope(|threads| {
        let (url, file) = (&url, &place.file);
        let first = threads.spawn(move || {
            download(
                &Settings { silence: Duration::from_secs(60), ..at_once() },
                url,
                file,
                &Control::default(),
                |news| {
                    let _ = tell.send(news);
                },
            )
        });
        news.iter().find(|news| matches!(news, News::Progress(1.., _))).expect("the first one has begun");
        meanwhile(url, &place);
        release.send(()).unwrap();
        first.join().unwrap()
    });
    (end, place)
}

#[test]
fn a_second_download_of_the_same_file_is_refused() {
    let (end, place) = while_it_runs(|url, place| {
        let error = get(url, &place.file).unwrap_err().to_string();
        assert!(error.starts_with("another download of this file is running"), "{error}");
    });
    assert_eq!(end.unwrap(), End::Done { bytes: SIZE });
    assert!(fs::read(&place.file).unwrap() == version(0));
    assert_eq!(files(place.folder.path()), ["file"]);
}

#[test]
fn a_file_that_appears_meanwhile_is_left_as_it_is() {
    let (end, place) = while_it_runs(|_, place| fs::write(&place.file, "mine").unwrap());
    assert!(end.unwrap_err().to_string().contains("was created meanwhile"));
    assert_eq!(fs::read(&place.file).unwrap(), b"mine");
    assert!(fs::read(place.part()).unwrap() == version(0));
}

#[cfg(unix)]
#[test]
fn a_part_that_was_replaced_meanwhile_gets_no_name() {
    let (end, place) = while_it_runs(|_, place| {
        fs::remove_file(place.part()).unwrap();
        fs::write(place.part(), "mine").unwrap();
    });
    assert!(end.unwrap_err().to_string().contains("moved or replaced"));
    assert!(!place.file.exists());
    assert_eq!(fs::read(place.part()).unwrap(), b"mine");
}

/// An honest server, and the URL of its file.
fn honest_url() -> String {
    let address = serve(|request, stream| honest(stream, request, "\"v0\"", &version(0)));
    format!("http://{address}/file")
}

#[test]
fn a_damaged_note_costs_a_new_beginning_and_no_more() {
    let url = honest_url();
    let long = "x".repeat(1 << 20);
    for damaged in ["", "\"v0\"", "\0\0\0\0", long.as_str(), "etag: \r\n\u{1b}[2J"] {
        let place = Place::new();
        fs::write(place.part(), "old").unwrap();
        fs::write(place.note(), damaged).unwrap();
        assert_eq!(get(&url, &place.file).unwrap(), End::Done { bytes: SIZE });
        assert!(fs::read(&place.file).unwrap() == version(0));
        assert_eq!(files(place.folder.path()), ["file"]);
    }
}

#[test]
fn a_part_of_another_program_is_left_alone() {
    let (url, place) = (honest_url(), Place::new());
    fs::write(place.part(), "another browser's").unwrap();
    let error = get(&url, &place.file).unwrap_err().to_string();
    assert!(error.contains("move it away"), "{error}");
    assert_eq!(fs::read(place.part()).unwrap(), b"another browser's");
}

/// Linux only: others have no `mknodat`.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_written_through_a_link_or_into_a_pipe() {
    use std::os::unix::fs::symlink;

    let url = honest_url();
    let pipe = |path: &Path| {
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    };
    let places: Vec<Place> = (0..4).map(|_| Place::new()).collect();
    let precious = places[0].folder.path().join("precious");
    fs::write(&precious, "precious").unwrap();
    symlink(&precious, places[0].part()).unwrap();
    symlink(places[1].folder.path().join("nowhere"), places[1].part()).unwrap();
    pipe(&places[2].part());
    fs::create_dir(places[3].part()).unwrap();
    for place in &places {
        let error = get(&url, &place.file).unwrap_err().to_string();
        assert!(error.contains("isn't a regular file: move it away"), "{error}");
        assert!(!place.file.exists());
    }
    assert!(!places[1].folder.path().join("nowhere").exists());

    // In place of the note they are removed: it is made anew.
    let places: Vec<Place> = (0..2).map(|_| Place::new()).collect();
    pipe(&places[0].note());
    symlink(&precious, places[1].note()).unwrap();
    for place in &places {
        assert_eq!(get(&url, &place.file).unwrap(), End::Done { bytes: SIZE });
        assert_eq!(files(place.folder.path()), ["file"]);
    }
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
}

#[test]
fn a_name_that_is_too_long_fails_at_once() {
    let url = honest_url();
    for (length, fits) in [(LONGEST_NAME, true), (LONGEST_NAME + 1, false), (255, false)] {
        let place = Place::new();
        let file = place.folder.path().join("x".repeat(length));
        let retried = std::cell::Cell::new(false);
        let end = download(&at_once(), &url, &file, &Control::default(), |news| {
            retried.set(retried.get() || matches!(news, News::Retrying(_)));
        });
        assert_eq!(end.is_ok(), fits, "{length}: {end:?}");
        assert!(!retried.get(), "{length}");
        assert_eq!(files(place.folder.path()).len(), usize::from(fits), "{length}");
    }
}

/// Bytes keep coming, but none of the file: the connection is not silent, and the
/// download must notice all the same.
#[test]
fn a_server_that_says_something_but_nothing_of_the_file_is_silent() {
    type Drip = fn(&mut TcpStream) -> io::Result<()>;
    let ways: [(&str, Drip); 5] = [
        ("trailers without end", |stream| {
            head(stream, "200", "Transfer-Encoding: chunked")?;
            chunk(stream, b"all there is")?;
            stream.write_all(b"0\r\n")?;
            (0..).try_for_each(|n| write!(stream, "X-Trailer-{n}: x\r\n"))
        }),
        ("a chunk's size without end", |stream| {
            head(stream, "200", "Transfer-Encoding: chunked")?;
            stream.write_all(b"5;")?;
            loop {
                stream.write_all(b"x")?;
            }
        }),
        ("a head without end", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
            loop {
                stream.write_all(b"x")?;
                thread::sleep(Duration::from_millis(5));
            }
        }),
        ("heads without end", |stream| {
            loop {
                stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n")?;
                thread::sleep(Duration::from_millis(1));
            }
        }),
        ("the body of a redirect without end", |stream| {
            head(stream, "302", "Location: / | Transfer-Encoding: chunked")?;
            loop {
                chunk(stream, b"x")?;
                thread::sleep(Duration::from_millis(1));
            }
        }),
    ];
    for (what, drip) in ways {
        let address = serve(move |_, stream| drip(stream));
        let place = Place::new();
        let settings = Settings { silence: Duration::from_millis(100), ..at_once() };
        let end =
            download(&settings, &format!("http://{address}/"), &place.file, &Control::default(), |_| ());
        end.expect_err(what);
        assert!(!place.file.exists(), "{what}");
    }
}

#[test]
fn a_cancel_is_noticed_whatever_the_server_does() {
    // Nothing at all; half a head; half a body.
    for sent in ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
        let (arrived, waits) = channel();
        let (_stays_open, open) = channel::<()>();
        let open = Arc::new(Mutex::new(open));
        let address = serve(move |_, stream| {
            stream.write_all(sent.as_bytes())?;
            let _ = arrived.send(());
            let _ = open.lock().unwrap().recv();
            Ok(())
        });
        let (place, control) = (Place::new(), Arc::new(Control::default()));
        let (tell, ended) = channel();
        let (file, watched) = (place.file.clone(), Arc::clone(&control));
        thread::spawn(move || {
            let settings = Settings { silence: Duration::from_secs(86_400), ..at_once() };
            tell.send(download(&settings, &format!("http://{address}/"), &file, &watched, |_| ()))
        });
        waits.recv().unwrap();
        control.set(Wish::Cancel);
        let end = ended.recv_timeout(Duration::from_secs(60)).expect("it ends");
        assert_eq!(end.unwrap(), End::Cancelled);
        assert!(files(place.folder.path()).is_empty());
    }
}
