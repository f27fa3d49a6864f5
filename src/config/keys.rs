//! Every key that a configuration may have, table by table, with a word on each: what readers may ask for, what people are told when
//! they miss one or misspell one, and what the shipped file must show. Not the meaning of the values.

/// The keys of one kind of table.
#[derive(Debug)]
pub(super) struct Keys {
    /// The name of the table in messages: `source`; empty for the top of a file.
    pub(super) table: &'static str,
    /// How its heading is written: `[[source]]`.
    pub(super) heading: &'static str,
    /// Each key, and what it says.
    pub(super) all: &'static [(&'static str, &'static str)],
}

impl Keys {
    /// What a key says; `None` for a key that this table does not have.
    pub(super) fn about(&self, key: &str) -> Option<&'static str> {
        self.all.iter().find(|(known, _)| *known == key).map(|(_, about)| *about)
    }

    /// A key with its table in front: `source.schedule`.
    pub(super) fn full(&self, key: &str) -> String {
        if self.table.is_empty() { key.to_owned() } else { format!("{}.{key}", self.table) }
    }
}

/// The tables, in the order of the shipped file.
pub(super) const TABLES: &[&Keys] = &[
    &TOP,
    &STATE,
    &FETCH,
    &WEB,
    &MAIL,
    &POSTING,
    &DOUBT,
    &CALENDAR,
    &KEEP,
    &SOURCE,
    &WATCH,
    &SUBSCRIBER,
    &EMAIL,
    &WEBHOOK,
    &SLACK,
    &TEAMS,
    &MATTERMOST,
    &DISCORD,
    &FEISHU,
    &DINGTALK,
    &WECOM,
    &MATRIX,
    &NTFY,
    &TEMPLATE,
    &OPERATOR,
    &WORK_PLAN,
    &TASK,
];

/// The top of a file.
pub(super) const TOP: Keys = Keys {
    table: "",
    heading: "the top of the file",
    all: &[
        ("include", "further files, as patterns"),
        ("state", "where stagewatch remembers"),
        ("fetch", "how pages are fetched"),
        ("web", "where pages are served, and what alerts link to"),
        ("mail", "how mail is sent"),
        ("webhook", "what may be posted to"),
        ("doubt", "when a page is not believed"),
        ("calendar", "how far ahead the calendar is told"),
        ("keep", "how long things are kept"),
        ("source", "what is watched"),
        ("watch", "which changes matter"),
        ("subscriber", "who is told"),
        ("operator", "who is told when something is wrong"),
        ("work-plan", "targets to measure against"),
    ],
};

/// `[state]`.
pub(super) const STATE: Keys =
    Keys { table: "state", heading: "[state]", all: &[("database", "where the database is: `sqlite:PATH`")] };

/// `[fetch]`.
pub(super) const FETCH: Keys = Keys {
    table: "fetch",
    heading: "[fetch]",
    all: &[
        ("contact", "how the sites can reach you: a mail address or a web page"),
        ("pause", "between two requests to one host"),
        ("timeout", "for one page, from the first byte asked to the last one read"),
        ("max-body", "the largest answer, after decompression"),
        ("max-markup", "the largest page of HTML or XML, which takes many times its size to read"),
        ("proxy", "the way out, for every source that names none"),
        ("proxy-file", "a file with the address of the proxy, user and password included"),
    ],
};

/// `[web]`.
pub(super) const WEB: Keys = Keys {
    table: "web",
    heading: "[web]",
    all: &[
        ("listen", "the address and port to serve on, or \"none\""),
        ("public-url", "what alerts link to"),
        ("token-file", "a file with the token that callers must show"),
        ("open", "let others than this machine read without a token"),
        ("trusted-proxies", "addresses of proxies whose X-Forwarded headers are believed"),
    ],
};

/// `[mail]`.
pub(super) const MAIL: Keys = Keys {
    table: "mail",
    heading: "[mail]",
    all: &[
        ("server", "the mail server"),
        ("user", "the name to log in with"),
        ("password-file", "a file with the password"),
        ("from", "the sender of alerts"),
        ("ca-file", "a file with certificates to trust beside the system's"),
        ("timeout", "for one message"),
        ("unsubscribe-mailto", "who is written to by mail programs that leave a list by mail"),
        ("dkim-domain", "the domain that signs; that of the sender without it"),
        ("dkim-selector", "the name of the key in the DNS, or several"),
        ("dkim-key-file", "a file with the private key that signs, or several"),
    ],
};

/// `[webhook]`.
pub(super) const POSTING: Keys = Keys {
    table: "webhook",
    heading: "[webhook]",
    all: &[
        ("allow-networks", "networks that may be posted to beside the public internet"),
        ("timeout", "for one webhook, the whole answer included"),
    ],
};

/// `[doubt]`.
pub(super) const DOUBT: Keys = Keys {
    table: "doubt",
    heading: "[doubt]",
    all: &[
        ("shrink-share", "the share of a list that may vanish at once and still be believed"),
        ("misses", "in how many polls in a row a project must be missing to be no longer listed"),
        ("tell-after", "after how many polls in a row without a good one the operator is told"),
    ],
};

