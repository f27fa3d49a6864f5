//! What is known of a change, as rows of label and value: for the file of a lawyer, for a mail, for a page.
//!
//! Not the sentence above the rows, and not their layout.

use jiff::civil::Date;

use super::change::{Difference, RecordedChange, SnapshotRef};
use super::notice_stage::standpoints;
use super::notice_words::{capped, clean, day_in_words, link_of, moment_in_words, pick, quoted, reference_of};
use super::relations::Relation;
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};
use crate::standards::stage::Scheme;

/// Longest value of a row in characters; a title of three lines still fits.
const LONGEST_VALUE: usize = 600;
/// How much of a hash is shown: enough to find the snapshot, the whole stands in the record.
const HASH_SHOWN: usize = 16;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is, in the reader's language.
    pub label: String,
    /// What it says, on one line.
    pub value: String,
    /// Where it leads: `http` or `https`, nothing else.
    pub link: Option<String>,
}

/// The rows of one change, in the order in which a reader asks: which standard, where it stands, what comes next, until when, who,
/// what else differs, where to look, and the proof.
pub fn facts(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet { language, rows: Vec::new() };
    names(&mut sheet, recorded);
    whereabouts(&mut sheet, recorded);
    days(&mut sheet, &recorded.change.after);
    responsible(&mut sheet, &recorded.change.after);
    kin(&mut sheet, &recorded.change.after);
    belonging(&mut sheet, recorded);
    other_differences(&mut sheet, recorded);
    proof(&mut sheet, recorded);
    sheet.rows
}

/// Rows being written in one language.
struct Sheet {
    language: Language,
    rows: Vec<Fact>,
}

impl Sheet {
    fn say(&mut self, english: &str, chinese: &str, value: impl Into<String>) {
        let label = pick(self.language, english, chinese).to_owned();
        self.row(label, &value.into(), None);
    }

    fn say_if(&mut self, english: &str, chinese: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.say(english, chinese, value);
        }
    }

    fn say_day(&mut self, english: &str, chinese: &str, day: Option<Date>) {
        if let Some(day) = day {
            self.say(english, chinese, day_in_words(day, self.language));
        }
    }

    fn lead(&mut self, english: &str, chinese: &str, value: &str, address: &str) {
        let label = pick(self.language, english, chinese).to_owned();
        self.row(label, value, link_of(address));
    }

    fn row(&mut self, label: String, value: &str, link: Option<String>) {
        let value = capped(&clean(value), LONGEST_VALUE);
        if !value.is_empty() {
            self.rows.push(Fact { label, value, link });
        }
    }
}

fn names(sheet: &mut Sheet, recorded: &RecordedChange) {
    let after = &recorded.change.after;
    let before = recorded.change.before.as_ref().map(|project| clean(&project.reference));
    let now = clean(&after.reference);
    match before.filter(|before| *before != now) {
        Some(before) => {
            sheet.say("Reference before", "原编号", before);
            sheet.say("Reference now", "现编号", now);
        }
        None => sheet.say("Reference", "编号", now),
    }
    for (language, title) in &after.titles {
        let label = label_of(&format!("titles.{}", language.code()), sheet.language);
        sheet.row(label, title, None);
    }
}

fn whereabouts(sheet: &mut Sheet, recorded: &RecordedChange) {
    let language = sheet.language;
    let (before, after) = standpoints(&recorded.change);
    if let Some(before) = before.filter(|before| after.is_none_or(|after| !before.is_stage_of(&after))) {
        sheet.say("Stage before", "原阶段", before.in_words(language));
    }
    if let Some(after) = after {
        sheet.say("Stage now", "现阶段", after.in_words(language));
    }
    sheet.say_day("In this stage since", "进入现阶段日期", recorded.change.after.since);
    let Some(code) = recorded.change.after.stage_code() else { return };
    if let Some(gloss) = code.gloss() {
        let value = format!("{gloss} {}", gloss.name(pick_language(language)));
        match gloss.scheme() {
            Scheme::Iso => sheet.say("About, in ISO stage codes", "大致相当于 ISO 阶段代码", value),
            Scheme::Gb => sheet.say("About, in stages of GB/T 16733", "大致相当于 GB/T 16733 阶段", value),
        }
    }
    let next: Vec<String> =
        code.next().iter().map(|next| format!("{next} {}", next.name(pick_language(language)))).collect();
    let or = pick(language, "; or ", "；或 ");
    sheet.say("Ordinarily comes next", "通常的下一步", next.join(or));
}

