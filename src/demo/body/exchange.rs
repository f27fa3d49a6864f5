//! One connection: requests are read, answers are written, well or badly as the answer says. HTTP/1.1 as far as a client that only
//! fetches needs it: GET and HEAD, kept-alive connections, bodies with a length or in chunks. Not which answer a request gets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::answer::Misbehaviour;
use super::ledger::{Request, UnderWay};
use super::site::{Choice, Site};

/// A request whose head is longer is no request of ours.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Keep,
    Close,
    Reset,
}

/// Bytes, and how long to wait before they go out.
#[derive(Debug)]
struct Piece {
    pause: Duration,
    bytes: Vec<u8>,
}

impl Piece {
    fn at_once(bytes: Vec<u8>) -> Piece {
        Piece { pause: Duration::ZERO, bytes }
    }
}

/// Serves one connection until either side closes it.
pub(super) async fn serve(stream: TcpStream, site: Arc<Site>) {
    let mut stream = BufReader::new(stream);
    // A client that goes away in the middle is its own business: there is nobody to tell.
    while let Ok(Some(mut request)) = read_request(&mut stream).await {
        let under_way = site.ledger().begin();
        let choice = site.choose(&request);
        let after = after_of(&request, &choice);
        request.status = match after {
            After::Reset => 0,
            After::Keep | After::Close => status_of(&choice, &request),
        };
        let pieces = pieces_of(&request, &choice, after);
        // Recorded first: whoever has the answer must find the request in the ledger.
        site.ledger().record(request);
        if send(stream.get_mut(), pieces, under_way, after).await.is_err() || after != After::Keep {
            return;
        }
    }
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let Some(first) = read_line(stream).await? else { return Ok(None) };
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let mut request = Request { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), status: 0 };
    let mut head_bytes = first.len();
    while let Some(line) = read_line(stream).await? {
        if line.is_empty() {
            return Ok(Some(request));
        }
        head_bytes += line.len();
        let Some((name, value)) = line.split_once(':') else { return Ok(None) };
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        if head_bytes > MAX_HEAD_BYTES {
            return Ok(None);
        }
    }
    Ok(None)
}

/// One line without its end; `None` where the connection ended first.
async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Ok(None);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

fn after_of(request: &Request, choice: &Choice) -> After {
    match choice.answer.misbehaviour {
        Misbehaviour::Reset => After::Reset,
        _ if wants_close(request) => After::Close,
        _ if choice.unchanged => After::Keep,
        Misbehaviour::None | Misbehaviour::Slow { .. } => After::Keep,
        Misbehaviour::Truncated { .. } | Misbehaviour::Unterminated { .. } | Misbehaviour::WrongLength { .. } => {
            After::Close
        }
    }
}

fn wants_close(request: &Request) -> bool {
    request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
        // A request with a body would leave the body in the way of the next request.
        || !is_served(request)
}

fn is_served(request: &Request) -> bool {
    matches!(request.method.as_str(), "GET" | "HEAD")
}

fn status_of(choice: &Choice, request: &Request) -> u16 {
    if !is_served(request) {
        return 405;
    }
    if choice.unchanged { 304 } else { choice.answer.status }
}

async fn send(stream: &mut TcpStream, pieces: Vec<Piece>, under_way: UnderWay<'_>, after: After) -> io::Result<()> {
    if after == After::Reset {
        // Closing with unsent time zero is what makes the kernel send RST instead of FIN.
        return stream.set_zero_linger();
    }
    stream.set_nodelay(true)?;
    let mut under_way = Some(under_way);
    let n_pieces = pieces.len();
    for (index, piece) in pieces.into_iter().enumerate() {
        tokio::time::sleep(piece.pause).await;
        if index + 1 == n_pieces {
            // Before the last bytes, not after them: a client that waits for the end and asks again is one at a time.
            under_way.take();
        }
        stream.write_all(&piece.bytes).await?;
    }
    if after == After::Close {
        stream.shutdown().await?;
    }
    Ok(())
}

fn pieces_of(request: &Request, choice: &Choice, after: After) -> Vec<Piece> {
    let mut first = head_of(request, choice, after).into_bytes();
    let has_body = request.method == "GET" && request.status != 304;
    if !has_body {
        return vec![Piece::at_once(first)];
    }
    let body = choice.answer.body.as_slice();
    match choice.answer.misbehaviour {
        Misbehaviour::None | Misbehaviour::WrongLength { .. } | Misbehaviour::Reset => first.extend_from_slice(body),
        Misbehaviour::Truncated { after } => first.extend_from_slice(&body[..after.min(body.len())]),
        Misbehaviour::Unterminated { after } => {
            let part = &body[..after.min(body.len())];
            first.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
            first.extend_from_slice(part);
            first.extend_from_slice(b"\r\n");
        }
        Misbehaviour::Slow { pause, piece_bytes } => {
            let drops = body.chunks(piece_bytes.max(1)).map(|bytes| Piece { pause, bytes: bytes.to_vec() });
            return std::iter::once(Piece::at_once(first)).chain(drops).collect();
        }
    }
    vec![Piece::at_once(first)]
}

fn head_of(request: &Request, choice: &Choice, after: After) -> String {
    let answer = &choice.answer;
    let mut lines = vec![format!("HTTP/1.1 {} {}", request.status, reason_of(request.status))];
    if request.status == 405 {
        lines.push("Allow: GET, HEAD".to_owned());
        lines.push("Content-Length: 0".to_owned());
    } else {
        lines.extend(answer.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.extend(choice.validators.iter().map(|(name, value)| format!("{name}: {value}")));
    }
    if request.status != 405 && request.status != 304 {
        lines.extend(answer.content_type.iter().map(|kind| format!("Content-Type: {kind}")));
        lines.push(match answer.misbehaviour {
            Misbehaviour::Unterminated { .. } => "Transfer-Encoding: chunked".to_owned(),
            Misbehaviour::WrongLength { declared } => format!("Content-Length: {declared}"),
            Misbehaviour::None | Misbehaviour::Truncated { .. } | Misbehaviour::Slow { .. } | Misbehaviour::Reset => {
                format!("Content-Length: {}", answer.body.len())
            }
        });
    }
    if after == After::Close && wants_close(request) {
        lines.push("Connection: close".to_owned());
    }
    lines.join("\r\n") + "\r\n\r\n"
}

fn reason_of(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        // Clients read the number; the words are for people with a packet dump.
        _ => "Answer",
    }
}
