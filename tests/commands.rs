//! The commands as users and scripts call them: output, JSON lines, exit codes, examples.

use std::path::{Path, PathBuf};

use serde_json::Value;
use stagewatch::formats::FORMATS;

use crate::support::{World, output_of, program};

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// A world in which ISO/IEC 27071 proceeded to FDIS, taken in and delivered by the program.
async fn moved() -> World {
    let world = World::start().await;
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    world.show("50.00");
    let (_, stderr, code) = output_of(&mut world.program(&["once"]));
    assert_eq!(code, 0, "{stderr}");
    world
}

#[test]
fn every_command_has_a_help_with_an_example() {
    let (help, _, code) = output_of(program().arg("--help"));
    assert_eq!(code, 0);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")))
        .filter(|command| *command != "help")
        .collect();
    let wanted = [
        "run",
        "once",
        "check",
        "probe",
        "read",
        "import",
        "standards",
        "history",
        "changes",
        "diff",
        "deliveries",
        "status",
        "demo",
        "completions",
    ];
    for command in wanted {
        assert!(commands.contains(&command), "{command} is not among {commands:?}");
    }
    for command in commands {
        let (help, _, code) = output_of(program().args([command, "--help"]));
        assert!(code == 0 && help.contains("Example"), "{command}: {help}");
    }
}

#[test]
fn the_long_help_of_read_and_its_error_list_every_format_with_what_it_reads() {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (long, _, code) = output_of(program().args(["read", "--help"]));
    assert_eq!(code, 0);
    let (_, list) = long.split_once("\nFormats:\n").expect("a list at the end");
    let (_, error, code) = output_of(program().args(["read", "no-such-format", "-"]));
    assert_eq!(code, 1);
    let entries: Vec<String> = FORMATS.iter().map(|format| format!("{} {}", format.name, format.about)).collect();
    assert_eq!(one_line(list), entries.join(" "), "the help ends with the formats and nothing else");
    assert!(one_line(&error).ends_with(&entries.join(" ")), "{error}");
    let (short, _, _) = output_of(program().args(["read", "-h"]));
    assert!(short.contains("Example") && !short.contains("Formats:"), "{short}");
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_a_missing_configuration_78() {
    assert_eq!(output_of(program().arg("watch")).2, 2);
    assert_eq!(output_of(program().args(["import", "x"])).2, 2);
    let (_, stderr, code) = output_of(program().args(["check", "--config", "no-such-file.toml"]));
    assert_eq!(code, 78);
    assert!(stderr.contains("no-such-file.toml"), "{stderr}");
}

#[test]
fn a_wrong_configuration_names_every_problem_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    std::fs::write(
        &file,
        "[fetch]\npauze = \"5s\"\n\n[[source]]\nid = \"a\"\nformat = \"iso-projekt\"\nurl = \"https://example.org/\"\n\
         schedule = \"61 * * * *\"\n\n[[subscriber]]\nid = \"s\"\nwatches = [\"nowhere\"]\n",
    )
    .unwrap();
    for command in ["check", "run", "once", "status"] {
        let (stdout, stderr, code) = output_of(program().args([command, "--config"]).arg(&file));
        assert_eq!(code, 78, "{command}: {stdout}{stderr}");
        for (line, words) in [(2, "pause"), (6, "iso-project"), (8, "61"), (12, "nowhere")] {
            let found = stderr.lines().find(|text| text.contains(&format!("wrong.toml:{line}:")));
            assert!(found.is_some_and(|text| text.contains(words)), "{command}, line {line}, {words}:\n{stderr}");
        }
    }
}

#[test]
fn small_slips_of_the_command_line_are_answered_with_what_would_be_right() {
    let (_, stderr, code) = output_of(program().arg("redeliver"));
    assert_eq!(code, 2);
    assert!(stderr.contains("redeliver --failed") && stderr.contains("redeliver --since <TIME>"), "{stderr}");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    let (_, stderr, code) = output_of(program().args(["man", "--folder"]).arg(&pages));
    assert_eq!(code, 0, "{stderr}");
    assert!(pages.join("stagewatch-run.1").exists());
}

