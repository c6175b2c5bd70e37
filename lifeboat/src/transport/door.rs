//! The pages' door with TLS: greets whoever comes, sends those who speak plain HTTP to https, serves the others.
//!
//! Always: whoever says nothing is cut off, and makes room for newcomers before that: the one who has waited longest goes
//! first; the pages hear from where a request comes, that it came by TLS, and for which feeds its sender has a certificate. On
//! closing, answers that have begun are ended. Called by `serve`; proved by `tests/tls.rs`.

use super::authority::is_of_sender;
use super::redirect;
use axum::Router;
use axum::extract::ConnectInfo;
use basics::FeedName;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use intake::http::Proven;
use rustls::ServerConfig;
use screens::Transport;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

/// How long a greeting may take.
const GREET_MS_MAX: u64 = 10_000;
/// Most that may be greeted at a time; a newcomer pushes out who has waited longest.
const GREETINGS_MAX: usize = 512;
/// Most lines that are served at a time.
const SERVED_MAX: usize = 32_768;
/// How long a line may rest between requests, and a request's head may take.
const HEAD_MS_MAX: u64 = 75_000;
/// Rest after a failed accept (no descriptors left): shorter would only burn time.
const REST_MS: u64 = 50;
/// The first byte of a TLS greeting: a record of the handshake.
const HANDSHAKE: u8 = 0x16;

/// What the door needs to know.
pub struct Terms {
    /// How it speaks TLS.
    pub tls: Arc<ServerConfig>,
    /// The authority's certificate as text.
    pub certificate: String,
    /// Feeds, each with the name that its senders' certificates hold.
    pub senders: Vec<(FeedName, String)>,
}

/// Somebody who was greeted.
struct Guest {
    stream: TlsStream<TcpStream>,
    peer: SocketAddr,
    proven: Proven,
}

/// Serves the pages until the program closes, then lets answers that have begun end.
pub async fn serve(listener: TcpListener, terms: Terms, pages: Router, mut closing: watch::Receiver<bool>) {
    let terms = Arc::new(terms);
    let mut waiting: VecDeque<AbortHandle> = VecDeque::new();
    let (mut greeted, mut served) = (JoinSet::new(), JoinSet::new());
    loop {
        tokio::select! {
            biased;
            () = closed(&mut closing) => break,
            Some(guest) = greeted.join_next() => {
                // Whoever was cut off, or pushed out, is nobody's guest.
                if let Ok(Some(guest)) = guest
                    && served.len() < SERVED_MAX
                {
                    served.spawn(attend(guest, pages.clone(), closing.clone()));
                }
            }
            Some(_) = served.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    make_room(&mut waiting);
                    waiting.push_back(greeted.spawn(greet(stream, peer, Arc::clone(&terms))));
                }
                Err(error) => {
                    tracing::warn!(%error, "a browser's connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(REST_MS)).await;
                }
            },
        }
    }
    drop(listener);
    greeted.shutdown().await;
    while served.join_next().await.is_some() {}
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    // An error means that the giver of the signal is gone, which is a signal as well.
    drop(closing.wait_for(|closing| *closing).await);
}

fn make_room(waiting: &mut VecDeque<AbortHandle>) {
    waiting.retain(|greeting| !greeting.is_finished());
    while waiting.len() >= GREETINGS_MAX {
        if let Some(longest) = waiting.pop_front() {
            longest.abort();
        }
    }
}

/// `None` when there is nobody to serve: a redirect was given, or the greeting failed or took too long.
async fn greet(stream: TcpStream, peer: SocketAddr, terms: Arc<Terms>) -> Option<Guest> {
    let greeting = async {
        let _ = stream.set_nodelay(true);
        let mut first = [0u8; 1];
        if stream.peek(&mut first).await? == 0 {
            return Ok(None);
        }
        if first != [HANDSHAKE] {
            let here = stream.local_addr()?.to_string();
            redirect::answer(stream, &here, &terms.certificate).await?;
            return Ok(None);
        }
        TlsAcceptor::from(Arc::clone(&terms.tls)).accept(stream).await.map(Some)
    };
    let stream = match tokio::time::timeout(Duration::from_millis(GREET_MS_MAX), greeting).await {
        Ok(Ok(stream)) => stream?,
        Ok(Err(error)) => {
            tracing::debug!(%peer, %error, "a greeting failed");
            return None;
        }
        Err(_) => return None,
    };
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let of = |(feed, name): &(FeedName, String)| {
        shown.is_some_and(|certificate| is_of_sender(certificate, name)).then(|| feed.clone())
    };
    let proven = Proven(terms.senders.iter().filter_map(of).collect());
    Some(Guest { stream, peer, proven })
}

async fn attend(guest: Guest, pages: Router, mut closing: watch::Receiver<bool>) {
    let Guest { stream, peer, proven } = guest;
    let service = service_fn(move |mut request: Request<Incoming>| {
        let about = request.extensions_mut();
        about.insert(ConnectInfo(peer));
        about.insert(Transport::Tls);
        about.insert(proven.clone());
        pages.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEAD_MS_MAX))
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Whoever hangs up, dawdles or talks nonsense loses the line; there is nobody to tell.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = closed(&mut closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
