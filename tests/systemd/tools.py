"""What every claim about the guest needs: commands, waiting, what the service says; and the surroundings in which it lives."""

import contextlib
import email
import email.policy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

FOLDER = pathlib.Path(sys.argv[1])
WORLD = pathlib.Path("/run/internet")
CONFIG = pathlib.Path("/etc/stagewatch")
STATE = pathlib.Path("/var/lib/stagewatch")
DATABASE = STATE / "stagewatch.db"
HOME = pathlib.Path.home()
UNIT = "stagewatch.service"
PASSWORD = "the password"  # README's
HOOK_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


# --- small tools


def run(*command, ok=True, **more):
    """Standard output of a command; fails with everything it said, unless failing is what is wanted."""
    done = subprocess.run(command, text=True, capture_output=True, timeout=120, **more)
    assert not ok or done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if ok else done


def until(what, holds, within=20.0):
    """Waits for a condition; its value."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {within} s: {what}\n{log()[-4000:]}")


def show(*properties, unit=UNIT):
    """Properties of a unit, as systemd has them."""
    text = run("systemctl", "show", unit, "--property", ",".join(properties))
    return dict(line.split("=", 1) for line in text.splitlines())


def log(*more):
    return run("journalctl", "--no-pager", "--output", "cat", "--unit", UNIT, *more)


def typed(page, beginning, **more):
    """Has a shell do what a page tells its reader to type, unchanged: the block of commands that begins so, under `bash -e`."""
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```$", (FOLDER / page).read_text(), re.S | re.M)
    found = [block for block in blocks if block.startswith(beginning)]
    assert len(found) == 1, f"{page} has {len(found)} blocks of commands that begin with {beginning}"
    return run("bash", "-ec", found[0], **more)


def row(page, wanted):
    """The command that a table of a page has for something, unchanged."""
    found = re.findall(rf"^\| {re.escape(wanted)} \| `([^`]+)` \|$", (FOLDER / page).read_text(), re.M)
    assert len(found) == 1, f"{page} has {len(found)} rows for {wanted}"
    return found[0]


def page_answers():
    """What the service says at its port."""
    command = ["curl", "--silent", "--max-time", "10", "--output", "/dev/null", "--write-out", "%{http_code} %{exitcode}"]
    return run(*command, "http://127.0.0.1:8260/healthz", ok=False).stdout


def is_active():
    return show("ActiveState")["ActiveState"] == "active"


def status():
    return [json.loads(line) for line in run("stagewatch", "status", "--json", ok=False).stdout.splitlines()]


def changes():
    return [json.loads(line) for line in run("stagewatch", "changes", "--json").splitlines()]


def lines_of(name):
    path = WORLD / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def mails():
    folder = pathlib.Path("/run/mail/me/new")
    found = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in found]


def stages(**codes):
    """Sets what ISO publishes; what is not named stays."""
    numbers = {"s27071": "56572", "s24392": "78703"}
    now = json.loads((WORLD / "stages").read_text()) if (WORLD / "stages").exists() else {}
    (WORLD / "stages.new").write_text(json.dumps({**now, **{numbers[name]: code for name, code in codes.items()}}))
    (WORLD / "stages.new").rename(WORLD / "stages")


def poll(source="iso-open-data"):
    """Has the service poll now, and waits until it has."""
    last = lambda: next((line["source"]["last-poll"] for line in status() if line.get("source", {}).get("source") == source), None)
    before = last()
    run("stagewatch", "poll", source)
    return until(f"a poll of {source}", lambda: (now := last()) and now != before and now)


@contextlib.contextmanager
def drop_in(name, text):
    """A drop-in of the unit, for a while."""
    folder = pathlib.Path(f"/etc/systemd/system/{UNIT}.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        (folder / name).unlink()
        run("systemctl", "daemon-reload")
        run("systemctl", "reset-failed", UNIT, ok=False)


# --- the surroundings


def surroundings():
    """Names, certificates, the Internet and a mail server: Postfix, which wants TLS and a password."""
    # Images for containers forbid packages to start services; a machine does not.
    pathlib.Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
    WORLD.mkdir()
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 isopublicstorageprod.blob.core.windows.net mail.example.org plm.example.org\n")
    pathlib.Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    (WORLD / "hook-secret").write_text(HOOK_SECRET)
    stages(s27071="40.60", s24392="40.60")
    tls = WORLD / "tls"
    tls.mkdir()
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"]
    run(*new, "-x509", "-days", "30", "-subj", "/CN=Test authority", "-keyout", tls / "ca.key", "-out", tls / "ca.pem",
        "-addext", "keyUsage=critical,keyCertSign")
    run(*new, "-subj", "/CN=guest", "-keyout", tls / "key.pem", "-out", tls / "request.pem")
    names = ["isopublicstorageprod.blob.core.windows.net", "mail.example.org", "plm.example.org"]
    (tls / "names").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
    run("openssl", "x509", "-req", "-in", tls / "request.pem", "-CA", tls / "ca.pem", "-CAkey", tls / "ca.key", "-CAcreateserial",
        "-days", "30", "-sha256", "-extfile", tls / "names", "-out", tls / "cert.pem")
    with open("/etc/ssl/certs/ca-certificates.crt", "a", encoding="ascii") as trusted:
        trusted.write((tls / "ca.pem").read_text())
    run("ip", "address", "add", "169.254.7.7/32", "dev", "lo")
    run("systemd-run", "--unit=internet", sys.executable, FOLDER / "internet.py", WORLD, tls / "cert.pem", tls / "key.pem")
    mail_server(tls)
    until("the guest's Internet", (WORLD / "up").exists)


def mail_server(tls):
    folder = pathlib.Path("/run/mail")
    folder.mkdir()
    shutil.chown(folder, "postfix", "postfix")
    owner = run("id", "-u", "postfix").strip()
    settings = {
        "maillog_file": "/run/postfix.log", "maillog_file_prefixes": "/run", "myhostname": "mail.example.org", "mydestination": "",
        "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "alias_maps": "", "alias_database": "", "mynetworks": "",
        "virtual_mailbox_domains": "example.org", "virtual_mailbox_base": "/run/mail", "virtual_mailbox_maps": "inline:{me@example.org=me/}",
        "virtual_uid_maps": f"static:{owner}", "virtual_gid_maps": f"static:{owner}", "virtual_minimum_uid": "1",
        "smtpd_tls_cert_file": str(tls / "cert.pem"), "smtpd_tls_key_file": str(tls / "key.pem"), "smtpd_sasl_auth_enable": "yes",
        "smtpd_recipient_restrictions": "permit_sasl_authenticated,reject", "smtpd_relay_restrictions": "permit_sasl_authenticated,reject",
        "default_transport": "error:there is no world outside", "smtpd_sasl_path": "smtpd", "compatibility_level": "3.6",
    }
    pathlib.Path("/etc/postfix/main.cf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
    pathlib.Path("/etc/postfix/sasl").mkdir(exist_ok=True)
    pathlib.Path("/etc/postfix/sasl/smtpd.conf").write_text(
        "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: /etc/sasldb2\n")
    run("saslpasswd2", "-p", "-c", "-f", "/etc/sasldb2", "-u", "mail.example.org", "stagewatch", input=PASSWORD)
    shutil.chown("/etc/sasldb2", "postfix")
    master = pathlib.Path("/etc/postfix/master.cf")
    kept = [line for line in master.read_text().splitlines() if not line.startswith("smtp      inet")]
    # Nothing in a jail: the guest has no copies of the files that a jail needs.
    kept = [re.sub(r"^(\w+\s+\w+\s+\S\s+\S\s+)y", r"\1n", line) for line in kept]
    kept += ["smtps inet n - n - - smtpd", "  -o smtpd_tls_wrappermode=yes", "postlog unix-dgram n - n - 1 postlogd"]
    master.write_text("\n".join(kept) + "\n")
    run("postfix", "start")
