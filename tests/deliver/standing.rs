//! What a notice says of where a standard stands: the way drawn, how long it took, what closes when, and what can be done by whom.

use jiff::civil::date;
use stagewatch::changes::change::{Kind, Move, RecordedChange};
use stagewatch::changes::corroboration::KnownStage;
use stagewatch::changes::notice::{Languages, Notice};
use stagewatch::changes::notice_action::{action, most_pressing};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::changes::notice_position::position;
use stagewatch::changes::notice_text::text;
use stagewatch::changes::notice_track::{drawn, track};
use stagewatch::standards::deliverable::Deliverable;
use stagewatch::standards::language::Language;
use stagewatch::standards::project::{Project, Standing};

use super::gallery::{frame, opened, to_enquiry, week};
use super::samples::{iso, notice, plan, recorded, to_consultation, to_fdis};

fn at(project: Project, movement: Move) -> RecordedChange {
    let before = Project { stage: None, ..project.clone() };
    recorded(Kind::StageMoved, Some(movement), Some(before), project)
}

fn iso_at(code: &str) -> RecordedChange {
    at(iso(1, "ISO/IEC DIS 99001", code), Move::Advanced)
}

#[test]
fn the_way_is_drawn_for_every_kind_of_place_on_it() {
    let mut report = iso_at("50.00");
    report.change.after.deliverable = Some(Deliverable::TechnicalReport);
    let mut amendment = iso_at("40.20");
    amendment.change.after.deliverable = Some(Deliverable::Amendment);
    let mut given_up = at(plan("20991234-T-469", "terminated", "已终止"), Move::Abandoned);
    given_up.change.before = Some(plan("20991234-T-469", "30", "正在征求意见"));
    let codes = ["00.00", "20.00", "40.20", "60.00", "60.60", "90.20", "95.99", "30.98"];
    let changes: Vec<RecordedChange> =
        codes.into_iter().map(iso_at).chain([report, amendment, to_consultation(), given_up]).collect();
    let told: Vec<String> = changes
        .iter()
        .flat_map(|change| [Language::English, Language::Chinese].map(|language| (change, language)))
        .map(|(change, language)| drawn(&track(change, &Frame::default(), language).unwrap()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    ◉ PWI ─ ○ NP ─ ○ WD ─ ○ CD ─ ○ DIS ─ ○ FDIS ─ ○ published
    ◉ PWI ─ ○ NP ─ ○ WD ─ ○ CD ─ ○ DIS ─ ○ FDIS ─ ○ 已出版
    ● PWI ─ ● NP ─ ◉ AWI ─ ○ CD ─ ○ DIS ─ ○ FDIS ─ ○ published
    ● PWI ─ ● NP ─ ◉ AWI ─ ○ CD ─ ○ DIS ─ ○ FDIS ─ ○ 已出版
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ◉ DIS ─ ○ FDIS ─ ○ published
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ◉ DIS ─ ○ FDIS ─ ○ 已出版
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ◉ under publication
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ◉ 出版中
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ◉ published
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ◉ 已出版
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ● published ─ ◉ under review
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ● 已出版 ─ ◉ 复审中
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ● published ─ ✕ withdrawn
    ● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ● FDIS ─ ● 已出版 ─ ✕ 已废止
    ● PWI ─ ● NP ─ ● WD ─ ✕ CD ─ ○ DIS ─ ○ FDIS ─ ○ published
    ● PWI ─ ● NP ─ ● WD ─ ✕ CD ─ ○ DIS ─ ○ FDIS ─ ○ 已出版
    ● PWI ─ ● NP ─ ● WD ─ ● CD TR ─ ◉ DTR ─ ○ published
    ● PWI ─ ● NP ─ ● WD ─ ● CD TR ─ ◉ DTR ─ ○ 已出版
    ● PWI ─ ● NP ─ ● WD ─ ● CD Amd ─ ◉ DAM ─ ○ FDAM ─ ○ published
    ● PWI ─ ● NP ─ ● WD ─ ● CD Amd ─ ◉ DAM ─ ○ FDAM ─ ○ 已出版
    ● preliminary ─ ● proposal ─ ● drafting ─ ◉ public comment ─ ○ review ─ ○ approval ─ ○ published
    ● 预阶段 ─ ● 立项 ─ ● 起草 ─ ◉ 征求意见 ─ ○ 审查 ─ ○ 批准 ─ ○ 已发布
    ● preliminary ─ ● proposal ─ ● drafting ─ ✕ public comment ─ ○ review ─ ○ approval ─ ○ published
    ● 预阶段 ─ ● 立项 ─ ● 起草 ─ ✕ 征求意见 ─ ○ 审查 ─ ○ 批准 ─ ○ 已发布
    "#);
}

#[test]
fn what_has_no_stage_has_no_way() {
    assert_eq!(track(&opened(), &Frame::default(), Language::English), None);
    let unknown = at(plan("20991234-T-469", "全新", "全新阶段"), Move::Advanced);
    assert_eq!(track(&unknown, &Frame::default(), Language::English), None);
}

#[test]
fn the_way_knows_since_when_a_project_is_where() {
    let told: Vec<String> = track(&to_fdis(), &frame(), Language::English)
        .unwrap()
        .iter()
        .map(|step| {
            format!("{} {:?} {}", step.label, step.mark, step.since.map_or("-".to_owned(), |day| day.to_string()))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    PWI Passed -
    NP Passed -
    WD Passed 2020-09-01
    CD Passed 2021-06-17
    DIS Passed 2022-11-08
    FDIS Here 2023-05-11
    published Ahead -
    "#);
}

fn rows(change: &RecordedChange, frame: &Frame) -> String {
    let rows: Vec<String> = [Language::English, Language::Chinese]
        .into_iter()
        .flat_map(|language| position(change, frame, language))
        .map(|fact| format!("{} | {}", fact.label, fact.value))
        .collect();
    rows.join("\n")
}

#[test]
fn how_long_the_stage_before_took_is_told_from_what_is_known() {
    let took = |change: &RecordedChange, frame: &Frame| {
        let all = position(change, frame, Language::English);
        all.into_iter().find(|fact| fact.label == "The stage before took").map(|fact| fact.value)
    };
    assert_eq!(
        took(&to_fdis(), &frame()).as_deref(),
        Some("6 months and 3 days (DIS, 8 November 2022 to 11 May 2023)"),
        "all of the DIS, not its last part"
    );
    assert_eq!(took(&to_fdis(), &Frame::default()), None, "nothing is known of its beginning");
    let mut printed = to_fdis();
    printed.change.before.as_mut().unwrap().since = Some(date(2023, 2, 1));
    assert_eq!(
        took(&printed, &Frame::default()).as_deref(),
        Some("3 months and 10 days (DIS (40.60), 1 February 2023 to 11 May 2023)")
    );
    let mut first_contact = frame();
    for trail in first_contact.trails.values_mut() {
        trail.retain(|known| known.stage.printed == "40.60");
        trail[0].since = None;
        trail[0].change = None;
    }
    assert_eq!(
        took(&to_fdis(), &first_contact).as_deref(),
        Some("at least 3 months and 9 days (DIS, first seen on 2 February 2023, until 11 May 2023)")
    );
    let mut at_once = to_fdis();
    at_once.change.after.since = Some(date(2023, 2, 2));
    assert_eq!(took(&at_once, &first_contact), None, "first seen on the day on which it ended");
    let mut retitled = to_fdis();
    retitled.change.movement = None;
    assert_eq!(took(&retitled, &frame()), None, "nothing moved");
}

#[test]
fn where_it_stands_says_until_when_and_whether_that_is_certain() {
    insta::assert_snapshot!(rows(&to_enquiry(), &frame()), @r#"
    In this stage since | 28 April 2023
    Enquiry ballot closes | 21 July 2023 (expected: 12 weeks from 28 April 2023)
    Ordinarily comes next | 40.60 Close of voting
    进入现阶段日期 | 2023年4月28日
    征询意见草案投票截止 | 2023年7月21日（预计：自2023年4月28日起12周）
    通常的下一步 | 40.60 投票结束
    "#);
    let mut seen = to_enquiry();
    seen.change.after.since = None;
    assert!(
        rows(&seen, &frame()).contains("(expected: 12 weeks from 12 May 2023, when it was first seen, or earlier)")
    );
    insta::assert_snapshot!(rows(&opened(), &frame()), @r#"
    Public comment opens | 12 May 2023
    Public comment closes | 11 July 2023
    征求意见开始 | 2023年5月12日
    征求意见截止 | 2023年7月11日
    "#);
}

#[test]
fn a_first_listing_says_at_once_what_a_digest_says_of_it_later() {
    let mut after = iso(80972, "ISO/IEC DIS 27071", "40.20");
    after.since = None;
    let appeared = recorded(Kind::Appeared, None, None, after.clone());
    let at_once = rows(&appeared, &Frame::default());
    let known = KnownStage {
        stage: after.stage.clone().unwrap(),
        since: None,
        seen_at: appeared.seen_at,
        source: "iso-open-data".to_owned(),
        change: Some(appeared.id.clone()),
    };
    let later = Frame { trails: [(after.id.clone(), vec![known])].into(), ..Frame::default() };
    assert_eq!(at_once, rows(&appeared, &later));
    assert!(
        at_once.contains("Enquiry ballot closes | 4 August 2023 (expected: 12 weeks from 12 May 2023"),
        "{at_once}"
    );
    assert_eq!(
        action(&appeared, &Frame::default()).label(Language::English),
        "To do: vote until 4 August 2023 (expected)"
    );
}

#[test]
fn a_plan_says_when_it_is_to_be_finished() {
    let mut change = to_consultation();
    change.change.after.issued = Some(date(2023, 3, 21));
    change.change.after.cycle_months = Some(18);
    let told = rows(&change, &Frame::default());
    assert!(told.contains("Planned to be finished by | 21 September 2024 (18 months after it was issued)"), "{told}");
    change.change.after.cycle_months = Some(u32::MAX);
    assert!(!rows(&change, &Frame::default()).contains("Planned"), "no calendar has that day");
}

/// Label, field and words of what can be done, in both languages.
fn told(change: &RecordedChange, frame: &Frame) -> String {
    let action = action(change, frame);
    let words = [Language::English, Language::Chinese]
        .map(|language| format!("  {}\n    {}", action.label(language), action.in_words(language)));
    format!("{}\n{}", action.field(), words.join("\n"))
}

fn all_told(changes: &[RecordedChange]) -> String {
    changes.iter().map(|change| told(change, &Frame::default())).collect::<Vec<_>>().join("\n")
}

#[test]
fn in_china_anybody_may_comment_and_everybody_has_to_be_ready() {
    let mut mandatory = at(plan("GB 99001-2023", "60", "即将实施"), Move::Published);
    mandatory.change.after.standing = Some(Standing::Published);
    mandatory.change.after.effective = Some(date(2023, 12, 1));
    let mut recommended = mandatory.clone();
    "GB/T 99001-2023".clone_into(&mut recommended.change.after.reference);
    let mut unprinted = to_consultation();
    unprinted.change.after.consultation.closes = None;
    let drafting = at(plan("20991234-T-469", "20", "正在起草"), Move::Advanced);
    insta::assert_snapshot!(all_told(&[opened(), unprinted, mandatory, recommended, drafting]), @r#"
    comment; until=2023-07-11
      To do: comment until 11 July 2023
        Until 11 July 2023, anybody may comment on the draft.
      需办：2023年7月11日前（含）提出意见
        任何人均可对征求意见稿提出意见，截止日期：2023年7月11日。
    comment; until=2023-07-11; expected
      To do: comment until 11 July 2023 (expected)
        Until 11 July 2023 (expected: 60 days from 12 May 2023, when it was first seen, or earlier), anybody may comment on the draft.
      需办：2023年7月11日前（含）提出意见（预计）
        任何人均可对征求意见稿提出意见，预计截止日期：2023年7月11日（自2023年5月12日首次发现起60天，实际可能更早）。
    prepare; until=2023-12-01
      To do: be ready by 1 December 2023
        It is a mandatory national standard: it must be met from 1 December 2023 on.
      需办：为2023年12月1日起实施做好准备
        强制性国家标准，自2023年12月1日起必须执行。
    prepare; until=2023-12-01
      To do: be ready by 1 December 2023
        It applies from 1 December 2023 on. It is not mandatory by itself, but binds where a law, a contract or another standard refers to it.
      需办：为2023年12月1日起实施做好准备
        自2023年12月1日起实施。推荐性标准，被法律法规、合同或其他标准引用时具有约束力。
    none
      No action needed
        Nothing is asked of anybody outside the committee at this moment. The next chance to be heard is the public comment (30, ordinarily 60 days).
      无需办理
        目前无需委员会以外的人员采取行动。下一次可参与的环节：公开征求意见（30，通常60天）。
    "#);
}

#[test]
fn at_iso_national_bodies_vote_and_comment() {
    let told: Vec<RecordedChange> = ["10.20", "20.20", "30.20", "40.20", "50.20", "90.20", "95.20"]
        .into_iter()
        .map(|code| {
            let mut change = iso_at(code);
            change.change.after.since = Some(date(2023, 5, 11));
            change
        })
        .collect();
    insta::assert_snapshot!(all_told(&told), @r#"
    vote; until=2023-08-03; expected
      To do: vote until 3 August 2023 (expected)
        Until 3 August 2023 (expected: 12 weeks from 11 May 2023), national bodies vote on whether to take up the project. This goes through your national body, which sets an earlier day of its own.
      需办：2023年8月3日前（含）投票（预计）
        国家成员体就是否立项投票，预计截止日期：2023年8月3日（自2023年5月11日起12周）。须通过所在国的国家成员体进行，其内部截止日期更早。
    none
      No action needed
        Only the experts of the working group comment on a working draft. The next chance to be heard is the consultation on the committee draft (30.20, ordinarily 8 weeks).
      无需办理
        工作草案（WD）仅由工作组专家提出意见。下一次可参与的环节：委员会草案征求意见（30.20，通常8周）。
    comment; until=2023-07-06; expected
      To do: comment until 6 July 2023 (expected)
        Until 6 July 2023 (expected: 8 weeks from 11 May 2023), national bodies comment on the committee draft. This goes through your national body, which sets an earlier day of its own.
      需办：2023年7月6日前（含）提出意见（预计）
        国家成员体对委员会草案（CD）提出意见，预计截止日期：2023年7月6日（自2023年5月11日起8周）。须通过所在国的国家成员体进行，其内部截止日期更早。
    vote; until=2023-08-03; expected
      To do: vote until 3 August 2023 (expected)
        Until 3 August 2023 (expected: 12 weeks from 11 May 2023), national bodies vote and comment on the enquiry draft. This goes through your national body, which sets an earlier day of its own.
      需办：2023年8月3日前（含）投票（预计）
        国家成员体对征询意见草案投票并提出意见，预计截止日期：2023年8月3日（自2023年5月11日起12周）。须通过所在国的国家成员体进行，其内部截止日期更早。
    vote; until=2023-07-06; expected
      To do: vote until 6 July 2023 (expected)
        Until 6 July 2023 (expected: 8 weeks from 11 May 2023), national bodies vote yes or no on the final draft; only editorial comments are still taken up. This goes through your national body, which sets an earlier day of its own.
      需办：2023年7月6日前（含）投票（预计）
        国家成员体对最终草案投赞成票或反对票，仅接受编辑性意见，预计截止日期：2023年7月6日（自2023年5月11日起8周）。须通过所在国的国家成员体进行，其内部截止日期更早。
    vote; until=2023-09-28; expected
      To do: vote until 28 September 2023 (expected)
        Until 28 September 2023 (expected: 20 weeks from 11 May 2023), national bodies vote on whether the standard is confirmed, revised or withdrawn. This goes through your national body, which sets an earlier day of its own.
      需办：2023年9月28日前（含）投票（预计）
        国家成员体就标准的确认、修订或废止投票，预计截止日期：2023年9月28日（自2023年5月11日起20周）。须通过所在国的国家成员体进行，其内部截止日期更早。
    vote
      To do: vote
        National bodies vote on whether the standard is withdrawn. This goes through your national body, which sets an earlier day of its own.
      需办：投票
        国家成员体就是否废止该标准投票。须通过所在国的国家成员体进行，其内部截止日期更早。
    "#);
}

#[test]
fn where_nothing_is_asked_the_next_chance_is_named() {
    let of_kind = |kind, code| {
        let mut change = iso_at(code);
        change.change.kind = kind;
        change
    };
    let published = of_kind(Kind::Published, "60.60");
    let withdrawn = of_kind(Kind::Withdrawn, "95.99");
    insta::assert_snapshot!(
        all_told(&[published, withdrawn, iso_at("20.00"), iso_at("40.00"), iso_at("40.98")]),
        @r#"
    read
      To read; no answer needed
        The published text is available from ISO and from national bodies.
      供阅，无需答复
        可向ISO或各国国家成员体获取正式文本。
    read
      To read; no answer needed
        Documents of yours that refer to it may have to be brought up to date.
      供阅，无需答复
        引用该标准的文件可能需要更新。
    none
      No action needed
        Nothing is asked of anybody outside the committee at this moment. The next chance to be heard is the consultation on the committee draft (30.20, ordinarily 8 weeks).
      无需办理
        目前无需委员会以外的人员采取行动。下一次可参与的环节：委员会草案征求意见（30.20，通常8周）。
    none
      No action needed
        Nothing is asked of anybody outside the committee at this moment. The next chance to be heard is the enquiry ballot (40.20, ordinarily 12 weeks).
      无需办理
        目前无需委员会以外的人员采取行动。下一次可参与的环节：征询意见草案投票（40.20，通常12周）。
    none
      No action needed
        The project was given up; there is nothing to be heard on any more.
      无需办理
        项目已终止，不再征求意见或投票。
    "#
    );
}

#[test]
fn a_window_that_is_over_asks_for_nothing() {
    let late = Frame { now: Some("2023-08-01T00:00:00Z".parse().unwrap()), ..Frame::default() };
    assert_eq!(action(&to_enquiry(), &frame()).field(), "vote; until=2023-07-21; expected");
    assert_eq!(action(&to_enquiry(), &late).field(), "none");
    assert_eq!(action(&opened(), &late).field(), "none");
    let mut gone = to_enquiry();
    gone.change.kind = Kind::NoLongerListed;
    assert_eq!(action(&gone, &frame()).field(), "none", "what is no longer listed may have been given up");
}

#[test]
fn the_most_pressing_action_speaks_for_a_notice() {
    let pressing = |changes| most_pressing(&notice(Languages::English, changes)).map(|action| action.field());
    assert_eq!(pressing(week()).as_deref(), Some("comment; until=2023-07-11"));
    assert_eq!(pressing(vec![to_fdis()]).as_deref(), Some("none"));
    assert_eq!(pressing(Vec::new()), None);
}

#[test]
fn a_week_of_changes_begins_with_what_wants_something() {
    let notice = Notice { frame: frame(), ..notice(Languages::English, week()) };
    let told = text(&notice);
    let contents: Vec<&str> = told.lines().take_while(|line| !line.starts_with('─')).collect();
    insta::assert_snapshot!(contents.join("\n"), @r#"
    7 changes to 6 standards; 3 of them need action.

    1. 网络安全技术 示例产品安全评价方法: open for comment until 2023-07-11
       » To do: comment until 11 July 2023
    2. ISO/IEC 27035-4: DIS 40.00 → 40.20 · 2 changes
       » To do: vote until 21 July 2023 (expected)
    3. GB 99001-2023: published (60)
       » To do: be ready by 1 December 2023
    4. ISO/IEC 99003:2013: withdrawn (2023-05-10)
    5. ISO/IEC 27071: DIS → FDIS (50.00)
    6. ISO/IEC 99002: abandoned: DIS → cancelled (40.98)
    "#);
    assert!(!told.contains("FOR THE FILE"), "a long notice leaves the file to the page with the evidence");
    assert!(told.contains("Evidence: https://stagewatch.example.org/changes/chg_01H0000000000000000000000B"));
    let without_pages = Notice { frame: Frame::default(), ..notice };
    assert!(text(&without_pages).contains("FOR THE FILE"), "where there is no such page, the notice has it");
}
