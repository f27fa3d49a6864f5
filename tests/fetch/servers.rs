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
pub(super) struct Server {
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
    pub(super) async fn encrypted(authority: &Authority, answer: impl Into<Vec<u8>>) -> Server {
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
    pub(super) fn url(&self, path: &str) -> String {
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
pub(super) struct Authority {
    /// The root, in PEM.
    pub(super) root: String,
    /// The intermediate, in PEM.
    pub(super) intermediate: String,
    leaf: rcgen::Certificate,
    leaf_key: KeyPair,
}

impl Authority {
    pub(super) fn new() -> Authority {
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
