//! Waits until an exercise is saved.

use crate::exercises::{Exercise, Workshop};
use crate::progress::fingerprint;
use crate::{Result, Trouble};
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// An editor saves in several steps; what comes within this time is one.
const TOGETHER: Duration = Duration::from_millis(60);

/// The exercises that are saved, as they are saved.
pub struct Saved {
    events: Receiver<notify::Result<Event>>,
    folder: PathBuf,
    seen: BTreeMap<String, Option<u64>>,
    /// Files that were saved together are told one after the other.
    waiting: VecDeque<String>,
    _watcher: Box<dyn Watcher>,
}

impl Saved {
    /// Watches the learner's files from now on.
    ///
    /// # Errors
    /// When the system cannot watch the folder.
    pub fn watch(workshop: &Workshop) -> Result<Self> {
        let folder = workshop.root.join("exercises");
        // Without detours: that is how the system will call it.
        let folder = folder.canonicalize().map_err(|why| Trouble::new(folder.display(), why))?;
        let (tell, events) = channel();
        let every = Config::default().with_poll_interval(Duration::from_millis(500));
        let mut watcher: Box<dyn Watcher> = match RecommendedWatcher::new(tell.clone(), Config::default()) {
            Ok(watcher) => Box::new(watcher),
            // Where the system has none left to give, looking again and again does it too.
            Err(_) => {
                let polling = PollWatcher::new(tell, every);
                Box::new(polling.map_err(|why| Trouble::new("can't watch the exercises", why))?)
            }
        };
        let watched = watcher.watch(&folder, RecursiveMode::Recursive);
        watched.map_err(|why| Trouble::new(folder.display(), why))?;
        let seen = workshop.exercises.iter().map(|e| (e.name.clone(), fingerprint(e))).collect();
        Ok(Saved { events, folder, seen, waiting: VecDeque::new(), _watcher: watcher })
    }

    /// Waits for the next one whose content is another than before.
    ///
    /// # Errors
    /// When the system stops to tell.
    pub fn next<'a>(&mut self, workshop: &'a Workshop) -> Result<&'a Exercise> {
        loop {
            while let Some(name) = self.waiting.pop_front() {
                let Some(exercise) = workshop.exercises.iter().find(|exercise| exercise.name == name) else {
                    continue;
                };
                let now = fingerprint(exercise);
                // Between two steps of saving there may be no file, or an empty one.
                let is_there = std::fs::metadata(exercise.file()).is_ok_and(|file| file.len() > 0);
                if is_there && self.seen.insert(name, now) != Some(now) {
                    return Ok(exercise);
                }
            }
            let event = self
                .events
                .recv()
                .map_err(|why| Trouble::new("can't watch the exercises any longer", why))?;
            let mut paths = changed(event);
            while let Ok(event) = self.events.recv_timeout(TOGETHER) {
                paths.extend(changed(event));
            }
            for name in paths.iter().filter_map(|path| exercise_of(path, &self.folder)) {
                if !self.waiting.iter().any(|waiting| waiting == name) {
                    self.waiting.push_back(name.to_string());
                }
            }
        }
    }
}

fn changed(event: notify::Result<Event>) -> Vec<PathBuf> {
    match event {
        Ok(event) if !matches!(event.kind, EventKind::Access(_)) => event.paths,
        _ => vec![],
    }
}

/// The `ex01-bank` of `…/exercises/ex01-bank/src/lib.rs`.
fn exercise_of<'a>(path: &'a Path, folder: &Path) -> Option<&'a str> {
    let inside = path.strip_prefix(folder).ok()?;
    let name = inside.components().next()?.as_os_str().to_str()?;
    inside.ends_with("src/lib.rs").then_some(name)
}
