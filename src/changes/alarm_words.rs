//! A word to the operator: what is wrong in one sentence, what to do about it, and the command that shows more. English and Chinese.

use jiff::{SignedDuration, Timestamp};

use super::alarms::{Alarm, Jump, Trouble};
use super::health::Disabled;
use super::notice::Languages;
use super::notice_words::{capped, clean, moment_in_words, pick};
use super::said::cause;
use crate::standards::language::Language;

/// Longest quotation of what somebody else said, in characters.
const LONGEST_QUOTE: usize = 300;

/// Longest subject in characters.
const LONGEST_SUBJECT: usize = 120;

/// Something that the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// `source.doubtful`, `source.recovered` …
    pub kind: String,
    /// What it is about: `source:iso-open-data`.
    pub about: String,
    /// What happened, in one sentence, in each language asked for.
    pub what: Vec<(Language, String)>,
    /// What to do, in each language asked for; empty where nothing is.
    pub remedy: Vec<(Language, String)>,
    /// What shows more.
    pub command: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it is told.
    pub at: Timestamp,
}

impl Word {
    /// The word that a trouble is new, or lasts.
    pub fn of_trouble(trouble: &Trouble, languages: Languages, since: Timestamp, at: Timestamp) -> Word {
        let each = |say: fn(&Trouble, Language) -> String| {
            languages.each().iter().map(|language| (*language, say(trouble, *language))).collect()
        };
        let mut word = Word {
            kind: trouble.kind().to_owned(),
            about: trouble.about(),
            what: each(sentence),
            remedy: each(remedy),
            command: command(trouble),
            since,
            at,
        };
        if since < at {
            for (language, what) in &mut word.what {
                let since = moment_in_words(since);
                let lasting = pick(*language, "It lasts since ", "自此时起持续至今：");
                *what = format!("{what} {lasting}{since}{}", pick(*language, ".", "。"));
            }
        }
        word
    }

    /// The word that a trouble is over; `None` where nobody need be told.
    pub fn of_end(alarm: &Alarm, languages: Languages, at: Timestamp) -> Option<Word> {
        Word::of_ends(std::slice::from_ref(alarm), None, languages, at)
    }

    /// The same for what was told together, of the sources of one host.
    pub fn of_ends(alarms: &[Alarm], host: Option<&str>, languages: Languages, at: Timestamp) -> Option<Word> {
        let alarm = alarms.first()?;
        let kind = alarm.recovered_kind()?;
        // What was disabled is tried again because somebody said so: whether it takes anything is not known yet.
        let (english, chinese) = match alarm.kind.as_str() {
            "delivery.disabled" => (
                "It is sent to again; the next attempt shows whether it takes it",
                "已重新开始投递，是否成功以下一次投递为准",
            ),
            _ => ("It is over", "已恢复"),
        };
        let say = |language: Language| {
            let since = moment_in_words(alarm.since);
            let told: Vec<String> = alarms.iter().map(|alarm| clean(&alarm.what)).collect();
            let about: Vec<String> = alarms.iter().map(|alarm| about_in_chinese(&alarm.about)).collect();
            match language {
                Language::Chinese => format!("{chinese}：{}（自 {since} 起的情况）。", about.join("、")),
                Language::English | Language::French | Language::Russian => {
                    format!("{english}. What was told since {since}: “{}”", told.join("” “"))
                }
            }
        };
        Some(Word {
            kind: kind.to_owned(),
            about: host.filter(|_| alarms.len() > 1).map_or_else(|| alarm.about.clone(), |host| format!("host:{host}")),
            what: languages.each().iter().map(|language| (*language, say(*language))).collect(),
            remedy: Vec::new(),
            command: None,
            since: alarm.since,
            at,
        })
    }

    /// One line for an inbox.
    pub fn subject(&self) -> String {
        let what = self.what.first().map(|(_, what)| what.as_str()).unwrap_or_default();
        let is_in_two = self.what.len() > 1;
        let name = if is_in_two { format!("{} · ", name_in_chinese(&self.kind)) } else { String::new() };
        capped(&clean(&format!("[stagewatch] {}: {name}{what}", self.kind)), LONGEST_SUBJECT)
    }

    /// The whole of it as plain text.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (language, what) in &self.what {
            lines.push(what.clone());
            lines.extend(self.remedy.iter().filter(|(own, _)| own == language).map(|(_, remedy)| remedy.clone()));
            if let Some(command) = &self.command {
                let more = pick(*language, "To see more: ", "查看详情：");
                lines.push(format!("{more}{command}"));
            }
            lines.push(String::new());
        }
        lines.push(format!("{} · {} · {}", self.kind, self.about, moment_in_words(self.at)));
        lines.join("\n") + "\n"
    }
}

