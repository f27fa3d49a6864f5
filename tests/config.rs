//! Configurations as people write them, right and wrong; what they are told is a snapshot to be read like prose.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use stagewatch::changes::notice::Languages;
use stagewatch::changes::subscription::Selection;
use stagewatch::changes::work_plan::Goal;
use stagewatch::config::environment::Environment;
use stagewatch::config::files::{EMBEDDED, Origin};
use stagewatch::config::problem::Problems;
use stagewatch::config::{Loaded, load};
use stagewatch::standards::stage::Stage;
use tempfile::TempDir;

/// A key as Standard Webhooks wants it: 32 bytes in base64.
const HOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

const MAIL_SECRET: &str = "correct horse battery staple";

/// The least that can be run with.
const LEAST: &str = r#"
[fetch]
contact = "standards-watch@example.org"
[[source]]
id = "list"
format = "iso-open-data"
url = "https://iso.example.org/list.jsonl"
"#;

/// A folder with files in it, as the whole surroundings of a configuration.
struct Folder {
    dir: TempDir,
}

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder { dir: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn environment(&self) -> Environment {
        Environment {
            cwd: self.path().to_owned(),
            system: self.path().join("etc"),
            state: Some(self.path().join("state")),
            credentials: Some(self.path().join("credentials")),
        }
    }

    fn load(&self) -> Result<Loaded, Problems> {
        load(None, &self.environment())
    }

    /// What is said of the files, with the folder's own name taken out.
    fn complaints(&self) -> String {
        let problems = self.load().expect_err("these files are wrong").to_string();
        problems.replace(&self.path().display().to_string(), "DIR")
    }
}

/// What is said of one file.
fn complaints_of(text: &str) -> String {
    Folder::with(&[("stagewatch.toml", text)]).complaints()
}

/// What is said of a file that would be right without these lines at its end; its lines begin at 8.
fn complaints_of_added(text: &str) -> String {
    complaints_of(&format!("{LEAST}{text}"))
}

#[test]
fn the_embedded_configuration_is_valid_and_watches_both_bodies() {
    let folder = Folder::with(&[]);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.origin, Origin::Embedded);
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"embedded stagewatch.toml:24: fetch.contact: missing; the sites you watch cannot reach you if something is wrong");
    let settings = loaded.settings;
    assert_eq!(settings.state.database, folder.path().join("state/stagewatch.db"));
    let sources: Vec<String> = settings
        .sources
        .iter()
        .map(|source| format!("{} ({}) {}", source.id, source.format.name, source.schedule.line()))
        .collect();
    insta::assert_snapshot!(sources.join("\n"), @"
    iso-open-data (iso-open-data) 15 6 * * Mon-Fri
    samr-plan-20230259 (samr-plans) 25 9 * * Mon-Fri
    samr-plan-20221848 (samr-plans) 35 9 * * Mon-Fri
    tc260-consultations (tc260-consultations) 40 */6 * * *
    gb-45438-2025 (openstd-standard) 10 10 * * Mon,Thu
    gbt-45654-2025 (openstd-standard) 20 10 * * Mon,Thu
    ");
    assert!(settings.subscribers.is_empty());
    assert!(settings.mail.is_none());
}

#[test]
fn the_values_shown_in_the_shipped_file_are_the_defaults() {
    let folder = Folder::with(&[("stagewatch.toml", LEAST)]);
    let least = folder.load().unwrap().settings;
    let shipped = Folder::with(&[("stagewatch.toml", EMBEDDED)]).load().unwrap().settings;
    assert_eq!(format!("{:?}", shipped.doubt), format!("{:?}", least.doubt));
    assert_eq!(shipped.fetch.pause, least.fetch.pause);
    assert_eq!(shipped.fetch.timeout, least.fetch.timeout);
    assert_eq!(shipped.fetch.max_body_bytes, least.fetch.max_body_bytes);
    assert_eq!(shipped.fetch.max_markup_bytes, least.fetch.max_markup_bytes);
    assert_eq!(shipped.sources[0].schedule.line(), least.sources[0].schedule.line());
}

#[test]
fn the_shipped_file_is_still_valid_when_everything_in_it_is_uncommented() {
    let mut text = String::new();
    for line in EMBEDDED.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_toml = bare.starts_with('[') || bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        // Of two spellings of one thing the file shows both; only one may be used.
        let alternative = bare.starts_with("secret-files")
            || bare.starts_with("include")
            || bare.starts_with("proxy-file")
            || bare.starts_with("body-file")
            // Needs keys, and has a test of its own.
            || bare.starts_with("dkim-")
            || bare.contains("-ca");
        text.push_str(if is_toml && !alternative { bare } else { line });
        text.push('\n');
    }
    let files = [
        ("stagewatch.toml", text.as_str()),
        ("credentials/smtp-password", MAIL_SECRET),
        ("credentials/web-token", MAIL_SECRET),
        ("credentials/plm-webhook", HOOK_SECRET),
    ];
    let services =
        ["feishu", "dingtalk", "wecom", "slack", "teams", "mattermost", "discord", "matrix", "ntfy", "tickets"];
    let names: Vec<String> = services
        .iter()
        .flat_map(|service| ["url", "secret", "token"].map(|what| format!("credentials/{service}-{what}")))
        .collect();
    let keys = names.iter().map(|name| (name.as_str(), "https://chat.example.org/open-sesame"));
    let files: Vec<(&str, &str)> = files.into_iter().chain(keys).collect();
    let settings = Folder::with(&files).load().unwrap_or_else(|problems| panic!("{problems}")).settings;
    let n_posts: Vec<usize> = settings.subscribers.iter().map(|subscriber| subscriber.posts.len()).collect();
    assert_eq!(n_posts, [0, 0, 3, 7]);
    assert_eq!(settings.sources.len(), 9);
    assert!(settings.mail.is_some());
}

/// The example of the documentation.
const EXAMPLE: &str = r#"
[state]
database = "sqlite:/var/lib/stagewatch/stagewatch.db"   # or postgres://… when several instances share the work

[fetch]
contact = "standards-watch@example.org"   # goes into the User-Agent: who we are, and how to reach us
pause = "5s"                              # between two requests to one host
timeout = "60s"
max-body = "64MiB"                        # after decompression
proxy = "socks5h://proxy.example.net:1080"    # also per source: some hosts answer only from inside China

