//! The answer to whoever speaks plain HTTP to a port that speaks TLS: come again by https.
//!
//! Always: the same host and the same address; one thing is given in clear, the authority's certificate, which is no secret and
//! which people compare by its words before they trust it. Never: more read than the head of one request, a header that the
//! asker wrote put back unread.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Where the authority's certificate is fetched, in clear and by TLS.
pub const CERTIFICATE: &str = "/authority.crt";
/// What it is served as: telephones and browsers offer to install it.
pub const CERTIFICATE_KIND: &str = "application/x-x509-ca-cert";
/// Largest head that is read.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Most that is read, unheeded, of what comes after it.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Reads one request and answers it; `here` is this end's own address, for a request that names no host.
pub async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    here: &str,
    certificate: &str,
) -> std::io::Result<()> {
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|w| w == b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    stream.write_all(said(&head, here, certificate).as_bytes()).await?;
    stream.shutdown().await?;
    // What is still under way is read, or the answer might be lost to the asker; the caller sets the time.
    let (mut rest, mut unheeded) = ([0u8; 4096], 0);
    while unheeded < BODY_BYTES_MAX {
        match stream.read(&mut rest).await? {
            0 => break,
            read => unheeded += read,
        }
    }
    Ok(())
}

fn said(head: &[u8], here: &str, certificate: &str) -> String {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target, version) = (first.next(), first.next(), first.next());
    let target =
        target.filter(|target| version.is_some_and(|v| v.starts_with("HTTP/1.")) && is_target(target));
    let Some(target) = target else {
        return plain("400 Bad Request", "", "This port speaks https.\n");
    };
    if target == CERTIFICATE && method == Some("GET") {
        return plain("200 OK", &format!("Content-Type: {CERTIFICATE_KIND}\r\n"), certificate);
    }
    let host = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value.trim())
        .filter(|host| is_host(host))
        .unwrap_or(here);
    let to = format!("Location: https://{host}{target}\r\nContent-Type: text/plain\r\n");
    plain("308 Permanent Redirect", &to, "These pages are served by https alone.\n")
}

fn plain(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn is_target(target: &str) -> bool {
    target.starts_with('/') && target.bytes().all(|b| b.is_ascii_graphic())
}

fn is_host(host: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_');
    !host.is_empty() && host.len() <= 255 && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(request: &str) -> String {
        said(request.as_bytes(), "10.0.0.5:8480", "PEM")
    }

    #[test]
    fn whoever_comes_in_clear_is_sent_to_the_same_address_by_https() {
        for (request, to) in [
            ("GET / HTTP/1.1\r\nHost: lifeboat:8480\r\n\r\n", "https://lifeboat:8480/"),
            ("POST /log?x=1 HTTP/1.1\r\nhost:lifeboat\r\n\r\n", "https://lifeboat/log?x=1"),
            ("GET /wards HTTP/1.0\r\n\r\n", "https://10.0.0.5:8480/wards"),
            ("GET / HTTP/1.1\r\nHost: [fd00::5]:8480\r\n\r\n", "https://[fd00::5]:8480/"),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "https://10.0.0.5:8480/"),
            ("GET //evil.example/ HTTP/1.1\r\nHost: lifeboat\r\n\r\n", "https://lifeboat//evil.example/"),
        ] {
            let answer = asked(request);
            assert!(answer.starts_with("HTTP/1.1 308 "), "{request}: {answer}");
            assert!(answer.contains(&format!("\r\nLocation: {to}\r\n")), "{request}: {answer}");
        }
    }

    #[test]
    fn the_authority_s_certificate_is_given_in_clear_and_nothing_else_is() {
        assert!(asked("GET /authority.crt HTTP/1.1\r\nHost: lifeboat\r\n\r\n").ends_with("\r\n\r\nPEM"));
        assert!(asked("POST /authority.crt HTTP/1.1\r\nHost: lifeboat\r\n\r\n").starts_with("HTTP/1.1 308"));
        for odd in [
            "",
            "nonsense",
            "GET http://evil.example/ HTTP/1.1\r\n\r\n",
            "\u{b}MSH|^~\\&|\r\u{1c}\r",
            "GET /\r\n\r\n",
        ] {
            assert!(asked(odd).starts_with("HTTP/1.1 400"), "{odd:?}");
        }
        // Nothing that the asker wrote can begin a header of ours.
        let answer = asked("GET / HTTP/1.1\r\nHost: x\nSet-Cookie: a=b\r\n\r\n");
        assert!(!answer.contains("Set-Cookie"), "{answer}");
    }
}
