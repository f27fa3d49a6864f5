#!/usr/bin/env python3
"""Fills a database with years of work: for measuring how fast pages are, not for looking at.

usage: seed.py DATABASE [PROJECTS] [CHANGES] [POLLS]

The database must have been made by stagewatch (`stagewatch --config … status` makes one). What is written has the shape of what stagewatch
writes, down to the JSON of records; the numbers are 10,000 projects, 100,000 changes and 1,000,000 polls where none are given.
"""
import hashlib
import json
import random
import sqlite3
import sys

database = sys.argv[1]
n_projects, n_changes, n_polls = (int(text) for text in (sys.argv[2:] + ["10000", "100000", "1000000"][len(sys.argv) - 2:]))
chance = random.Random(27)
SECOND = 1_000_000
NOW = 1_780_000_000 * SECOND
DAY = 86_400 * SECOND
STAGES = ["00.20", "10.20", "20.20", "30.20", "30.60", "40.20", "40.60", "50.00", "50.20", "60.60"]
LABELS = ["PWI", "NP", "WD", "CD", "CD", "DIS", "DIS", "FDIS", "FDIS", "published"]
WORDS = "information security cybersecurity privacy network evaluation criteria cryptographic cloud identity trust data guidelines requirements".split()
HAN = "信息安全技术网络数据评估要求指南密码云计算身份隐私保护关键基础设施"

db = sqlite3.connect(database)
db.execute("PRAGMA synchronous = OFF")
db.execute("PRAGMA foreign_keys = OFF")


def day(micros):
    import datetime
    return datetime.datetime.fromtimestamp(micros / SECOND, datetime.timezone.utc).strftime("%Y-%m-%d")


