//! The body, the mail server and the webhook receiver of the demo, asked by clients that share no code with them.

mod body;
mod hook;
mod inbox;
mod pages;
mod readers;
mod script;

use std::time::Duration;

/// Long enough for a busy machine; nothing waits for it when all is well.
const SOON: Duration = Duration::from_secs(20);

/// A client that goes straight to loopback, whatever the environment says of proxies, and follows no redirect.
fn client() -> reqwest::Client {
    // A second installation is refused, and the first one is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
