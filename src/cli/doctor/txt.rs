//! One question to the resolver of this machine: which texts stand under a name. The system's own functions look up addresses alone.
//! Not a resolver: nothing is followed and nothing is kept.
#![expect(clippy::disallowed_methods, reason = "which resolver is asked stands in a file")]

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long a resolver may take; each is asked twice.
const TO_ANSWER: Duration = Duration::from_secs(3);

/// As many as the system's own functions ask.
const MOST_RESOLVERS: usize = 3;

/// The longest answer over UDP to a question that promises no more.
const LONGEST_DATAGRAM: usize = 512;

const TXT: u16 = 16;
const INTERNET: u16 = 1;

/// Whom this machine asks: `nameserver` of `/etc/resolv.conf`.
pub(super) fn resolvers() -> Vec<SocketAddr> {
    resolvers_in(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
}

fn resolvers_in(text: &str) -> Vec<SocketAddr> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let named = words.filter_map(|words| match words[..] {
        // A zone (`fe80::1%eth0`) is more than an address can say.
        ["nameserver", address, ..] => address.parse::<IpAddr>().ok(),
        _ => None,
    });
    let mut found: Vec<SocketAddr> = named.take(MOST_RESOLVERS).map(|address| (address, 53).into()).collect();
    if found.is_empty() {
        found.push((Ipv4Addr::LOCALHOST, 53).into());
    }
    found
}

/// The texts under a name, none where there are none; else why that is not known.
pub(super) async fn texts(name: &str, resolvers: &[SocketAddr]) -> Result<Vec<String>, String> {
    let mut id = [0; 2];
    aws_lc_rs::rand::fill(&mut id).map_err(|_| "there are no random numbers".to_owned())?;
    let question = question(id, name).ok_or_else(|| format!("`{name}` is no name of the DNS"))?;
    let mut why = "no resolver is known".to_owned();
    for resolver in resolvers.iter().chain(resolvers) {
        match timeout(TO_ANSWER, asked(*resolver, &question)).await {
            Err(_) => why = format!("no answer from {resolver} in {} s", TO_ANSWER.as_secs()),
            Ok(Err(error)) => why = format!("no answer from {resolver}: {error}"),
            Ok(Ok(answer)) => match read(&answer, id) {
                Ok(texts) => return Ok(texts),
                Err(problem) => why = format!("{resolver}: {problem}"),
            },
        }
    }
    Err(why)
}

/// Over UDP, and over TCP where the answer is too long for that.
async fn asked(resolver: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let own: SocketAddr = if resolver.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(own).await?;
    socket.connect(resolver).await?;
    socket.send(question).await?;
    let mut answer = vec![0; LONGEST_DATAGRAM];
    loop {
        let n_bytes = socket.recv(&mut answer).await?;
        // Something that answers another question is not for us.
        if answer[..n_bytes].starts_with(&question[..2]) {
            answer.truncate(n_bytes);
            break;
        }
    }
    let is_cut = answer.get(2).is_some_and(|flags| flags & 0x02 != 0);
    if !is_cut {
        return Ok(answer);
    }
    let mut stream = TcpStream::connect(resolver).await?;
    let length = u16::try_from(question.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut whole = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut whole).await?;
    Ok(whole)
}