def moment(micros):
    import datetime
    return datetime.datetime.fromtimestamp(micros / SECOND, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def stage(position):
    return {"scheme": "iso", "code": STAGES[position], "printed": STAGES[position], "name": {"en": LABELS[position], "zh": LABELS[position]}, "label": LABELS[position]}


def project(number, position, since):
    en = "Information technology — " + " ".join(chance.choices(WORDS, k=6))
    zh = "信息安全技术 " + "".join(chance.choices(HAN, k=12))
    return {
        "id": f"iso:{number}", "reference": f"ISO/IEC {LABELS[position] + ' ' if position < 9 else ''}{20000 + number % 9000}-{number % 7 + 1}",
        "titles": {"en": en, "zh": zh}, "stage": stage(position), "standing": "under-development" if position < 9 else "in-force", "since": day(since),
        "committee": f"ISO/IEC JTC 1/SC 27/WG {number % 5 + 1}", "department": None, "deliverable": "IS", "edition": 1, "issued": None, "published": None,
        "effective": None, "withdrawn": None, "replaces": [], "replaced-by": [], "adopts": [], "plan": None, "standard": None, "revision": None,
        "cycle-months": None, "consultation": {"opens": None, "closes": day(NOW + number % 90 * DAY) if number % 40 == 0 else None, "attachments": []},
        "url": f"https://www.iso.org/standard/{number}.html",
    }


sources = [row[0] for row in db.execute("SELECT source FROM sources")] or ["iso-open-data"]
main = sources[0]
page = ("\n".join(f"row {n} ISO/IEC {n}" for n in range(400))).encode()
sha = hashlib.sha256(page).hexdigest()
db.execute("INSERT OR IGNORE INTO sources (source, accepted_at, n_troubles) VALUES (?, ?, 0)", (main, NOW))
with db:
    for number in range(1, n_projects + 1):
        position = chance.randrange(len(STAGES))
        since = NOW - chance.randrange(2000) * DAY
        record = project(100_000 + number, position, since)
        db.execute("INSERT OR REPLACE INTO holdings (source, project, reference, missed, record) VALUES (?, ?, ?, 0, ?)",
                   (main, record["id"], record["reference"], json.dumps(record, ensure_ascii=False)))
        for step in range(position + 1):
            at = since - (position - step) * 200 * DAY
            db.execute("INSERT OR IGNORE INTO known_stages (project, printed, record, since, seen_at, source, change_id) VALUES (?, ?, ?, ?, ?, ?, NULL)",
                       (record["id"], STAGES[step], json.dumps(stage(step)), day(at), at, main))
    for number in range(n_changes):
        at = NOW - (n_changes - number) * 1500 * SECOND
        position = chance.randrange(1, len(STAGES))
        after = project(100_001 + number % n_projects, position, at)
        before = dict(after, stage=stage(position - 1))
        identifier = f"chg_{number:026d}"
        kind = "published" if position == 9 else "stage-moved"
        diff = "@@ -10,7 +10,7 @@\n" + "".join(f" line {n} of the page\n" for n in range(3)) + f"-  stage: {STAGES[position - 1]}\n+  stage: {STAGES[position]}\n" + " after\n" * 3
        record = {
            "id": identifier, "kind": kind, "move": "advanced", "seen-at": moment(at), "announced": True, "project": after, "before": before,
            "from": dict(before["stage"], since=None), "to": dict(after["stage"], since=after["since"]), "next": [],
            "differences": [{"field": "stage", "old": STAGES[position - 1], "new": STAGES[position]}], "watches": ["sc27"],
            "evidence": {"source": main, "url": "https://www.iso.org/", "before": {"sha256": sha, "at": moment(at)}, "after": {"sha256": sha, "at": moment(at)}, "diff": diff},
            "also-seen-at": [], "related": [], "otherwise-at": [],
        }
        db.execute("INSERT OR IGNORE INTO changes (id, seen_at, source, project, record, kind, sequence) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   (identifier, at, main, after["id"], json.dumps(record, ensure_ascii=False), kind, number // n_projects + 1))
        db.execute("INSERT OR IGNORE INTO change_watches (watch, seen_at, change_id, kind) VALUES ('sc27', ?, ?, ?)", (at, identifier, kind))
        if number % 10 == 0:
            delivery = f"dlv_{number:026d}"
            db.execute("INSERT OR IGNORE INTO deliveries (id, subscriber, channel, recipient, subject, payload, created_at, due_at, state, n_attempts, next_attempt_at, settled_at, last_answer)"
                       " VALUES (?, 'people', 'email', 'a@example.org', ?, ?, ?, ?, 'delivered', 1, ?, ?, '250 ok')",
                       (delivery, f"[stagewatch] {after['reference']}", b"x" * 2000, at, at, at, at))
            db.execute("INSERT OR IGNORE INTO delivery_changes (delivery, position, change_id) VALUES (?, 0, ?)", (delivery, identifier))
            db.execute("INSERT OR IGNORE INTO attempts (delivery, number, begun_at, ended_at, outcome, answer) VALUES (?, 1, ?, ?, 'delivered', '250 ok')", (delivery, at, at + 100_000))
    for number in range(n_polls):
        source = sources[number % len(sources)]
        outcome = chance.choices(["unchanged", "not-modified", "changed", "doubtful", "failed"], [50, 30, 10, 5, 5])[0]
        db.execute("INSERT INTO polls (source, at, duration, outcome, why, status, size_bytes, n_projects, n_defects, n_changes) VALUES (?, ?, 250000, ?, NULL, 200, 100000, ?, 0, 0)",
                   (source, NOW - (n_polls - number) * 60 * SECOND, outcome, 500 + number % 50))
    db.execute("DELETE FROM poll_counts")
    db.execute("INSERT INTO poll_counts (source, outcome, n_polls) SELECT source, outcome, count(*) FROM polls GROUP BY source, outcome")
    db.execute("DELETE FROM poll_times")
    db.execute("INSERT INTO poll_times (source, up_to, n_polls, took) SELECT source, 500000, count(*), sum(duration) FROM polls GROUP BY source")
    db.execute("UPDATE revisions SET number = number + 1")
db.execute("ANALYZE")
db.commit()
print(f"{n_projects} projects, {n_changes} changes, {n_polls} polls in {database}")
