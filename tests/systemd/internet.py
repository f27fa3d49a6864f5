"""The Internet of the guest, on its loopback: ISO's open data over HTTPS, a receiver of webhooks that verifies their signature by itself,
the DNS with texts alone, and a server at an address that the unit forbids. What they do is set by files in a folder, what they saw is written there.

Usage: internet.py FOLDER CERTIFICATE KEY
"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import socket
import ssl
import sys
import threading
import time

from internet_pages import large_page, open_data, worst_page

FOLDER = pathlib.Path(sys.argv[1])

def note(name, **what):
    with open(FOLDER / name, "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


class Body(http.server.BaseHTTPRequestHandler):
    """ISO, and whoever else is asked."""

    def do_GET(self):
        note("requests.jsonl", host=self.headers.get("Host"), path=self.path, agent=self.headers.get("User-Agent"))
        if self.path == "/large.html":
            return self.answer(200, large_page().encode(), "text/html; charset=utf-8")
        if self.path == "/worst.html":
            return self.answer(200, worst_page().encode(), "text/html; charset=utf-8")
        if not self.path.endswith(".jsonl"):
            return self.answer(404, b"there is nothing here\n", "text/plain")
        page = open_data(json.loads((FOLDER / "stages").read_text()))
        if (FOLDER / "cut").exists():
            page = page[: len(page) // 3]
        self.answer(200, page.encode(), "application/jsonl")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Hook(Body):
    """The receiver of webhooks; where the file `hold` is, the next request is taken and never
    answered, and what is in the file `hook-answer` is the status of the next answer."""

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
        said = FOLDER / "hook-answer"
        status = int(said.read_text()) if said.exists() else 204
        said.unlink(missing_ok=True)
        self.answer(status if is_right else 401, b"", "text/plain")


def resolve(datagrams):
    """Answers questions for texts (TXT) from the file `texts`, by name; of everything else it says that there is no such name."""
    while True:
        question, whom = datagrams.recvfrom(512)
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        path = FOLDER / "texts"
        text = (json.loads(path.read_text()) if path.exists() else {}).get(".".join(labels))
        pieces = [text[i : i + 255].encode() for i in range(0, len(text), 255)] if text else []
        data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
        head = question[:2] + (b"\x81\x80" if text else b"\x81\x83") + bytes([0, 1, 0, 1 if text else 0, 0, 0, 0, 0])
        record = b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c" + len(data).to_bytes(2, "big") + data
        datagrams.sendto(head + question[12 : at + 5] + (record if text else b""), whom)


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
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 53))
threading.Thread(target=resolve, args=(datagrams,), daemon=True).start()
(FOLDER / "up").touch()
threading.Event().wait()
