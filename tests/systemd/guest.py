"""What an administrator does with stagewatch, done inside a booted systemd: install as README says, first alert, reload, faults, upgrade,
removal. Run by tests/systemd/boot; every line that it prints is a claim that was seen to hold.

Usage: guest.py FOLDER   with README.md, operating.md, current.deb, previous.deb, migrations and the files beside this one in it
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import keeping
import limits
from tools import *


# --- what README promises


def readme_commands():
    """The lines that README gives a new user, unchanged."""
    text = (FOLDER / "README.md").read_text()
    block = re.search(r"^## Install it$.*?^```sh\n(.*?)^```$", text, re.S | re.M)
    assert block, "README.md has no commands under `Install it`"
    lines = block.group(1).splitlines()
    assert len(lines) < 10, f"README promises fewer than ten lines, and has {len(lines)}"
    return lines


def a_new_user_gets_a_running_empty_service_by_one_command_and_the_first_alert_by_eight_more():
    first, *rest = readme_commands()
    shutil.copy(FOLDER / "current.deb", HOME / "stagewatch_1_amd64.deb")
    if not shutil.which("sudo"):
        pathlib.Path("/usr/local/bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
        os.chmod("/usr/local/bin/sudo", 0o755)
    said = run("bash", "-ec", first, cwd=HOME, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    assert is_active(), log()
    assert "/etc/stagewatch/stagewatch.toml" in said and "right; 0 sources" in said, f"it says what to edit next:\n{said}"
    assert show("StatusText")["StatusText"].startswith("0 sources"), show("StatusText")
    assert show("UnitFileState")["UnitFileState"] == "enabled"
    assert not lines_of("requests.jsonl"), "nobody is asked before somebody says whom"
    named = re.findall(r"ln -s (\S+) ", (CONFIG / "stagewatch.toml").read_text())
    assert len(named) == 2 and all(f"ln -s {path} " in "".join(rest) for path in named), f"it names what README names: {named}"

    run("bash", "-ec", "\n".join(rest), cwd=HOME)
    until("a baseline", lambda: any(line.get("source", {}).get("last-accepted") for line in status()))
    assert changes() == [] and mails() == []
    stages(s27071="50.00", s24392="40.60")
    poll()
    mail = until("the first alert", mails)[0]
    assert mail["Subject"] == "[stagewatch] ISO/IEC 27071: DIS → FDIS (50.00)", mail["Subject"]
    assert mail["To"] and len(mails()) == 1


def the_administrator_sees_what_the_service_sees():
    assert "outbox: 0 waiting" in run("stagewatch", "status", ok=False).stdout
    said = run("stagewatch", "check")
    assert "right;" in said and "1 subscriber" in said, said
    assert run("stagewatch", "health") == "polls and deliveries are moving\n"
    assert re.match(r"\d+ sources, last poll 20\d\d-.* UTC, \d+ in trouble; outbox: 0 waiting", show("StatusText")["StatusText"])
    assert "stagewatch" in run("man", "--pager=cat", "stagewatch-run")
    run("bash", "-n", "/usr/share/bash-completion/completions/stagewatch")
    run("stagewatch", "check", "--config", "/usr/share/doc/stagewatch/stagewatch.toml")
    run("systemctl", "restart", UNIT)
    assert page_answers() == "200 0", "ready means that it answers"
    for unit in ["stagewatch.service", "stagewatch.socket", "stagewatch-once.service", "stagewatch-once.timer"]:
        assert run("systemd-analyze", "verify", unit, ok=False).stderr == "", f"{unit} is not right"


def a_webhook_arrives_signed():
    (CONFIG / "secrets/plm-webhook").write_text(HOOK_SECRET)
    (CONFIG / "subscribers/plm.toml").write_text(
        'webhook = { allow-networks = ["127.0.0.1/32"] }\n'
        'subscriber = [{ id = "plm", watches = ["*"], webhook = { url = "https://plm.example.org:8443/hook", secret-file = "%d/plm-webhook" } }]\n')
    run("systemctl", "restart", UNIT)
    stages(s27071="50.20", s24392="40.60")
    poll()
    [hook] = until("a webhook", lambda: lines_of("webhooks.jsonl"))
    assert hook["right"], "the signature is not right"
    assert hook["body"]["type"] == "standard.stage_moved" and hook["body"]["data"]["to"]["code"] == "50.20", hook
    until("a second mail", lambda: len(mails()) == 2)


def secrets_are_seen_nowhere():
    secrets = [PASSWORD, HOOK_SECRET, HOOK_SECRET.removeprefix("whsec_")]
    pid = show("MainPID")["MainPID"]
    places = {
        "environ": pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace"),
        "argv": pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(),
        "systemctl show": run("systemctl", "show", UNIT),
        "the journal": run("journalctl", "--no-pager", "--output", "export"),
        "status": run("stagewatch", "status", "--json", ok=False).stdout,
    }
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, f"a secret is in {place}"
        assert "me@example.org" not in text, f"the address of a recipient is in {place}"
    for name in ["smtp-password", "plm-webhook"]:
        folder = pathlib.Path("/run/credentials") / UNIT
        assert (folder / f"secrets_{name}").stat().st_mode & 0o077 == 0, "a secret is readable by others"


def a_secret_may_be_encrypted_on_the_disk():
    plain, encrypted = CONFIG / "secrets/smtp-password", CONFIG / "smtp-password.cred"
    run("systemd-creds", "encrypt", "--name=smtp-password", "-", encrypted, input=PASSWORD)
    assert PASSWORD not in encrypted.read_text()
    plain.unlink()
    assert run("systemctl", "restart", UNIT, ok=False).returncode != 0, "nothing runs without its secret"
    with drop_in("encrypted-secret.conf", pathlib.Path("/usr/share/stagewatch/drop-ins/encrypted-secret.conf").read_text()):
        run("systemctl", "restart", UNIT)
        assert is_active()
        run("systemctl", "stop", UNIT)
    plain.write_text(PASSWORD)
    encrypted.unlink()
    run("systemctl", "start", UNIT)


def the_journal_has_fields_of_its_own():
    entries = [json.loads(line) for line in run("journalctl", "--output", "json", "STAGEWATCH_STANDARD=ISO/IEC 27071").splitlines()]
    assert len(entries) == 2 and all(entry["_SYSTEMD_UNIT"] == UNIT for entry in entries), entries
    change = changes()[0]
    entry = entries[0]
    assert entry["STAGEWATCH_CHANGE"] == change["id"] and entry["STAGEWATCH_SOURCE"] == "iso-open-data", entry
    assert entry["PRIORITY"] == "6" and len(entry["MESSAGE_ID"]) == 32, entry
    same_kind = run("journalctl", "--output", "cat", f"MESSAGE_ID={entry['MESSAGE_ID']}").splitlines()
    assert len(same_kind) == 2, same_kind
    delivered = run("journalctl", "--output", "json", f"STAGEWATCH_CHANGE={change['id']}", "+", "STAGEWATCH_SUBSCRIBER=me")
    assert "STAGEWATCH_DELIVERY" in delivered, delivered
    explained = run("journalctl", "--catalog", "--no-pager", f"STAGEWATCH_CHANGE={change['id']}")
    assert "stagewatch history" in explained, explained


def a_reload_swaps_the_whole_configuration_or_none_of_it():
    pid = show("MainPID")["MainPID"]
    watch = CONFIG / "watches/drones.toml"
    watch.write_text('[[watch]]\nid = "drones"\nkeywords = ["unmanned air"]\n')
    watches = lambda: int(re.search(r"(\d+) watch", log().split("the new configuration is in force")[-1]).group(1))
    run("systemctl", "reload", UNIT)
    before = watches()
    watch.write_text('[[watch]]\nid = "drones"\nkeyword = ["unmanned air"]\n')
    refused = run("systemctl", "reload", UNIT, ok=False)
    assert refused.returncode != 0
    until("the problem in the journal", lambda: 'drones.toml:3: watch.keyword' in log() and "did you mean" in log(), 5)
    assert is_active() and show("MainPID")["MainPID"] == pid, "the service went on under the old configuration"
    polls = lambda: log().count("polled `iso-open-data`")
    before_poll = polls()
    run("stagewatch", "poll", "iso-open-data")
    until("a poll under the old configuration", lambda: polls() > before_poll)
    watch.unlink()
    run("systemctl", "reload", UNIT)
    assert watches() == before - 1
    assert show("MainPID", "NRestarts") == {"MainPID": pid, "NRestarts": "0"}


# --- faults


def killed_at_the_worst_moment_it_is_back_within_a_second_and_loses_and_doubles_nothing():
    (WORLD / "hold").touch()
    n_hooks, n_mails = len(lines_of("webhooks.jsonl")), len(mails())
    stages(s27071="50.20", s24392="50.00")
    run("stagewatch", "poll", "iso-open-data")
    until("an attempt under way", lambda: len(lines_of("webhooks.jsonl")) > n_hooks)
    pid = int(show("MainPID")["MainPID"])
    killed = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    until("serving again", lambda: is_active() and show("MainPID")["MainPID"] not in ("0", str(pid)), 5)
    took = time.monotonic() - killed
    assert took < 1.0, f"serving again after {took:.2f} s"
    taken = until("the webhook under the same id", lambda: [hook for hook in lines_of("webhooks.jsonl")[n_hooks:] if hook["taken"]])
    until("the mail", lambda: len(mails()) > n_mails)
    until("an empty outbox", lambda: status()[-1]["outbox"]["waiting"] + status()[-1]["outbox"]["under-way"] == 0)
    assert len({hook["id"] for hook in lines_of("webhooks.jsonl")[n_hooks:]}) == 1 and all(hook["right"] for hook in taken)
    assert len({mail["Message-ID"] for mail in mails()}) == n_mails + 1, "one more alert, whatever the number of mails"
    assert len(changes()) == 3
    print(f"      serving again {took:.2f} s after kill -9")


def a_hang_is_noticed_and_ended():
    with drop_in("watchdog.conf", "[Service]\nWatchdogSec=2s\n"):
        run("systemctl", "restart", UNIT)
        time.sleep(5)  # More than two intervals: whoever feeds the watchdog is not a timer that started late.
        before = show("MainPID", "NRestarts")
        assert before["NRestarts"] == "0", "a service that moves is left alone"
        os.kill(int(before["MainPID"]), signal.SIGSTOP)
        until("a restart by the watchdog", lambda: show("NRestarts")["NRestarts"] == "1" and is_active())
        assert "Watchdog timeout" in log()
    run("systemctl", "restart", UNIT)
    poll()


def a_crash_loop_ends_in_failed_where_it_is_seen():
    run("systemctl", "stop", UNIT)
    database = STATE / "stagewatch.db"
    kept = database.read_bytes()
    for name in ["stagewatch.db-wal", "stagewatch.db-shm"]:
        (STATE / name).unlink(missing_ok=True)
    database.write_bytes(b"this is no database of ours" * 100)
    run("systemctl", "start", UNIT, ok=False)
    until("failed", lambda: show("ActiveState", "SubState") == {"ActiveState": "failed", "SubState": "failed"}, 30)
    assert int(show("NRestarts")["NRestarts"]) >= 9
    assert "stagewatch.db" in log("--lines", "30"), "the log names the file"
    database.write_bytes(kept)
    run("systemctl", "reset-failed", UNIT)
    run("systemctl", "start", UNIT)
    assert is_active() and len(changes()) == 3


def a_wrong_configuration_at_the_start_is_tried_once():
    wrong = CONFIG / "sources/wrong.toml"
    wrong.write_text("[[source]]\nid = 1\n")
    run("systemctl", "restart", UNIT, ok=False)
    until("failed", lambda: show("ActiveState")["ActiveState"] == "failed", 10)
    assert show("NRestarts", "ExecMainStatus") == {"NRestarts": "0", "ExecMainStatus": "78"}
    wrong.unlink()
    run("systemctl", "reset-failed", UNIT)
    run("systemctl", "start", UNIT)


def what_the_unit_forbids_cannot_be_reached():
    n_before = len(lines_of("requests.jsonl"))
    source = CONFIG / "sources/metadata.toml"
    source.write_text('[[source]]\nid = "metadata"\nformat = "page-text"\nurl = "http://169.254.7.7/latest/meta-data/"\nignore-robots = true\n')
    run("curl", "--silent", "--fail", "--max-time", "5", "http://169.254.7.7/x.jsonl")
    assert lines_of("requests.jsonl")[n_before:], "anybody else can reach it"
    n_before = len(lines_of("requests.jsonl"))
    text = (CONFIG / "stagewatch.toml").read_text()
    (CONFIG / "stagewatch.toml").write_text(text + 'timeout = "2s"\n')
    run("systemctl", "reload", UNIT)
    last = until("a poll", lambda: next((line["source"]["last-poll"] for line in status() if line.get("source", {}).get("source") == "metadata"), None), 30)
    assert last["outcome"] == "failed", last
    assert not lines_of("requests.jsonl")[n_before:], "the kernel let it through"
    source.unlink()
    (CONFIG / "stagewatch.toml").write_text(text)
    run("systemctl", "reload", UNIT)


def the_shipped_drop_ins_work():
    shipped = pathlib.Path("/usr/share/stagewatch/drop-ins")
    for name, score in [("public-only.conf", 11), ("root-directory.conf", 10)]:
        with drop_in(name, (shipped / name).read_text()):
            run("systemctl", "restart", UNIT)
            assert poll()["outcome"] in ("unchanged", "not-modified"), name
            assert run("systemctl", "reload", UNIT) == "" and is_active()
            rated = run("systemd-analyze", "security", f"--threshold={score}", UNIT).strip().splitlines()[-1]
            print(f"      with {name}: {rated.removeprefix('→ ')}")
            run("systemctl", "stop", UNIT)
    run("systemctl", "start", UNIT)
    rated = run("systemd-analyze", "security", "--threshold=11", UNIT).strip().splitlines()[-1]
    print(f"      as shipped: {rated.removeprefix('→ ')}")


def it_stops_within_five_seconds_whatever_is_under_way():
    (WORLD / "hold").touch()
    n_hooks = len(lines_of("webhooks.jsonl"))
    stages(s27071="50.60")
    run("stagewatch", "poll", "iso-open-data")
    until("an attempt under way", lambda: len(lines_of("webhooks.jsonl")) > n_hooks)
    begun = time.monotonic()
    stop = subprocess.Popen(["systemctl", "stop", UNIT])
    until("word that it stops", lambda: show("StatusText", "ActiveState") == {
        "StatusText": "stopping: what is under way gets a few seconds", "ActiveState": "deactivating"})
    stop.wait()
    took = time.monotonic() - begun
    assert took < 5 and show("Result")["Result"] == "success", (took, show("Result"))
    print(f"      stopped after {took:.2f} s")
    # What was cut off goes out under the same id, by whoever comes next: here the timer's round.
    run("systemctl", "start", "stagewatch-once.service")
    assert show("Result", unit="stagewatch-once.service")["Result"] == "success"
    hooks = lines_of("webhooks.jsonl")[n_hooks:]
    assert len({hook["id"] for hook in hooks}) == 1 and hooks[-1]["taken"], hooks
    run("systemctl", "start", UNIT)


def a_port_that_systemd_holds_refuses_nobody_while_the_service_restarts():
    run("bash", "-ec", row("operating.md", "no request for a page refused while it restarts"))
    assert page_answers() == "200 0"
    pid = show("MainPID")["MainPID"]
    restart = subprocess.Popen(["systemctl", "restart", UNIT])
    answers = [page_answers()]
    while restart.poll() is None:
        answers.append(page_answers())
    assert restart.returncode == 0 and show("MainPID")["MainPID"] != pid
    # What the old process had taken and not yet read when it was told to stop is closed without an answer; nothing is refused (7).
    cut = [said for said in answers if said in ("000 52", "000 56")]
    assert len(cut) <= 1 and set(answers) - set(cut) == {"200 0"}, answers
    run("systemctl", "disable", "--now", "stagewatch.socket")
    run("systemctl", "restart", UNIT)


def every_kind_of_event_has_an_id_by_which_it_is_found_and_explained():
    catalog = pathlib.Path("/usr/lib/systemd/catalog/stagewatch.catalog").read_text()
    kinds = {subject: id for id, subject in re.findall(r"^-- ([0-9a-f]{32})\nSubject: (.*)$", catalog, re.M)}
    found = lambda kind: run("journalctl", "--no-pager", "--output", "cat", f"MESSAGE_ID={kinds[kind]}", ok=False).stdout
    # A stage that no vocabulary has; then a page that is cut short, until it is a trouble, and whole again.
    kept = json.loads((WORLD / "stages").read_text())["78703"]
    stages(s24392="50.07")
    poll()
    stages(s24392=kept)
    (WORLD / "cut").touch()
    while not found("A source stays in trouble"):
        assert poll()["outcome"] in ("refused", "doubtful")
    (WORLD / "cut").unlink()
    poll()
    # A mail server that refuses what is said, a receiver that is busy, and one that is gone.
    run("postconf", "-e", "smtpd_end_of_data_restrictions=reject")
    run("postfix", "reload")
    stages(s27071="90.20")
    poll()
    until("a refusal", lambda: found("An alert was given up"))
    run("postconf", "-X", "smtpd_end_of_data_restrictions")
    run("postfix", "reload")
    for status, kind, stage in [(503, "An alert could not be delivered yet", "90.60"), (410, "Alerts are held back", "90.92")]:
        (WORLD / "hook-answer").write_text(str(status))
        stages(s27071=stage)
        poll()
        until(kind, lambda: found(kind))
    missing = [kind for kind in kinds if not found(kind)]
    assert len(kinds) == 13 and not missing, missing
    for kind, id in kinds.items():
        entry = json.loads(run("journalctl", "--output", "json", "--lines", "1", f"MESSAGE_ID={id}"))
        assert entry["_SYSTEMD_UNIT"] in (UNIT, "stagewatch-once.service"), entry
        about = {"source": "STAGEWATCH_SOURCE", "page": "STAGEWATCH_SOURCE", "standard": "STAGEWATCH_STANDARD"}
        wanted = next((field for word, field in about.items() if word in kind), None)
        assert wanted is None or wanted in entry, (kind, entry)
        assert kind in run("journalctl", "--catalog", "--no-pager", "--lines", "1", f"MESSAGE_ID={id}"), f"{kind} is not explained"
    run("stagewatch", "resume", "plm")


def who_wants_no_daemon_has_a_timer():
    run("bash", "-ec", row("operating.md", "no daemon"))
    assert not is_active() and show("ActiveState", unit="stagewatch-once.timer")["ActiveState"] == "active"
    assert "stagewatch-once.service" in run("systemctl", "list-timers", "--no-pager", "stagewatch-once.timer")
    polls = lambda: len([line for line in lines_of("requests.jsonl") if line["path"].endswith("metadata.jsonl")])
    before = polls()
    run("systemctl", "start", "stagewatch-once.service")
    assert polls() == before + 1 and show("Result", unit="stagewatch-once.service")["Result"] == "success"
    run("systemctl", "disable", "--now", "stagewatch-once.timer")
    run("systemctl", "enable", "--now", UNIT)


# --- packages


def removed_it_keeps_what_it_knows_purged_it_is_gone():
    (CONFIG / "secrets/of-mine").write_text("kept")
    run("apt-get", "remove", "--yes", "stagewatch", env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    assert not shutil.which("stagewatch") and not is_active()
    assert (STATE / "stagewatch.db").exists() and (CONFIG / "stagewatch.toml").exists() and (CONFIG / "secrets/of-mine").exists()
    run("dpkg", "--purge", "stagewatch")
    for path in [CONFIG, STATE, pathlib.Path("/var/lib/private/stagewatch"), pathlib.Path("/etc/systemd/system/multi-user.target.wants/stagewatch.service")]:
        assert not path.exists() and not path.is_symlink(), f"{path} is still there"


def an_upgrade_keeps_state_configuration_and_the_administrators_choices():
    run("dpkg", "--install", FOLDER / "previous.deb")
    previous = run("dpkg-query", "--show", "--showformat", "${Version}", "stagewatch")
    (CONFIG / "sources/default.toml").symlink_to("/usr/share/stagewatch/sources/default.toml")
    stages(s27071="40.60", s24392="40.60")
    keeping.only_open_data()
    edited = (CONFIG / "stagewatch.toml").read_text()
    until("a baseline", lambda: any(line.get("source", {}).get("last-accepted") for line in status()))
    stages(s27071="50.00", s24392="40.60")
    poll()
    before = changes()
    assert len(before) == 1
    # The previous version had the schema before this one: what it leaves behind is what its own migrations made.
    run("systemctl", "stop", UNIT)
    keeping.as_of_schema(keeping.SCHEMA - 1)
    run("dpkg", "--install", FOLDER / "current.deb")
    assert run("dpkg-query", "--show", "--showformat", "${Version}", "stagewatch") != previous
    until("the new one", is_active, 10)
    copy = STATE / f"stagewatch.db.before-{keeping.SCHEMA}"
    assert f"of schema {keeping.SCHEMA - 1} and is brought to {keeping.SCHEMA}; a copy is kept as {copy}" in log("--lines", "40")
    assert keeping.schema_of(copy) == keeping.SCHEMA - 1
    assert changes() == before and (CONFIG / "stagewatch.toml").read_text() == edited
    stages(s27071="50.20", s24392="40.60")
    poll()
    assert len(changes()) == 2, "what moves after the upgrade is told against what was known before it"
    # The same version once more, as a running service meets it.
    pid = show("MainPID")["MainPID"]
    run("dpkg", "--install", FOLDER / "current.deb")
    until("another process", lambda: is_active() and show("MainPID")["MainPID"] not in ("0", pid), 10)
    assert len(changes()) == 2 and (CONFIG / "stagewatch.toml").read_text() == edited
    run("systemctl", "disable", "--now", UNIT)
    run("dpkg", "--install", FOLDER / "current.deb")
    assert not is_active() and show("UnitFileState")["UnitFileState"] == "disabled", "who switched it off finds it off"


def where_there_is_no_package_a_script_installs_it():
    checkout = FOLDER / "checkout"
    run("sh", checkout / "deploy/install.sh")
    assert is_active() and show("FragmentPath")["FragmentPath"] == "/etc/systemd/system/stagewatch.service"
    assert show("ExecMainStatus")["ExecMainStatus"] == "0" and show("StatusText")["StatusText"].startswith("0 sources")
    kept = (CONFIG / "stagewatch.toml").read_text().replace("# contact =", "contact =")
    (CONFIG / "stagewatch.toml").write_text(kept)
    run("systemctl", "reload", UNIT)
    run("sh", checkout / "deploy/install.sh")
    assert is_active() and (CONFIG / "stagewatch.toml").read_text() == kept, "a second time it overwrites nothing"
    run("sh", checkout / "deploy/install.sh", "--uninstall")
    assert not is_active() and not shutil.which("stagewatch") and (STATE / "stagewatch.db").exists()


CLAIMS = [
    a_new_user_gets_a_running_empty_service_by_one_command_and_the_first_alert_by_eight_more,
    the_administrator_sees_what_the_service_sees,
    a_webhook_arrives_signed,
    secrets_are_seen_nowhere,
    a_secret_may_be_encrypted_on_the_disk,
    the_journal_has_fields_of_its_own,
    a_reload_swaps_the_whole_configuration_or_none_of_it,
    killed_at_the_worst_moment_it_is_back_within_a_second_and_loses_and_doubles_nothing,
    a_hang_is_noticed_and_ended,
    a_crash_loop_ends_in_failed_where_it_is_seen,
    a_wrong_configuration_at_the_start_is_tried_once,
    what_the_unit_forbids_cannot_be_reached,
    the_shipped_drop_ins_work,
    it_stops_within_five_seconds_whatever_is_under_way,
    a_port_that_systemd_holds_refuses_nobody_while_the_service_restarts,
    *keeping.CLAIMS,
    *limits.CLAIMS,
    who_wants_no_daemon_has_a_timer,
    every_kind_of_event_has_an_id_by_which_it_is_found_and_explained,
    removed_it_keeps_what_it_knows_purged_it_is_gone,
    an_upgrade_keeps_state_configuration_and_the_administrators_choices,
    removed_it_keeps_what_it_knows_purged_it_is_gone,
    where_there_is_no_package_a_script_installs_it,
]

surroundings()
# While a claim is being written, ONLY=part,part leaves out the others, but for the first.
parts = os.environ.get("ONLY", "").split(",")
for claim in [claim for claim in CLAIMS if claim is CLAIMS[0] or any(part in claim.__name__ for part in parts)]:
    begun, name = time.monotonic(), claim.__name__.replace("_", " ")
    try:
        not_tried = claim()
    except Exception:
        print(f"FAIL  {name}\n{run('journalctl', '--no-pager', '--lines', '60')}", flush=True)
        raise
    took = f"({time.monotonic() - begun:.1f} s)"
    print(f"NOT RUN  {name}: {not_tried}" if not_tried else f"ok    {name} {took}", flush=True)
