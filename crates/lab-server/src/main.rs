//! The lab server by itself, for a browser or curl: every URL says how it is to be answered.

use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::ExitCode;
use std::thread;

use clap::{Arg, ArgAction, Command, value_parser};
use lab_server::{LabServer, parse_duration};

const AFTER: &str = "\
Each URL can say how it is answered, whatever the path:
  latency=100ms jitter=20ms          wait, and up to so much longer
  status=503 retry-after=1           the status code, and that header
  size=1000 rate=500                 a body of so many bytes, at so many a second (Range is understood)
  fault=hang|reset|close|garbage|truncate
  fail=2                             503 for the first two requests of this path
  flaky=30                           503 for about 30 in 100 requests";

fn main() -> ExitCode {
    let time =
        |name, help| Arg::new(name).long(name).value_parser(parse_duration).default_value("0ms").help(help);
    let command = Command::new("lab-server")
        .about("A local HTTP server that waits, fails and misbehaves exactly as its URL says")
        .after_help(AFTER)
        .arg(
            Arg::new("port")
                .long("port")
                .value_parser(value_parser!(u16))
                .default_value("0")
                .help("0 takes a free one"),
        )
        .arg(time("latency", "Wait before each answer"))
        .arg(time("jitter", "Wait up to this much longer"))
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_parser(value_parser!(u32).range(1..))
                .help("Work on so many requests at once"),
        )
        .arg(
            Arg::new("reject")
                .long("reject")
                .action(ArgAction::SetTrue)
                .requires("limit")
                .help("Answer 503 over the limit, in place of waiting"),
        )
        .arg(
            Arg::new("seed")
                .long("seed")
                .value_parser(value_parser!(u64))
                .default_value("1")
                .help("For jitter and flaky"),
        );
    let args = timeline::matches(command);
    let port = args.get_one::<u16>("port").copied().unwrap_or(0);
    let mut builder = LabServer::builder()
        .port(port)
        .latency(args.get_one("latency").copied().unwrap_or_default())
        .jitter(args.get_one("jitter").copied().unwrap_or_default())
        .seed(args.get_one("seed").copied().unwrap_or(1));
    if let Some(&limit) = args.get_one::<u32>("limit") {
        builder = builder.limit(limit as usize);
    }
    if args.get_flag("reject") {
        builder = builder.reject_over_limit();
    }
    match builder.start() {
        Ok(server) => {
            let _ = writeln!(stdout(), "lab-server: listening on {} until Ctrl-C", server.url("/"));
            loop {
                thread::park();
            }
        }
        Err(error) => {
            let advice = match error.kind() {
                ErrorKind::AddrInUse => ": stop the other one, or name another --port",
                _ => "",
            };
            let _ = writeln!(stderr(), "lab-server: cannot listen on 127.0.0.1:{port}: {error}{advice}");
            ExitCode::FAILURE
        }
    }
}
