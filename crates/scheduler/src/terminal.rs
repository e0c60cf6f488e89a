//! The same game in a terminal: a line in, a picture out. It needs no terminal, so it can be scripted and read aloud.

use crate::play::{Kind, Play, Position, Step, Ways};
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};

/// Names the programs, and says how many of their schedules go wrong.
///
/// # Errors
/// When `out` cannot be written to.
pub fn list(plays: impl Iterator<Item = Play>, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "{:17}{:>7}  how many schedules go wrong", "program", "states")?;
    for play in plays {
        let states = play.positions.len();
        writeln!(out, "{:17}{states:>7}  {}", play.program.id, odds(&play))?;
    }
    writeln!(out, "\nPlay one: cargo run -p scheduler -- play race-condition")
}

/// Plays from `schedule` on until `input` ends or says `q`. `echo` repeats what came in, for whoever reads the output alone.
///
/// # Errors
/// When `input` cannot be read or `out` cannot be written to.
pub fn play(
    play: &Play,
    mut path: Vec<usize>,
    echo: bool,
    input: impl BufRead,
    mut out: impl Write,
) -> io::Result<()> {
    let program = play.program;
    let mut taken: Vec<&Step> = steps_of(play, &path);
    let mut seen: Vec<bool> = vec![false; play.positions.len()];
    let mut hints = 0;
    write!(out, "{}\n{}", program.title, wrapped(&format!("Goal: {}", program.goal)))?;
    write!(out, "{}", keys(play))?;
    path.iter().for_each(|&number| seen[number] = true);
    write!(out, "\n{}> ", picture(play, &path, &taken))?;
    out.flush()?;
    for line in input.lines() {
        let line = line?;
        if echo {
            write!(out, "{line}")?;
        }
        writeln!(out)?;
        for word in line.split_whitespace() {
            let said = match word {
                "q" => return Ok(()),
                "?" => keys(play),
                "u" => {
                    if taken.pop().is_some() {
                        path.pop();
                        picture(play, &path, &taken)
                    } else {
                        "Nothing to undo: this is the start.\n".into()
                    }
                }
                "r" => {
                    taken.clear();
                    path.truncate(1);
                    picture(play, &path, &taken)
                }
                "h" => {
                    hints += 1;
                    hint(play, path[path.len() - 1], hints)
                }
                "m" => map(play, &seen, path[path.len() - 1]),
                "s" => source(play, &play.positions[path[path.len() - 1]]),
                steps => {
                    let so_far = schedule_of(&taken);
                    match play.follow(&format!("{so_far}{steps}")) {
                        Ok(longer) => {
                            path = longer;
                            taken = steps_of(play, &path);
                            path.iter().for_each(|&number| seen[number] = true);
                            picture(play, &path, &taken)
                        }
                        Err(_) => why_not(play, &play.positions[path[path.len() - 1]], steps),
                    }
                }
            };
            out.write_all(said.as_bytes())?;
        }
        write!(out, "> ")?;
        out.flush()?;
    }
    writeln!(out)
}

/// The steps between the positions of a path. Where two steps lead to the same place, the first.
fn steps_of<'a>(play: &'a Play, path: &[usize]) -> Vec<&'a Step> {
    let step = |pair: &[usize]| play.positions[pair[0]].steps.iter().find(|step| step.to == pair[1]);
    path.windows(2).filter_map(step).collect()
}

fn schedule_of(taken: &[&Step]) -> String {
    taken.iter().map(|step| step.schedule.as_str()).collect()
}

fn keys(play: &Play) -> String {
    let threads = play.threads.iter().enumerate().map(|(i, name)| format!("{} steps {name}", i + 1));
    let mut keys = threads.collect::<Vec<_>>().join(", ");
    if play.program.wakeups > 0 {
        keys += ", 1! wakes it though nobody notified it";
    }
    format!(
        "Keys: {keys};\n      u undo, r start again, h hint, m map, s source, ? keys, q quit. 1221 is four steps.\n"
    )
}