/// `[calendar]`.
pub(super) const CALENDAR: Keys = Keys {
    table: "calendar",
    heading: "[calendar]",
    all: &[
        ("in-force-ahead", "how long before a standard enters into force that is told"),
        ("closing-ahead", "how long before a consultation closes to remind of it, once for each"),
    ],
};

/// `[keep]`.
pub(super) const KEEP: Keys = Keys {
    table: "keep",
    heading: "[keep]",
    all: &[
        ("daily", "whether the service clears out by itself, once a day"),
        ("polls", "how long polls are kept"),
        ("deliveries", "how long settled deliveries are kept, with their attempts and payloads"),
        ("snapshots", "how long snapshots are kept that neither a page nor a change refers to"),
        ("most-polls", "the most polls of one source"),
        ("most-deliveries", "the most settled deliveries"),
        ("most-snapshots", "the most snapshots of one page that no change refers to"),
    ],
};

/// `[[source]]`.
pub(super) const SOURCE: Keys = Keys {
    table: "source",
    heading: "[[source]]",
    all: &[
        ("id", "the name of the source"),
        ("format", "how its pages are read"),
        ("url", "the address of its page"),
        ("urls", "addresses of the same page, in order of preference"),
        ("committees", "rows of others are dropped"),
        ("standards", "rows of other numbers are dropped, for searches that answer with neighbours"),
        ("rows", "one row of a table or a list: a CSS selector"),
        ("columns", "which column of a table holds what: field = \"heading\", or \"css:SELECTOR\""),
        ("stages", "what a table prints for stages: \"print\" = \"iso:40.20\" or \"gb:30\""),
        ("complete", "the table lists everything there is: a row that stays away is no longer listed"),
        ("region", "the part of a page that is watched for its words: a CSS selector"),
        ("ignore", "lines that are not watched: regular expressions"),
        ("schedule", "when to look: five crontab fields"),
        ("timezone", "the clock that the schedule is read by"),
        ("proxy", "the way out"),
        ("proxy-file", "a file with the address of the proxy, user and password included"),
        ("headers", "request headers"),
        ("extra-ca", "a file with certificates to trust beside the system's"),
        ("max-pages", "how many pages of a list to follow"),
        ("encoding", "how its bytes are read, where what it says of itself is wrong"),
        ("tls", "\"legacy\": OpenSSL, for servers that speak TLS as ten years ago"),
        ("ignore-robots", "true: ask although the site's robots.txt forbids it"),
    ],
};

/// `[[watch]]`.
pub(super) const WATCH: Keys = Keys {
    table: "watch",
    heading: "[[watch]]",
    all: &[
        ("id", "the name of the watch"),
        ("title", "what it is about"),
        ("standards", "references and plan numbers"),
        ("keywords", "words in titles"),
        ("committees", "everything of these committees"),
    ],
};

/// `[[subscriber]]`.
pub(super) const SUBSCRIBER: Keys = Keys {
    table: "subscriber",
    heading: "[[subscriber]]",
    all: &[
        ("id", "the name of the subscriber"),
        ("watches", "ids of watches, or \"*\""),
        ("language", "en, zh or both"),
        ("kinds", "only changes of these kinds"),
        ("significant", "true: only changes of stage, ballots, consultations, publications and the like"),
        ("when", "\"immediately\", or a schedule for a digest: five crontab fields"),
        ("digest-when-empty", "true: a digest also when nothing happened"),
        ("quiet", "hours in which nothing goes out: \"22:00-07:00\""),
        ("quiet-days", "days on which nothing goes out"),
        ("timezone", "the clock that `when` and `quiet` are read by"),
        ("paused", "\"hold\" or \"drop\": nothing goes out for now"),
        ("email", "mail addresses to write to"),
        ("webhook", "an address to post to"),
        ("slack", "a channel of Slack"),
        ("teams", "a channel of Microsoft Teams"),
        ("mattermost", "a channel of Mattermost"),
        ("discord", "a channel of Discord"),
        ("feishu", "a group of Feishu or Lark"),
        ("dingtalk", "a group of DingTalk"),
        ("wecom", "a group of WeCom"),
        ("matrix", "a room of Matrix"),
        ("ntfy", "a topic of ntfy"),
        ("template", "a request of your own form"),
    ],
};

/// The keys of a subscriber that are ways to reach them.
pub(super) const WAYS: [&str; 12] = [
    "email",
    "webhook",
    "slack",
    "teams",
    "mattermost",
    "discord",
    "feishu",
    "dingtalk",
    "wecom",
    "matrix",
    "ntfy",
    "template",
];

/// `[subscriber.email]`.
pub(super) const EMAIL: Keys =
    Keys { table: "subscriber.email", heading: "[subscriber.email]", all: &[("to", "mail addresses")] };

/// `[subscriber.webhook]`.
pub(super) const WEBHOOK: Keys = Keys {
    table: "subscriber.webhook",
    heading: "[subscriber.webhook]",
    all: &[
        ("url", "the address to post to"),
        ("secret-file", "a file with the secret that signs"),
        ("secret-files", "files with secrets, the newest first, while one replaces another"),
        ("when", "\"immediately\", or a schedule"),
    ],
};