/// What an alarm is about, for readers of Chinese.
fn about_in_chinese(about: &str) -> String {
    let parts: Vec<&str> = about.splitn(4, ':').collect();
    match parts.as_slice() {
        ["source", source, ..] => format!("来源“{}”", clean(source)),
        ["delivery", "mail"] => "邮件投递".to_owned(),
        ["delivery", subscriber, channel, recipient] => {
            format!("向订阅者“{}”（{channel}，{}）的投递", clean(subscriber), clean(recipient))
        }
        ["disk"] => "数据库写入".to_owned(),
        ["space"] => "数据库所在磁盘的空间".to_owned(),
        ["clock"] => "系统时钟".to_owned(),
        _ => clean(about),
    }
}

/// What each type of word is called, for a subject that is read in two languages.
fn name_in_chinese(kind: &str) -> &'static str {
    match kind {
        "source.doubtful" => "来源异常",
        "source.stale" => "来源久未读取",
        "source.defect" => "未知文字",
        "delivery.failing" => "投递失败",
        "delivery.disabled" => "投递已停止",
        "disk.trouble" => "磁盘故障",
        "disk.low" => "磁盘空间不足",
        "clock.trouble" => "时钟异常",
        "delivery.sample" => "示例",
        _ => "已恢复",
    }
}

/// What is wrong, in English: what the log says too.
pub fn sentence_of(trouble: &Trouble) -> String {
    sentence(trouble, Language::English)
}

fn sentence(trouble: &Trouble, language: Language) -> String {
    let is_chinese = language == Language::Chinese;
    let quote = |text: &str| capped(&clean(text), LONGEST_QUOTE);
    let why_of = |text: &str| capped(&cause(&clean(text), language), LONGEST_QUOTE);
    match trouble {
        Trouble::Source { source, n_polls, why } if is_chinese => {
            format!("来源“{source}”已连续 {n_polls} 次未取得可信页面：{}。", why_of(why))
        }
        Trouble::Source { source, n_polls, why } => {
            format!("The source `{source}` has given no good page for {n_polls} polls in a row: {}.", why_of(why))
        }
        Trouble::Host { host, sources, n_polls, why } => of_host(host, sources, *n_polls, &why_of(why), language),
        Trouble::Stale { source, last } if is_chinese => {
            format!("来源“{source}”上次读取于 {}，已远超其计划间隔。", moment_in_words(*last))
        }
        Trouble::Stale { source, last } => {
            format!(
                "The source `{source}` was read last at {}, much longer ago than its schedule has it.",
                moment_in_words(*last)
            )
        }
        Trouble::Defect { source, what, text } if is_chinese => {
            format!("来源“{source}”出现无法识别的文字（{}）：“{}”。", why_of(what), quote(text))
        }
        Trouble::Defect { source, what, text } => {
            format!("The source `{source}` prints what no vocabulary has ({}): {}.", quote(what), quote(text))
        }
        Trouble::Failing { subscriber, channel, recipient, answer } if is_chinese => {
            format!("向订阅者“{subscriber}”（{channel}，{recipient}）的投递持续失败：{}。", why_of(answer))
        }
        Trouble::Failing { subscriber, channel, recipient, answer } => {
            format!("Deliveries to `{subscriber}` by {channel} ({recipient}) fail: {}.", quote(answer))
        }
        Trouble::Mail { n_mailboxes, answer } if is_chinese => {
            format!("邮件投递持续失败（涉及 {n_mailboxes} 个邮箱）：{}。", why_of(answer))
        }
        Trouble::Mail { n_mailboxes, answer } => {
            let mailboxes = if *n_mailboxes == 1 { "mailbox" } else { "mailboxes" };
            format!("Mail to {n_mailboxes} {mailboxes} fails: {}.", quote(answer))
        }
        Trouble::Disabled { subscriber, channel, recipient, why, answer } => {
            let why = disabled(*why, language);
            let answer = why_of(answer);
            if is_chinese {
                format!("已停止向订阅者“{subscriber}”（{channel}，{recipient}）投递：{why}；对方答复：{answer}。")
            } else {
                format!(
                    "Nothing is sent to `{subscriber}` by {channel} ({recipient}) any more: {why}. It said: {answer}."
                )
            }
        }
        Trouble::Disk { what } if is_chinese => format!("数据库无法写入：{}。", why_of(what)),
        Trouble::Disk { what } => format!("The database cannot be written: {}.", quote(what)),
        Trouble::Space { mebibytes } if is_chinese => format!("数据库所在磁盘仅剩 {mebibytes} MiB。"),
        Trouble::Space { mebibytes } => format!("Only {mebibytes} MiB are left on the disk of the database."),
        Trouble::Clock { jump } => clock(*jump, language),
    }
}

/// Every source is named: what is told once for all of them must not hide one.
fn of_host(host: &str, sources: &[String], n_polls: u32, why: &str, language: Language) -> String {
    let (host, n_sources) = (clean(host), sources.len());
    match language {
        Language::Chinese => {
            let names: Vec<String> = sources.iter().map(|source| format!("“{source}”")).collect();
            let names = names.join("、");
            format!("主机 {host} 上的 {n_sources} 个来源已连续 {n_polls} 次未取得可信页面：{why}。涉及：{names}。")
        }
        Language::English | Language::French | Language::Russian => {
            let names: Vec<String> = sources.iter().map(|source| format!("`{source}`")).collect();
            let names = names.join(", ");
            format!(
                "{n_sources} sources at `{host}` have given no good page for up to {n_polls} polls in a row: {why}. They are {names}."
            )
        }
    }
}

