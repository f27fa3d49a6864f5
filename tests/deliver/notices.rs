//! What a reader will read: subjects, sentences, facts.

use jiff::civil::date;
use stagewatch::changes::change::{Kind, Move, RecordedChange};
use stagewatch::changes::notice::{Languages, headline, subject};
use stagewatch::changes::notice_facts::facts;
use stagewatch::changes::notice_sentence::sentence;
use stagewatch::deliver::Outcome;
use stagewatch::deliver::terminal;
use stagewatch::standards::language::Language;

use super::samples::{difference, iso, notice, plan, recorded, to_consultation, to_fdis};

fn rows(change: &RecordedChange, language: Language) -> String {
    let rows: Vec<String> =
        facts(change, language).into_iter().map(|fact| format!("{} | {}", fact.label, fact.value)).collect();
    rows.join("\n")
}

/// Every kind once, each with what it is about.
fn every_kind() -> Vec<RecordedChange> {
    Kind::ALL.into_iter().map(of_kind).collect()
}

fn of_kind(kind: Kind) -> RecordedChange {
    let mut before = iso(1, "ISO/IEC DIS 99001", "40.60");
    let mut after = iso(1, "ISO/IEC DIS 99001", "40.60");
    let mut movement = None;
    let mut differences = Vec::new();
    match kind {
        Kind::Appeared | Kind::ListedAgain | Kind::NoLongerListed | Kind::TextChanged => {}
        Kind::StageMoved => {
            movement = Some(Move::ReferredBack);
            after = iso(1, "ISO/IEC CD 99001", "30.92");
        }
        Kind::Published => {
            movement = Some(Move::Published);
            after = iso(1, "ISO/IEC 99001:2023", "60.60");
            after.published = Some(date(2023, 6, 1));
        }
        Kind::EnteringIntoForce => {
            after = plan("20991234-T-469", "60", "即将实施");
            after.effective = Some(date(2023, 10, 1));
        }
        Kind::InForce => {
            before = plan("20991234-T-469", "50", "正在批准");
            after = plan("20991234-T-469", "60", "现行");
            after.effective = Some(date(2023, 10, 1));
        }
        Kind::Withdrawn => {
            before = iso(1, "ISO/IEC 99001:2013", "90.92");
            after = iso(1, "ISO/IEC 99001:2013", "95.99");
            after.withdrawn = Some(date(2023, 6, 1));
            after.replaced_by = vec!["ISO/IEC 99001:2023".to_owned()];
        }
        Kind::Retitled => {
            after.titles.insert(Language::English, "Another title".to_owned());
        }
        Kind::Reassigned => after.committee = Some("ISO/IEC JTC 1/SC 42".to_owned()),
        Kind::Redated => {
            differences = vec![difference("consultation.closes", Some("2023-10-01"), Some("2023-10-15"))];
        }
        Kind::ConsultationOpened | Kind::ConsultationClosing | Kind::ConsultationClosed => {
            after.consultation.opens = Some(date(2023, 8, 16));
            after.consultation.closes = Some(date(2023, 10, 15));
        }
        Kind::Announced => after.published = Some(date(2023, 5, 29)),
    }
    let mut change = recorded(kind, movement, Some(before), after);
    change.change.differences = differences;
    change
}

