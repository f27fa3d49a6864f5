//! A site that is served on loopback, and a client that sends one request over one connection, exactly as told.

use std::net::SocketAddr;

use jiff::Timestamp;
use stagewatch::daemon::House;
use stagewatch::daemon::pages::shown_of;
use stagewatch::store::Store;
use stagewatch::web::settings::Settings;
use stagewatch::web::{Behind, Site};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{SOON, World};

/// Thirty letters.
pub(crate) const TOKEN: &str = "a-token-that-nobody-will-guess";

/// The pages of a world, served until dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    stop: CancellationToken,
    _serving: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Served {
    pub(crate) async fn of(world: &World, change: impl FnOnce(&mut Settings)) -> Served {
        Served::opened_at(world, Timestamp::now(), change).await
    }

    pub(crate) async fn opened_at(world: &World, at: Timestamp, change: impl FnOnce(&mut Settings)) -> Served {
        Served::over(&world.house(), at, change).await
    }

    pub(crate) async fn over(house: &House, at: Timestamp, change: impl FnOnce(&mut Settings)) -> Served {
        let mut settings = house.settings.web.clone();
        change(&mut settings);
        let behind = Behind { store: house.store.clone(), outbox_filled: house.outbox_filled.clone() };
        let site = Site::open(settings, shown_of(&house.settings), behind, at).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let told = stop.clone();
        let serving = tokio::spawn(async move { site.serve(listener, told).await });
        Served { address, store: house.store.clone(), stop, _serving: serving }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers, "").await
    }

    pub(crate) async fn post_with(&self, path: &str, headers: &[&str], form: &str) -> Answer {
        let mut headers = headers.to_vec();
        headers.push("Content-Type: application/x-www-form-urlencoded");
        self.ask("POST", path, &headers, form).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        ask(self.address, method, path, headers, body).await
    }
}

/// One request, one answer.
pub(crate) async fn ask(address: SocketAddr, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let own = format!("Host: {address}");
        let has_host = headers.iter().any(|header| header.starts_with("Host:"));
        let host = if has_host { None } else { Some(own.as_str()) };
        let lines: Vec<&str> = headers.iter().copied().chain(host).chain(["Connection: close"]).collect();
        let (lines, length) = (lines.join("\r\n"), body.len());
        let request = format!("{method} {path} HTTP/1.1\r\n{lines}\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    };
    let bytes = tokio::time::timeout(SOON, exchange).await.expect("an answer in time");
    Answer::of(&bytes)
}

impl Answer {
    fn of(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}
