"""Text messages against a server that speaks the carrier's protocol."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from miasto.kernel.notifications import sms


class Carrier(BaseHTTPRequestHandler):
    """A gateway as SMSAPI.pl describes it: token in the header, fields of a form, JSON back, errors with status 200."""

    def do_POST(self):
        asked = {
            name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        if self.headers["Authorization"] != "Bearer token":
            said = {"error": 101, "message": "Authorization failed"}
        elif asked["to"] == "48500000000":
            said = {"count": 1, "list": [{"id": "", "status": "ERROR", "error": 13, "number": asked["to"]}]}
        else:
            self.server.taken.append(asked)
            said = {
                "count": 1,
                "list": [{"id": "1460969715572091219", "status": "QUEUE", "error": None, "number": asked["to"]}],
            }
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Silence."""


@pytest.fixture
def carrier(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Carrier)
    server.taken = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("MIASTO_SMS_URL", f"http://{place}/sms.do")
    monkeypatch.setenv("MIASTO_SMS_TOKEN", "token")
    monkeypatch.setenv("MIASTO_SMS_SENDER", "Miasto")
    monkeypatch.setenv("MIASTO_OUTBOUND_HOSTS", place)
    yield server
    server.shutdown()
    server.server_close()


def test_a_message_reaches_the_carrier_with_its_polish_letters(carrier):
    sms.send(to="48600700800", text="Kod do głosowania: 123456.")
    assert carrier.taken == [
        {
            "to": "48600700800",
            "message": "Kod do głosowania: 123456.",
            "from": "Miasto",
            "format": "json",
            "encoding": "utf-8",
            "normalize": "1",
        }
    ]


def test_what_the_carrier_refuses_is_said_without_number_and_words(carrier, monkeypatch, caplog):
    with pytest.raises(sms.NotSent) as refused:
        sms.send(to="48500000000", text="Kod: 654321")
    monkeypatch.setenv("MIASTO_SMS_TOKEN", "wrong")
    with pytest.raises(sms.NotSent) as unknown:
        sms.send(to="48600700800", text="Kod: 654321")
    assert (str(refused.value), str(unknown.value)) == ("error 13", "error 101")
    assert caplog.records == []


def test_a_carrier_that_does_not_answer_is_no_sent_message(carrier, monkeypatch):
    monkeypatch.setenv("MIASTO_SMS_URL", "http://127.0.0.1:9/sms.do")
    monkeypatch.setenv("MIASTO_OUTBOUND_HOSTS", "127.0.0.1:9")
    with pytest.raises(sms.NotSent):
        sms.send(to="48600700800", text="Kod")


def test_a_city_that_tries_the_platform_out_gets_a_file(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("MIASTO_SMS_URL", raising=False)
    settings.MAILBOX = ""
    assert not sms.available()
    settings.MAILBOX = str(tmp_path)
    sms.send(to="48600700800", text="Kod: 1")
    assert sms.available()
    assert [one.read_text("utf-8") for one in tmp_path.glob("*.sms")] == ["48600700800\nKod: 1\n"]


@pytest.mark.parametrize("typed", ["600 700 800", "600-700-800", "+48 600700800", "0048 600 700 800", "48600700800"])
def test_one_number_is_the_same_however_it_is_typed(typed):
    assert sms.number_of(typed) == "48600700800"


@pytest.mark.parametrize("typed", ["", "abc", "112", "60070080", "+48 60070080", "6007008001234", "600 700 800 x"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(sms.BadNumber):
        sms.number_of(typed)
