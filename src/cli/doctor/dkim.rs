//! The keys that sign mail: whether their public halves stand in the DNS, where everybody who gets the mail looks for them. That the
//! private halves can be read and used is for the configuration to say, and who else may read them for [`super::machine`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::settings::Settings;
use crate::deliver::email_dkim::Published;

use super::finding::Finding;
use super::txt;

/// One line for each key.
pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    let Some(signer) = settings.mail.as_ref().and_then(|mail| mail.dkim.as_ref()) else { return Vec::new() };
    let resolvers = txt::resolvers();
    let mut findings = Vec::new();
    for key in signer.published() {
        let found = txt::texts(&key.name, &resolvers).await;
        findings.push(judged(&key, found));
    }
    findings
}

fn judged(key: &Published, found: Result<Vec<String>, String>) -> Finding {
    let what = format!("key {}", key.name);
    let publish = format!("publish it in the DNS: {}. TXT \"{}\"", key.name, key.record());
    let texts = match found {
        Ok(texts) => texts,
        Err(why) => return Finding::doubtful(what, format!("it could not be looked up: {why}"), "ask again later"),
    };
    let records: Vec<&String> = texts.iter().filter(|text| tag(text, "p").is_some()).collect();
    match records[..] {
        [] => Finding::wrong(what, "nobody can check its signatures: it is not in the DNS", publish),
        [record] => judged_alone(key, record, what, publish),
        _ => {
            Finding::wrong(what, "several keys stand there, and any may be taken", "leave one, or use another selector")
        }
    }
}

fn judged_alone(key: &Published, record: &str, what: String, publish: String) -> Finding {
    let written: String = tag(record, "p").unwrap_or_default().split_whitespace().collect();
    let kind = tag(record, "k").unwrap_or("rsa");
    if written.is_empty() {
        return Finding::wrong(
            what,
            "it was withdrawn: what it signs is refused",
            "use another selector and another key",
        );
    }
    if kind != key.kind || !STANDARD.decode(&written).is_ok_and(|decoded| key.keys.contains(&decoded)) {
        return Finding::wrong(what, "another key stands there: what this one signs is refused", publish);
    }
    if tag(record, "h").is_some_and(|hashes| !hashes.split(':').any(|hash| hash.trim() == "sha256")) {
        return Finding::wrong(what, "its record does not allow sha256, by which mail is signed", publish);
    }
    if tag(record, "t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) {
        let remedy = "take `t=y` out of its record";
        return Finding::doubtful(what, "it stands in the DNS as a test: its signatures count for nothing", remedy);
    }
    Finding::good(what, format!("stands in the DNS, and is the one that signs ({kind})"))
}

/// The value of a tag of a record: `k=rsa; p=…`.
fn tag<'a>(record: &'a str, wanted: &str) -> Option<&'a str> {
    let mut tags = record.split(';').filter_map(|tag| tag.split_once('='));
    tags.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::Verdict;

    fn check(records: &[&str], verdict: Verdict, says: &str) {
        let key =
            Published { name: "a._domainkey.b.org".to_owned(), kind: "rsa", keys: vec![vec![1, 2, 3], vec![2, 3]] };
        let finding = judged(&key, Ok(records.iter().map(|&record| record.to_owned()).collect()));
        assert!(finding.verdict == verdict && finding.says.contains(says), "{records:?}: {finding:?}");
    }

    #[test]
    fn a_key_is_right_where_the_same_one_stands_in_the_dns() {
        check(&["v=DKIM1; k=rsa; p=AQID"], Verdict::Good, "is the one that signs");
        check(&["p=AQ ID; h=sha1:sha256"], Verdict::Good, "is the one that signs");
        check(&["v=DKIM1; p=AgM="], Verdict::Good, "is the one that signs");
        check(&["something else", "p=AQID"], Verdict::Good, "is the one that signs");
        check(&[], Verdict::Wrong, "not in the DNS");
        check(&["something else"], Verdict::Wrong, "not in the DNS");
        check(&["v=DKIM1; p="], Verdict::Wrong, "withdrawn");
        check(&["v=DKIM1; p=AQIE"], Verdict::Wrong, "another key");
        check(&["v=DKIM1; k=ed25519; p=AQID"], Verdict::Wrong, "another key");
        check(&["p=AQID; h=sha1"], Verdict::Wrong, "sha256");
        check(&["p=AQID", "p=AQID"], Verdict::Wrong, "several");
        check(&["p=AQID; t=s:y"], Verdict::Doubtful, "test");
    }

    #[test]
    fn what_is_missing_is_shown_to_be_pasted() {
        let key = Published { name: "a._domainkey.b.org".to_owned(), kind: "rsa", keys: vec![vec![1, 2, 3]] };
        let remedy = judged(&key, Ok(Vec::new())).remedy.unwrap();
        assert_eq!(remedy, "publish it in the DNS: a._domainkey.b.org. TXT \"v=DKIM1; k=rsa; p=AQID\"");
        let finding = judged(&key, Err("no resolver answered".to_owned()));
        assert_eq!(finding.verdict, Verdict::Doubtful, "who cannot look knows nothing");
    }
}