fn disabled(why: Disabled, language: Language) -> &'static str {
    match why {
        Disabled::Gone => pick(language, "it says that it is gone", "对方声明已不存在"),
        Disabled::Failing => pick(language, "nothing but failures for five days", "连续五天全部失败"),
        Disabled::Bounced => pick(language, "there is no such mailbox", "该邮箱不存在"),
    }
}

fn clock(jump: Jump, language: Language) -> String {
    let hours = |span: SignedDuration| span.as_hours().max(1);
    match (jump, language) {
        (Jump::Back(by), Language::Chinese) => format!("系统时钟倒退了约 {} 小时。", hours(by)),
        (Jump::Ahead(by), Language::Chinese) => format!("系统时钟突然超前了约 {} 小时。", hours(by)),
        (Jump::Back(by), _) => format!("The clock was set back by about {} h.", hours(by)),
        (Jump::Ahead(by), _) => format!("The clock jumped ahead by about {} h.", hours(by)),
    }
}

fn remedy(trouble: &Trouble, language: Language) -> String {
    let (english, chinese) = match trouble {
        Trouble::Source { .. } | Trouble::Host { .. } => (
            "Nothing of it was accepted, and what was known stays. If its pages moved or changed, mend its `url` or `format`; if it \
             blocks, ask less often or through a `proxy`.",
            "未采纳任何内容，原有数据保持不变。若页面已迁移或改版，请修改 `url` 或 `format`；若被拦截，请降低频率或使用 `proxy`。",
        ),
        Trouble::Stale { .. } => (
            "If the service runs, look at its log; a poll may hang, or its rest after a block may be long.",
            "若服务正在运行，请查看日志：可能有抓取卡住，或被拦截后的等待时间较长。",
        ),
        Trouble::Defect { .. } => (
            "The line was left out, not guessed. It needs an entry in a vocabulary, or in `stages` of a source of format `table`.",
            "该行已略过，未作猜测。需要在词表中补充，或在 `table` 格式来源的 `stages` 中补充。",
        ),
        Trouble::Failing { .. } | Trouble::Mail { .. } => (
            "They are tried again by their plan, and nothing is lost. Check the address, the credentials and the certificate of the other side.",
            "将按计划重试，不会丢失。请检查对方地址、凭据与证书。",
        ),
        Trouble::Disabled { .. } => (
            "What is for it is held back. When it works again, `stagewatch resume` sends it, or drops it with `--drop`.",
            "相关内容已保留。恢复后可用 `stagewatch resume` 发送，或用 `--drop` 放弃。",
        ),
        Trouble::Disk { .. } => (
            "Nothing is polled or sent until it can be written again; nothing that was acknowledged is lost. Make space, or check the disk.",
            "恢复写入之前不再抓取与发送；已确认的内容不会丢失。请清理空间或检查磁盘。",
        ),
        Trouble::Space { .. } => (
            "Make space before it is used up: `stagewatch prune` clears out.",
            "请及时清理空间：可用 `stagewatch prune`。",
        ),
        Trouble::Clock { .. } => (
            "Schedules and dates go by it. Check time synchronisation (`timedatectl`).",
            "计划与日期均以系统时钟为准。请检查时间同步（`timedatectl`）。",
        ),
    };
    pick(language, english, chinese).to_owned()
}

fn command(trouble: &Trouble) -> Option<String> {
    Some(match trouble {
        Trouble::Source { source, .. } | Trouble::Stale { source, .. } | Trouble::Defect { source, .. } => {
            format!("stagewatch probe {source}")
        }
        Trouble::Host { sources, .. } => format!("stagewatch probe {}", sources.first()?),
        Trouble::Failing { subscriber, .. } | Trouble::Disabled { subscriber, .. } => {
            format!("stagewatch deliveries --subscriber {subscriber}")
        }
        Trouble::Mail { .. } => "stagewatch deliveries --unsettled".to_owned(),
        Trouble::Disk { .. } | Trouble::Space { .. } => "stagewatch status".to_owned(),
        Trouble::Clock { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(kind: &str) -> String {
        let at: Timestamp = "2026-11-26T08:00:00Z".parse().unwrap();
        let what = "Nothing is sent to `team` by email any more".to_owned();
        let alarm = Alarm { about: "endpoint".to_owned(), kind: kind.to_owned(), what, since: at, told_at: at };
        Word::of_end(&alarm, Languages::English, at).unwrap().what[0].1.clone()
    }

    #[test]
    fn what_is_tried_again_is_not_called_well_before_it_is() {
        let told = end_of("delivery.disabled");
        assert!(told.starts_with("It is sent to again; the next attempt shows"), "{told}");
        assert!(told.ends_with("“Nothing is sent to `team` by email any more”"), "{told}");
        assert!(end_of("delivery.failing").starts_with("It is over. What was told since 2026-11-26"));
    }
}