[web]
listen = "127.0.0.1:8260"
public-url = "https://stagewatch.example.org"   # what alerts link to

[mail]
server = "smtps://mail.example.org:465"    # smtp:// with STARTTLS required; smtp+plain:// and file:///dir on purpose only
user = "stagewatch"
password-file = "%d/smtp-password"         # %d: systemd's credentials directory
from = "Stagewatch <stagewatch@example.org>"

[[source]]
id = "iso-open-data"
format = "iso-open-data"
url = "https://isopublicstorageprod.blob.core.windows.net/opendata/_latest/iso_deliverables_metadata/json/iso_deliverables_metadata.jsonl"
committees = ["ISO/IEC JTC 1/SC 27"]       # rows of others are dropped while streaming
schedule = "15 6 * * Mon-Fri"              # five fields, as in crontab (0 and 7 are Sunday)
timezone = "Europe/Brussels"

[[source]]
id = "tc260-consultations"
format = "tc260-consultations"
urls = ["https://www.tc260.org.cn/tc260/…/list.shtml", "https://www.tc260.org.cn/portal/suggestion"]   # in order of preference
schedule = "40 */6 * * *"
timezone = "Asia/Shanghai"
proxy = "socks5h://proxy.example.net:1080"

[[watch]]
id = "china-in-sc27"
title = "Projects that TC 260 brought to SC 27"
standards = ["ISO/IEC 24392", "ISO/IEC 27071", "ISO/IEC 27033-7", "ISO/IEC 27035-4", "20230259-T-469"]
keywords = ["unmanned air", "无人机"]       # a new project that speaks of this
committees = ["ISO/IEC JTC 1/SC 27"]       # and everything of this committee

[[subscriber]]
id = "regulatory-team"
watches = ["china-in-sc27"]
language = "en"                            # en, zh, or both
when = "immediately"                       # or a schedule: a digest
[subscriber.email]
to = ["team@example.org"]

[[subscriber]]
id = "plm-system"
watches = ["*"]
[subscriber.webhook]
url = "https://plm.example.org/hooks/standards"
secret-file = "%d/plm-webhook"             # whsec_…

[[work-plan]]
id = "tc260-2023"
title = "TC 260 key working points 2023"
[[work-plan.task]]
title = "At least two projects advance to the next stage"
standards = ["ISO/IEC 24392", "ISO/IEC 27071"]
goal = "advance"                           # register | advance | reach:50 | publish
at-least = 2
until = 2023-12-31
"#;

fn example() -> Folder {
    Folder::with(&[
        ("stagewatch.toml", EXAMPLE),
        ("credentials/smtp-password", &format!("{MAIL_SECRET}\n")),
        ("credentials/plm-webhook", HOOK_SECRET),
    ])
}

