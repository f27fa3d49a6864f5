"""The Internet of the guest, on its loopback: ISO's open data over HTTPS, a receiver of webhooks that verifies their signature by itself,
and a server at an address that the unit forbids. What they do is set by files in a folder, what they saw is written there.

Usage: internet.py FOLDER CERTIFICATE KEY
"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import sys
import threading
import time

FOLDER = pathlib.Path(sys.argv[1])

# The projects whose stage is in the file `stages`, as ISO publishes them: one JSON object a line.
TITLES = {"56572": "Trusted connections between devices and services", "78703": "Security reference model for industrial internet platform"}


def note(name, **what):
    with open(FOLDER / name, "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def row(number, reference, stage):
    return json.dumps({
        "id": int(number), "deliverableType": "IS", "supplementType": None, "reference": reference,
        "title": {"en": TITLES[number]}, "publicationDate": None, "edition": 1, "icsCode": ["35.030"],
        "ownerCommittee": "ISO/IEC JTC 1/SC 27", "currentStage": int(stage.replace(".", "")), "replaces": None, "replacedBy": None,
        "languages": None, "pages": {"en": None}, "scope": {"en": None},
    })


class Body(http.server.BaseHTTPRequestHandler):
    """ISO, and whoever else is asked."""

    def do_GET(self):
        note("requests.jsonl", host=self.headers.get("Host"), path=self.path, agent=self.headers.get("User-Agent"))
        if not self.path.endswith(".jsonl"):
            return self.answer(404, b"there is nothing here\n", "text/plain")
        stages = json.loads((FOLDER / "stages").read_text())
        kind = {"4": "ISO/IEC DIS", "5": "ISO/IEC FDIS"}
        lines = [row("56572", kind[stages["56572"][0]] + " 27071", stages["56572"]), row("78703", kind[stages["78703"][0]] + " 24392", stages["78703"])]
        self.answer(200, ("\n".join(lines) + "\n").encode(), "application/jsonl")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Hook(Body):
    """The receiver of webhooks; where the file `hold` is, the next request is taken and never answered."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        delivery, moment = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        key = base64.b64decode((FOLDER / "hook-secret").read_text().strip().removeprefix("whsec_"))
        signature = base64.b64encode(hmac.new(key, f"{delivery}.{moment}.".encode() + body, hashlib.sha256).digest()).decode()
        is_right = abs(time.time() - int(moment)) < 300 and f"v1,{signature}" in self.headers["webhook-signature"].split(" ")
        try:
            (FOLDER / "hold").unlink()
            is_held = True
        except FileNotFoundError:
            is_held = False
        note("webhooks.jsonl", id=delivery, right=is_right, taken=not is_held, body=json.loads(body))
        if is_held:
            threading.Event().wait()
        self.answer(204 if is_right else 401, b"", "text/plain")


def serve(address, handler, context=None):
    server = http.server.ThreadingHTTPServer(address, handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[2], sys.argv[3])
serve(("127.0.0.1", 443), Body, tls)
serve(("127.0.0.1", 8443), Hook, tls)
serve(("169.254.7.7", 80), Body)
(FOLDER / "up").touch()
threading.Event().wait()