#[test]
fn a_subject_says_what_moved_where() {
    let of = |languages, changes| subject(&notice(languages, changes));
    let third = {
        let mut third = to_fdis();
        third.change.after.id = stagewatch::standards::project::ProjectId::Iso(3);
        third.change.after.reference = "ISO/IEC 27033-7".to_owned();
        third
    };
    insta::assert_snapshot!(of(Languages::English, vec![to_fdis()]), @"[stagewatch] ISO/IEC 27071: DIS → FDIS (50.00)");
    insta::assert_snapshot!(of(Languages::Both, vec![to_consultation()]), @"[stagewatch] 20991234-T-469: drafting → public comment (30) · 起草 → 征求意见 (30)");
    insta::assert_snapshot!(of(Languages::Chinese, vec![to_consultation()]), @"[stagewatch] 20991234-T-469：起草 → 征求意见 (30)");
    insta::assert_snapshot!(of(Languages::English, vec![to_fdis(), to_consultation()]), @"[stagewatch] 2 changes: ISO/IEC 27071, 20991234-T-469");
    insta::assert_snapshot!(of(Languages::English, vec![to_fdis(), to_consultation(), third.clone()]), @"[stagewatch] 3 changes: ISO/IEC 27071, 20991234-T-469 …");
    insta::assert_snapshot!(of(Languages::Chinese, vec![to_fdis(), to_fdis(), third]), @"[stagewatch] 3 项变动：ISO/IEC 27071、ISO/IEC 27033-7");
}

#[test]
fn a_subject_is_short_and_holds_no_control_characters_whatever_a_page_says() {
    let mut change = to_fdis();
    change.change.after.reference = "A\r\nBcc: x\u{7}\u{9d}\u{202e}".repeat(50);
    let subject = subject(&notice(Languages::English, vec![change]));
    assert!(
        subject.chars().count() <= 120 && !subject.contains(char::is_control) && !subject.contains('\u{202e}'),
        "{subject}"
    );
}

