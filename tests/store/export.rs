//! Everything as JSON lines, and back: the same to the byte, or refused whole.

use std::path::Path;

use serde_json::Value;
use stagewatch::store::export::Selection;
use stagewatch::store::upkeep::latest_schema;

use super::{
    ChangeFilter, Duration, Settings, Settlement, Store, at, delivery, full, known, page, poll, sha256_of, store,
    verdict,
};
use stagewatch::store::PollOutcome;

const EVERYTHING: Selection = Selection { polls: true, snapshots: true };

fn exported(store: &Store, selection: Selection) -> String {
    let mut bytes = Vec::new();
    let n_rows = store.export(selection, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count() as u64, n_rows + 2, "a head, the rows, an end");
    text
}

/// Something of everything: two deliveries, of which one is over, a stage in Chinese, a page, a bad page, a key.
fn filled() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let mut accepted = full(1);
    accepted.deliveries.push(delivery("dlv_2", 0));
    accepted.known.push(known(5, "正在征求意见", 1, None));
    store.accept(&accepted).unwrap();
    store.keep_bad_page("sc27", &page(2, "<html>blocked</html>")).unwrap();
    store.record_poll(&poll(2, PollOutcome::Refused), &[]).unwrap();
    store.claim_due(at(2), 1, Duration::from_mins(1)).unwrap();
    assert!(store.settle("dlv_1", 1, &verdict("250 Ok", Settlement::Delivered), at(2)).unwrap());
    store.key("unsubscribe").unwrap();
    (folder, store)
}

fn restored(folder: &Path, text: &str) -> Result<Store, String> {
    let file = folder.join("export.jsonl");
    std::fs::write(&file, text).unwrap();
    let database = folder.join("elsewhere/other.db");
    let restored = Store::restore(&file, &database, at(9)).map_err(|error| error.to_string());
    restored.map(|_| Store::open(&Settings { database }).unwrap())
}

#[test]
fn what_was_taken_in_is_written_out_the_same_to_the_byte() {
    let (folder, store) = filled();
    for selection in
        [EVERYTHING, Selection { snapshots: false, ..EVERYTHING }, Selection { polls: false, ..EVERYTHING }]
    {
        let text = exported(&store, selection);
        let other = restored(folder.path(), &text).unwrap();
        assert_eq!(exported(&other, selection), text, "{selection:?}");
        assert_eq!(other.integrity_check().unwrap(), Vec::<String>::new());
        assert_eq!(
            other.changes(&ChangeFilter::default()).unwrap(),
            store.changes(&ChangeFilter::default()).unwrap(),
            "{selection:?}"
        );
        let waiting = |store: &Store| store.delivery("dlv_2").unwrap().unwrap();
        assert_eq!(waiting(&other), waiting(&store), "what is still to be sent goes out to the byte");
        let bytes = other.page_bytes(&sha256_of(b"<html>1</html>")).unwrap();
        assert_eq!(bytes.is_some(), selection.snapshots);
    }
}

#[test]
fn lines_are_for_other_programs_and_hold_no_secret_and_nothing_that_is_over() {
    let (_folder, store) = filled();
    let text = exported(&store, EVERYTHING);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["stagewatch-export"], 1);
    let of = |table: &str| lines.iter().filter_map(|line| line.get(table)).collect::<Vec<_>>();
    assert!(of("keys").is_empty(), "keys are secrets");
    let change = &of("changes")[0];
    assert_eq!(change["seen_at"], at(1).to_string());
    assert_eq!(change["record"]["evidence"]["after"]["sha256"], sha256_of(b"after"));
    assert!(of("known_stages").iter().any(|stage| stage["printed"] == "正在征求意见" && stage["since"] == ""));
    let payloads: Vec<bool> = of("deliveries").iter().map(|delivery| delivery["payload"].is_null()).collect();
    assert_eq!(payloads, [true, false], "the payload of a delivery that is over is left out");
}

#[test]
fn an_export_that_is_not_whole_is_refused_with_its_line_and_changes_nothing() {
    let (folder, store) = filled();
    let text = exported(&store, EVERYTHING);
    let lines: Vec<&str> = text.lines().collect();
    let without = |number: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != number).map(|(_, line)| format!("{line}\n"));
        kept.collect::<String>()
    };
    let last = lines.len();
    let change = lines.iter().position(|line| line.starts_with("{\"changes\"")).unwrap();
    for (broken, wanted) in [
        (without(last - 1), "the end is missing: the file was cut short".to_owned()),
        (without(3), format!("line {}: {} rows were read where {} were written", last - 1, last - 3, last - 2)),
        (text.replace("\"stagewatch-export\":1", "\"stagewatch-export\":7"), "written in version 7".to_owned()),
        (
            text.replacen(&format!("\"schema\":{}", latest_schema()), "\"schema\":999", 1),
            "it has schema 999".to_owned(),
        ),
        (
            text.replacen("{\"changes\":", "{\"chances\":", 1),
            format!("line {}: there is no table `chances`", change + 1),
        ),
        (text.replacen("\"seen_at\":", "\"seen\":", 1), "is missing".to_owned()),
        (text[..text.len() / 2].to_owned(), "that is no JSON".to_owned()),
    ] {
        let error = restored(folder.path(), &broken).map(|_| ()).unwrap_err();
        assert!(error.contains(&wanted) && error.ends_with("nothing was changed"), "{wanted}: {error}");
        assert!(!folder.path().join("elsewhere/other.db").exists(), "{wanted}");
    }
}