/// The question as it goes over the wire; `None` where the name cannot be written.
fn question(id: [u8; 2], name: &str) -> Option<Vec<u8>> {
    // Recursion desired; one question.
    let mut question = [&id[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        question.push(length);
        question.extend_from_slice(label.as_bytes());
    }
    question.push(0);
    question.extend_from_slice(&TXT.to_be_bytes());
    question.extend_from_slice(&INTERNET.to_be_bytes());
    (name.len() <= 253).then_some(question)
}

/// The texts of an answer to the question with that id.
fn read(answer: &[u8], id: [u8; 2]) -> Result<Vec<String>, String> {
    let broken = || "its answer cannot be read".to_owned();
    let mut rest = Cursor { bytes: answer, at: 0 };
    let own = rest.take(2).ok_or_else(broken)? == id;
    let flags = rest.number().ok_or_else(broken)?;
    if !own || flags & 0x8000 == 0 {
        return Err(broken());
    }
    match flags & 0x000f {
        0 => {}
        // There is no such name.
        3 => return Ok(Vec::new()),
        2 => return Err("it could not find out (SERVFAIL)".to_owned()),
        5 => return Err("it refuses to answer".to_owned()),
        code => return Err(format!("it answers with error {code}")),
    }
    rest.records().ok_or_else(broken)
}

/// Where reading has come to.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n_bytes: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(n_bytes)?)?;
        self.at += n_bytes;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Past a name: labels, to an empty one or to one that says where the name goes on.
    fn pass_name(&mut self) -> Option<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Some(()),
                length if length >= 0xc0 => return self.take(1).map(|_| ()),
                length => self.take(usize::from(length)).map(|_| ())?,
            }
        }
    }

    /// All texts of the answer, after the flags.
    fn records(&mut self) -> Option<Vec<String>> {
        let (n_questions, n_answers) = (self.number()?, self.number()?);
        self.take(4)?;
        for _ in 0..n_questions {
            self.pass_name()?;
            self.take(4)?;
        }
        let mut texts = Vec::new();
        for _ in 0..n_answers {
            self.pass_name()?;
            let kind = self.number()?;
            self.take(6)?;
            let length = self.number()?;
            let mut data = Cursor { bytes: self.take(usize::from(length))?, at: 0 };
            if kind != TXT {
                continue;
            }
            // Pieces of up to 255 bytes, which are one text.
            let mut text = Vec::new();
            while data.at < data.bytes.len() {
                let length = data.take(1)?[0];
                text.extend_from_slice(data.take(usize::from(length))?);
            }
            texts.push(String::from_utf8_lossy(&text).into_owned());
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with an alias and a text in two pieces.
    fn answer(id: [u8; 2], flags: [u8; 2]) -> Vec<u8> {
        let mut answer = question(id, "a._domainkey.b.org").unwrap();
        answer[2..4].copy_from_slice(&flags);
        answer[6..8].copy_from_slice(&[0, 2]);
        answer.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'x', 0xc0, 14]);
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 8, 2, b'p', b'=', 4, b'A', b'Q', b'I', b'D']);
        answer
    }

    #[test]
    fn an_answer_is_read_past_aliases_and_its_pieces_are_one_text() {
        assert_eq!(read(&answer([7, 7], [0x81, 0x80]), [7, 7]), Ok(vec!["p=AQID".to_owned()]));
        assert_eq!(read(&answer([7, 7], [0x81, 0x83]), [7, 7]), Ok(vec![]), "no such name");
        assert!(read(&answer([7, 7], [0x81, 0x82]), [7, 7]).unwrap_err().contains("SERVFAIL"));
        assert!(read(&answer([7, 7], [0x81, 0x80]), [7, 8]).is_err(), "an answer to somebody else");
    }

    #[test]
    fn no_answer_is_too_short_to_be_read_without_harm() {
        let whole = answer([7, 7], [0x81, 0x80]);
        for length in 0..whole.len() {
            assert!(read(&whole[..length], [7, 7]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn the_resolvers_are_those_of_the_system() {
        let text =
            "# a comment\nsearch example.org\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver fe80::1%eth0\n";
        assert_eq!(resolvers_in(text), ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse().unwrap()]);
        assert_eq!(resolvers_in(""), ["127.0.0.1:53".parse().unwrap()]);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_for_a_datagram_is_asked_for_once_more() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(address).await.unwrap();
        let resolver = async {
            let mut asked = [0; 512];
            let (_, whom) = socket.recv_from(&mut asked).await.unwrap();
            let id = [asked[0], asked[1]];
            socket.send_to(&[id[0], id[1], 0x83, 0x80, 0, 0, 0, 0, 0, 0, 0, 0], whom).await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let length = stream.read_u16().await.unwrap();
            stream.read_exact(&mut asked[..usize::from(length)]).await.unwrap();
            let whole = answer(id, [0x81, 0x80]);
            stream.write_u16(u16::try_from(whole.len()).unwrap()).await.unwrap();
            stream.write_all(&whole).await.unwrap();
        };
        let (found, ()) = tokio::join!(texts("a._domainkey.b.org", std::slice::from_ref(&address)), resolver);
        assert_eq!(found, Ok(vec!["p=AQID".to_owned()]));
    }
}
