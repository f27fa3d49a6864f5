"""Claims about keeping: copies, going back, clearing out, moving, the past, databases of other versions, the doctor. What operating.md tells
its reader to type is typed here, unchanged."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import time
import zipfile

import earlier
from internet_pages import open_data
from tools import *

BACKUPS = pathlib.Path("/var/lib/stagewatch-backups")
SCHEMA = len(list((FOLDER / "migrations").glob("*.sql")))


def opened(file):
    """A copy, looked at by another program than ours."""
    database = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], f"{file} is damaged"
    return database


def count(database, table):
    return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def schema_of(file):
    return opened(file).execute("SELECT version FROM schema_version").fetchone()[0]


def settled():
    until("an empty outbox", lambda: status()[-1]["outbox"]["waiting"] + status()[-1]["outbox"]["under-way"] == 0)


def move(**codes):
    """A move that is told: the mail about it."""
    n_mails = len(mails())
    stages(**codes)
    poll()
    until("an alert", lambda: len(mails()) == n_mails + 1)
    settled()
    return mails()[-1]


def only_open_data():
    """Of the default's sources, the one that the guest's Internet has; it is local, and needs no pauses. And says who asks."""
    kept = (CONFIG / "stagewatch.toml").read_text()
    (CONFIG / "stagewatch.toml").write_text(kept.replace("[fetch]\n", '[fetch]\npause = "50ms"\ntimeout = "3s"\n').replace("# contact", "contact"))
    (CONFIG / "sources/default.toml").unlink()
    whole = pathlib.Path("/usr/share/stagewatch/sources/default.toml").read_text()
    [block] = [block for block in whole.split("[[source]]") if 'id = "iso-open-data"' in block]
    (CONFIG / "sources/open-data.toml").write_text(f"[[source]]{block}")
    run("systemctl", "reload", UNIT)


def a_copy_is_made_while_the_service_works_and_another_program_opens_it():
    only_open_data()
    pathlib.Path("/var/backups").mkdir(exist_ok=True)
    run("stagewatch", "poll")
    said = typed("operating.md", "stagewatch backup /var/backups/")
    file = pathlib.Path(f"/var/backups/stagewatch-{time.strftime('%Y-%m-%d')}.db")
    assert f"{file}: whole; " in said and f"schema {SCHEMA}, " in said, said
    assert file.stat().st_mode & 0o007 == 0, "the addresses of recipients are in it"
    assert count(opened(file), "changes") == len(changes())
    again = run("stagewatch", "backup", file, ok=False)
    assert again.returncode == 1 and "exists already" in again.stderr, again
    poll()


def a_timer_copies_every_night_and_turns_the_copies_over():
    secret = CONFIG / "secrets/smtp-password"
    assert run("systemctl", "is-enabled", "stagewatch-backup.timer", ok=False).stdout.strip() == "disabled"
    typed("operating.md", "systemctl enable --now stagewatch-backup.timer")
    assert "stagewatch-backup.service" in run("systemctl", "list-timers", "--no-pager", "stagewatch-backup.timer")
    secret.rename(CONFIG / "away")  # A copy does not hang on a password.
    run("systemctl", "start", "stagewatch-backup.service")
    for day in range(10, 30):
        (BACKUPS / f"stagewatch-202601{day}T031700Z.db").write_text("older")
    time.sleep(1.1)  # A copy is called after its second.
    run("systemctl", "start", "stagewatch-backup.service")
    (CONFIG / "away").rename(secret)
    names = sorted(path.name for path in BACKUPS.iterdir())
    assert len(names) == 14 and names[0] == "stagewatch-20260118T031700Z.db", names
    assert count(opened(BACKUPS / names[-1]), "changes") == len(changes())
    seen = os.listdir(f"/proc/{show('MainPID')['MainPID']}/root/var/lib/private")
    assert seen == ["stagewatch"], f"the service sees {seen}"
    run("systemctl", "disable", "--now", "stagewatch-backup.timer")
    assert "stagewatch-backups" in run("stagewatch", "doctor", "--offline", ok=False).stdout, "the doctor knows of it"


# --- the doctor


def doctor(*more, code):
    """What it says, by what it looked at: verdict, text, remedy."""
    done = run("stagewatch", "doctor", "--json", *more, ok=False)
    assert done.returncode == code, done
    findings = [json.loads(line)["finding"] for line in done.stdout.splitlines()]
    assert all(finding["remedy"] for finding in findings if finding["verdict"] in ("wrong", "doubtful")), findings
    return {finding["what"]: finding for finding in findings}


def sign_mail():
    """Keys that sign mail, and the DNS with their public halves, both by OpenSSL."""
    texts = {}
    for selector, kind in [("one", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]), ("two", ["-algorithm", "ED25519"])]:
        key = CONFIG / f"secrets/dkim-{selector}"
        run("openssl", "genpkey", *kind, "-out", key)
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
        name, public = ("ed25519", public[-32:]) if selector == "two" else ("rsa", public)
        texts[f"{selector}._domainkey.example.org"] = f"v=DKIM1; k={name}; p={base64.b64encode(public).decode()}"
    (WORLD / "texts").write_text(json.dumps(texts))
    me = CONFIG / "subscribers/me.toml"
    me.write_text(me.read_text().replace('from = "', 'dkim-selector = ["one", "two"], dkim-key-file = ["%d/dkim-one", "%d/dkim-two"], from = "'))
    return texts


def the_doctor_finds_all_well_with_the_eyes_of_the_service():
    sign_mail()
    run("systemctl", "restart", UNIT)
    poll()
    found = doctor("--as-service", code=3)
    # The body of this test shows two of the standards that the shipped watches name: that deserves a look, and nothing else does.
    assert [what for what, finding in found.items() if finding["verdict"] != "good"] == ["watches"], found
    for what in ["configuration", "permissions", f"database {DATABASE}", "backup", "service", "clock", "time zones", "names", "encryption",
                 "mail smtps://mail.example.org:465", "key one._domainkey.example.org", "key two._domainkey.example.org",
                 "webhook of plm", "source iso-open-data", f"disk of {STATE}"]:
        assert found[what]["verdict"] == "good", found.get(what)
    assert "signed in" in found["mail smtps://mail.example.org:465"]["says"], found
    shown = run("stagewatch", "doctor", "--as-service", ok=False).stdout.splitlines()
    assert [line for line in shown if line.startswith("look ")] == [line for line in shown if "7 numbers that are watched" in line], shown
    assert sum(line.startswith("good ") for line in shown) == len(found) - 1, shown
    assert os.environ.get("ONLY") or doctor(code=3).keys() == found.keys(), "root sees the same here"


def the_doctor_names_what_is_broken_each_with_its_remedy():
    source, secret, password = CONFIG / "sources/broken.toml", CONFIG / "secrets/dkim-one", CONFIG / "secrets/smtp-password"
    texts = (WORLD / "texts").read_text()
    source.write_text('[[source]]\nid = "forbidden"\nformat = "page-text"\nurl = "http://169.254.7.7/latest/"\nignore-robots = true\n'
                      '[[source]]\nid = "nowhere"\nformat = "page-text"\nurl = "https://nowhere.example.org/"\n')
    password.write_text("another password")
    run("openssl", "genpkey", "-algorithm", "ED25519", "-out", CONFIG / "secrets/dkim-two")
    (WORLD / "texts").write_text(json.dumps({name: text for name, text in json.loads(texts).items() if name.startswith("two")}))
    secret.chmod(0o604)
    secret.parent.chmod(0o755)
    found = doctor("--as-service", code=1)
    wrong = {what for what, finding in found.items() if finding["verdict"] == "wrong"}
    assert wrong == {"source forbidden", "source nowhere", "name nowhere.example.org", "mail smtps://mail.example.org:465",
                     "key one._domainkey.example.org", "key two._domainkey.example.org"}, (wrong, found)
    assert "TXT \"v=DKIM1; k=rsa; p=" in found["key one._domainkey.example.org"]["remedy"], found
    as_root = doctor(code=1)
    assert as_root["source forbidden"]["says"] != found["source forbidden"]["says"], "what the unit forbids, root may reach"
    assert as_root[f"secret {secret}"]["verdict"] == "doubtful", as_root
    source.write_text("[[source]]\nid = 1\n")
    refused = run("stagewatch", "doctor", "--as-service", ok=False)
    assert refused.returncode == 78 and "broken.toml:2" in refused.stderr, refused
    source.unlink()
    secret.chmod(0o600)
    secret.parent.chmod(0o700)
    password.write_text(PASSWORD)
    me = CONFIG / "subscribers/me.toml"
    me.write_text(me.read_text().replace('dkim-selector = ["one", "two"], dkim-key-file = ["%d/dkim-one", "%d/dkim-two"], ', ""))
    run("systemctl", "restart", UNIT)


# --- the database as a whole


def a_backup_is_put_in_the_place_of_the_database():
    backup = pathlib.Path("/var/backups/stagewatch-2026-11-01.db")  # As the page has it.
    run("stagewatch", "backup", backup)
    before = changes()
    move(s27071="60.60")
    assert len(changes()) == len(before) + 1
    pid = show("MainPID")["MainPID"]
    refused = run("stagewatch", "restore", backup, ok=False)
    assert refused.returncode == 1 and f"process {pid}" in refused.stderr, refused
    typed("operating.md", "systemctl stop stagewatch\nstagewatch restore /var/backups")
    assert is_active()
    [replaced] = STATE.glob("stagewatch.db.replaced-*")
    assert count(opened(replaced), "changes") == len(before) + 1, "the one that was there is kept"
    replaced.unlink()
    # What changed since is found by the next poll, and told again under another id.
    poll()
    until("the change once more", lambda: len(changes()) == len(before) + 1)
    settled()
    backup.unlink()


def what_is_old_is_cleared_out_and_what_proves_a_change_is_not():
    before = changes()
    run("stagewatch", "prune", "--dry-run")
    live = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
    n_polls, n_sources = lambda: count(live, "polls"), count(live, "(SELECT DISTINCT source FROM polls)")
    poll()
    assert n_polls() > n_sources
    said = run("stagewatch", "prune", "--most-polls", "1", "--most-snapshots", "1", "--dry-run")
    assert "would clear out" in said and n_polls() > n_sources, said
    said = run("stagewatch", "prune", "--most-polls", "1", "--most-snapshots", "1")
    assert "cleared out" in said and n_polls() == n_sources, said
    live.close()
    refused = run("stagewatch", "prune", "--compact", ok=False)
    assert refused.returncode == 1 and "in use by process" in refused.stderr, refused
    assert "the file had" in typed("operating.md", "systemctl stop stagewatch\nstagewatch prune --compact")
    assert is_active() and changes() == before
    for change in before:
        proof = HOME / f"{change['id']}.zip"
        run("stagewatch", "evidence", change["id"], "-o", proof)
        assert zipfile.ZipFile(proof).testzip() is None and len(zipfile.ZipFile(proof).namelist()) > 4, proof
        proof.unlink()


def everything_moves_to_another_machine_as_lines():
    before, file = changes(), HOME / "stagewatch.jsonl"
    run("stagewatch", "export", "--snapshots", "-o", file)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sum("changes" in line for line in lines) == len(before), "a line for each"
    run("systemctl", "stop", UNIT)
    # The other machine: nothing of ours was ever there.
    shutil.rmtree(STATE.resolve())
    STATE.unlink(missing_ok=True)
    run("stagewatch", "restore", file)
    run("systemctl", "start", UNIT)
    assert is_active() and changes() == before
    n_mails = len(mails())
    poll()
    settled()
    assert changes() == before and len(mails()) == n_mails, "nobody is told twice"
    file.unlink()


def the_past_is_taken_in_before_the_service_goes_on_from_there():
    pages = {"2022-11-08T06:00:00Z": "40.60", "2023-05-12T06:00:00Z": "50.00"}
    kept = HOME / "kept.db"
    run("stagewatch", "backup", kept)
    for moment, stage in pages.items():
        (HOME / f"{moment}.jsonl").write_text(open_data({"56572": stage, "78703": "40.60"}))
    page = lambda moment: ["stagewatch", "import", "iso-open-data", HOME / f"{moment}.jsonl", "--at", moment]
    refused = run(*page("2022-11-08T06:00:00Z"), ok=False)
    assert refused.returncode == 1 and "in use by process" in refused.stderr, refused
    run("systemctl", "stop", UNIT)
    for file in STATE.glob("stagewatch.db*"):
        file.unlink()
    for moment in pages:
        run(*page(moment))
    n_mails = len(mails())
    [change] = changes()
    assert change["seen-at"].startswith("2023-05-12") and not change["announced"], change
    run("systemctl", "start", UNIT)
    stages(s27071="50.20", s24392="40.60")
    poll()
    until("what is new since then", lambda: len(changes()) == 2)
    until("an alert of that alone", lambda: len(mails()) == n_mails + 1)
    settled()
    run("systemctl", "stop", UNIT)
    run("stagewatch", "restore", kept)
    run("systemctl", "start", UNIT)
    for replaced in STATE.glob("stagewatch.db.replaced-*"):
        replaced.unlink()
    kept.unlink()


# --- databases of other versions


def put_in_place(file):
    """A database in the place of the one that is there, while the service is stopped."""
    owner = STATE.stat()
    for name in ["stagewatch.db", "stagewatch.db-wal", "stagewatch.db-shm"]:
        (STATE / name).unlink(missing_ok=True)
    shutil.move(file, DATABASE)
    os.chown(DATABASE, owner.st_uid, owner.st_gid)
    DATABASE.chmod(0o640)


def as_of_schema(schema):
    """Makes the database one that a version with that schema left."""
    made = pathlib.Path("/run/earlier.db")
    earlier.make(FOLDER / "migrations", schema, DATABASE, made)
    put_in_place(made)


def a_database_of_a_later_version_is_left_alone():
    run("systemctl", "stop", UNIT)
    with contextlib.closing(sqlite3.connect(DATABASE)) as database:
        database.execute("UPDATE schema_version SET version = 99")
        database.commit()
    run("systemctl", "start", UNIT, ok=False)
    until("failed", lambda: show("ActiveState", "SubState") == {"ActiveState": "failed", "SubState": "failed"}, 30)
    said = log("--lines", "20")
    assert "99" in said and f"{SCHEMA}" in said and "install the version that wrote it" in said, said
    finding = run("stagewatch", "doctor", "--offline", ok=False)
    assert finding.returncode == 1 and "WRONG database" in finding.stdout and "99" in finding.stdout, finding
    with contextlib.closing(sqlite3.connect(DATABASE)) as database:
        assert database.execute("SELECT version FROM schema_version").fetchone() == (99,), "nothing was done to it"
        database.execute("UPDATE schema_version SET version = ?", [SCHEMA])
        database.commit()
    run("systemctl", "reset-failed", UNIT)
    run("systemctl", "start", UNIT)


def a_database_of_the_first_version_is_brought_up_to_date_and_a_copy_is_kept():
    before, n_mails, n_deliveries = changes(), len(mails()), len(run("stagewatch", "deliveries", "--json").splitlines())
    run("systemctl", "stop", UNIT)
    as_of_schema(1)
    said = run("stagewatch", "doctor", "--offline", ok=False).stdout
    assert f"it is brought to schema {SCHEMA} at the next start, and a copy is kept" in said, said
    run("systemctl", "start", UNIT)
    copy = STATE / f"stagewatch.db.before-{SCHEMA}"
    said = log("--lines", "40")
    assert f"of schema 1 and is brought to {SCHEMA}; a copy is kept as {copy}" in said and f"step {SCHEMA} of {SCHEMA}" in said, said
    assert schema_of(copy) == 1 and count(opened(copy), "changes") == len(before)
    assert changes() == before and len(run("stagewatch", "deliveries", "--json").splitlines()) == n_deliveries
    poll()
    settled()
    assert changes() == before and len(mails()) == n_mails, "an upgrade is no news"
    copy.unlink()


def an_upgrade_of_the_database_that_takes_longer_than_a_start_may_is_waited_for():
    kept = HOME / "kept.db"
    run("stagewatch", "backup", kept)
    run("systemctl", "stop", UNIT)
    as_of_schema(1)
    with contextlib.closing(sqlite3.connect(DATABASE)) as database:
        number = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 800000)"
        database.execute(f"""INSERT INTO deliveries {number} SELECT 'dlv_' || n, 'me', 'email', 'me@example.org', 'Many', zeroblob(100),
            n, n, 'delivered', 1, n, NULL, '250 taken', n FROM number""")
        database.execute(f"INSERT INTO attempts {number} SELECT 'dlv_' || n, 1, n, n + 1000, 'delivered', '250 taken' FROM number")
        database.commit()
    with drop_in("short-start.conf", "[Service]\nTimeoutStartSec=1s\n"):
        run("systemctl", "start", UNIT)
        times = show("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic", "TimeoutStartUSec", "NRestarts", "Result")
        took = (int(times["ActiveEnterTimestampMonotonic"]) - int(times["ExecMainStartTimestampMonotonic"])) / 1e6
        assert times["TimeoutStartUSec"] == "1s" and times["NRestarts"] == "0" and times["Result"] == "success", times
        assert took > 1, f"an upgrade that takes {took:.2f} s shows nothing: it has to be larger"
        print(f"      ready after {took:.2f} s, with TimeoutStartSec=1s and {DATABASE.stat().st_size >> 20} MiB")
        run("systemctl", "stop", UNIT)
    (STATE / f"stagewatch.db.before-{SCHEMA}").unlink()
    run("stagewatch", "restore", kept)
    for replaced in STATE.glob("stagewatch.db.replaced-*"):
        replaced.unlink()
    kept.unlink()
    run("systemctl", "start", UNIT)


CLAIMS = [
    a_copy_is_made_while_the_service_works_and_another_program_opens_it,
    a_timer_copies_every_night_and_turns_the_copies_over,
    the_doctor_finds_all_well_with_the_eyes_of_the_service,
    the_doctor_names_what_is_broken_each_with_its_remedy,
    a_backup_is_put_in_the_place_of_the_database,
    what_is_old_is_cleared_out_and_what_proves_a_change_is_not,
    everything_moves_to_another_machine_as_lines,
    the_past_is_taken_in_before_the_service_goes_on_from_there,
    a_database_of_a_later_version_is_left_alone,
    a_database_of_the_first_version_is_brought_up_to_date_and_a_copy_is_kept,
    an_upgrade_of_the_database_that_takes_longer_than_a_start_may_is_waited_for,
]
