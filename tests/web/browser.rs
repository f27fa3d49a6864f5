//! The pages in a real browser, driven as people do, and looked at by axe; over the story of the demo.

use jiff::Timestamp;
use stagewatch::demo::body::answer::Answer;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::masked::Recipient;
use stagewatch::signed::{self, Unsubscription};

use crate::peers::javascript;
use crate::support::{OPEN_DATA, World, delivered, polled};

use super::client::{Served, TOKEN};
use super::with_token;

#[tokio::test(flavor = "multi_thread")]
async fn people_find_read_switch_print_and_send_again_and_axe_finds_nothing_serious() {
    let world = World::with(
        "[[work-plan]]\nid = \"plan\"\n[[work-plan.task]]\ntitle = \"Advance\"\nstandards = [\"ISO/IEC 27071\"]\ngoal = \"advance\"\n",
    )
    .await;
    let house = world.house();
    let show = |stage: &str| {
        let letters = if stage < "50" { "DIS" } else { "FDIS" };
        let rows = [
            Row::of(56572, &format!("ISO/IEC {letters} 27071"), "Trusted connections", stage),
            Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
            Row::of(900_002, "ISO/IEC CD 90002", "<script>alert(1)</script>", "30.20"),
        ];
        world.body.set_page(OPEN_DATA, Answer::json_lines(lines(&rows)));
    };
    show("40.60");
    polled(&house, "open-data").await;
    show("50.00");
    polled(&house, "open-data").await;
    delivered(&house, Timestamp::now()).await;
    let delivery = world.hook.deliveries()[0].id.clone();
    let served = Served::of(&world, with_token).await;
    let of_people =
        Unsubscription { subscriber: "people".to_owned(), recipient: Recipient::new("a@example.org"), watch: None };
    let leaving = format!("/unsubscribe/{}", signed::token(&served.store.key(signed::KEY).unwrap(), &of_people));
    let screenshots = std::env::var("STAGEWATCH_SCREENSHOTS").ok();
    let told = serde_json::json!({
        "base": format!("http://{}", served.address),
        "token": TOKEN,
        "delivery": delivery,
        "leaving": leaving,
        "screenshots": screenshots,
    });
    let script = include_str!("browser.mjs");
    let said =
        tokio::task::spawn_blocking(move || javascript("the pages in a browser", script, told.to_string().as_bytes()));
    if let Some(said) = said.await.unwrap() {
        assert_eq!(said.trim(), "{\"looked\":166}");
    }
    // What was asked for in the browser goes out, under the same id.
    if std::env::var_os("STAGEWATCH_PEERS").is_some() {
        delivered(&house, Timestamp::now()).await;
        assert_eq!(world.hook.deliveries().len(), 2);
    }
}
