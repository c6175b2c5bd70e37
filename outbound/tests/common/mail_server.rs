//! A small real mail server on the loopback address, with STARTTLS where it is given a certificate.

use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How it behaves with the next mails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    #[default]
    Good,
    /// 550 to the recipient.
    NoSuchRecipient,
    /// 450 to the recipient.
    Later,
    /// 421 at once.
    Closing,
    /// Takes the text and hangs up without a word.
    TakesAndHangsUp,
    /// Takes the text and never answers.
    TakesAndIsSilent,
    /// Hangs up when the text is to come.
    HangsUpBeforeText,
    /// 451 after the text.
    LaterAfterText,
    /// 554 after the text.
    RefusesText,
    /// Answers with what is no SMTP.
    Garbage,
}

#[derive(Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail that was accepted.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub text: String,
    pub private: bool,
}

impl Mail {
    pub fn header(&self, name: &str) -> Vec<String> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).collect()
    }
}

impl MailServer {
    pub async fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), manner: Arc::default(), mails: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (server, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    let offers = tls.is_some();
                    let mut stream = BufReader::new(socket);
                    if server.dialogue(&mut stream, offers, false).await {
                        let acceptor = TlsAcceptor::from(tls.unwrap());
                        if let Ok(private) = acceptor.accept(stream.into_inner()).await {
                            server.dialogue(&mut BufReader::new(private), false, true).await;
                        }
                    }
                });
            }
        });
        server
    }

    pub fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// Whether the client asked for TLS.
    async fn dialogue<S>(&self, stream: &mut BufReader<S>, offers_tls: bool, private: bool) -> bool
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let manner = || *self.manner.lock().unwrap();
        if !private {
            let greeting = match manner() {
                Manner::Closing => "421 closing\r\n",
                Manner::Garbage => "<html>\r\n",
                _ => "220 mail.example ESMTP\r\n",
            };
            if stream.write_all(greeting.as_bytes()).await.is_err() {
                return false;
            }
        }
        let (mut to, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            let verb = line.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match (verb.as_str(), manner()) {
                ("EHLO", _) if offers_tls => "250-mail.example\r\n250 STARTTLS",
                ("EHLO" | "HELO", _) => "250 mail.example",
                ("STARTTLS", _) => {
                    stream.write_all(b"220 go on\r\n").await.ok();
                    return true;
                }
                ("RCPT", Manner::NoSuchRecipient) => "550 no such person",
                ("RCPT", Manner::Later) => "450 try later",
                ("RCPT", _) => {
                    to = line.trim().to_owned();
                    "250 fine"
                }
                ("DATA", Manner::HangsUpBeforeText) => return false,
                ("DATA", _) => {
                    stream.write_all(b"354 go on\r\n").await.ok();
                    match self.text(stream, &to, private).await {
                        Some(answer) => answer,
                        None => return false,
                    }
                }
                ("QUIT", _) => {
                    stream.write_all(b"221 bye\r\n").await.ok();
                    return false;
                }
                _ => "250 fine",
            };
            if stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return false;
            }
        }
    }

    async fn text<S>(&self, stream: &mut BufReader<S>, to: &str, private: bool) -> Option<&'static str>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            if line == ".\r\n" {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let manner = *self.manner.lock().unwrap();
        let taken = Mail { to: to.to_owned(), text, private };
        match manner {
            Manner::LaterAfterText => return Some("451 try later"),
            Manner::RefusesText => return Some("554 not this"),
            _ => self.mails.lock().unwrap().push(taken),
        }
        match manner {
            Manner::TakesAndHangsUp => None,
            Manner::TakesAndIsSilent => std::future::pending().await,
            _ => Some("250 queued as 4711"),
        }
    }
}
