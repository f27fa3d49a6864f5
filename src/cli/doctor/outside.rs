//! Names, mail, hooks: whether the way out is open. Mail is signed in to and nothing is sent; hooks are only looked up, because there is
//! no request to a hook that means nothing.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use crate::config::settings::Settings;
use crate::config::subscriber::Subscriber;
use crate::deliver::Channel;
use crate::deliver::email::Server;
use crate::deliver::email_send::Mailer;
use crate::deliver::guard::Guard;
use crate::logging::chain;

use super::finding::Finding;

/// A resolver that takes longer is as good as none.
const TO_RESOLVE: Duration = Duration::from_secs(10);

/// Every name that the service will look up.
pub(super) async fn names(settings: &Settings) -> Vec<Finding> {
    let mut hosts = BTreeSet::new();
    for source in &settings.sources {
        match source.options.proxy.as_ref().or(settings.fetch.proxy.as_ref()) {
            // Behind a proxy it is the proxy that looks names up.
            Some(proxy) => hosts.extend(host_of(proxy)),
            None => hosts.extend(source.urls.iter().filter_map(host_of)),
        }
    }
    match settings.mail.as_ref().map(|mail| &mail.server) {
        Some(Server::Tls { host, .. } | Server::StartTls { host, .. } | Server::Plain { host, .. }) => {
            hosts.insert(host.clone());
        }
        Some(Server::Folder(_)) | None => {}
    }
    let n_hosts = hosts.len();
    let mut lookups = JoinSet::new();
    for host in hosts {
        lookups.spawn(async move { (addresses_of(&host).await, host) });
    }
    let mut missing: Vec<(String, String)> =
        lookups.join_all().await.into_iter().filter_map(|(found, host)| Some((host, found.err()?))).collect();
    missing.sort();
    if missing.is_empty() {
        return vec![Finding::good("names", format!("{n_hosts} of {n_hosts} have an address"))];
    }
    let remedy = "check the name, and /etc/resolv.conf";
    missing.into_iter().map(|(host, error)| Finding::wrong(format!("name {host}"), error, remedy)).collect()
}

fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned())
}

async fn addresses_of(host: &str) -> Result<Vec<IpAddr>, String> {
    match timeout(TO_RESOLVE, tokio::net::lookup_host((host, 0))).await {
        Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
        Ok(Err(error)) => Err(format!("it has no address: {error}")),
        Err(_) => Err(format!("no answer from the resolver in {} s", TO_RESOLVE.as_secs())),
    }
}

/// Connects, encrypts, signs in, says goodbye.
pub(super) async fn mail(settings: &Settings) -> Vec<Finding> {
    let Some(mail) = &settings.mail else { return vec![Finding::left_out("mail", "no [mail] is configured")] };
    let what = format!("mail {}", mail.server);
    let mailer = match Mailer::new(mail) {
        Ok(mailer) => mailer,
        Err(error) => return vec![Finding::wrong(what, chain(&error), "see [mail]")],
    };
    vec![match mailer.sign_in().await {
        Ok(says) => Finding::good(what, says),
        Err(why) => Finding::wrong(what, why, "check [mail]: server, user, password-file, ca-file"),
    }]
}

/// Where hooks point; their addresses are secrets, so that subscribers are named.
pub(super) async fn webhooks(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of = |subscriber: &Subscriber, channel: Channel| format!("{channel} of {}", subscriber.subscription.subscriber);
    let posts = settings.subscribers.iter().flat_map(|subscriber| {
        let hook = subscriber.webhook.iter().map(|hook| (of(subscriber, Channel::Webhook), &hook.url));
        let others = subscriber.posts.iter().map(|post| (of(subscriber, post.channel()), post.url()));
        hook.chain(others).collect::<Vec<_>>()
    });
    for (what, url) in posts {
        findings.push(match host_of(url) {
            None => Finding::wrong(what, "its address has no host", "write its whole address"),
            Some(host) => match addresses_of(&host).await {
                Ok(found) => look_at_hook(settings, what, &found),
                Err(error) => Finding::wrong(what, error, "check its `url`, and /etc/resolv.conf"),
            },
        });
    }
    findings
}

/// What the sender would say of these addresses when it posts.
fn look_at_hook(settings: &Settings, what: String, found: &[IpAddr]) -> Finding {
    let guard = Guard::allowing(settings.posting.allowed.iter().copied());
    let verdicts: Vec<_> = found.iter().map(|address| guard.check(*address)).collect();
    match verdicts.iter().find_map(|verdict| verdict.as_ref().err()) {
        Some(forbidden) if verdicts.iter().all(Result::is_err) => {
            Finding::wrong(what, forbidden, "or name an address of the public internet")
        }
        Some(_) | None => {
            let n_allowed = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
            Finding::good(what, format!("{n_allowed} of its {} may be posted to", counted_addresses(found.len())))
        }
    }
}

fn counted_addresses(number: usize) -> String {
    if number == 1 { "1 address".to_owned() } else { format!("{number} addresses") }
}
