//! Servers that speak TLS as it was spoken ten years ago: a real one of OpenSSL, on loopback.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use stagewatch::fetch::error::FetchError;
use stagewatch::fetch::settings::{Options, Settings, Tls};
use stagewatch::fetch::{Fetched, Fetcher, Request};

/// A server with these ciphers, and what it takes to trust it.
struct Server {
    child: Child,
    port: u16,
    certificate: Vec<u8>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let status = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

fn serving(folder: &Path, ciphers: &str) -> Server {
    let name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    let key = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem"];
    openssl(folder, &[key.as_slice(), &name].concat());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let accept = port.to_string();
    let child = Command::new("openssl")
        .args([
            "s_server", "-accept", &accept, "-cert", "cert.pem", "-key", "key.pem", "-tls1_2", "-cipher", ciphers,
            "-www", "-quiet",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(std::time::Instant::now() < deadline, "the server did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    Server { child, port, certificate: std::fs::read(folder.join("cert.pem")).unwrap() }
}

async fn fetch(server: &Server, tls: Tls, trusts: bool) -> Result<u16, FetchError> {
    let settings = Settings {
        contact: None,
        pause: Duration::ZERO,
        timeout: Duration::from_secs(20),
        max_body_bytes: 1 << 20,
        max_markup_bytes: 64 << 20,
        proxy: None,
        obey_robots: false,
    };
    let mut request = Request::to(format!("https://localhost:{}/", server.port).parse().unwrap());
    let extra_ca = trusts.then(|| server.certificate.clone());
    request.options = Options { tls, extra_ca, ..Options::default() };
    match Fetcher::new(settings).unwrap().fetch(request).await? {
        Fetched::Page(page) => Ok(page.status),
        Fetched::NotModified { .. } => panic!("nothing was held"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ten_years_ago_is_read_by_openssl_alone_and_still_verified() {
    for ciphers in ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256"] {
        let folder = tempfile::tempdir().unwrap();
        let server = serving(folder.path(), ciphers);
        let refused = fetch(&server, Tls::Modern, true).await.unwrap_err();
        assert!(refused.to_string().contains("`tls = \"legacy\"`"), "{ciphers}: {refused}");
        assert_eq!(fetch(&server, Tls::Legacy, true).await.unwrap(), 200, "{ciphers}");
        let distrusted = fetch(&server, Tls::Legacy, false).await.unwrap_err();
        let said = stagewatch::logging::chain(&distrusted);
        assert!(said.contains("certificate verify failed"), "{ciphers}: {said}");
    }
}