/// `[subscriber.slack]`.
pub(super) const SLACK: Keys = Keys {
    table: "subscriber.slack",
    heading: "[subscriber.slack]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
    ],
};

/// `[subscriber.teams]`.
pub(super) const TEAMS: Keys = Keys {
    table: "subscriber.teams",
    heading: "[subscriber.teams]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
    ],
};

/// `[subscriber.mattermost]`.
pub(super) const MATTERMOST: Keys = Keys {
    table: "subscriber.mattermost",
    heading: "[subscriber.mattermost]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
    ],
};

/// `[subscriber.discord]`.
pub(super) const DISCORD: Keys = Keys {
    table: "subscriber.discord",
    heading: "[subscriber.discord]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
    ],
};

/// `[subscriber.feishu]`.
pub(super) const FEISHU: Keys = Keys {
    table: "subscriber.feishu",
    heading: "[subscriber.feishu]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
        ("secret-file", "a file with the secret that signs, where the robot is set up so"),
    ],
};

/// `[subscriber.dingtalk]`.
pub(super) const DINGTALK: Keys = Keys {
    table: "subscriber.dingtalk",
    heading: "[subscriber.dingtalk]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
        ("secret-file", "a file with the secret that signs, where the robot is set up so"),
    ],
};

/// `[subscriber.wecom]`.
pub(super) const WECOM: Keys = Keys {
    table: "subscriber.wecom",
    heading: "[subscriber.wecom]",
    all: &[
        ("url-file", "a file with the address to post to, which is a key"),
        ("url", "the address itself, where it is no secret"),
    ],
};

/// `[subscriber.matrix]`.
pub(super) const MATRIX: Keys = Keys {
    table: "subscriber.matrix",
    heading: "[subscriber.matrix]",
    all: &[
        ("homeserver", "the server of the account that posts"),
        ("room", "the id of the room"),
        ("token-file", "a file with the access token of the account"),
    ],
};

/// `[subscriber.ntfy]`.
pub(super) const NTFY: Keys = Keys {
    table: "subscriber.ntfy",
    heading: "[subscriber.ntfy]",
    all: &[
        ("url-file", "a file with the address of the topic, which is a key"),
        ("url", "the address itself, where it is no secret"),
        ("token-file", "a file with the token that may post"),
        ("priority", "from 1 to 5"),
    ],
};

/// `[subscriber.template]`.
pub(super) const TEMPLATE: Keys = Keys {
    table: "subscriber.template",
    heading: "[subscriber.template]",
    all: &[
        ("url-file", "a file with the address to send to, where it is a key"),
        ("url", "the address to send to"),
        ("method", "POST or PUT"),
        ("content-type", "what the body is"),
        ("headers", "request headers"),
        ("token-file", "a file with a token, sent as a bearer's"),
        ("body", "the template of the body"),
        ("body-file", "a file with the template"),
    ],
};

/// `[operator]`.
pub(super) const OPERATOR: Keys = Keys {
    table: "operator",
    heading: "[operator]",
    all: &[
        ("language", "en, zh or both"),
        ("email", "mail addresses to write to"),
        ("webhook", "an address to post to"),
        ("slack", "a channel of Slack"),
        ("teams", "a channel of Microsoft Teams"),
        ("mattermost", "a channel of Mattermost"),
        ("discord", "a channel of Discord"),
        ("feishu", "a group of Feishu or Lark"),
        ("dingtalk", "a group of DingTalk"),
        ("wecom", "a group of WeCom"),
        ("matrix", "a room of Matrix"),
        ("ntfy", "a topic of ntfy"),
        ("template", "a request that you write"),
    ],
};

/// `[[work-plan]]`.
pub(super) const WORK_PLAN: Keys = Keys {
    table: "work-plan",
    heading: "[[work-plan]]",
    all: &[("id", "the name of the plan"), ("title", "what it is"), ("task", "its tasks")],
};

/// `[[work-plan.task]]`.
pub(super) const TASK: Keys = Keys {
    table: "work-plan.task",
    heading: "[[work-plan.task]]",
    all: &[
        ("title", "what is to be reached"),
        ("standards", "the projects that count"),
        ("goal", "register, advance, reach:STAGE or publish"),
        ("at-least", "how many of them"),
        ("from", "the first day on which something counts, as 2023-01-01"),
        ("until", "the last day, as 2023-12-31"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_shows_every_key() {
        let shipped = include_str!("../../config/stagewatch.toml");
        let shows = |key: &str| {
            shipped
                .lines()
                .map(|line| line.trim_start_matches(['#', ' ', '[']))
                .any(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', ']'])))
        };
        for keys in TABLES {
            let heading = keys.heading;
            assert!(keys.table.is_empty() || shipped.contains(heading), "{heading} is not in the shipped file");
            for (key, _) in keys.all.iter().filter(|(key, _)| !TABLES.iter().any(|keys| keys.table.ends_with(key))) {
                assert!(shows(key), "`{key}` of {heading} is not in the shipped file");
            }
        }
    }
}