#[test]
fn files_keep_their_root_where_commands_are_run_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    std::fs::write(&file, "[fetch]\npauze = \"5s\"\n").unwrap();
    let (_, stderr, code) = output_of(program().args(["check", "--config"]).arg(&file).current_dir("/"));
    assert_eq!(code, 78);
    assert!(stderr.contains(&format!("{}:2:", file.display())), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_and_shown_by_no_source_is_told() {
    let more = "[[watch]]\nid = \"slip\"\nstandards = [\"20230259-T-469\", \"ISO/IEC 27071\"]\n\
                [[watch]]\nid = \"foo\"\ncommittees = [\"Foo\", \"SAC/TC 260\", \"全国信息技术标准化技术委员会\"]\n";
    let world = World::with(more).await;
    let (checked, stderr, code) = output_of(&mut world.program(&["check"]));
    assert_eq!(code, 0, "{checked}{stderr}");
    assert!(checked.contains("\"Foo\" reads as no committee"), "{checked}");
    assert_eq!(checked.matches("reads as no committee").count(), 1, "{checked}");
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let (told, _, code) = output_of(&mut world.program(&["standards"]));
    assert_eq!(code, 0);
    let (shown, unseen) = told.split_once("watched, and seen nowhere yet:\n").unwrap_or_else(|| panic!("{told}"));
    assert!(shown.contains("ISO/IEC") && !unseen.contains("27071"), "{told}");
    assert!(unseen.contains("20230259-T-469  (watched by slip)"), "{told}");
    let (told, _, _) = output_of(&mut world.program(&["standards", "--json"]));
    assert_eq!(json_lines(&told).len(), told.lines().count());
    let (told, _, _) = output_of(&mut world.program(&["doctor", "--offline"]));
    assert!(
        told.contains("look  watches: ") && told.contains("no source shows: ") && told.contains("20230259-T-469"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_anything_says_whether_anybody_was_asked() {
    let world = World::start().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let (head, rest) = text.split_once("[[watch]]").unwrap();
    let (_, after) = rest.split_once("[[").unwrap();
    let nothing = "[[watch]]\nid = \"one\"\nstandards = [\"ISO/IEC 99\"]\n\n[[";
    std::fs::write(world.configuration(), format!("{head}{nothing}{after}")).unwrap();
    drop(world.house());
    let (told, stderr, code) = output_of(&mut world.program(&["standards"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(told.contains("`stagewatch once` polls the sources"), "{told}");
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let (told, _, _) = output_of(&mut world.program(&["standards"]));
    assert!(told.starts_with("no source that was polled shows a standard that is watched"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_whose_time_is_still_ahead_says_from_when_it_counts() {
    let task = |title: &str, until: &str| {
        format!(
            "[[work-plan.task]]\ntitle = \"{title}\"\nstandards = [\"ISO/IEC 27071\"]\ngoal = \"advance\"\nuntil = {until}\n"
        )
    };
    let tasks = task("ahead", "2099-03-31") + &task("over", "2020-12-31");
    let world = World::with(&format!("[[work-plan]]\nid = \"p\"\n{tasks}")).await;
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let (told, stderr, code) = output_of(&mut world.program(&["plan"]));
    assert_eq!(code, 0, "{stderr}");
    for line in [
        "  ahead  0 of 1 from 2099-01-01 until 2099-03-31: counts from 2099-01-01, not begun\n",
        "  over  0 of 1 from 2020-01-01 until 2020-12-31: not reached in time\n",
    ] {
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn the_embedded_default_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let (stdout, stderr, code) =
        output_of(program().arg("check").current_dir(folder.path()).env("HOME", folder.path()));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("embedded") && stdout.contains("right"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_can_be_looked_at_as_text_and_as_json() {
    let world = moved().await;
    let (stdout, _, code) = output_of(&mut world.program(&["changes", "--json"]));
    assert_eq!(code, 0);
    let changes = json_lines(&stdout);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["kind"], "stage-moved");
    let id = changes[0]["id"].as_str().unwrap();

    let (text, _, _) = output_of(&mut world.program(&["changes"]));
    assert!(text.contains(id) && text.contains("ISO/IEC") && text.contains("50.00"), "{text}");
    let (none, _, _) = output_of(&mut world.program(&["changes", "--since", "2100-01-01", "--json"]));
    assert_eq!(none, "");

    let (diff, _, code) = output_of(&mut world.program(&["diff", id]));
    assert_eq!(code, 0);
    assert!(diff.starts_with("--- http://127.0.0.1") && diff.contains("\n+") && diff.contains("\n-"), "{diff}");

    let (standards, _, _) = output_of(&mut world.program(&["standards"]));
    assert!(standards.contains("●─●─●─●─●─◉─○") && standards.contains("ISO/IEC FDIS 27071"), "{standards}");
    assert!(!standards.contains("90001"), "not watched: {standards}");
    let (all, _, _) = output_of(&mut world.program(&["standards", "--all", "--json"]));
    assert_eq!(json_lines(&all).len(), 3);
    let (one, _, _) = output_of(&mut world.program(&["standards", "ISO/IEC 27071"]));
    assert!(one.contains("iso:56572") && one.contains("[FDIS]"), "{one}");

    let (history, _, _) = output_of(&mut world.program(&["history", "iso/iec 27071", "--json"]));
    let codes: Vec<Value> = json_lines(&history).into_iter().map(|step| step["stage"]["code"].clone()).collect();
    assert_eq!(codes, ["40.60", "50.00"]);

    let (deliveries, _, _) = output_of(&mut world.program(&["deliveries", "--json"]));
    let deliveries = json_lines(&deliveries);
    assert_eq!(deliveries.len(), 3);
    assert!(deliveries.iter().all(|delivery| delivery["state"] == "delivered"));
    assert!(!deliveries.iter().any(|delivery| delivery["recipient"].as_str().unwrap().contains("a@example.org")));

    let (status, _, code) = output_of(&mut world.program(&["status", "--json"]));
    assert_eq!(code, 0, "{status}");
    let status = json_lines(&status);
    assert_eq!(status[0]["source"]["last-poll"]["outcome"], "changed");
    assert_eq!(status[1]["outbox"]["delivered"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nothing_has_are_errors_that_say_where_to_look() {
    let world = moved().await;
    for (arguments, hint) in [
        (vec!["diff", "chg_nothing"], "stagewatch changes"),
        (vec!["standards", "ISO/IEC 1"], "standards --all"),
        (vec!["probe", "nowhere"], "open-data"),
        (vec!["once", "nowhere"], "open-data"),
        (vec!["read", "iso-projekt", "-"], "iso-project"),
        (vec!["deliveries", "dlv_nothing"], "no delivery is called `dlv_nothing`; `stagewatch deliveries` lists"),
        (vec!["redeliver", "dlv_nothing"], "no delivery is called `dlv_nothing`; `stagewatch deliveries` lists"),
        (vec!["deliveries", "--subscriber", "nobody"], "the configuration has people, machine"),
        (vec!["read", "iso-project", "nowhere.html"], "could not read `nowhere.html`: check its name"),
        (vec!["man", "--folder", "/dev/null/pages"], "check its folder and that this user may write there"),
        (vec!["restore", "nowhere.db"], "there is no file `nowhere.db`: check its name"),
        (vec!["restore", "Cargo.toml"], "is neither a backup nor an export of stagewatch"),
    ] {
        let (_, stderr, code) = output_of(&mut world.program(&arguments));
        assert!(code == 1 && stderr.contains(hint), "{arguments:?}: {code} {stderr}");
        assert!(!stderr.contains("could not use the database"), "the database is fine: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_our_output_may_stop_reading() {
    let world = moved().await;
    for arguments in
        [vec!["export"], vec!["changes"], vec!["standards", "--all", "--json"], vec!["completions", "bash"]]
    {
        let mut program = world.program(&arguments);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program.stdout(writer).stderr(std::process::Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(0) && told.is_empty(), "{arguments:?}: {:?} {told}", output.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_alone_finds_what_has_it() {
    let world = moved().await;
    let (one, stderr, code) = output_of(&mut world.program(&["standards", "27071"]));
    assert!(code == 0 && one.contains("ISO/IEC FDIS 27071"), "{one}{stderr}");
    let (one, _, code) = output_of(&mut world.program(&["history", "27071"]));
    assert!(code == 0 && one.contains("iso:56572"), "{one}");
    let (_, stderr, code) = output_of(&mut world.program(&["standards", "2707"]));
    assert!(code == 1 && stderr.contains("no source shows `2707`"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chinese_number_alone_finds_what_has_it_and_several_are_listed_or_named() {
    let world = World::with(
        "[[source]]\nid = \"programme\"\nformat = \"table\"\nurl = \"{body}/programme\"\n\
         columns = { reference = \"标准号\", stage = \"状态\" }\n",
    )
    .await;
    let numbers = ["GB/T 35273-2020", "GB/T 20274.1-2023", "GB/T 20274.2-2023"];
    let rows: Vec<String> = numbers.iter().map(|number| format!("<tr><td>{number}</td><td>现行</td></tr>")).collect();
    let table = format!("<table><tr><th>标准号</th><th>状态</th></tr>{}</table>", rows.concat());
    let page = world.path().join("page.html");
    std::fs::write(&page, format!("<html><body>{table}</body></html>")).unwrap();
    let (_, stderr, code) =
        output_of(&mut world.program(&["import", "programme", page.to_str().unwrap(), "--at", "2d"]));
    assert_eq!(code, 0, "{stderr}");
    for number in ["35273", "GB 35273", "35273-2020"] {
        let (one, stderr, code) = output_of(&mut world.program(&["history", number]));
        assert!(code == 0 && one.contains("gb:GB/T 35273-2020"), "{number}: {one}{stderr}");
    }
    let (both, _, code) = output_of(&mut world.program(&["standards", "20274"]));
    assert!(code == 0 && both.contains(numbers[1]) && both.contains(numbers[2]), "{both}");
    let (_, stderr, code) = output_of(&mut world.program(&["history", "20274"]));
    assert!(code == 1 && stderr.contains("may be one of several; name one:\n  gb:GB/T 20274.1-2023"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_ago_is_understood_wherever_a_moment_is() {
    let world = moved().await;
    for (since, expected) in [("1d", 1), ("2 weeks", 1), ("yesterday", 1), ("2100-01-01", 0)] {
        let (changes, stderr, code) = output_of(&mut world.program(&["changes", "--json", "--since", since]));
        assert_eq!((code, changes.lines().count()), (0, expected), "{since}: {stderr}");
        let (deliveries, _, code) = output_of(&mut world.program(&["deliveries", "--json", "--since", since]));
        assert_eq!((code, deliveries.lines().count()), (0, 3 * expected), "{since}");
    }
    let (_, stderr, code) = output_of(&mut world.program(&["redeliver", "--since", "soon"]));
    assert!(code == 2 && stderr.contains("2020-11-03T06:00:00Z") && stderr.contains("yesterday"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diff_has_hunks_and_the_whole_page_when_asked() {
    let world = moved().await;
    let (changes, _, _) = output_of(&mut world.program(&["changes", "--json"]));
    let id = json_lines(&changes)[0]["id"].as_str().unwrap().to_owned();
    let (hunks, _, _) = output_of(&mut world.program(&["diff", &id]));
    let (whole, _, _) = output_of(&mut world.program(&["diff", &id, "--whole"]));
    let (n_hunks, n_whole) = (hunks.lines().count(), whole.lines().count());
    assert!(n_hunks < n_whole && hunks.contains("\n@@ "), "{n_hunks} of {n_whole}:\n{hunks}");
    assert!(whole.contains("90001") && !hunks.contains("90001"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_tells_by_its_exit_code_that_a_line_could_not_be_read() {
    let world = World::with(
        "[[source]]\nid = \"programme\"\nformat = \"table\"\nurl = \"{body}/programme\"\n\
         columns = { reference = \"No.\", stage = \"Stage\" }\nstages = { \"DIS\" = \"iso:40.00\" }\n",
    )
    .await;
    world.show("40.60");
    let page = |stage: &str| {
        format!(
            "<html><body><table><tr><th>No.</th><th>Stage</th></tr><tr><td>EX 1</td><td>{stage}</td></tr></table></body></html>"
        )
    };
    world.body.set_page("/programme", stagewatch::demo::body::answer::Answer::html(page("on ice")));
    let (_, stderr, code) = output_of(&mut world.program(&["once"]));
    assert!(code == 3 && stderr.contains("unknown stage text: on ice"), "{code} {stderr}");
    for stage in ["40.20", "DIS"] {
        world.body.set_page("/programme", stagewatch::demo::body::answer::Answer::html(page(stage)));
        let (_, stderr, code) = output_of(&mut world.program(&["once"]));
        assert_eq!(code, 0, "{stderr}");
    }
    let (told, _, _) = output_of(&mut world.program(&["standards", "--all"]));
    let row = told.lines().find(|line| line.contains("EX 1")).unwrap_or_else(|| panic!("{told}"));
    assert_eq!(row.matches("DIS").count(), 1, "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_shows_what_would_be_announced_and_stores_nothing() {
    let world = World::start().await;
    world.show("40.60");
    let (first, _, code) = output_of(&mut world.program(&["probe", "open-data"]));
    assert_eq!(code, 0);
    let about = format!("iso-open-data: {}\n", stagewatch::formats::named("iso-open-data").unwrap().about);
    assert!(first.starts_with(&about), "{first}");
    assert!(first.contains("baseline") && first.contains("is watched by one"), "{first}");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    world.show("50.00");
    let (news, _, _) = output_of(&mut world.program(&["probe", "open-data"]));
    assert!(news.contains("would be told to people, machine"), "{news}");
    let (records, _, _) = output_of(&mut world.program(&["probe", "open-data", "--json"]));
    let records = json_lines(&records);
    assert_eq!(records.len(), 4);
    assert_eq!(records[3]["page"]["whole"], true);
    assert_eq!(output_of(&mut world.program(&["changes", "--json"])).0, "", "nothing was stored");
    world.body.set_page(crate::support::OPEN_DATA, stagewatch::demo::pages::refusals::blocked());
    let (blocked, _, code) = output_of(&mut world.program(&["probe", "open-data", "--json"]));
    assert_eq!(code, 3);
    let blocked = json_lines(&blocked);
    assert_eq!((blocked.len(), &blocked[0]["page"]["whole"]), (1, &Value::Bool(false)));
    assert!(blocked[0]["page"]["why"].as_str().unwrap().contains("blocked"));
}

/// The captures beside the project, where they are.
fn captures() -> Option<PathBuf> {
    let folder = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_years_of_one_page_are_one_stage_change() {
    let Some(captures) = captures() else {
        println!("NOT RUN: the seven-year series of GB/T 1.1-2009, 18 pages: there is no folder of captures");
        return;
    };
    let mut pages: Vec<(String, PathBuf)> = std::fs::read_dir(captures.join("cn/openstd"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let day = name.strip_prefix("newGbInfo_GBT1.1-2009_")?.get(..8)?.to_owned();
            Some((format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]), path))
        })
        .collect();
    pages.sort();
    assert_eq!(pages.len(), 18);
    let source = "[[source]]\nid = \"gbt-1-1\"\nformat = \"openstd-standard\"\nurl = \"https://openstd.samr.gov.cn/bzgk/gb/newGbInfo?hcno=570A95F33D8D3C7934933A900A78F133\"\n\
                  [[watch]]\nid = \"directives\"\nstandards = [\"GB/T 1.1\"]\n";
    let world = World::with(source).await;
    let list: Vec<String> = pages.iter().map(|(day, path)| format!("{day}\t{}", path.display())).collect();
    // The folder itself says when each page was served, and so does a list.
    let folder = world.path().join("archive");
    std::fs::create_dir(&folder).unwrap();
    for (_, path) in &pages {
        std::fs::copy(path, folder.join(path.file_name().unwrap())).unwrap();
    }
    let second = World::with(source).await;
    let (stdout, _, _) = output_of(&mut second.program(&["import", "gbt-1-1", "--list", folder.to_str().unwrap()]));
    assert!(stdout.contains("18 pages taken in: 1 change, 0 not believed"), "{stdout}");
    let file = world.path().join("pages.tsv");
    std::fs::write(&file, list.join("\n")).unwrap();
    let (stdout, stderr, code) =
        output_of(&mut world.program(&["import", "gbt-1-1", "--list", file.to_str().unwrap(), "--notify"]));
    assert_eq!(code, 0, "{stdout}{stderr}");

    let changes = json_lines(&output_of(&mut world.program(&["changes", "--json"])).0);
    assert_eq!(changes.len(), 1, "{changes:?}");
    let change = &changes[0];
    assert_eq!(change["kind"], "withdrawn");
    assert_eq!(change["move"], "withdrawn");
    assert_eq!(change["seen-at"], "2020-11-03T00:00:00Z");
    assert_eq!((&change["from"]["code"], &change["from"]["printed"]), (&"60".into(), &"现行".into()));
    assert_eq!((&change["to"]["code"], &change["to"]["printed"]), (&"95".into(), &"废止".into()));
    let told = json_lines(&output_of(&mut world.program(&["deliveries", "--json"])).0);
    assert_eq!(told.len(), 1, "the one subscriber of every watch is told, and of nothing else: {told:?}");
    assert!(told[0]["created-at"].as_str().unwrap() > "2026", "a message of today about the past: {told:?}");
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _, code) = output_of(program().args(["completions", shell]));
        assert!(code == 0 && script.contains("stagewatch"), "{shell}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_shown_one_by_one_and_sent_again_under_the_same_ids() {
    let world = moved().await;
    let all = json_lines(&output_of(&mut world.program(&["deliveries", "--json"])).0);
    let id = all[0]["id"].as_str().unwrap().to_owned();
    let (one, _, code) = output_of(&mut world.program(&["deliveries", &id]));
    assert_eq!(code, 0);
    assert!(one.contains(&id) && one.contains("delivered") && one.contains("TRY"), "{one}");
    let lines = json_lines(&output_of(&mut world.program(&["deliveries", &id, "--json"])).0);
    assert_eq!((lines.len(), &lines[1]["attempt"], &lines[1]["outcome"]), (2, &1.into(), &"delivered".into()));
    let of = |arguments: &[&str]| json_lines(&output_of(&mut world.program(arguments)).0).len();
    assert_eq!(of(&["deliveries", "--subscriber", "people", "--json"]), 2);
    assert_eq!(of(&["deliveries", "--since", "2100-01-01", "--json"]), 0);
    assert_eq!(of(&["deliveries", "--unsettled", "--json"]), 0);

    let (said, stderr, code) = output_of(&mut world.program(&["redeliver", "--since", "2020-01-01"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(said.starts_with("3 deliveries are due again, under the same ids"), "{said}");
    assert_eq!(of(&["deliveries", "--unsettled", "--json"]), 3);
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let arrived = world.hook.deliveries();
    assert_eq!((arrived.len(), &arrived[0].id), (2, &arrived[1].id));
    assert_eq!(arrived[0].raw, arrived[1].raw);
    let (said, _, _) = output_of(&mut world.program(&["redeliver", &id]));
    assert!(said.starts_with("1 delivery is due again"), "{said}");
    let (_, stderr, code) = output_of(&mut world.program(&["redeliver", "dlv_nothing"]));
    assert!(code == 1 && stderr.contains("stagewatch deliveries"), "{stderr}");
    assert_eq!(output_of(&mut world.program(&["redeliver"])).2, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_added_later_is_told_of_the_past_when_the_operator_asks_and_never_twice() {
    let world = moved().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let later =
        "\n[[subscriber]]\nid = \"later\"\nwatches = [\"one\"]\n[subscriber.email]\nto = [\"late@example.org\"]\n";
    std::fs::write(world.configuration(), text + later).unwrap();
    let n_mails = world.inbox.messages().len();
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    assert_eq!(world.inbox.messages().len(), n_mails, "nothing of the past by itself");
    let ask = || output_of(&mut world.program(&["redeliver", "--since", "2020-01-01", "--subscriber", "later"])).0;
    let said = ask();
    assert!(said.contains("0 deliveries are due again") && said.contains("1 delivery tells of what `later`"), "{said}");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let mails = world.inbox.messages();
    assert_eq!(mails.len(), n_mails + 1);
    assert_eq!(mails[n_mails].to, ["late@example.org"]);
    let said = ask();
    assert!(said.contains("1 delivery is due again") && said.contains("0 deliveries tell of what"), "{said}");
    assert_eq!(output_of(&mut world.program(&["deliveries", "--subscriber", "later", "--json"])).0.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn test_says_once_whose_matter_it_is() {
    let world = World::start().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let server = text.lines().find(|line| line.starts_with("server = ")).unwrap().to_owned();
    // A folder of mails that is a file.
    std::fs::write(world.path().join("mails"), "").unwrap();
    let broken = format!("server = \"file://{}\"", world.path().join("mails").display());
    std::fs::write(world.configuration(), text.replace(&server, &broken)).unwrap();
    let (said, stderr, code) = output_of(&mut world.program(&["test", "people"]));
    assert_eq!(code, 3, "{said}{stderr}");
    assert!(said.contains(" cannot be reached before you mend something: could not "), "{said}");
    assert!(!said.contains("for the operator"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_says_what_each_other_side_answered_and_is_marked_as_a_sample() {
    let world = World::start().await;
    let (said, stderr, code) = output_of(&mut world.program(&["test", "people"]));
    assert_eq!(code, 0, "{said}{stderr}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("email ") && line.contains("@example.org took it: ")).count(),
        2
    );
    let mails = world.inbox.messages();
    let mail = mail_parser::MessageParser::default().parse(&mails[0].raw).unwrap();
    assert!(mail.subject().unwrap().contains("SAMPLE, nothing happened"), "{:?}", mail.subject());
    assert!(mail.body_text(0).unwrap().contains("This is a sample"), "{:?}", mail.body_text(0));

    assert_eq!(output_of(&mut world.program(&["test", "machine"])).2, 0);
    assert_eq!(world.hook.deliveries()[0].body["type"], "delivery.sample");
    world.hook.answer_next(stagewatch::demo::hook::reply::Reply::of(500));
    let (said, _, code) = output_of(&mut world.program(&["test", "machine"]));
    assert!(code == 3 && said.contains("500"), "{code} {said}");
    assert_eq!(output_of(&mut world.program(&["deliveries", "--json"])).0, "", "a sample is not written down");
    let (_, stderr, code) = output_of(&mut world.program(&["test", "nobody"]));
    assert!(code == 1 && stderr.contains("people, machine"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_shown_by_status_and_resumed_with_what_was_held_back() {
    let world = World::start().await;
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    world.hook.answer_next(stagewatch::demo::hook::reply::Reply::of(410));
    world.show("50.00");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 3);
    world.show("50.20");
    output_of(&mut world.program(&["once"]));
    assert_eq!(world.hook.deliveries().len(), 0, "nothing is tried any more");
    let (status, _, code) = output_of(&mut world.program(&["status"]));
    assert_eq!(code, 3);
    for words in [
        "held back: 2 deliveries to those who are stopped",
        "stopped: nothing goes to `machine` by webhook",
        "(gone since",
        "alarm: delivery.disabled",
    ] {
        assert!(status.contains(words), "{words} is not in\n{status}");
    }
    let (said, _, code) = output_of(&mut world.program(&["resume", "machine"]));
    assert_eq!(code, 0);
    assert!(said.contains("1 endpoint enabled, 2 deliveries due now"), "{said}");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    assert_eq!(world.hook.deliveries().len(), 2);
    let (status, _, code) = output_of(&mut world.program(&["status"]));
    assert!(code == 0 && !status.contains("stopped:") && !status.contains("alarm:"), "{status}");
    assert!(output_of(&mut world.program(&["resume", "machine"])).0.contains("nothing was stopped"));
    let (_, told, code) = output_of(&mut world.program(&["resume", "machin"]));
    assert_eq!(code, 1);
    assert!(told.contains("no subscriber is called `machin`"), "{told}");
}

#[test]
fn a_demo_goes_as_written_and_keeps_its_secret_to_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (told, stderr, code) = output_of(program().args(["demo", "--folder"]).arg(folder.path()));
    assert_eq!(code, 0, "{told}{stderr}");
    for words in [
        "as if it were today",
        "what is read, sent and open for comment is dated today",
        "before its end; nothing accepted",
        &format!(
            "  {} --config {}/stagewatch.toml changes\n",
            env!("CARGO_BIN_EXE_stagewatch"),
            folder.path().display()
        ),
        &format!("  {} --config {}/stagewatch.toml run\n", env!("CARGO_BIN_EXE_stagewatch"), folder.path().display()),
    ] {
        assert!(told.contains(words), "{words} is not in\n{told}");
    }
    let secret = std::fs::metadata(folder.path().join("webhook-secret")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_demo_does_not_play_over_the_database_of_another() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stagewatch.db"), "another demo's").unwrap();
    let (_, told, code) = output_of(program().args(["demo", "--folder"]).arg(folder.path()));
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("holds a database already; name a folder that does not"), "{told}");
    assert_eq!(std::fs::read(folder.path().join("stagewatch.db")).unwrap(), b"another demo's");
}