/// Alerts are in English or Chinese.
fn pick_language(language: Language) -> Language {
    match language {
        Language::Chinese => Language::Chinese,
        Language::English | Language::French | Language::Russian => Language::English,
    }
}

fn days(sheet: &mut Sheet, project: &Project) {
    sheet.say_day("Consultation opens", "征求意见开始", project.consultation.opens);
    sheet.say_day("Consultation closes", "征求意见截止", project.consultation.closes);
    for file in &project.consultation.attachments {
        sheet.lead("Document", "文件", &file.name, &file.url);
    }
    sheet.say_day("Plan issued", "计划下达日期", project.issued);
    sheet.say_day("Date of publication", "发布日期", project.published);
    sheet.say_day("Entry into force", "实施日期", project.effective);
    sheet.say_day("Date of withdrawal", "废止日期", project.withdrawn);
}

fn responsible(sheet: &mut Sheet, project: &Project) {
    sheet.say_if("Committee", "归口单位", project.committee.as_deref());
    sheet.say_if("Department", "主管部门", project.department.as_deref());
}

fn kin(sheet: &mut Sheet, project: &Project) {
    let comma = pick(sheet.language, ", ", "、");
    sheet.say("Replaces", "代替", project.replaces.join(comma));
    sheet.say("Replaced by", "被代替", project.replaced_by.join(comma));
    let adopted: Vec<String> = project
        .adopts
        .iter()
        .map(|adoption| {
            let degree = adoption.relation.map(|degree| format!(" ({})", degree.as_str())).unwrap_or_default();
            format!("{}{degree}", adoption.of.as_deref().unwrap_or_default())
        })
        .collect();
    sheet.say("Adopts", "采用", adopted.join(comma));
    sheet.say_if("Plan number", "计划号", project.plan.as_deref());
    sheet.say_if("Standard number", "标准号", project.standard.as_deref());
}

/// What belongs to the project by its number, or is thought to.
fn belonging(sheet: &mut Sheet, recorded: &RecordedChange) {
    let language = sheet.language;
    let own = &recorded.change.after;
    for other in &recorded.related {
        let number = match &other.id {
            ProjectId::Sac(number) | ProjectId::Gb(number) => number.clone(),
            ProjectId::Iso(_) | ProjectId::Tc260(_) | ProjectId::Page(_) => clean(&other.reference),
        };
        // The page itself says so already.
        if [&own.plan, &own.standard].into_iter().flatten().any(|told| *told == number) {
            continue;
        }
        let (english, chinese) = match other.relation {
            Relation::Plan => ("Belongs to plan", "所属计划"),
            Relation::Standard => ("Became standard", "对应标准"),
            Relation::Consultation => ("Consultation", "征求意见"),
            Relation::Amends => ("Amends", "修改对象"),
            Relation::AmendedBy => ("Amended by", "修改单"),
            Relation::Edition => ("Another edition", "其他版本"),
            Relation::Part => ("Another part", "其他部分"),
        };
        let inferred = pick(language, " (inferred from title and dates)", "（根据名称和日期推断）");
        sheet.say(english, chinese, format!("{number}{}", if other.inferred { inferred } else { "" }));
    }
}

/// Fields whose difference other rows tell already.
const TOLD_ABOVE: [&str; 3] = ["reference", "stage", "since"];

fn other_differences(sheet: &mut Sheet, recorded: &RecordedChange) {
    for difference in &recorded.change.differences {
        let field = difference.field.as_str();
        if TOLD_ABOVE
            .iter()
            .any(|told| field == *told || field.strip_prefix(told).is_some_and(|rest| rest.starts_with('.')))
        {
            continue;
        }
        if field == "text" {
            lines_that_differ(sheet, difference);
            continue;
        }
        let what = label_of(field, sheet.language);
        let label = format!("{}{what}", pick(sheet.language, "Changed: ", "变更："));
        let value = difference_in_words(difference);
        sheet.row(label, &value, None);
    }
}

