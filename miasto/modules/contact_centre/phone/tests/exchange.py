"""A stand-in for an exchange: a server that speaks AMI as Asterisk does, and plays calls."""

import hashlib
import socketserver
import threading

SECRET, USER = "tajne haslo", "miasto"


class Talk(socketserver.StreamRequestHandler):
    """One connection: banner, challenge, log-in, then the packets of the scenario, then the line is closed."""

    def handle(self):
        self.wfile.write(b"Asterisk Call Manager/8.0.2\r\n")
        challenge = "831746220"
        while True:
            packet = self.read()
            if not packet:
                return
            self.server.asked.append(packet)
            if packet.get("Action") == "Challenge":
                self.say({"Response": "Success", "ActionID": packet["ActionID"], "Challenge": challenge})
            elif packet.get("Action") == "Login":
                key = hashlib.md5((challenge + SECRET).encode()).hexdigest()
                if packet.get("Username") != USER or packet.get("Key") != key:
                    self.say({"Response": "Error", "ActionID": packet["ActionID"], "Message": "Authentication failed"})
                    return
                self.say({"Response": "Success", "ActionID": packet["ActionID"], "Message": "Authentication accepted"})
                self.say({"Event": "FullyBooted", "Privilege": "system,all", "Status": "Fully Booted"})
                for event in self.server.scenario:
                    self.say(event)
                return

    def read(self):
        packet = {}
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if not line:
                return packet
            key, _colon, value = line.partition(": ")
            packet[key] = value
        return packet

    def say(self, packet):
        self.wfile.write(("".join(f"{key}: {value}\r\n" for key, value in packet.items()) + "\r\n").encode())


class Exchange(socketserver.ThreadingTCPServer):
    """The server; ``scenario`` is the list of events it plays after the log-in."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, scenario):
        super().__init__(("127.0.0.1", 0), Talk)
        self.scenario, self.asked = scenario, []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def address(self, secret=SECRET):
        return f"ami://{USER}:{secret.replace(' ', '%20')}@127.0.0.1:{self.server_address[1]}"


def channel(event, number, *, name, linked="1700000000.1", **more):
    """An event of a channel, with the keys that Asterisk sends."""
    return {
        "Event": event,
        "Privilege": "call,all",
        "Channel": name,
        "ChannelStateDesc": "Up",
        "CallerIDNum": number,
        "CallerIDName": "<unknown>",
        "Context": "from-trunk",
        "Exten": "413676000",
        "Uniqueid": more.pop("unique", linked),
        "Linkedid": linked,
        **more,
    }


TRUNK = "PJSIP/operator-trunk-00000001"


def incoming(number="600100200", *, linked="1700000000.1", rings=("101", "102"), answers="101"):
    """The events of a call: it rings at some extensions, one answers (or none), the caller hangs up."""
    events = [channel("Newchannel", number, name=TRUNK, linked=linked)]
    for place, extension in enumerate(rings):
        own = f"PJSIP/{extension}-0000000{place + 2}"
        unique = f"{linked}{place + 2}"
        events.append(channel("Newchannel", extension, name=own, linked=linked, unique=unique))
        dial = channel("DialBegin", number, name=TRUNK, linked=linked)
        events.append(
            {**dial, "DestChannel": own, "DestCallerIDNum": extension, "DestUniqueid": unique, "DestLinkedid": linked}
        )
    for place, extension in enumerate(rings):
        own, unique = f"PJSIP/{extension}-0000000{place + 2}", f"{linked}{place + 2}"
        if extension == answers:
            events.append(channel("BridgeEnter", extension, name=own, linked=linked, unique=unique))
            events.append(channel("BridgeEnter", number, name=TRUNK, linked=linked))
        else:
            events.append(channel("Hangup", extension, name=own, linked=linked, unique=unique, Cause="26"))
    return events


def hung_up(number="600100200", *, linked="1700000000.1"):
    """The end of a call."""
    return [channel("Hangup", number, name=TRUNK, linked=linked, Cause="16")]
