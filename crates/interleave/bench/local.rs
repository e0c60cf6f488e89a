/// The running thread's value, made by `first` when there is none.
pub fn local(first: impl Fn() -> usize) -> usize {
    ID.with(|id| {
        let mine = id.get().unwrap_or_else(first);
        id.set(Some(mine));
        mine
    })
}
