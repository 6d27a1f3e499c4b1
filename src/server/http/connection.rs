//! One accepted connection. On the port of TLS its first byte tells what it is: a handshake, after which HTTP follows; a voice, which the
//! voice thread takes over; or plain HTTP, which is redirected.

use super::{
    connection_limit::ConnectionPermit,
    connection_server::{ConnectionServer, RawStream},
    first_byte::{FirstByte, recognize},
    http1, http2,
    write_deadline::WithWriteDeadline,
};
use crate::server::tls::{ServerStream, ServerTls};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpStream, time::timeout};

/// What a connection on the port of TLS is, after its beginning.
enum Opening {
    /// HTTP follows.
    Secured(ServerStream<RawStream>),
    /// HTTP without TLS follows.
    PlainHttp(TcpStream),
    /// The voice thread takes it over.
    Voice(TcpStream),
    /// Nothing follows.
    Over,
}

/// Serves a connection until it ends.
pub async fn serve(server: Arc<ConnectionServer>, stream: TcpStream, peer: SocketAddr, permit: Arc<ConnectionPermit>) {
    // Without TCP_NODELAY, a small answer can wait 40 ms for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let write = server.times.write;
    let plain = |stream| ServerStream::Plain(WithWriteDeadline::new(stream, write));
    let Some(tls) = server.tls.clone() else {
        return http1::serve(&server, plain(stream), peer, permit).await;
    };
    match begin(&server, &tls, stream, &permit).await {
        Opening::Secured(stream) if stream.is_http2() => http2::serve(server, stream, peer, permit).await,
        Opening::Secured(stream) => http1::serve(&server, stream, peer, permit).await,
        Opening::PlainHttp(stream) => {
            if let Some(redirect) = &server.redirect {
                http1::serve(redirect, plain(stream), peer, permit).await;
            }
        }
        Opening::Voice(stream) => {
            // The voice thread has limits of its own, so the place here is free again.
            if let Ok(stream) = stream.into_std() {
                server.state.voice.take_over(stream);
            }
        }
        Opening::Over => {}
    }
}

/// Reads the beginning. It is over if it takes too long, if it fails, or if the connection has to make room for another meanwhile.
async fn begin(server: &ConnectionServer, tls: &ServerTls, stream: TcpStream, permit: &ConnectionPermit) -> Opening {
    let opening = timeout(server.times.handshake, open(server, tls, stream));
    tokio::select! {
        opening = opening => match opening {
            Ok(Ok(opening)) => opening,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                Opening::Over
            }
            Err(_) => {
                tracing::debug!("a TLS handshake took too long");
                Opening::Over
            }
        },
        () = permit.evicted() => Opening::Over,
        () = server.stopping.cancelled() => Opening::Over,
    }
}

async fn open(server: &ConnectionServer, tls: &ServerTls, stream: TcpStream) -> io::Result<Opening> {
    let mut first = [0];
    // The byte stays where it is, for whoever reads next.
    if stream.peek(&mut first).await? == 0 {
        return Ok(Opening::Over);
    }
    Ok(match recognize(first[0]) {
        FirstByte::Tls => {
            let secured = tls.accept(WithWriteDeadline::new(stream, server.times.write)).await?;
            secured.map_or(Opening::Over, Opening::Secured)
        }
        FirstByte::Voice => Opening::Voice(stream),
        FirstByte::PlainHttp => Opening::PlainHttp(stream),
        FirstByte::Unknown => Opening::Over,
    })
}