/// Where everybody is.
fn picture(play: &Play, path: &[usize], taken: &[&Step]) -> String {
    let here = &play.positions[path[path.len() - 1]];
    let mut text = String::new();
    if let Some(last) = taken.last() {
        let thread = &play.threads[last.thread - 1];
        text += &wrapped(&format!("{}: {thread} {}", schedule_of(taken), last.effect));
    }
    let wide = play.threads.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (i, (thread, name)) in here.threads.iter().zip(&play.threads).enumerate() {
        let (sign, what) = match (&thread.at, &thread.waits) {
            (None, _) => ('✓', "has finished".into()),
            (Some(at), None) => ('▶', line(play, at.block, at.line)),
            (Some(at), Some(_)) => ('‖', line(play, at.block, at.line)),
        };
        text += &cut(format!("  {} {name:wide$} {sign} {what}", i + 1));
        if let Some(waits) = &thread.waits {
            text += &cut(format!("    {:wide$}   {waits}{}", "", holders(play, here, waits)));
        }
    }
    let objects = play.objects.iter().zip(&here.objects).filter_map(|(name, object)| {
        let object = object.as_ref()?;
        let value = object.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let held = match &object.holders[..] {
            [] => String::new(),
            by => format!(", held by {}", names(play, by)),
        };
        (!value.is_empty() || !held.is_empty()).then(|| format!("{name}{value}{held}"))
    });
    let objects = objects.collect::<Vec<_>>().join(" · ");
    if !objects.is_empty() {
        let _ = writeln!(text, "  {objects}");
    }
    if let Some(end) = &here.end {
        let (sign, word) = end.kind.label();
        text += &wrapped(&format!("{sign} {word}: {} {}.", end.words, odds(play)));
    }
    text
}

fn line(play: &Play, block: usize, line: usize) -> String {
    let block = &play.blocks[block];
    format!("{line}: {}", block.lines[line - block.first].trim())
}

fn names(play: &Play, threads: &[usize]) -> String {
    threads.iter().map(|thread| play.threads[thread - 1].as_str()).collect::<Vec<_>>().join(" and ")
}

fn holders(play: &Play, here: &Position, wish: &str) -> String {
    let wanted = play.objects.iter().position(|object| wish.ends_with(&format!(" {object}")));
    match wanted.and_then(|object| here.objects[object].as_ref()).map(|object| &object.holders[..]) {
        None | Some([]) => String::new(),
        Some(by) => format!(", held by {}", names(play, by)),
    }
}

fn why_not(play: &Play, here: &Position, steps: &str) -> String {
    let thread = steps.strip_suffix('!').unwrap_or(steps).parse().ok().and_then(|n: usize| n.checked_sub(1));
    let Some((name, thread)) = thread.and_then(|n| Some((play.threads.get(n)?, here.threads.get(n)?))) else {
        return format!("\"{steps}\" does not fit here.\n{}", keys(play));
    };
    match (&thread.at, &thread.waits) {
        (None, _) => format!("{name} has finished.\n"),
        (_, Some(waits)) => format!("{name} cannot go on: it {waits}{}.\n", holders(play, here, waits)),
        _ if here.end.is_some() => "The run is over: u undoes, r starts again.\n".into(),
        _ => format!(
            "\"{steps}\" does not fit here: {name} has been notified, or nobody may wake it any more.\n"
        ),
    }
}

fn hint(play: &Play, from: usize, nth: usize) -> String {
    match play.program.hints.get(nth - 1) {
        Some(hint) => wrapped(&format!("Hint {nth} of 3: {hint}")),
        None => match play.shortest_to_a_bad_end(from) {
            Some(schedule) if schedule.is_empty() => "Hint 3 of 3: you have found it.\n".into(),
            Some(schedule) => format!("Hint 3 of 3: from here {schedule}.\n"),
            None if play.positions[0].ways_with_wakeups.bad == 0 => {
                "Hint 3 of 3: no schedule ends badly. All states are known, so that is a proof.\n".into()
            }
            None => "Hint 3 of 3: from here every schedule ends well. u undoes, r starts again.\n".into(),
        },
    }
}

