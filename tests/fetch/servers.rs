//! Servers on loopback that say exactly what a test wants, and remember what they were asked. They close after every answer.

use std::future::Future;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A server with a port of its own on 127.0.0.1.
pub(crate) struct Server {
    origin: String,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Says the same to everyone.
    pub(super) async fn saying(answer: impl Into<Vec<u8>>) -> Server {
        let answer: Arc<[u8]> = answer.into().into();
        Server::doing(move |_, mut stream| {
            let answer = answer.clone();
            async move {
                stream.write_all(&answer).await?;
                stream.shutdown().await
            }
        })
        .await
    }

    /// Does what it is told with every request: its head, and the connection to answer on.
    pub(super) async fn doing<F, Answered>(answer: F) -> Server
    where
        F: Fn(String, TcpStream) -> Answered + Send + Sync + 'static,
        Answered: Future<Output = io::Result<()>> + Send + 'static,
    {
        let (server, listener) = Server::listening("http").await;
        let (paths, answer) = (server.paths.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (paths, answer) = (paths.clone(), answer.clone());
                tokio::spawn(async move {
                    let head = head_of(&mut stream).await;
                    paths.lock().unwrap().push(path_of(&head));
                    // A client that has heard enough breaks the connection, which is what some tests are about.
                    let _ = answer(head, stream).await;
                });
            }
        });
        server
    }

    /// Says the same to everyone, once the connection is encrypted. Sends no intermediate certificate.
    pub(crate) async fn encrypted(authority: &Authority, answer: impl Into<Vec<u8>>) -> Server {
        let (server, listener) = Server::listening("https").await;
        let (acceptor, paths, answer) = (authority.acceptor(), server.paths.clone(), answer.into());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let head = head_of(&mut stream).await;
                paths.lock().unwrap().push(path_of(&head));
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        server
    }

    /// Says the same to everyone as soon as it hears something, whatever it is.
    pub(super) async fn blurting(answer: &'static [u8]) -> Server {
        let (server, listener) = Server::listening("http").await;
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            }
        });
        server
    }

    /// An address on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// What was asked for, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }

    async fn listening(scheme: &str) -> (Server, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("{scheme}://{}", listener.local_addr().unwrap());
        (Server { origin, paths: Arc::default() }, listener)
    }
}

async fn head_of(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte).await, Ok(1)) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// A root, an intermediate, and a certificate for 127.0.0.1 that the intermediate issued.
pub(crate) struct Authority {
    /// The root, in PEM.
    pub(super) root: String,
    /// The intermediate, in PEM.
    pub(super) intermediate: String,
    leaf: rcgen::Certificate,
    leaf_key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        stagewatch::fetch::install_tls();
        let (root_key, intermediate_key, leaf_key) =
            (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root_params = issuing_params("Invented Root");
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let intermediate_params = issuing_params("Invented Intermediate");
        let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer).unwrap();
        let intermediate_issuer = Issuer::new(intermediate_params, intermediate_key);
        let leaf_params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let leaf = leaf_params.signed_by(&leaf_key, &intermediate_issuer).unwrap();
        Authority { root: root.pem(), intermediate: intermediate.pem(), leaf, leaf_key }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf_key.serialize_der()));
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.leaf.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

fn issuing_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// An answer with a body that is (or claims to be) compressed.
pub(super) fn packed(encoding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// A proxy that leads every way to one server, and remembers where it was asked to go and by whom.
pub(super) struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// SOCKS 5 (RFC 1928), for whoever comes as that user with that password (RFC 1929).
    pub(super) async fn socks(to: &Server, user: &'static str, password: &'static str) -> Proxy {
        Proxy::leading(to, move |mut stream, asked| async move {
            let n_methods = usize::from(read_exactly(&mut stream, 2).await?[1]);
            read_exactly(&mut stream, n_methods).await?;
            stream.write_all(&[5, 2]).await?;
            let given = [counted_text(&mut stream, true).await?, counted_text(&mut stream, false).await?];
            let is_known = given == [user, password];
            stream.write_all(&[1, u8::from(!is_known)]).await?;
            let head = read_exactly(&mut stream, 4).await?;
            let host = match head[3] {
                1 => read_exactly(&mut stream, 4).await?.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
                _ => counted_text(&mut stream, false).await?,
            };
            let port = read_exactly(&mut stream, 2).await?;
            let port = u16::from_be_bytes([port[0], port[1]]);
            asked.lock().unwrap().push(format!("{host}:{port}"));
            stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
            Ok(stream)
        })
        .await
    }

    /// HTTP with CONNECT (RFC 9110, 9.3.6).
    pub(super) async fn tunnel(to: &Server) -> Proxy {
        Proxy::leading(to, |mut stream, asked| async move {
            let head = head_of(&mut stream).await;
            asked.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            Ok(stream)
        })
        .await
    }

    async fn leading<F, Opened>(to: &Server, open: F) -> Proxy
    where
        F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Opened + Send + Sync + 'static,
        Opened: Future<Output = io::Result<TcpStream>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (asked, open) = (Arc::new(Mutex::new(Vec::new())), Arc::new(open));
        let target = to.origin.split_once("://").unwrap().1.to_owned();
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (open, heard, target) = (open.clone(), heard.clone(), target.clone());
                tokio::spawn(async move {
                    // Whoever is turned away, or has heard enough, breaks the connection.
                    if let Ok(mut stream) = open(stream, heard).await
                        && let Ok(mut server) = TcpStream::connect(target).await
                    {
                        let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                    }
                });
            }
        });
        Proxy { address, asked }
    }

    /// `127.0.0.1:40001`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Where it was asked to go, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read_exactly(stream: &mut TcpStream, n_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; n_bytes];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A length of one byte and so many letters, with the version before them or not.
async fn counted_text(stream: &mut TcpStream, has_version: bool) -> io::Result<String> {
    let head = read_exactly(stream, 1 + usize::from(has_version)).await?;
    let letters = read_exactly(stream, usize::from(*head.last().unwrap_or(&0))).await?;
    Ok(String::from_utf8_lossy(&letters).into_owned())
}
