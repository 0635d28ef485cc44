"""What a server did with a request: which error codes it answered, and whether the connection lives on."""
import messages
from client import Closed, Connection
from errors import name_of

CLOSED, SILENT, WAITS = "closed", "no answer", "never answered, and nothing after it"
FATAL = (Closed, ConnectionError)
CASE, PROBE = 1, 2  # correlation ids
PATIENCE_S = 5  # then a request counts as one that is never answered


def codes_of(body, path=()):
    """(path, code) of every error code of an answer, in its order."""
    for name, value in body.items():
        if name.endswith("error_code"):
            yield (*path, *([] if name == "error_code" else [name])), value
        elif isinstance(value, dict):
            yield from codes_of(value, (*path, name))
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    yield from codes_of(entry, (*path, name))


def text_of(body):
    found = {}
    for path, code in codes_of(body):
        found.setdefault(".".join(path), []).append(name_of(code))
    return "; ".join(f"{path} {few(codes)}".strip() for path, codes in found.items()) or "answered without a code"


def few(codes):
    return ", ".join(codes) if len(codes) < 4 else "many " + ", ".join(sorted(set(codes)))


class Observer:
    """Sends payloads one after the other, on a new connection when the last one was closed. A request that every server answers
    follows each payload: that shows whether the connection lives, and that no answer will come where none comes."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def observe(self, name, version, payload):
        self.connection = self.connection or Connection(self.port, timeout=PATIENCE_S)
        try:
            self.connection.send_frame(payload)
            self.connection.send_frame(messages.encode_request("ApiVersions", 0, {}, PROBE))
            first = self.connection.read_frame()
        except FATAL:
            self.close()
            return CLOSED
        except TimeoutError:
            self.close()
            return WAITS
        if first[:4] == PROBE.to_bytes(4, "big"):
            return SILENT
        answer = self.answer(name, version, first)
        try:
            self.connection.read_frame()
        except FATAL:
            self.close()
            return f"{answer}; then closed"
        return answer

    def observe_cuts(self, name, version, whole):
        """Of a request that is cut at every byte, in a frame that is honest about its length."""
        found = {}
        for size in range(len(whole)):
            found.setdefault(self.observe(name, version, whole[:size]), []).append(size)
        return "; ".join(outcome if len(found) == 1 else f"{outcome} at {sizes[0]} to {sizes[-1]} of {len(whole)}" for outcome, sizes in found.items())

    @staticmethod
    def answer(name, version, frame):
        try:
            return text_of(messages.decode_response(name, version, frame)[1])
        except (messages.Truncated, ValueError, UnicodeDecodeError) as error:
            return f"an answer that is none ({type(error).__name__})"