/// Of a page that is watched for its words: what went and what came, line after line.
fn lines_that_differ(sheet: &mut Sheet, difference: &Difference) {
    let in_one_row =
        |lines: &Option<String>| lines.as_deref().unwrap_or_default().lines().collect::<Vec<_>>().join(" ⏎ ");
    sheet.say("Lines gone", "删去的文字", in_one_row(&difference.old));
    sheet.say("Lines new", "新增的文字", in_one_row(&difference.new));
}

fn difference_in_words(difference: &Difference) -> String {
    let shown = |text: &Option<String>| {
        text.as_deref().map_or_else(|| "–".to_owned(), |text| quoted(&capped(text, LONGEST_VALUE / 3)))
    };
    format!("{} → {}", shown(&difference.old), shown(&difference.new))
}

fn proof(sheet: &mut Sheet, recorded: &RecordedChange) {
    if let Some(url) = &recorded.change.after.url {
        sheet.lead("At the body", "官方页面", url, url);
    }
    let evidence = &recorded.evidence;
    sheet.lead("Source", "来源", &format!("{}: {}", evidence.source, evidence.url), &evidence.url);
    sheet.say("Also seen at", "另见来源", recorded.also_seen_at.join(", "));
    if let Some(before) = &evidence.before {
        sheet.say("Snapshot before", "变更前快照", snapshot_in_words(before, sheet.language));
    }
    sheet.say("Snapshot after", "变更后快照", snapshot_in_words(&evidence.after, sheet.language));
    sheet.say("Seen at", "发现时间", moment_in_words(recorded.seen_at));
    sheet.say("Project", "项目", format!("{} ({})", reference_of(&recorded.change.after), recorded.change.after.id));
    sheet.say("Change", "变动编号", recorded.id.as_str());
}

fn snapshot_in_words(snapshot: &SnapshotRef, language: Language) -> String {
    let hash: String = snapshot.sha256.chars().take(HASH_SHOWN).collect();
    let of = pick(language, ", polled ", "，采集于 ");
    format!("SHA-256 {hash}…{of}{}", moment_in_words(snapshot.at))
}

/// The name of a field of records in the reader's language; the field itself where it has no other name.
pub(super) fn label_of(field: &str, language: Language) -> String {
    let (english, chinese) = match field {
        "title.en" | "titles.en" => ("Title (English)", "英文名称"),
        "title.zh" | "titles.zh" => ("Title (Chinese)", "中文名称"),
        "title.fr" | "titles.fr" => ("Title (French)", "法文名称"),
        "title.ru" | "titles.ru" => ("Title (Russian)", "俄文名称"),
        "reference" => ("Reference", "编号"),
        "stage" => ("Stage", "阶段"),
        "standing" => ("Status", "状态"),
        "since" => ("Date of the stage", "阶段日期"),
        "committee" => ("Committee", "归口单位"),
        "department" => ("Department", "主管部门"),
        "deliverable" => ("Kind of document", "文件类型"),
        "edition" => ("Edition", "版次"),
        "issued" => ("Plan issued", "计划下达日期"),
        "published" => ("Date of publication", "发布日期"),
        "effective" => ("Entry into force", "实施日期"),
        "withdrawn" => ("Date of withdrawal", "废止日期"),
        "replaces" => ("Replaces", "代替"),
        "replaced-by" => ("Replaced by", "被代替"),
        "adopts" => ("Adopts", "采用"),
        "plan" => ("Plan number", "计划号"),
        "standard" => ("Standard number", "标准号"),
        "revision" => ("New or revised", "制修订"),
        "cycle-months" => ("Months planned", "项目周期（月）"),
        "consultation.opens" => ("Consultation opens", "征求意见开始"),
        "consultation.closes" => ("Consultation closes", "征求意见截止"),
        "consultation.attachments" => ("Documents", "文件"),
        "url" => ("Page at the body", "官方页面"),
        other => return clean(other),
    };
    pick(language, english, chinese).to_owned()
}
