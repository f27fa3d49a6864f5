//! The story: what its pages show at each step, and that it expects what they show.

use std::collections::BTreeMap;

use stagewatch::demo::body::ScriptedBody;
use stagewatch::demo::script::{STEPS, n_alerts, sources};

use super::client;

/// Stage by project number in the open data, as the body serves it.
async fn stages_at(body: &ScriptedBody) -> BTreeMap<u64, u64> {
    let (_, _, url) = sources(&body.base_url()).into_iter().find(|(id, ..)| *id == "iso-open-data").unwrap();
    let text = client().get(url).send().await.unwrap().text().await.unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let ours = rows.filter(|row| row["ownerCommittee"] == "ISO/IEC JTC 1/SC 27");
    ours.map(|row| (row["id"].as_u64().unwrap(), row["currentStage"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn the_open_data_moves_by_exactly_what_each_step_expects() {
    let body = ScriptedBody::start().await.unwrap();
    (STEPS[0].apply)(&body);
    let mut before = stages_at(&body).await;
    for step in &STEPS[1..] {
        (step.apply)(&body);
        if step.in_doubt.contains(&"iso-open-data") {
            continue;
        }
        let after = stages_at(&body).await;
        let moved: BTreeMap<String, String> = after
            .iter()
            .filter(|(id, stage)| before.get(id) != Some(stage))
            .map(|(id, stage)| (format!("iso:{id}"), format!("{:02}.{:02}", stage / 100, stage % 100)))
            .collect();
        let expected: BTreeMap<String, String> = step
            .expect
            .iter()
            .filter(|alert| alert.project.starts_with("iso:"))
            .map(|alert| (alert.project.to_owned(), alert.to.unwrap().to_owned()))
            .collect();
        assert_eq!(moved, expected, "{}", step.caption);
        before = after;
    }
}

#[tokio::test]
async fn every_source_answers_at_every_step_and_only_those_in_doubt_answer_badly() {
    let body = ScriptedBody::start().await.unwrap();
    for step in STEPS {
        (step.apply)(&body);
        for (id, _, url) in sources(&body.base_url()) {
            let answer = client().get(&url).send().await.unwrap();
            let status = answer.status();
            let whole = answer
                .bytes()
                .await
                .is_ok_and(|bytes| bytes.ends_with(b"</html>\n") || bytes.ends_with(b"}\n") || bytes.ends_with(b"]}"));
            let marked = ["challenge-platform", "\"code\":429"];
            let body_text = client().get(&url).send().await.unwrap().text().await.unwrap_or_default();
            let good = status == 200 && whole && !marked.iter().any(|mark| body_text.contains(mark));
            assert_eq!(good, !step.in_doubt.contains(&id), "{id}: {}", step.caption);
        }
    }
}

#[tokio::test]
async fn sources_with_validators_answer_304_where_nothing_moved() {
    let body = ScriptedBody::start().await.unwrap();
    (STEPS[3].apply)(&body);
    let url = &sources(&body.base_url())[0].2;
    let first = client().get(url).send().await.unwrap();
    let etag = first.headers()["etag"].clone();
    (STEPS[4].apply)(&body);
    let second = client().get(url).header("If-None-Match", etag).send().await.unwrap();
    assert_eq!(second.status(), 304);
}

#[test]
fn the_story_has_eight_alerts_and_none_from_pages_that_are_none() {
    assert_eq!(n_alerts(), 8);
    assert!(STEPS.iter().filter(|step| !step.in_doubt.is_empty()).all(|step| step.expect.is_empty()));
    assert!(STEPS[0].expect.is_empty(), "the baseline is told to nobody");
}
