//! The listener whose certificate nobody has a reason to trust.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::connection;
use crate::state::State;

/// A fresh certificate for `localhost`, signed with its own key.
pub(crate) fn self_signed() -> io::Result<Arc<ServerConfig>> {
    let made = rcgen::generate_simple_self_signed([String::from("localhost")]).map_err(io::Error::other)?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![made.cert.into()], key))
        .map_err(io::Error::other)?;
    Ok(Arc::new(config))
}

/// Serves a TLS connection to its end; a client that refuses the certificate ends it at once.
pub(crate) fn serve(socket: Arc<TcpStream>, config: &Arc<ServerConfig>, number: u64, state: &State) {
    if let Ok(mut session) = ServerConnection::new(Arc::clone(config)) {
        connection::requests(Stream::new(&mut session, &mut &*socket), state);
    }
    drop(socket);
    state.closed(number);
}