/// How many schedules go wrong, from the start.
fn odds(play: &Play) -> String {
    let start = &play.positions[0];
    let of = |ways: Ways, schedules: &str| {
        let bad = play.program.bad[usize::from(ways.bad != 1)];
        format!("{} of {}{schedules} {bad}", ways.bad, ways.good + ways.bad)
    };
    match play.program.wakeups {
        0 => of(start.ways, " schedules"),
        _ => {
            let woken = of(start.ways_with_wakeups, "");
            format!("{}; with a spurious wakeup, {woken}", of(start.ways, " schedules"))
        }
    }
}

/// One line of at most 100 columns; what is left out, `s` shows.
fn cut(line: String) -> String {
    match line.char_indices().nth(100) {
        None => line + "\n",
        Some(_) => line.chars().take(99).collect::<String>() + "…\n",
    }
}

/// Lines of at most 100 columns, broken between words.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= 100 {
            line.extend([" ", word]);
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines.join("\n") + "\n"
}

/// A row for each step of thread 2, a column for each of thread 1; for three threads, a row for each number of steps.
fn map(play: &Play, seen: &[bool], here: usize) -> String {
    let sign = |number: usize| match (&play.positions[number].end, seen[number]) {
        _ if number == here => '@',
        (_, false) => '.',
        (None, true) => 'o',
        (Some(end), true) if end.kind == Kind::Good => '+',
        (Some(end), true) if end.kind == Kind::Wrong => 'X',
        (Some(_), true) => '#',
    };
    let of_two = play.threads.len() == 2;
    let axis = |of: &dyn Fn(&Position) -> usize| {
        let mut all: Vec<usize> = play.positions.iter().map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let x_of = |position: &Position| if of_two { position.threads[0].steps } else { 0 };
    let y_of = |position: &Position| {
        if of_two {
            position.threads[1].steps
        } else {
            position.threads.iter().map(|thread| thread.steps).sum()
        }
    };
    let (xs, ys) = (axis(&x_of), axis(&y_of));
    let cell = |x: usize, y: usize| {
        let inside = (0..play.positions.len()).filter(|&number| {
            let position = &play.positions[number];
            (x_of(position), y_of(position)) == (x, y)
        });
        inside.map(sign).collect::<String>()
    };
    let rows: Vec<Vec<String>> = ys.iter().map(|&y| xs.iter().map(|&x| cell(x, y)).collect()).collect();
    let wide = rows.iter().flatten().map(String::len).max().unwrap_or(1) + 1;
    let mut text = if of_two {
        format!("Right: {} takes a step; down: {}.\n", play.threads[0], play.threads[1])
    } else {
        "A row for each number of steps taken.\n".to_string()
    };
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("{cell:wide$}")).collect();
        let _ = writeln!(text, "  {}", cells.trim_end());
    }
    let seen = seen.iter().filter(|seen| **seen).count();
    text + &format!(
        "@ here, o seen, . not seen, + right, X wrong, # stuck: {seen} of {} states seen\n",
        play.positions.len()
    )
}

fn source(play: &Play, here: &Position) -> String {
    let mut text = String::new();
    for (number, block) in play.blocks.iter().enumerate() {
        let _ = writeln!(text, "{}", block.file);
        for (line, source) in (block.first..).zip(&block.lines) {
            let stands = |thread: &crate::Thread| {
                thread.at.as_ref().is_some_and(|at| (at.block, at.line) == (number, line))
            };
            let who: String =
                (1..).zip(&here.threads).filter(|(_, t)| stands(t)).map(|(n, _)| format!("{n}▶")).collect();
            let _ = writeln!(text, "{who:>6} {line:>4}  {source}");
        }
    }
    text
}
