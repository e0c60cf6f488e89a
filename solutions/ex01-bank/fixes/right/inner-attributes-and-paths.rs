//! Right: a documented crate with inner attributes, whose modules name each other from the root.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![deny(unused_must_use)]

use vault::Vault;

mod vault {
    use std::sync::Mutex;

    /// What nobody but the vault changes.
    pub(crate) struct Vault(Mutex<i64>);

    impl Vault {
        pub(crate) fn new(account: &crate::Opening) -> Self {
            Vault(Mutex::new(account.0))
        }

        pub(crate) fn with<R>(&self, work: impl FnOnce(&mut i64) -> R) -> R {
            work(&mut self.0.lock().unwrap())
        }
    }
}

/// What an account starts with.
pub struct Opening(i64);

/// An account with a balance in whole euros.
pub struct Account {
    vault: Vault,
}

impl Account {
    /// Creates an account that starts with `balance`.
    pub fn new(balance: i64) -> Self {
        Account { vault: Vault::new(&Opening(balance)) }
    }

    /// Pays out `amount` if there is enough, and returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        self.vault.with(|balance| {
            let enough = *balance >= amount;
            if enough {
                *balance -= amount;
            }
            enough
        })
    }

    /// Returns what is left.
    pub fn balance(&self) -> i64 {
        self.vault.with(|balance| *balance)
    }
}
