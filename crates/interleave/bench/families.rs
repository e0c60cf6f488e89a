// The programs that the literature measures reductions with, in terms of `given`. How many traces each of them has is known:
// see `growth.rs`.

/// One thread writes an atomic, `n` others read it.
pub fn readers(n: usize) {
    let cell = Arc::new(AtomicUsize::new(0));
    let read = |_| {
        let cell = cell.clone();
        thread::spawn(move || _ = cell.load(SeqCst))
    };
    let mut threads: Vec<_> = (0..n).map(read).collect();
    threads.push(thread::spawn(move || cell.store(1, SeqCst)));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Thread `i` of 1 to `n` makes `cells[i]` one more than `cells[i - 1]`, and another thread looks for the last zero (Abdulla,
/// Aronis, Jonsson and Sagonas 2014).
pub fn lastzero(n: usize) {
    let cells: Arc<Vec<_>> = Arc::new((0..=n).map(|_| AtomicUsize::new(0)).collect());
    let add = |i: usize| {
        let cells = cells.clone();
        thread::spawn(move || cells[i].store(cells[i - 1].load(SeqCst) + 1, SeqCst))
    };
    let mut threads: Vec<_> = (1..=n).map(add).collect();
    threads.push(thread::spawn(move || {
        let mut i = n;
        while cells[i].load(SeqCst) != 0 {
            i -= 1;
        }
    }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// `n` threads put four messages each into a hash table of 128 entries (Flanagan and Godefroid 2005).
pub fn indexer(n: usize) {
    const SIZE: usize = 128;
    let table: Arc<Vec<_>> = Arc::new((0..SIZE).map(|_| AtomicUsize::new(0)).collect());
    let insert = |who: usize| {
        let table = table.clone();
        thread::spawn(move || {
            for message in (1..=4).map(|m| m * 11 + who) {
                let mut at = message * 7 % SIZE;
                while table[at].compare_exchange(0, message, SeqCst, SeqCst).is_err() {
                    at = (at + 1) % SIZE;
                }
            }
        })
    };
    let threads: Vec<_> = (0..n).map(insert).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// `n` threads take a free block of 26 for an inode of 32 each (Flanagan and Godefroid 2005).
pub fn filesystem(n: usize) {
    const INODES: usize = 32;
    const BLOCKS: usize = 26;
    let inodes: Arc<Vec<_>> = Arc::new((0..INODES).map(|_| Mutex::new(0)).collect());
    let busy: Arc<Vec<_>> = Arc::new((0..BLOCKS).map(|_| Mutex::new(false)).collect());
    let allocate = |who: usize| {
        let (inodes, busy) = (inodes.clone(), busy.clone());
        thread::spawn(move || {
            let i = who % INODES;
            let mut inode = inodes[i].lock().unwrap();
            let mut block = i * 2 % BLOCKS;
            while *inode == 0 {
                let mut is_busy = busy[block].lock().unwrap();
                if !*is_busy {
                    *is_busy = true;
                    *inode = block + 1;
                }
                block = (block + 1) % BLOCKS;
            }
        })
    };
    let threads: Vec<_> = (0..n).map(allocate).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// `n` threads take the same lock, `k` times each.
pub fn locks(n: usize, k: usize) {
    let count = Arc::new(Mutex::new(0));
    let add = |_| {
        let count = count.clone();
        thread::spawn(move || (0..k).for_each(|_| *count.lock().unwrap() += 1))
    };
    let threads: Vec<_> = (0..n).map(add).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// `n` threads take a lock of their own, `k` times each.
pub fn independent(n: usize, k: usize) {
    let add = |_| {
        thread::spawn(move || {
            let count = Mutex::new(0);
            (0..k).for_each(|_| *count.lock().unwrap() += 1);
        })
    };
    let threads: Vec<_> = (0..n).map(add).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
