"""Claims about limits: what the unit lets the service take of memory and tasks, how far normal work stays below that, and what happens to
whoever takes more. Where the kernel counts neither for the guest, a claim says that it was not tried."""

import pathlib

from tools import *

MIB = 1 << 20
LARGE = '[[source]]\nid = "large"\nformat = "table"\nurl = "https://plm.example.org/large.html"\nignore-robots = true\n' \
    'columns = { reference = "Number", title-en = "Title", stage = "Stage" }\n'
WORST = '[[source]]\nid = "worst"\nformat = "page-text"\nurl = "https://plm.example.org/worst.html"\nignore-robots = true\n'
NOT_TRIED = "the kernel of this machine gives the guest no controllers of memory and tasks"


def group(controller):
    """The control group of the service, wherever that controller is; `None` where it is nowhere."""
    path = show("ControlGroup")["ControlGroup"].lstrip("/")
    first, second = pathlib.Path("/sys/fs/cgroup") / controller / path, pathlib.Path("/sys/fs/cgroup") / path
    if first.is_dir():
        return first
    return second if (second / f"{controller}.max").exists() else None


def number(folder, *names):
    """The first of these files that is there."""
    return next(int((folder / name).read_text()) for name in names if (folder / name).exists())


def memory():
    """Limit and peak of the service, in MiB."""
    folder = group("memory")
    limit = number(folder, "memory.limit_in_bytes", "memory.max")
    return limit // MIB, number(folder, "memory.max_usage_in_bytes", "memory.peak") // MIB


def read(source, text):
    """Adds a source and waits until it was read; how its poll ended."""
    (CONFIG / f"sources/{source}.toml").write_text(text)
    run("systemctl", "reload", UNIT)
    polls = lambda: [line["source"]["last-poll"] for line in status() if line.get("source", {}).get("source") == source]
    return until(f"the page of {source}", lambda: next(iter(polls()), None), 60)


def normal_work_and_the_largest_page_stay_below_the_limits():
    if group("memory") is None or group("pids") is None:
        return NOT_TRIED
    run("systemctl", "restart", UNIT)
    poll()
    limit, peak = memory()
    assert limit == 512 and peak < limit / 4, (limit, peak)
    tasks = number(group("pids"), "pids.current")
    assert (group("pids") / "pids.max").read_text().strip() == "64" and tasks < 32, tasks
    last = read("large", LARGE)
    assert last["outcome"] == "baseline" and last["projects"] > 5000 and last["size-bytes"] > 1.9 * MIB, last
    _, largest = memory()
    last = read("worst", WORST)
    assert last["outcome"] == "doubtful" and last["size-bytes"] > 1.9 * MIB, last
    _, worst = memory()
    assert largest < 256 and worst < 384 and show("NRestarts")["NRestarts"] == "0", (largest, worst)
    (CONFIG / "sources/worst.toml").unlink()
    run("systemctl", "reload", UNIT)
    print(f"      {peak} MiB and {tasks} tasks in normal work, {largest} MiB for a table of 2 MiB, {worst} MiB for 2 MiB of nothing but tags; "
          f"at most {limit} MiB and 64")


def what_takes_more_memory_than_it_may_is_ended_alone_and_is_seen():
    if group("memory") is None:
        return NOT_TRIED
    before = changes()
    internet = show("MainPID", unit="internet.service")
    with drop_in("little-memory.conf", "[Unit]\nStartLimitBurst=3\n[Service]\nMemoryMax=64M\nMemoryHigh=infinity\n"):
        run("systemctl", "restart", UNIT)
        run("stagewatch", "poll", "large", ok=False)
        until("a restart", lambda: int(show("NRestarts")["NRestarts"]) >= 1, 60)
        said = until("why", lambda: [line for line in log("--lines", "40").splitlines() if "KILL" in line or "oom" in line.lower()])
        print(f"      {said[0]}")
    source = CONFIG / "sources/large.toml"
    source.unlink()
    run("systemctl", "restart", UNIT)
    assert show("MainPID", unit="internet.service") == internet, "the neighbours live"
    assert is_active() and changes() == before
    poll()


def a_service_of_few_tasks_works_and_one_of_too_few_says_so():
    if group("pids") is None:
        return NOT_TRIED
    with drop_in("few-tasks.conf", "[Service]\nTasksMax=8\n"):
        run("systemctl", "restart", UNIT)
        ended, tasks = poll()["outcome"], number(group("pids"), "pids.current")
        assert ended in ("unchanged", "not-modified") and tasks <= 8, (ended, tasks)
    with drop_in("too-few-tasks.conf", "[Unit]\nStartLimitBurst=3\n[Service]\nTasksMax=4\n"):
        run("systemctl", "restart", UNIT, ok=False)
        until("failed", lambda: show("ActiveState", "SubState") == {"ActiveState": "failed", "SubState": "failed"}, 30)
        said = next(line for line in log("--lines", "12").splitlines() if "TasksMax" in line)
        print(f"      {said}")
    run("systemctl", "start", UNIT)


CLAIMS = [
    normal_work_and_the_largest_page_stay_below_the_limits,
    what_takes_more_memory_than_it_may_is_ended_alone_and_is_seen,
    a_service_of_few_tasks_works_and_one_of_too_few_says_so,
]
