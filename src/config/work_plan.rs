//! `[[work-plan]]`: what a committee set out to do, to measure it against. Not the measuring.

use crate::changes::work_plan::{Goal, Task, WorkPlan};
use crate::standards::stage::Stage;

use super::ids::Ids;
use super::keys;
use super::table::Table;
use super::value::Value;
use super::words;

/// What would be right for a goal.
const GOALS: &str = "write \"register\", \"advance\", \"publish\" or \"reach:\" and a stage, e.g. \"reach:50\"";

/// Reads a `[[work-plan]]`.
pub(super) fn read(table: &Table<'_>, ids: &mut Ids) -> Option<WorkPlan> {
    let id = ids.claim(table);
    let title = table.value("title").and_then(|value| value.filled()).map(str::to_owned);
    let tables = table.tables("task", &keys::TASK);
    if table.value("task").is_none_or(|value| value.is_empty_list()) {
        table.problem("task", "missing; write [[work-plan.task]] and its keys below, once for each");
    }
    let tasks = tables.iter().filter_map(task).collect();
    Some(WorkPlan { id: id?, title, tasks })
}

fn task(table: &Table<'_>) -> Option<Task> {
    let title = table.required("title").and_then(|value| value.filled()).map(str::to_owned);
    let list = table.required("standards").map(|value| value.list()).unwrap_or_default();
    let standards = words::references(&list);
    if let Some(value) = table.value("standards").filter(Value::is_empty_list) {
        value.wrong("it names nothing", "write the projects that count");
    }
    let goal = table.required("goal").and_then(|value| goal(&value));
    let at_least = table.value("at-least").map_or(Some(1), |value| at_least(&value, list.len()));
    let until = table.value("until").and_then(|value| value.day());
    let from = table.value("from").and_then(|value| value.day());
    if let (Some(value), Some(from), Some(until)) = (table.value("from"), from, until)
        && from > until
    {
        value.wrong("that is after the last day", "write the first day on which something counts");
    }
    Some(Task { title: title?, standards, goal: goal?, at_least: at_least?, from, until })
}

fn at_least(value: &Value<'_>, n_standards: usize) -> Option<u32> {
    let number = value.count(1..=10_000)?;
    if n_standards > 0 && number as usize > n_standards {
        value.wrong(
            format_args!("that is more than the standards it names ({n_standards})"),
            "name more of them, or ask for fewer",
        );
        return None;
    }
    Some(number)
}

fn goal(value: &Value<'_>) -> Option<Goal> {
    let text = value.text()?;
    let goal = match text {
        "register" => Some(Goal::Register),
        "advance" => Some(Goal::Advance),
        "publish" => Some(Goal::Publish),
        _ => text
            .strip_prefix("reach:")
            .and_then(|number| number.trim().parse().ok())
            .and_then(Stage::from_number)
            .map(Goal::Reach),
    };
    if goal.is_none() {
        let why = if text.starts_with("reach:") { "no such stage" } else { "no such goal" };
        value.wrong(why, GOALS);
    }
    goal
}
