//! A logger that formats a value while it holds its lock, and a value that logs while it is
//! formatted.

use super::Bug;
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Logger {
    file: Mutex<Vec<String>>,
}

type Log = fn(&Logger, &dyn Display);

mod wrong {
    use super::{Display, Logger};

    pub fn log(logger: &Logger, record: &dyn Display) {
        let mut file = logger.file.lock().unwrap();
        file.push(record.to_string());
    }
}

mod right {
    use super::{Display, Logger};

    pub fn log(logger: &Logger, record: &dyn Display) {
        let line = record.to_string();
        logger.file.lock().unwrap().push(line);
    }
}

/// A value that writes to the log when it is printed.
struct Setting {
    logger: Arc<Logger>,
    log: Log,
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.log)(&self.logger, &"this setting is deprecated");
        f.write_str("verbose = true")
    }
}

fn scenario(log: Log) {
    let logger = Arc::new(Logger::default());
    let setting = Setting { logger: logger.clone(), log };
    log(&logger, &setting);
    assert_eq!(logger.file.lock().unwrap().len(), 2);
}

pub const BUG: Bug = Bug {
    id: "fern-19",
    title: "a log line that logs",
    year: 2018,
    link: "https://github.com/daboross/fern/pull/19",
    was: "fern writes the log of a program to a file. It formatted the text while it held the \
          file's lock. In one program, a value wrote to the log while it was being formatted, and \
          the program stopped there for good. slog has had a report of the same bug since 2020 \
          (slog-rs/slog#254).",
    question: "There is only one thread here. Can it hang?",
    answer: "Yes. `to_string` calls the value's `fmt`, and that calls `log` again. The second \
             call waits for the lock that the first one holds.",
    lesson: "Don't call code that you don't know while you hold a lock. `Display`, `Drop`, \
             callbacks and closures are such code. Do the work first, then lock.",
    source: include_str!("fern_19.rs"),
    wrong: || scenario(wrong::log),
    right: || scenario(right::log),
};
