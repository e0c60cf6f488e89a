//! How far a request came. A time-out says that time is up, not whether there was a connection by then; but a firewall
//! that drops what it gets and a service that hangs ask for different people.

use std::cell::Cell;
use std::io::{self, ErrorKind};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, TcpConnector,
    Transport,
};
use ureq::{Agent, Error};

/// How far the request of this thread has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its host's address is being asked for.
    Lookup,
    /// Its connection is being made.
    Connecting,
    /// It has a connection, a new one or one that was kept.
    Connected,
}

thread_local!(static STAGE: Cell<Stage> = const { Cell::new(Stage::Lookup) });

/// Where the last request of this thread is, or where it ended.
pub(crate) fn reached() -> Stage {
    STAGE.get()
}

/// A client whose requests note how far they came: ureq's usual parts, and a note around two of them. These parts are in
/// ureq's module `unversioned`, which may change with any release; Cargo.lock keeps the one this was written for.
pub(crate) fn noting(config: Config) -> Agent {
    let tcp = ().chain(ConnectProxyConnector::default()).chain(NotingTcp(TcpConnector::default()));
    Agent::with_parts(config, tcp.chain(RustlsConnector::default()), NotingLookup(DefaultResolver::default()))
}

#[derive(Debug)]
struct NotingLookup(DefaultResolver);

impl Resolver for NotingLookup {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        STAGE.set(Stage::Lookup);
        let addresses = self.0.resolve(uri, config, timeout).map_err(|error| match error {
            // std has no name for this kind, and systems put it into different words.
            Error::Io(why) => Error::Io(io::Error::new(ErrorKind::NotFound, why)),
            other => other,
        })?;
        // Until a new connection is begun: one that was kept needs none.
        STAGE.set(Stage::Connected);
        Ok(addresses)
    }
}

#[derive(Debug)]
struct NotingTcp(TcpConnector);

impl<In: Transport> Connector<In> for NotingTcp {
    type Out = <TcpConnector as Connector<In>>::Out;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        STAGE.set(Stage::Connecting);
        let connection = self.0.connect(details, chained)?;
        STAGE.set(Stage::Connected);
        Ok(connection)
    }
}