#[test]
fn every_kind_has_a_headline_and_a_sentence_in_english() {
    insta::assert_snapshot!(told(Language::English), @r#"
    ISO/IEC 99001: new project, DIS (40.60)
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, is listed for the first time, at stage DIS (40.60, Close of voting), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: referred back: DIS → CD (30.92)
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, was referred back from DIS (40.60, Close of voting) to CD (30.92, CD referred back to Working Group), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001:2023: published (60.60)
      According to ISO, ISO/IEC 99001:2023, “Cybersecurity — Invented connections between <devices> & services”, was published, dated 1 June 2023, moving from DIS (40.60, Close of voting) to published (60.60, International Standard published), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    20991234-T-469: in force from 2023-10-01
      According to SAC, 20991234-T-469, “网络安全技术 示例产品安全评价方法”, enters into force on 1 October 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    20991234-T-469: in force (2023-10-01)
      According to SAC, 20991234-T-469, “网络安全技术 示例产品安全评价方法”, is in force as of 1 October 2023, moving from approval (50, “正在批准”) to published (60, “现行”), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001:2013: withdrawn (2023-06-01)
      According to ISO, ISO/IEC 99001:2013, “Cybersecurity — Invented connections between <devices> & services”, was withdrawn on 1 June 2023 and replaced by ISO/IEC 99001:2023, moving from to be revised (90.92, International Standard to be revised) to withdrawn (95.99, Withdrawal of International Standard), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: new title
      According to ISO, ISO/IEC 99001 has a new title: “Cybersecurity — Invented connections between <devices> & services” became “Another title”, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: new committee: ISO/IEC JTC 1/SC 42
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, moved from committee “ISO/IEC JTC 1/SC 27” to “ISO/IEC JTC 1/SC 42”, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: public comment closes: 2023-10-01 → 2023-10-15
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, has new dates (public comment closes 2023-10-01 → 2023-10-15), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: open for comment until 2023-10-15
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, is open for comment from 16 August 2023 until 15 October 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: public comment closes 2023-10-15
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, is still open; its public comment closes on 15 October 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: closed for comment
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, was closed for comment on 15 October 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: no longer listed
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, is no longer listed, and was last shown at DIS (40.60, Close of voting); its absence alone does not say why, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: listed again, DIS (40.60)
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, is listed again, at stage DIS (40.60, Close of voting), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: page reworded
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, reads differently than before, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    ISO/IEC 99001: notice: Cybersecurity — Invented connections between <devices> & services
      According to ISO, ISO/IEC 99001, “Cybersecurity — Invented connections between <devices> & services”, was announced on 29 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.
    "#);
}

#[test]
fn every_kind_has_a_headline_and_a_sentence_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese), @r#"
    ISO/IEC 99001：新项目，DIS (40.60)
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》首次列出，阶段：DIS（40.60，投票结束，“Close of voting”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：退回：DIS → CD (30.92)
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》由DIS（40.60，投票结束，“Close of voting”）退回至CD（30.92，委员会草案(CD)退回工作组，“CD referred back to Working Group”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001:2023：已出版 (60.60)
      据国际标准化组织（ISO），ISO/IEC 99001:2023《Cybersecurity — Invented connections between <devices> & services》已发布，发布日期：2023年6月1日，由DIS（40.60，投票结束，“Close of voting”）进入已出版（60.60，国际标准已出版，“International Standard published”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    20991234-T-469：即将实施，实施日期 2023-10-01
      据国家标准化管理委员会（SAC），20991234-T-469《网络安全技术 示例产品安全评价方法》即将实施，实施日期：2023年10月1日（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    20991234-T-469：已实施 (2023-10-01)
      据国家标准化管理委员会（SAC），20991234-T-469《网络安全技术 示例产品安全评价方法》已实施，实施日期：2023年10月1日，由批准（50，“正在批准”）进入已发布（60，出版，“现行”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001:2013：已废止 (2023-06-01)
      据国际标准化组织（ISO），ISO/IEC 99001:2013《Cybersecurity — Invented connections between <devices> & services》已废止，废止日期：2023年6月1日，由ISO/IEC 99001:2023代替，由待修订（90.92，国际标准待修订，“International Standard to be revised”）进入已废止（95.99，国际标准废止，“Withdrawal of International Standard”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：名称变更
      据国际标准化组织（ISO），ISO/IEC 99001名称由《Cybersecurity — Invented connections between <devices> & services》变更为《Another title》（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：归口变更：ISO/IEC JTC 1/SC 42
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》归口由“ISO/IEC JTC 1/SC 27”变更为“ISO/IEC JTC 1/SC 42”（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：征求意见截止：2023-10-01 → 2023-10-15
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》日期变更（征求意见截止：2023-10-01 → 2023-10-15）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：公开征求意见，截止 2023-10-15
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》公开征求意见，开始日期：2023年8月16日，截止日期：2023年10月15日（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：征求意见截止 2023-10-15
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》尚可参与，征求意见截止日期：2023年10月15日（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：征求意见已截止
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》征求意见已截止，截止日期：2023年10月15日（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：不再列出
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》不再列出，最后显示的阶段为DIS（40.60，投票结束，“Close of voting”），仅凭不再列出不能说明原因（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：重新列出，DIS (40.60)
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》重新列出，阶段：DIS（40.60，投票结束，“Close of voting”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：页面文字变更
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》页面文字有变更（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    ISO/IEC 99001：公告：Cybersecurity — Invented connections between <devices> & services
      据国际标准化组织（ISO），ISO/IEC 99001《Cybersecurity — Invented connections between <devices> & services》已公告，日期：2023年5月29日（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    "#);
}

fn told(language: Language) -> String {
    let told: Vec<String> = every_kind()
        .iter()
        .map(|change| format!("{}\n  {}", headline(change, language), sentence(change, language)))
        .collect();
    told.join("\n")
}