#[test]
fn the_example_of_the_documentation_is_read_as_it_is_meant() {
    let loaded = example().load().unwrap_or_else(|problems| panic!("{problems}"));
    let settings = loaded.settings;
    assert_eq!(settings.state.database, PathBuf::from("/var/lib/stagewatch/stagewatch.db"));
    assert_eq!(settings.fetch.contact.as_deref(), Some("standards-watch@example.org"));
    assert_eq!(settings.fetch.pause, Duration::from_secs(5));
    assert_eq!(settings.fetch.max_body_bytes, 64 << 20);
    assert_eq!(settings.web.public_url.as_ref().unwrap().as_str(), "https://stagewatch.example.org/");
    assert_eq!(settings.mail.as_ref().unwrap().password.as_ref().unwrap().reveal(), MAIL_SECRET);

    let iso = settings.source("iso-open-data").unwrap();
    assert_eq!(iso.schedule.zone().iana_name(), Some("Europe/Brussels"));
    assert_eq!(iso.scope.committees[0].name(), "ISO/IEC JTC 1/SC 27");
    assert!(iso.options.proxy.is_none());
    let tc260 = settings.source("tc260-consultations").unwrap();
    assert_eq!(tc260.urls[1].as_str(), "https://www.tc260.org.cn/portal/suggestion");
    assert_eq!(tc260.options.proxy.as_ref().unwrap().scheme(), "socks5h");

    assert_eq!(settings.watches[0].standards.len(), 5);
    assert_eq!(settings.watches[0].keywords, ["unmanned air", "无人机"]);
    let team = settings.subscriber("regulatory-team").unwrap();
    assert_eq!(team.subscription.selection, Selection::Watches(vec!["china-in-sc27".to_owned()]));
    assert_eq!(team.subscription.languages, Languages::English);
    assert_eq!(team.email.as_ref().unwrap().to[0].reveal(), "team@example.org");
    let plm = settings.subscriber("plm-system").unwrap();
    assert_eq!(plm.subscription.selection, Selection::All);
    assert!(plm.webhook.is_some());
    let task = &settings.work_plans[0].tasks[0];
    assert_eq!((task.goal, task.at_least), (Goal::Advance, 2));
    assert_eq!(task.until.unwrap().to_string(), "2023-12-31");
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn nothing_that_is_printed_shows_a_secret_or_a_recipient() {
    let loaded = example().load().unwrap();
    let printed = format!("{loaded:?} {loaded:#?}");
    for hidden in [MAIL_SECRET, HOOK_SECRET, "team@example.org", "hooks/standards"] {
        assert!(!printed.contains(hidden), "`{hidden}` is in {printed}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the data and what is said of it stand together")]
fn every_mistake_of_a_file_is_told_at_once_with_its_line() {
    let wrong = r#"
include = ["sources/[*.toml", "missing.toml"]

[state]
database = "postgres://db.example.org/stagewatch"

[fetch]
contact = "the standards team"
pause = 5
timeout = "90"
max-body = "64MB"
proxy = "socks5h://user:hunter2@proxy.example.net:1080"
schedule = "@daily"

[web]
listen = "0.0.0.0:8260"
public-url = "stagewatch.example.org"
open = "yes"

[mail]
server = "mail.example.org"
user = "stagewatch"
from = "Stagewatch"
password = "hunter2"

[doubt]
shrink-share = 1.5
misses = 0

[[source]]
id = "iso open data"
format = "iso-opendata"
url = "https://iso.example.org/list.jsonl"
urls = ["https://iso.example.org/other.jsonl"]
schedule = "61 * * * *"
timezone = "Asia/Bejing"
headers = { Authorization = "Bearer hunter2", User-Agent = "me", "a b" = "c" }
extra-ca = "no-such.pem"
max-pages = 0

[[source]]
shedule = "15 6 * * 1-5"
urls = []

[[watch]]
id = "empty"

[[watch]]
id = "odd"
standards = ["27001?", 27001]
keywords = "drones"
committees = [""]

[[subscriber]]
id = "team"
watches = ["od", "*"]
language = "english"
when = "0 25 * * Mon"
[subscriber.email]
to = ["team at example.org", "Team <team@example.org>", "team@example.org", "team@example.org"]

[[subscriber]]
id = "team"
watches = ["ood", "nothing-like-it"]
[subscriber.webhook]
url = "ftp://plm.example.org/"
secret-file = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

[[subscriber]]
id = "nobody"
watches = []

[[work-plan]]
id = "plan"
[[work-plan.task]]
standards = ["ISO/IEC 24392"]
goal = "reach:55"
at-least = 2
until = "2023-12-31"
"#;
    let said = complaints_of(wrong);
    assert!(!said.contains("hunter2") && !said.contains("MDEyMz") && !said.contains("team@"), "{said}");
    insta::assert_snapshot!(said, @r#"
    stagewatch.toml:2: include: found "missing.toml": there is no such file; names are relative to DIR
    stagewatch.toml:2: include: found "sources/[*.toml": invalid range pattern; write a pattern of file names, e.g. "sources/*.toml"
    stagewatch.toml:5: state.database: found "postgres://db.example.org/stagewatch": this build has no PostgreSQL; write `sqlite:` and a path, e.g. "sqlite:/var/lib/stagewatch/stagewatch.db"
    stagewatch.toml:8: fetch.contact: found "the standards team": nobody can be reached there; write a mail address or the address of a web page
    stagewatch.toml:9: fetch.pause: found the number 5: that has no unit; write "5s" for seconds
    stagewatch.toml:10: fetch.timeout: `90` has no unit: write `90s` for seconds, `90m` for minutes, `90h` for hours or `90d` for days
    stagewatch.toml:11: fetch.max-body: `64MB` is not understood: write `64MiB`
    stagewatch.toml:12: fetch.proxy: found "socks5h://proxy.example.net:1080/…": secrets do not belong into this file; write the address without user and password (a proxy that needs them: the whole address in a proxy-file)
    stagewatch.toml:13: fetch.schedule: no such key here; it belongs under [[source]]
    stagewatch.toml:16: web.listen: found "0.0.0.0:8260": others than this machine would be served; name a token-file, or say open = true on purpose
    stagewatch.toml:17: web.public-url: found "stagewatch.example.org": it does not begin with a scheme such as https://; write a whole address, e.g. "https://www.example.org/page"
    stagewatch.toml:18: web.open: found "yes": that is neither yes nor no; write true or false, without quotes
    stagewatch.toml:21: mail.server: `mail.example.org` is no mail server; write `smtps://host:465`, `smtp://host:587` (STARTTLS required), `smtp+plain://host:25` (unencrypted) or `file:///folder`
    stagewatch.toml:22: mail.user: there is no password-file; write one, or leave the user out
    stagewatch.toml:23: mail.from: found "Stagewatch": that is no mail address; write e.g. "Stagewatch <stagewatch@example.org>"
    stagewatch.toml:24: mail.password: no such key; did you mean `password-file` (a file with the password)?
    stagewatch.toml:27: doubt.shrink-share: found the number 1.5: that is no share; write a number above 0 and up to 1, e.g. 0.5 for a half
    stagewatch.toml:28: doubt.misses: found the number 0: that is not a fitting whole number; write one from 1 to 1000, without quotes
    stagewatch.toml:31: source.id: found "iso open data": that is no id; write up to 64 letters a-z, digits and `-`, a letter or digit first
    stagewatch.toml:32: source.format: found "iso-opendata": no such format; did you mean `iso-open-data`?
    stagewatch.toml:34: source.urls: `url` is there too; write either one address or a list
    stagewatch.toml:35: source.schedule: found "61 * * * *": `61` in the minute field is not understood: write 0 to 59, `*`, a range such as `1-58`, or a step such as `*/2`
    stagewatch.toml:36: source.timezone: found "Asia/Bejing": no such time zone; write a name such as "Europe/Brussels"; China's is "Asia/Shanghai"
    stagewatch.toml:37: source.headers: `Authorization` would be a secret in this file; leave it out
    stagewatch.toml:37: source.headers: `a b` is no name of a header
    stagewatch.toml:37: source.headers: `user-agent` is a header that stagewatch sets itself: leave it out
    stagewatch.toml:38: source.extra-ca: found "no-such.pem": DIR/no-such.pem could not be read: No such file or directory (os error 2); write the path of a file with PEM certificates
    stagewatch.toml:39: source.max-pages: found the number 0: that is not a fitting whole number; write one from 1 to 1000, without quotes
    stagewatch.toml:41: source.format: missing; write `format`, how its pages are read
    stagewatch.toml:41: source.id: missing; write `id`, the name of the source
    stagewatch.toml:42: source.shedule: no such key; did you mean `schedule` (when to look: five crontab fields)?
    stagewatch.toml:43: source.urls: found an empty list: it names nothing; write at least one address
    stagewatch.toml:45: watch: asks for nothing; write standards, keywords or committees
    stagewatch.toml:50: watch.standards: found "27001?": that is no reference of ISO, IEC or SAC; write a reference or a plan number, e.g. "ISO/IEC 27035-4", "GB/T 39204" or "20230259-T-469"
    stagewatch.toml:50: watch.standards: found the number 27001: that is no text; write it in quotes
    stagewatch.toml:51: watch.keywords: found "drones": that is no list; write it in brackets, e.g. ["one", "two"]
    stagewatch.toml:52: watch.committees: found "": that is no committee; write a committee, e.g. "ISO/IEC JTC 1/SC 27" or "SAC/TC 260"
    stagewatch.toml:56: subscriber.watches: found "od": no such watch; did you mean `odd`?
    stagewatch.toml:56: subscriber.watches: found a list: "*" and others; write ["*"] alone: it means every change
    stagewatch.toml:57: subscriber.language: found "english": no such language; write `en`, `zh` or `both`
    stagewatch.toml:58: subscriber.when: found "0 25 * * Mon": `25` in the hour field is not understood: write 0 to 23, `*`, a range such as `1-22`, or a step such as `*/2`
    stagewatch.toml:60: subscriber.email.to: found "T~5e…@example.org>": that is no mail address; write one address, e.g. "someone@example.org"
    stagewatch.toml:60: subscriber.email.to: found "team at example.org": that is no mail address; write one address, e.g. "someone@example.org"
    stagewatch.toml:60: subscriber.email.to: found "t~ca…@example.org" twice: every alert would come twice; write it once
    stagewatch.toml:63: subscriber.id: found "team": that id is taken at stagewatch.toml:55; give each its own
    stagewatch.toml:64: subscriber.watches: found "nothing-like-it": no such watch; write `empty` or `odd`
    stagewatch.toml:64: subscriber.watches: found "ood": no such watch; did you mean `odd`?
    stagewatch.toml:66: subscriber.webhook.url: found "ftp://plm.example.org/": `ftp:` is not among https, http; write a whole address, e.g. "https://www.example.org/page"
    stagewatch.toml:67: subscriber.webhook.secret-file: there is no file of that name (it is not shown, because it may be the secret itself); make the file, with the secret in it, and write its path, for instance `%d/NAME`
    stagewatch.toml:69: subscriber: nowhere to send to; write one of these below: [subscriber.email], [subscriber.webhook], [subscriber.slack], [subscriber.teams], [subscriber.mattermost], [subscriber.discord], [subscriber.feishu], [subscriber.dingtalk], [subscriber.wecom], [subscriber.matrix], [subscriber.ntfy], [subscriber.template]
    stagewatch.toml:71: subscriber.watches: found an empty list: it names nothing; write ids of watches, or ["*"] for every change
    stagewatch.toml:75: work-plan.task.title: missing; write `title`, what is to be reached
    stagewatch.toml:77: work-plan.task.goal: found "reach:55": no such stage; write "register", "advance", "publish" or "reach:" and a stage, e.g. "reach:50"
    stagewatch.toml:78: work-plan.task.at-least: found the number 2: that is more than the standards it names (1); name more of them, or ask for fewer
    stagewatch.toml:79: work-plan.task.until: found "2023-12-31": that is no day; write it as 2023-12-31, without quotes
    "#);
}

#[test]
fn every_error_of_syntax_of_every_file_is_told() {
    let folder = Folder::with(&[
        ("stagewatch.toml", "include = [\"a.toml\", \"b.toml\"]\n"),
        ("a.toml", "[[watch]]\nid = \"x\"\nid = \"y\"\ntitle = \"no end\n"),
        ("b.toml", "[watch\nid = 'x'\n"),
    ]);
    insta::assert_snapshot!(folder.complaints(), @r#"
    a.toml:3: not TOML: duplicate key
    a.toml:4: not TOML: invalid basic string, expected `"`
    b.toml:1: not TOML: unclosed table, expected `]`
    "#);
}

#[test]
fn a_misspelt_key_is_answered_with_the_key_that_was_meant() {
    insta::assert_snapshot!(complaints_of_added("committee = []\n[[watchs]]\n[fetc]\n[doubt]\nmises = 1\ntimezone = 1\nfoo = 2\n"), @"
    stagewatch.toml:8: source.committee: no such key; did you mean `committees` (rows of others are dropped)?
    stagewatch.toml:9: watchs: no such key; did you mean `watch` (which changes matter)?
    stagewatch.toml:10: fetc: no such key; did you mean `fetch` (how pages are fetched)?
    stagewatch.toml:12: doubt.mises: no such key; did you mean `misses` (in how many polls in a row a project must be missing to be no longer listed)?
    stagewatch.toml:13: doubt.timezone: no such key here; it belongs under [[source]]
    stagewatch.toml:14: doubt.foo: no such key; [doubt] knows shrink-share, misses, tell-after
    ");
}

#[test]
fn a_table_of_the_wrong_kind_is_answered_with_its_heading() {
    insta::assert_snapshot!(complaints_of("mail = \"smtps://mail.example.org\"\nwatch = [1]\n[source]\n[[state]]\n"), @r#"
    stagewatch.toml:1: mail: found "smtps://mail.example.org": that is no table; write [mail] and its keys below
    stagewatch.toml:2: watch: found the number 1: that is no table; write [[watch]] and its keys below, once for each
    stagewatch.toml:3: source: found a table: that is not a list of tables; write [[source]] and its keys below, once for each
    stagewatch.toml:4: state: found a list: that is no table; write [state] and its keys below
    "#);
}

#[test]
fn included_files_are_read_once_in_the_order_of_their_names() {
    let source = |id: &str| {
        LEAST
            .replace("[fetch]\ncontact = \"standards-watch@example.org\"\n", "")
            .replace("list\"\nf", &format!("{id}\"\nf"))
    };
    let folder = Folder::with(&[
        ("stagewatch.toml", "include = [\"sources/*.toml\", \"sources/a.toml\", \"empty/*.toml\", \"*.toml\"]\n"),
        ("sources/b.toml", &source("b")),
        ("sources/a.toml", &format!("include = [\"../stagewatch.toml\", \"more/c.toml\"]\n{}", source("a"))),
        ("sources/.hidden.toml", "not toml"),
        ("sources/more/c.toml", &source("c")),
    ]);
    let settings = folder.load().unwrap_or_else(|problems| panic!("{problems}")).settings;
    let ids: Vec<&str> = settings.sources.iter().map(|source| source.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[test]
fn what_stands_in_two_files_is_told_with_both_places() {
    let twice = format!("{LEAST}[[watch]]\nid = \"list\"\nkeywords = [\"x\"]\n");
    let folder = Folder::with(&[
        ("stagewatch.toml", &format!("include = [\"more/*.toml\"]\n{twice}")),
        ("more/again.toml", &twice),
    ]);
    insta::assert_snapshot!(folder.complaints(), @r#"
    more/again.toml:2: fetch: [fetch] is at stagewatch.toml:3 already; write it once
    more/again.toml:5: source.id: found "list": that id is taken at stagewatch.toml:6; give each its own
    more/again.toml:9: watch.id: found "list": that id is taken at stagewatch.toml:10; give each its own
    "#);
}

#[test]
fn paths_are_beside_the_file_that_says_them() {
    let mail = "[mail]\nserver = \"smtps://mail.example.org\"\nfrom = \"a@example.org\"\nuser = \"a\"\npassword-file = \"./password\"\n";
    let folder = Folder::with(&[
        ("stagewatch.toml", &format!("include = [\"more/mail.toml\"]\n{LEAST}[state]\ndatabase = \"sqlite:my.db\"\n")),
        ("more/mail.toml", mail),
        ("more/password", "right\r\n"),
    ]);
    let settings = folder.load().unwrap_or_else(|problems| panic!("{problems}")).settings;
    assert_eq!(settings.mail.unwrap().password.unwrap().reveal(), "right");
    assert_eq!(settings.state.database, folder.path().join("my.db"));
}

#[test]
fn a_secret_that_cannot_be_read_is_told() {
    let hook = |file: &str| {
        format!(
            "[[subscriber]]\nid = \"{file}\"\nwatches = [\"*\"]\n[subscriber.webhook]\nurl = \"https://a.example.org/\"\nsecret-file = \"./{file}\"\n"
        )
    };
    let long = "x".repeat(20_000);
    let text = format!("{LEAST}{}{}{}{}", hook("missing"), hook("blank"), hook("long"), hook("etc"));
    let folder = Folder::with(&[("stagewatch.toml", &text), ("blank", "\n"), ("long", &long), ("etc/unrelated", "")]);
    insta::assert_snapshot!(folder.complaints(), @r#"
    stagewatch.toml:13: subscriber.webhook.secret-file: found "./missing": DIR/missing could not be read: No such file or directory (os error 2); write the path of a file that holds the secret
    stagewatch.toml:19: subscriber.webhook.secret-file: found "./blank": that file is empty; write the secret into it
    stagewatch.toml:25: subscriber.webhook.secret-file: found "./long": DIR/long could not be read: it has more than 16384 bytes; write the path of a file that holds the secret
    stagewatch.toml:31: subscriber.webhook.secret-file: found "./etc": DIR/etc could not be read: Is a directory (os error 21); write the path of a file that holds the secret
    "#);
}

#[test]
fn without_a_credentials_directory_percent_d_is_told() {
    let folder = example();
    let environment = Environment { credentials: None, ..folder.environment() };
    let problems = load(None, &environment).unwrap_err();
    assert_eq!(problems.list().len(), 2, "{problems}");
    assert!(problems.to_string().contains("LoadCredential="), "{problems}");
}

#[test]
fn the_file_here_comes_before_the_administrators_and_both_before_the_embedded_one() {
    let folder = Folder::with(&[("stagewatch.toml", LEAST), ("etc/stagewatch.toml", LEAST)]);
    let here = folder.path().join("stagewatch.toml");
    assert_eq!(folder.load().unwrap().origin, Origin::File(here.clone()));
    std::fs::remove_file(here).unwrap();
    let system = folder.path().join("etc/stagewatch.toml");
    assert_eq!(folder.load().unwrap().origin, Origin::File(system.clone()));
    std::fs::remove_file(system).unwrap();
    assert_eq!(folder.load().unwrap().origin, Origin::Embedded);
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let folder = Folder::with(&[("stagewatch.toml", LEAST)]);
    let problems = load(Some(Path::new("other.toml")), &folder.environment()).unwrap_err();
    insta::assert_snapshot!(problems.to_string(), @"other.toml: could not be read: No such file or directory (os error 2)");
}

#[test]
fn an_empty_file_watches_nothing_and_is_told_so() {
    insta::assert_snapshot!(complaints_of(""), @"stagewatch.toml: source: there is none: nothing would be watched; write a [[source]]");
}

#[test]
fn a_folder_that_is_still_to_be_filled_watches_nothing_yet() {
    let folder = Folder::with(&[("stagewatch.toml", "include = [\"sources/*.toml\"]\n")]);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.settings.sources.len(), 0);
    let said: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    stagewatch.toml: fetch.contact: missing; the sites you watch cannot reach you if something is wrong
    stagewatch.toml: source: there is none: nothing is watched yet; put or link a file with a [[source]] into a folder of `include`
    ");
}

#[test]
fn the_secrets_of_the_service_are_those_of_the_administrator() {
    let folder = Folder::with(&[
        ("stagewatch.toml", &LEAST.replace("[fetch]\n", "[fetch]\nproxy-file = \"%d/proxy\"\n")),
        ("etc/secrets/proxy", "http://one.example:1\n"),
        ("given/secrets_proxy", "http://two.example:2\n"),
    ]);
    let proxy_with = |credentials: Option<PathBuf>| {
        let environment = Environment { credentials, ..folder.environment() };
        load(None, &environment).unwrap().settings.fetch.proxy.unwrap().host_str().unwrap().to_owned()
    };
    assert_eq!(proxy_with(None), "one.example");
    assert_eq!(proxy_with(Some(folder.path().join("given"))), "two.example", "a folder that is one credential");
}

#[test]
fn without_any_folder_for_state_the_database_must_be_named() {
    let folder = Folder::with(&[("stagewatch.toml", LEAST)]);
    let problems = load(None, &Environment { state: None, ..folder.environment() }).unwrap_err();
    assert_eq!(problems.list()[0].key(), "state.database");
}

#[test]
fn a_subscriber_with_mail_addresses_needs_a_mail_server() {
    let added = "[[subscriber]]\nid = \"team\"\nwatches = [\"*\"]\n[subscriber.email]\nto = [\"team@example.org\"]\n";
    insta::assert_snapshot!(complaints_of_added(added), @"stagewatch.toml:11: subscriber.email: there is no [mail] to send it with; write one");
}

#[test]
fn what_says_when_somebody_is_told_is_checked_key_by_key() {
    let added = "[[subscriber]]\nid = \"operator\"\nwatches = [\"*\"]\nwhen = \"weekly\"\ndigest-when-empty = true\nquiet = \"22-7\"\n\
                 quiet-days = [\"Sunnday\"]\ntimezone = \"Europe/Berlni\"\npaused = \"yes\"\nkinds = [\"stage-move\"]\nsignificant = 1\n\
                 [subscriber.webhook]\nurl = \"http://localhost/\"\nsecret-file = \"./no\"\nwhen = \"61 * * * *\"\n\
                 [[subscriber]]\nid = \"two\"\nwatches = [\"*\"]\nkinds = []\n\
                 quiet-days = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]\n[calendar]\nclosing-ahead = [\"3d\", \"1h\"]\n";
    insta::assert_snapshot!(complaints_of_added(added), @r#"
    stagewatch.toml:8: subscriber.id: found "operator": that name is taken by stagewatch itself; write another one
    stagewatch.toml:11: subscriber.when: found "weekly": no such time; write "immediately", or a schedule for a digest, e.g. "0 8 * * Mon" or "@daily"
    stagewatch.toml:13: subscriber.quiet: `22-7` is no span of hours: write `22:00-07:00`
    stagewatch.toml:14: subscriber.quiet-days: found "Sunnday": that is no weekday; write e.g. "Sat"
    stagewatch.toml:15: subscriber.timezone: found "Europe/Berlni": no such time zone; did you mean "Europe/Berlin"?
    stagewatch.toml:16: subscriber.paused: found "yes": no such pause; write `hold` or `drop`
    stagewatch.toml:17: subscriber.kinds: found "stage-move": no such kind of change; did you mean `stage-moved`?
    stagewatch.toml:18: subscriber.significant: found the number 1: that is neither yes nor no; write true or false, without quotes
    stagewatch.toml:20: subscriber.webhook.url: found "http://localhost/…": 127.0.0.1 is this machine itself, and `[webhook] allow-networks` does not name it; add "127.0.0.1/32" there if that is meant
    stagewatch.toml:21: subscriber.webhook.secret-file: found "./no": DIR/no could not be read: No such file or directory (os error 2); write the path of a file that holds the secret
    stagewatch.toml:22: subscriber.webhook.when: found "61 * * * *": `61` in the minute field is not understood: write 0 to 59, `*`, a range such as `1-58`, or a step such as `*/2`
    stagewatch.toml:23: subscriber: nowhere to send to; write one of these below: [subscriber.email], [subscriber.webhook], [subscriber.slack], [subscriber.teams], [subscriber.mattermost], [subscriber.discord], [subscriber.feishu], [subscriber.dingtalk], [subscriber.wecom], [subscriber.matrix], [subscriber.ntfy], [subscriber.template]
    stagewatch.toml:23: subscriber.quiet-days: names every day: nothing would ever go out; write `paused = "hold"` for that
    stagewatch.toml:26: subscriber.kinds: found an empty list: it names nothing; write kinds of changes, or leave it out for all of them
    stagewatch.toml:29: calendar.closing-ahead: found "1h": that is less than a day; write whole days, e.g. "3d", or [] for no reminders
    "#);
}

#[test]
fn an_unencrypted_webhook_is_a_warning_unless_it_stays_on_this_machine() {
    let hook = |id: &str, url: &str| {
        format!(
            "[[subscriber]]\nid = \"{id}\"\nwatches = [\"*\"]\n[subscriber.webhook]\nurl = \"{url}\"\nsecret-files = [\"./new\", \"./old\"]\n"
        )
    };
    let text = format!(
        "{LEAST}[webhook]\nallow-networks = [\"127.0.0.1\"]\n{}{}",
        hook("far", "http://plm.example.org/hook"),
        hook("near", "http://127.0.0.1:9000/hook")
    );
    let loaded =
        Folder::with(&[("stagewatch.toml", &text), ("new", HOOK_SECRET), ("old", HOOK_SECRET)]).load().unwrap();
    let lines: Vec<_> = loaded.warnings.iter().map(|warning| (warning.key(), warning.place().line())).collect();
    assert_eq!(lines, [("subscriber.webhook.url", Some(14))]);
    assert_eq!(loaded.settings.subscribers[1].webhook.as_ref().unwrap().secrets.len(), 2);
}

#[test]
fn what_may_be_posted_to_is_checked_before_anything_is_posted() {
    let hook = |id: &str, url: &str| {
        format!(
            "[[subscriber]]\nid = \"{id}\"\nwatches = [\"*\"]\n[subscriber.webhook]\nurl = \"{url}\"\nsecret-file = \"./key\"\n"
        )
    };
    let check = |limits: &str| {
        let hooks = [
            hook("cloud", "https://169.254.169.254/latest"),
            hook("here", "https://localhost:9000/hook"),
            hook("house", "https://[::ffff:10.20.0.7]/hook"),
            hook("world", "https://plm.example.org/hook"),
        ];
        let text = format!("{LEAST}[webhook]\n{limits}\n{}", hooks.concat());
        Folder::with(&[("stagewatch.toml", &text), ("key", HOOK_SECRET)]).load()
    };
    insta::assert_snapshot!(check("").unwrap_err(), @r#"
    stagewatch.toml:14: subscriber.webhook.url: found "https://169.254.169.254/…": 169.254.169.254 is a link-local address, and `[webhook] allow-networks` does not name it; add "169.254.169.254/32" there if that is meant
    stagewatch.toml:20: subscriber.webhook.url: found "https://localhost:9000/…": 127.0.0.1 is this machine itself, and `[webhook] allow-networks` does not name it; add "127.0.0.1/32" there if that is meant
    stagewatch.toml:26: subscriber.webhook.url: found "https://[::ffff:a14:7]/…": 10.20.0.7 is a private address, and `[webhook] allow-networks` does not name it; add "10.20.0.7/32" there if that is meant
    "#);
    insta::assert_snapshot!(
        check(r#"allow-networks = ["10.20.0.7/16", "home", 7]
    timeout = "1h""#).unwrap_err(),
        @r#"
        stagewatch.toml:9: webhook.allow-networks: found "10.20.0.7/16": that is an address inside a network; write "10.20.0.0/16"
        stagewatch.toml:9: webhook.allow-networks: found "home": that is no network; write a network, e.g. "10.20.0.0/16" or "fd00:1234::/32", or one address
        stagewatch.toml:9: webhook.allow-networks: found the number 7: that is no text; write it in quotes
        stagewatch.toml:10: webhook.timeout: found "1h": nobody needs so long to take a webhook; write at most "2m"
        stagewatch.toml:15: subscriber.webhook.url: found "https://169.254.169.254/…": 169.254.169.254 is a link-local address, and `[webhook] allow-networks` does not name it; add "169.254.169.254/32" there if that is meant
        stagewatch.toml:21: subscriber.webhook.url: found "https://localhost:9000/…": 127.0.0.1 is this machine itself, and `[webhook] allow-networks` does not name it; add "127.0.0.1/32" there if that is meant
        stagewatch.toml:27: subscriber.webhook.url: found "https://[::ffff:a14:7]/…": 10.20.0.7 is a private address, and `[webhook] allow-networks` does not name it; add "10.20.0.7/32" there if that is meant
        "#
    );
    let loaded = check(
        r#"allow-networks = ["169.254.0.0/16", "::1", "10.20.0.0/16"]
timeout = "5s""#,
    )
    .unwrap();
    let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @"stagewatch.toml:9: webhook.allow-networks: 169.254.0.0/16 holds 169.254.169.254 too, where clouds keep the credentials of their machines; name the networks that you mean");
    assert_eq!(loaded.settings.posting.timeout.as_secs(), 5);
    assert_eq!(loaded.settings.posting.allowed.len(), 3);
}

#[test]
fn the_services_of_chat_are_checked_key_by_key() {
    let text = format!(
        r#"{LEAST}
[[subscriber]]
id = "desk"
watches = ["*"]
[subscriber.slack]
url-file = "./key"
secret-file = "./key"
[subscriber.teams]
url = "https://a.example.org/"
url-file = "./address"
[subscriber.discord]
[subscriber.feishu]
url-file = "./address"
secret-file = "missing"
[subscriber.matrix]
homeserver = "http://matrix.example.org"
room = "standards"
[subscriber.ntfy]
url = "https://ntfy.example.org/"
priority = 9
[subscriber.template]
url = "http://10.0.0.8/"
method = "GET"
content-type = "json"
headers = {{ Authorization = "Bearer x" }}
body = "{{{{ nowhere }}}}"
[[subscriber]]
id = "tickets"
watches = ["*"]
[subscriber.template]
url = "https://tickets.example.org/"
body = """{{"what": "{{{{ subject }}}}",
 "to": {{% for change in changes %}}{{{{ change.to.code }}}}{{% endfor %}}}}"""
"#
    );
    let files = [("stagewatch.toml", text.as_str()), ("key", "no address"), ("address", "https://a.example.org/x\n")];
    insta::assert_snapshot!(Folder::with(&files).load().unwrap_err(), @r#"
    stagewatch.toml:13: subscriber.slack.url-file: found "./key": there is no address in that file; write a whole address into it, https:// and all
    stagewatch.toml:14: subscriber.slack.secret-file: no such key here; it belongs under [subscriber.webhook]
    stagewatch.toml:17: subscriber.teams.url-file: `url` is there too; write one of them
    stagewatch.toml:18: subscriber.discord.url-file: missing; write `url-file`, the path of a file with the address to post to
    stagewatch.toml:21: subscriber.feishu.secret-file: there is no file of that name (it is not shown, because it may be the secret itself); make the file, with the secret in it, and write its path, for instance `%d/NAME`
    stagewatch.toml:22: subscriber.matrix.token-file: missing; write `token-file`, a file with the access token of the account
    stagewatch.toml:24: subscriber.matrix.room: found "standards": that is no id of a room; write it as the room's settings show it, e.g. "!abcdef:example.org"
    stagewatch.toml:25: subscriber.ntfy.url: the address names no topic; write e.g. "https://ntfy.example.org/TOPIC"
    stagewatch.toml:27: subscriber.ntfy.priority: found the number 9: that is not a fitting whole number; write one from 1 to 5, without quotes
    stagewatch.toml:29: subscriber.template.url: found "http://10.0.0.8/…": 10.0.0.8 is a private address, and `[webhook] allow-networks` does not name it; add "10.0.0.8/32" there if that is meant
    stagewatch.toml:30: subscriber.template.method: found "GET": that is no way to send something; write "POST" or "PUT"
    stagewatch.toml:31: subscriber.template.content-type: found "json": that is no content type; write e.g. "application/json" or "text/plain; charset=utf-8"
    stagewatch.toml:32: subscriber.template.headers: secrets do not belong into this file; write the token into a file, and its path as `token-file`
    stagewatch.toml:39: subscriber.template.body: filled with a sample (appeared): the template fails in line 2: undefined value: `change.to.code` is undefined
    "#);
}

#[test]
fn a_proxy_with_a_password_is_read_from_a_file() {
    let text = format!("{LEAST}proxy-file = \"./proxy\"\n");
    let right = [("stagewatch.toml", text.as_str()), ("proxy", "socks5h://user:hunter2@proxy.example.net:1080\n")];
    let loaded = Folder::with(&right).load().unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert_eq!(loaded.settings.sources[0].options.proxy.as_ref().unwrap().password(), Some("hunter2"));
    let wrong = Folder::with(&[("stagewatch.toml", &text), ("proxy", "hunter2")]).complaints();
    assert!(wrong.starts_with("stagewatch.toml:8: source.proxy-file:") && !wrong.contains("hunter2"), "{wrong}");
}

#[test]
fn a_goal_names_a_stage() {
    let text = format!(
        "{LEAST}[[work-plan]]\nid = \"p\"\n[[work-plan.task]]\ntitle = \"t\"\nstandards = [\"ISO/IEC 24392\"]\ngoal = \"reach:50\"\n"
    );
    let settings = Folder::with(&[("stagewatch.toml", &text)]).load().unwrap().settings;
    assert_eq!(settings.work_plans[0].tasks[0].goal, Goal::Reach(Stage::Approval));
}

/// A file with one line taken out, doubled, cut or overwritten.
fn mutated(lines: &[&str], n_line: usize, kind: u8, cut: usize, junk: &str) -> String {
    let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let n_line = n_line % lines.len();
    let line = lines[n_line].clone();
    let at = (0..=line.len()).rev().find(|at| *at <= cut % (line.len() + 1) && line.is_char_boundary(*at)).unwrap_or(0);
    match kind {
        0 => drop(lines.remove(n_line)),
        1 => lines.insert(n_line, line),
        2 => lines[n_line].truncate(at),
        3 => lines[n_line] = format!("{}{junk}{}", &line[..at], &line[at..]),
        4 => lines[n_line] = format!("{} = {junk}", line.split(" = ").next().unwrap_or_default()),
        _ => lines[n_line] = junk.into(),
    }
    lines.join("\n")
}

/// Reading must end, in settings or in problems that are on lines of the file.
fn ends_well(text: &str) {
    let folder = Folder::with(&[
        ("stagewatch.toml", text),
        ("credentials/smtp-password", MAIL_SECRET),
        ("credentials/plm-webhook", HOOK_SECRET),
    ]);
    if let Err(problems) = folder.load() {
        let n_lines = text.split('\n').count();
        assert!(!problems.list().is_empty());
        for problem in problems.list() {
            assert!(problem.place().line().is_none_or(|line| (1..=n_lines).contains(&line)), "{problem}");
            assert!(!problem.to_string().contains('\n'), "{problem:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_slip_makes_reading_panic(n_line: usize, kind in 0u8..6, cut: usize, junk in "[\\[\\]{}=\"'#.,a-z0-9 *%:/@-]{0,12}") {
        let lines: Vec<&str> = EXAMPLE.lines().collect();
        ends_well(&mutated(&lines, n_line, kind, cut, &junk));
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,80}") {
        ends_well(&text);
    }
}

#[test]
fn the_layout_of_a_page_is_checked_key_by_key() {
    let base = "[[source]]\nid = \"a\"\nurl = \"https://body.example/\"\n";
    let said = |more: &str| {
        let text = format!("{base}{more}");
        match Folder::with(&[("stagewatch.toml", text.as_str())]).load() {
            Ok(_) => "right".to_owned(),
            Err(problems) => problems.to_string(),
        }
    };
    let good = "format = \"table\"\nrows = \"tr.p\"\ncolumns = { reference = \"No.\", stage = \"css:td.stage\" }\nstages = { \"On\" = \"iso:40.20\" }\n";
    assert_eq!(said(good), "right");
    for (more, expected) in [
        ("format = \"table\"\n", "missing; write which column holds what"),
        ("format = \"table\"\ncolumns = { referense = \"No.\" }\n", "did you mean `reference`?"),
        ("format = \"table\"\ncolumns = { stage = \"css:[\" }\n", "write a CSS selector after `css:`"),
        (
            "format = \"table\"\ncolumns = { stage = \"x\" }\nstages = { \"On\" = \"40.20\" }\n",
            "it does not name a scheme",
        ),
        ("format = \"table\"\ncolumns = { stage = \"x\" }\nstages = { \"On\" = \"gb:35\" }\n", "no such code"),
        ("format = \"samr-plans\"\nrows = \"tr\"\n", "only the format `table` reads it, and this is `samr-plans`"),
        ("format = \"feed\"\nregion = \"main\"\n", "only the format `page-text` reads it, and this is `feed`"),
        ("format = \"page-text\"\nregion = \"[\"\n", "write a CSS selector"),
        ("format = \"page-text\"\nignore = [\"(\"]\n", "write a regular expression"),
        ("format = \"page-text\"\nencoding = \"klingon\"\n", "no such encoding"),
        ("format = \"page-text\"\ntls = \"old\"\n", "write \"legacy\" for a server that speaks no other TLS"),
        #[cfg(not(feature = "legacy-tls"))]
        ("format = \"page-text\"\ntls = \"legacy\"\n", "cargo build --release --features legacy-tls"),
    ] {
        let told = said(more);
        assert!(told.contains(expected) && told.contains("stagewatch.toml:"), "{more}: {told}");
    }
}

/// An Ed25519 key that signs nothing else.
const DKIM_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

/// What is said of the DKIM keys of `[mail]`, with a good key and a bad one at hand.
fn said_of_dkim(lines: &str) -> String {
    let mail = "[mail]\nserver = \"smtps://mail.example.org\"\nfrom = \"Stagewatch <watch@alerts.example.org>\"\n";
    let text = format!("{LEAST}{mail}{lines}");
    let files = [("stagewatch.toml", text.as_str()), ("good", DKIM_KEY), ("bad", "hunter2")];
    let folder = Folder::with(&files);
    match folder.load() {
        Ok(loaded) => {
            let dkim = loaded.settings.mail.as_ref().and_then(|mail| mail.dkim.clone());
            let warning = loaded.warnings.iter().map(ToString::to_string).find(|line| line.contains("dkim"));
            format!("{dkim:?} {}", warning.unwrap_or_default())
        }
        Err(problems) => problems.to_string().replace(&folder.path().display().to_string(), "DIR"),
    }
}

#[test]
fn keys_that_sign_mail_are_read_and_checked() {
    let told: Vec<String> = [
        "dkim-selector = \"s\"\ndkim-key-file = \"good\"",
        "dkim-selector = [\"a\", \"b\"]\ndkim-key-file = [\"good\", \"good\"]\ndkim-domain = \"example.org\"",
        "dkim-selector = \"s\"\ndkim-key-file = \"good\"\ndkim-domain = \"example.net\"",
        "dkim-selector = \"s\"",
        "dkim-domain = \"example.org\"",
        "dkim-selector = \"a b\"\ndkim-key-file = \"good\"",
        "dkim-selector = \"s\"\ndkim-key-file = \"bad\"",
        "dkim-selector = \"s\"\ndkim-key-file = \"good\"\ndkim-domain = \"localhost\"",
    ]
    .iter()
    .map(|lines| said_of_dkim(lines))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    Some(alerts.example.org by [s (ed25519-sha256, ***)]) 
    Some(example.org by [a (ed25519-sha256, ***), b (ed25519-sha256, ***)]) 
    Some(example.net by [s (ed25519-sha256, ***)]) stagewatch.toml:13: mail.dkim-domain: the sender is of another domain: servers that check DMARC will not count this signature
    stagewatch.toml:11: mail.dkim-selector: found 1 dkim-selector and 0 dkim-key-file; write one of each, or two lists of one length
    stagewatch.toml:11: mail.dkim-domain: found 0 dkim-selector and 0 dkim-key-file; write one of each, or two lists of one length
    stagewatch.toml:11: mail.dkim-selector: found "a b": that is no selector; write the name of the key in the DNS, e.g. "stagewatch2026"
    stagewatch.toml:12: mail.dkim-key-file: a DKIM key is a private key in PEM (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`); this is none
    stagewatch.toml:13: mail.dkim-domain: found "localhost": that is no domain; write the domain under which the public key stands, e.g. "example.org"
    "#);
}
