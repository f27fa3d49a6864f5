//! One HTTP client for each way of connecting: proxy, certificates, encryption. Not headers: they go with each request.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};
use url::Url;

use super::error::FetchError;
use super::settings::{Options, Settings, Tls, name_of_proxy};

/// A host that does not even connect within this time is down; it must not use up the time of the whole answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// What makes two requests need different clients.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Way {
    proxy: Option<Url>,
    extra_ca: Option<Vec<u8>>,
    tls: Tls,
}

/// The clients in use: as many as the configuration has ways.
pub(super) struct Clients {
    user_agent: HeaderValue,
    timeout: Duration,
    proxy: Option<Url>,
    by_way: Mutex<HashMap<Way, Client>>,
}

impl Clients {
    pub(super) fn new(settings: &Settings) -> Result<Clients, FetchError> {
        let user_agent = settings.user_agent();
        let user_agent = HeaderValue::from_str(&user_agent).ok().filter(|value| value.to_str().is_ok());
        let user_agent = user_agent.ok_or_else(|| FetchError::Settings {
            key: "contact",
            why: "goes into a header, which takes only ASCII: write an address of mail or of a page".to_owned(),
            source: None,
        })?;
        let clients = Clients {
            user_agent,
            timeout: settings.timeout,
            proxy: settings.proxy.clone(),
            by_way: Mutex::new(HashMap::new()),
        };
        clients.client_for(&Options::default())?;
        Ok(clients)
    }

    /// The client for a source with these options.
    pub(super) fn client_for(&self, options: &Options) -> Result<Client, FetchError> {
        let way = Way { proxy: self.proxy_for(options).cloned(), extra_ca: options.extra_ca.clone(), tls: options.tls };
        let mut by_way = self.by_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = by_way.get(&way) {
            return Ok(client.clone());
        }
        let client = self.client(&way)?;
        by_way.insert(way, client.clone());
        Ok(client)
    }

    /// Host and port of the proxy that a source goes through.
    pub(super) fn proxy_name(&self, options: &Options) -> Option<String> {
        self.proxy_for(options).map(name_of_proxy)
    }

    fn proxy_for<'a>(&'a self, options: &'a Options) -> Option<&'a Url> {
        options.proxy.as_ref().or(self.proxy.as_ref())
    }

    fn client(&self, way: &Way) -> Result<Client, FetchError> {
        let mut builder = encrypted_by(way.tls, Client::builder())?
            .user_agent(self.user_agent.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT.min(self.timeout))
            .read_timeout(self.timeout)
            // Many servers keep a connection for just as long as we pause, and a request sent while they close it is lost.
            .pool_max_idle_per_host(0)
            .no_proxy();
        if let Some(proxy) = &way.proxy {
            builder = builder.proxy(proxy_of(proxy)?);
        }
        if let Some(pem) = &way.extra_ca {
            builder = builder.tls_certs_merge(certificates_of(pem)?);
        }
        builder.build().map_err(|error| FetchError::Settings {
            key: if way.extra_ca.is_some() { "extra-ca" } else { "fetch" },
            why: "no client can be made: are the root certificates of the system installed (`ca-certificates`)?"
                .to_owned(),
            source: Some(error.into()),
        })
    }
}

/// Chosen aloud: with both implementations built in, a client would take either.
fn encrypted_by(tls: Tls, builder: ClientBuilder) -> Result<ClientBuilder, FetchError> {
    match tls {
        Tls::Modern => Ok(builder.tls_backend_rustls()),
        #[cfg(feature = "legacy-tls")]
        Tls::Legacy => Ok(builder.tls_backend_native()),
        #[cfg(not(feature = "legacy-tls"))]
        Tls::Legacy => Err(FetchError::Settings {
            key: "tls",
            why: "this build has no OpenSSL; build it with `cargo build --release --features legacy-tls` (which needs libssl-dev and \
                  pkg-config)"
                .to_owned(),
            source: None,
        }),
    }
}

fn proxy_of(url: &Url) -> Result<Proxy, FetchError> {
    let wrong = |source| FetchError::Settings {
        key: "proxy",
        why: format!(
            "a proxy is written http://, https://, socks5:// or socks5h://, then host and port, not `{}://{}`",
            url.scheme(),
            name_of_proxy(url)
        ),
        source,
    };
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || url.host_str().is_none() {
        return Err(wrong(None));
    }
    Proxy::all(url.clone()).map_err(|error| wrong(Some(error.into())))
}

fn certificates_of(pem: &[u8]) -> Result<Vec<Certificate>, FetchError> {
    let wrong = |why: &str, source| FetchError::Settings { key: "extra-ca", why: why.to_owned(), source };
    let certificates = Certificate::from_pem_bundle(pem)
        .map_err(|error| wrong("is no file of certificates in PEM", Some(error.into())))?;
    if certificates.is_empty() {
        return Err(wrong("has no certificate in it: it must hold lines from -----BEGIN CERTIFICATE----- on", None));
    }
    Ok(certificates)
}

impl fmt::Debug for Clients {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Clients").field("user_agent", &self.user_agent).finish_non_exhaustive()
    }
}
