//! What is known of a change, as rows of label and value: for the file of a lawyer, for a mail, for a page.
//!
//! Not the sentence above the rows, and not their layout.

use jiff::civil::Date;

use super::change::{Difference, RecordedChange, SnapshotRef};
use super::notice_frame::Frame;
use super::notice_position::{position, stages};
use super::notice_words::{capped, clean, day_in_words, link_of, moment_in_words, pick, quoted, reference_of};
use super::relations::Relation;
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};

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

/// All rows of one change, in the order in which a reader asks: which standard, where it stands, what comes next, until when, who, what
/// else differs, where to look, and the proof.
pub fn facts(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut rows = matters(recorded, &Frame::default(), language);
    rows.extend(links(recorded, &Frame::default(), language));
    rows.extend(proof(recorded, language));
    rows
}

/// The rows about the standard itself, for whoever shows links and proof apart.
pub fn matters(recorded: &RecordedChange, frame: &Frame, language: Language) -> Vec<Fact> {
    let mut rows = names(recorded, language);
    rows.extend(stages(recorded, language));
    rows.extend(position(recorded, frame, language));
    rows.extend(particulars(recorded, language));
    rows
}

/// Rows being written in one language.
pub(super) struct Sheet {
    /// In what language.
    pub(super) language: Language,
    /// So far.
    pub(super) rows: Vec<Fact>,
}

impl Sheet {
    /// An empty one.
    pub(super) fn new(language: Language) -> Sheet {
        Sheet { language, rows: Vec::new() }
    }

    /// A row with a label in the sheet's language; none where there is no value.
    pub(super) fn say(&mut self, english: &str, chinese: &str, value: impl Into<String>) {
        let label = pick(self.language, english, chinese).to_owned();
        self.row(label, &value.into(), None);
    }

    /// The same for what may not be there.
    pub(super) fn say_if(&mut self, english: &str, chinese: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.say(english, chinese, value);
        }
    }

    /// The same for a day.
    pub(super) fn say_day(&mut self, english: &str, chinese: &str, day: Option<Date>) {
        if let Some(day) = day {
            self.say(english, chinese, day_in_words(day, self.language));
        }
    }

    /// A row that leads somewhere.
    pub(super) fn lead(&mut self, english: &str, chinese: &str, value: &str, address: &str) {
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

/// What the standard is called, before and now.
pub fn names(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    let after = &recorded.change.after;
    let before = recorded.change.before.as_ref().map(|project| clean(&project.reference));
    let now = clean(&after.reference);
    match before.filter(|before| *before != now) {
        Some(before) => {
            sheet.say("Reference before", "原编号", before);
            sheet.say("Reference now", "现编号", now);
        }
        None if is_title(after) => {}
        None => sheet.say("Reference", "编号", now),
    }
    for (of, title) in &after.titles {
        let label = label_of(&format!("titles.{}", of.code()), language);
        sheet.row(label, title, None);
    }
    sheet.rows
}

/// Whether a draft without a number goes by its title, which is told as such.
fn is_title(project: &Project) -> bool {
    project.titles.values().any(|title| clean(title) == clean(&project.reference))
}

/// What else the body says: days, who is responsible, what belongs to it, and every other field that differs.
pub fn particulars(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    days(&mut sheet, &recorded.change.after);
    responsible(&mut sheet, &recorded.change.after);
    kin(&mut sheet, &recorded.change.after);
    belonging(&mut sheet, recorded);
    other_differences(&mut sheet, recorded);
    sheet.rows
}

/// Where to look: the page at the body, and ours with the evidence, or the command that shows it.
pub fn links(recorded: &RecordedChange, frame: &Frame, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    if let Some(url) = &recorded.change.after.url {
        sheet.lead("At the body", "官方页面", url, url);
    }
    match frame.page_of(recorded) {
        Some(page) => sheet.lead("Evidence", "证据", &page, &page),
        None => sheet.say("Evidence", "证据", format!("`stagewatch diff {}`", recorded.id)),
    }
    sheet.rows
}

fn days(sheet: &mut Sheet, project: &Project) {
    sheet.say_day("Plan issued", "计划下达日期", project.issued);
    match project.id {
        // What is published is the notice, not the draft.
        ProjectId::Tc260(_) => sheet.say_day("Notice published", "通知发布日期", project.published),
        ProjectId::Iso(_) | ProjectId::Sac(_) | ProjectId::Gb(_) | ProjectId::Page(_) => {
            sheet.say_day("Date of publication", "发布日期", project.published);
        }
    }
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

/// The proof: what was read where and when, and which watches it concerns.
pub fn proof(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    let evidence = &recorded.evidence;
    sheet.lead("Source", "来源", &format!("{}: {}", evidence.source, evidence.url), &evidence.url);
    sheet.say("Also seen at", "另见来源", recorded.also_seen_at.join(", "));
    if let Some(before) = &evidence.before {
        sheet.say("Snapshot before", "变更前快照", snapshot_in_words(before, language));
    }
    sheet.say("Snapshot after", "变更后快照", snapshot_in_words(&evidence.after, language));
    sheet.say("Seen at", "发现时间", moment_in_words(recorded.seen_at));
    let (reference, id) = (reference_of(&recorded.change.after), &recorded.change.after.id);
    let project = match (reference.is_empty(), id.is_ours()) {
        (true, _) => id.to_string(),
        (false, true) => reference,
        (false, false) => format!("{reference} ({id})"),
    };
    sheet.say("Project", "项目", project);
    sheet.say("Change", "变动编号", recorded.id.as_str());
    sheet.say("Watches", "关注列表", recorded.watches.join(pick(language, ", ", "、")));
    sheet.rows
}

fn snapshot_in_words(snapshot: &SnapshotRef, language: Language) -> String {
    let hash: String = snapshot.sha256.chars().take(HASH_SHOWN).collect();
    let of = pick(language, ", polled ", "，采集于 ");
    format!("SHA-256 {hash}…{of}{}", moment_in_words(snapshot.at))
}

/// The name of a field of records in the reader's language; the field itself where it has no other name.
pub fn label_of(field: &str, language: Language) -> String {
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