#[test]
fn every_move_has_its_words() {
    let told: Vec<String> = Move::ALL
        .into_iter()
        .map(|movement| {
            let mut change = to_fdis();
            change.change.movement = Some(movement);
            let [english, chinese] = [Language::English, Language::Chinese].map(|language| headline(&change, language));
            format!("{english}\n{chinese}")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    ISO/IEC 27071: DIS → FDIS (50.00)
    ISO/IEC 27071：DIS → FDIS (50.00)
    ISO/IEC 27071: DIS → FDIS (50.00)
    ISO/IEC 27071：DIS → FDIS (50.00)
    ISO/IEC 27071: repeated: DIS → FDIS (50.00)
    ISO/IEC 27071：重复：DIS → FDIS (50.00)
    ISO/IEC 27071: referred back: DIS → FDIS (50.00)
    ISO/IEC 27071：退回：DIS → FDIS (50.00)
    ISO/IEC 27071: abandoned: DIS → FDIS (50.00)
    ISO/IEC 27071：终止：DIS → FDIS (50.00)
    ISO/IEC 27071: DIS → FDIS (50.00)
    ISO/IEC 27071：DIS → FDIS (50.00)
    ISO/IEC 27071: under review: DIS → FDIS (50.00)
    ISO/IEC 27071：复审：DIS → FDIS (50.00)
    ISO/IEC 27071: confirmed: DIS → FDIS (50.00)
    ISO/IEC 27071：确认有效：DIS → FDIS (50.00)
    ISO/IEC 27071: to be revised: DIS → FDIS (50.00)
    ISO/IEC 27071：拟修订：DIS → FDIS (50.00)
    ISO/IEC 27071: withdrawn: DIS → FDIS (50.00)
    ISO/IEC 27071：废止：DIS → FDIS (50.00)
    "#);
}

#[test]
fn the_facts_of_a_stage_move_in_english() {
    insta::assert_snapshot!(rows(&to_fdis(), Language::English), @r#"
    Reference before | ISO/IEC DIS 27071
    Reference now | ISO/IEC FDIS 27071
    Title (English) | Cybersecurity — Invented connections between <devices> & services
    Stage before | DIS (40.60, Close of voting)
    Stage now | FDIS (50.00, Final text received or FDIS registered for formal approval)
    Roughly, in stages of GB/T 16733 | 50 approval
    In this stage since | 11 May 2023
    Ordinarily comes next | 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks
    Committee | ISO/IEC JTC 1/SC 27
    Changed: Edition | – → “1”
    At the body | https://www.iso.org/standard/80972.html
    Evidence | `stagewatch diff chg_01H0000000000000000000000A`
    Source | iso-open-data: https://data.example.org/deliverables.jsonl
    Also seen at | iso-27071
    Snapshot before | SHA-256 1f1f1f1f1f1f1f1f…, polled 2023-05-11 04:15 UTC
    Snapshot after | SHA-256 2e2e2e2e2e2e2e2e…, polled 2023-05-12 04:15 UTC
    Seen at | 2023-05-12 04:15 UTC
    Project | ISO/IEC 27071 (iso:80972)
    Change | chg_01H0000000000000000000000A
    Watches | china-in-sc27
    "#);
}

#[test]
fn the_facts_of_a_stage_move_in_chinese_keep_the_words_of_the_body() {
    insta::assert_snapshot!(rows(&to_fdis(), Language::Chinese), @r#"
    原编号 | ISO/IEC DIS 27071
    现编号 | ISO/IEC FDIS 27071
    英文名称 | Cybersecurity — Invented connections between <devices> & services
    原阶段 | DIS（40.60，投票结束，“Close of voting”）
    现阶段 | FDIS（50.00，收到最终文本，或最终国际标准草案(FDIS)登记待正式批准，“Final text received or FDIS registered for formal approval”）
    大致相当于 GB/T 16733 阶段 | 50 批准
    进入现阶段日期 | 2023年5月11日
    通常的下一步 | 50.20 校样送交秘书处，或FDIS投票启动(8周)
    归口单位 | ISO/IEC JTC 1/SC 27
    变更：版次 | – → “1”
    官方页面 | https://www.iso.org/standard/80972.html
    证据 | `stagewatch diff chg_01H0000000000000000000000A`
    来源 | iso-open-data: https://data.example.org/deliverables.jsonl
    另见来源 | iso-27071
    变更前快照 | SHA-256 1f1f1f1f1f1f1f1f…，采集于 2023-05-11 04:15 UTC
    变更后快照 | SHA-256 2e2e2e2e2e2e2e2e…，采集于 2023-05-12 04:15 UTC
    发现时间 | 2023-05-12 04:15 UTC
    项目 | ISO/IEC 27071 (iso:80972)
    变动编号 | chg_01H0000000000000000000000A
    关注列表 | china-in-sc27
    "#);
}

#[test]
fn the_facts_of_a_chinese_plan_in_english_keep_the_words_of_the_body() {
    insta::assert_snapshot!(rows(&to_consultation(), Language::English), @r#"
    Reference | 20991234-T-469
    Title (Chinese) | 网络安全技术 示例产品安全评价方法
    Stage before | drafting (20, “正在起草”)
    Stage now | public comment (30, public consultation, “正在征求意见”)
    About, in ISO stage codes | 40.20 DIS ballot initiated: 12 weeks
    Public comment closes | 15 October 2099
    Ordinarily comes next | 40 review / vote
    Committee | 全国网络安全标准化技术委员会
    Evidence | `stagewatch diff chg_01H0000000000000000000000A`
    Source | iso-open-data: https://data.example.org/deliverables.jsonl
    Also seen at | iso-27071
    Snapshot before | SHA-256 1f1f1f1f1f1f1f1f…, polled 2023-05-11 04:15 UTC
    Snapshot after | SHA-256 2e2e2e2e2e2e2e2e…, polled 2023-05-12 04:15 UTC
    Seen at | 2023-05-12 04:15 UTC
    Project | 20991234-T-469 (sac:20991234-T-469)
    Change | chg_01H0000000000000000000000A
    Watches | china-in-sc27
    "#);
}

#[test]
fn a_stage_that_no_vocabulary_has_is_quoted_and_not_guessed() {
    let mut change = to_consultation();
    let stage = change.change.after.stage.as_mut().unwrap();
    (stage.printed, stage.code) = ("全新阶段".to_owned(), None);
    assert!(headline(&change, Language::English).ends_with(" → 全新阶段"), "{}", headline(&change, Language::English));
    assert!(sentence(&change, Language::English).contains("to “全新阶段”"), "{}", sentence(&change, Language::English));
    assert!(!rows(&change, Language::English).contains("Ordinarily"), "nothing is known of what follows");
}

#[test]
fn only_web_addresses_become_links() {
    let mut change = to_fdis();
    change.change.after.url = Some("javascript:alert(1)".to_owned());
    change.evidence.url = "file:///etc/passwd".to_owned();
    assert!(facts(&change, Language::English).iter().all(|fact| fact.link.is_none()));
    let links: Vec<String> = facts(&to_fdis(), Language::English).into_iter().filter_map(|fact| fact.link).collect();
    assert_eq!(links, ["https://www.iso.org/standard/80972.html", "https://data.example.org/deliverables.jsonl"]);
}

#[test]
fn a_terminal_gets_the_whole_notice_and_nothing_that_moves_its_cursor() {
    let mut change = to_fdis();
    change.evidence.diff = "+\u{1b}[2J\u{9b}31m\n".to_owned();
    let payload = terminal::compose(&notice(Languages::Both, vec![change]));
    let mut out = Vec::new();
    assert_eq!(terminal::print(payload.as_bytes(), &mut out), Outcome::Delivered { answer: "printed".to_owned() });
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, payload);
    assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text}");
    insta::assert_snapshot!(text.split("――――――――").next().unwrap(), @r#"
    [stagewatch] ISO/IEC 27071: DIS → FDIS (50.00)
    ──────────────────────────────────────────────
    According to ISO, ISO/IEC 27071, “Cybersecurity — Invented connections between <devices> & services”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.

    » No action needed. Nothing is asked of anybody outside the committee at this moment. The next chance to be heard is the final ballot (50.20, ordinarily 8 weeks).

    WHERE IT STANDS
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ◉ FDIS ─ ○ published
    In this stage since: 11 May 2023
    Ordinarily comes next: 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks
    At the body: https://www.iso.org/standard/80972.html
    Evidence: `stagewatch diff chg_01H0000000000000000000000A`

    FOR THE FILE
    Reference before: ISO/IEC DIS 27071
    Reference now: ISO/IEC FDIS 27071
    Title (English): Cybersecurity — Invented connections between <devices> & services
    Stage before: DIS (40.60, Close of voting)
    Stage now: FDIS (50.00, Final text received or FDIS registered for formal approval)
    Roughly, in stages of GB/T 16733: 50 approval
    Committee: ISO/IEC JTC 1/SC 27
    Changed: Edition: – → “1”
    What the page said before (-) and says now (+):
      +[2J 31m
    Source: iso-open-data: https://data.example.org/deliverables.jsonl
    Also seen at: iso-27071
    Snapshot before: SHA-256 1f1f1f1f1f1f1f1f…, polled 2023-05-11 04:15 UTC
    Snapshot after: SHA-256 2e2e2e2e2e2e2e2e…, polled 2023-05-12 04:15 UTC
    Seen at: 2023-05-12 04:15 UTC
    Project: ISO/IEC 27071 (iso:80972)
    Change: chg_01H0000000000000000000000A
    Watches: china-in-sc27

    Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.
    "#);
}

#[test]
fn a_reader_of_both_languages_gets_the_same_in_chinese_below() {
    let payload = terminal::compose(&notice(Languages::Both, vec![to_fdis()]));
    insta::assert_snapshot!(payload.split("――――――――").nth(1).unwrap(), @r#"
    据国际标准化组织（ISO），ISO/IEC 27071《Cybersecurity — Invented connections between <devices> & services》由DIS（40.60，投票结束，“Close of voting”）推进至FDIS（50.00，收到最终文本，或最终国际标准草案(FDIS)登记待正式批准，“Final text received or FDIS registered for formal approval”），自2023年5月11日起（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。

    » 无需办理。目前无需委员会以外的人员采取行动。下一次可参与的环节：最终草案投票（50.20，通常8周）。

    【所处阶段】
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ◉ FDIS ─ ○ 已出版
    进入现阶段日期：2023年5月11日
    通常的下一步：50.20 校样送交秘书处，或FDIS投票启动(8周)
    官方页面：https://www.iso.org/standard/80972.html
    证据：`stagewatch diff chg_01H0000000000000000000000A`

    【备查】
    原编号：ISO/IEC DIS 27071
    现编号：ISO/IEC FDIS 27071
    英文名称：Cybersecurity — Invented connections between <devices> & services
    原阶段：DIS（40.60，投票结束，“Close of voting”）
    现阶段：FDIS（50.00，收到最终文本，或最终国际标准草案(FDIS)登记待正式批准，“Final text received or FDIS registered for formal approval”）
    大致相当于 GB/T 16733 阶段：50 批准
    归口单位：ISO/IEC JTC 1/SC 27
    变更：版次：– → “1”
    页面原文，变更前（-）与变更后（+）：
      @@ -1 +1 @@
      -"currentStage": 4060
      +"currentStage": 5000
    来源：iso-open-data: https://data.example.org/deliverables.jsonl
    另见来源：iso-27071
    变更前快照：SHA-256 1f1f1f1f1f1f1f1f…，采集于 2023-05-11 04:15 UTC
    变更后快照：SHA-256 2e2e2e2e2e2e2e2e…，采集于 2023-05-12 04:15 UTC
    发现时间：2023-05-12 04:15 UTC
    项目：ISO/IEC 27071 (iso:80972)
    变动编号：chg_01H0000000000000000000000A
    关注列表：china-in-sc27

    订阅者：“regulatory-team”。所涉关注列表：“china-in-sc27”。
    "#);
}

#[test]
fn a_closed_pipe_is_tried_again() {
    let mut full: &mut [u8] = &mut [0; 2];
    assert!(matches!(terminal::print(b"text", &mut full), Outcome::TryAgain { .. }));
}
