"""One Kafka connection, raw: frames, requests by name and version, and the sign-ins."""
import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct

import messages


class Closed(Exception):
    """The server closed the connection."""


class SignInRefused(Exception):
    def __init__(self, code, message, rounds):
        super().__init__(f"error {code} in round {rounds}: {message}")
        self.code, self.message, self.rounds = code, message, rounds


class Connection:
    def __init__(self, port, *, authority=None, certificate=None, timeout=30, client_id="wire", receive_buffer=None):
        self.client_id, self.correlation = client_id, 0
        self.is_bare = False  # SaslHandshake v0 came before: messages of the sign-in without headers
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.settimeout(timeout)
        raw.connect(("127.0.0.1", port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if authority:
            context = ssl.create_default_context(cafile=str(authority))
            if certificate:
                context.load_cert_chain(*map(str, certificate))
            raw = context.wrap_socket(raw, server_hostname="localhost")
        self.socket = raw

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def timeout(self, seconds):
        self.socket.settimeout(seconds)

    def send_bytes(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError, BrokenPipeError) as error:
            raise Closed(str(error)) from error

    def send_frame(self, payload):
        self.send_bytes(struct.pack(">i", len(payload)) + payload)

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.socket.recv(min(size - len(data), 1 << 20))
            except (ConnectionError, ssl.SSLError) as error:
                if isinstance(error, TimeoutError):
                    raise
                raise Closed(str(error)) from error
            if not part:
                raise Closed(f"closed with {len(data)} of {size} bytes")
            data += part
        return bytes(data)

    def read_frame(self):
        return self._exactly(struct.unpack(">i", self._exactly(4))[0])

    def send(self, name, version, body=None):
        """Without waiting; returns the correlation id."""
        self.correlation += 1
        self.send_frame(messages.encode_request(name, version, body or {}, self.correlation, self.client_id))
        return self.correlation

    def receive(self, name, version, correlation):
        answered, body = messages.decode_response(name, version, self.read_frame())
        if answered != correlation:
            raise ValueError(f"{name}: correlation id {answered} came, {correlation} was sent")
        return body

    def request(self, name, version, body=None):
        return self.receive(name, version, self.send(name, version, body))

    def is_closed_by_server(self, seconds=5):
        """Whether the server closes without sending anything more."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except (ConnectionError, ssl.SSLError):
            return True

    def _authenticate(self, data, rounds):
        if self.is_bare:
            self.send_frame(data)
            return self.read_frame()
        answer = self.request("SaslAuthenticate", 2, {"auth_bytes": data})
        if answer["error_code"] != 0:
            raise SignInRefused(answer["error_code"], answer["error_message"], rounds)
        return answer["auth_bytes"]

    def handshake(self, mechanism, version=1):
        answer = self.request("SaslHandshake", version, {"mechanism": mechanism})
        self.is_bare = version == 0
        return answer

    def sign_in_plain(self, user, password, version=1):
        self.handshake("PLAIN", version)
        self._authenticate(b"\0" + user.encode() + b"\0" + password.encode(), 1)
        return self

    def sign_in(self, user, password, mechanism="SCRAM-SHA-256", version=1):
        """RFC 5802, checking the server's signature as well. `version` is SaslHandshake's. Returns the connection."""
        digest = mechanism.rsplit("-", 1)[1]
        hash_name = f"sha{digest}"
        if self.handshake(mechanism, version)["error_code"] != 0:
            raise SignInRefused(33, "mechanism is not offered", 0)
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n={user},r={nonce}"
        server_first = self._authenticate(f"n,,{bare}".encode(), 1).decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        if not fields["r"].startswith(nonce) or len(fields["r"]) <= len(nonce):
            raise ValueError("the server's nonce does not continue the client's")
        salted = hashlib.pbkdf2_hmac(hash_name, password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        without_proof = f"c=biws,r={fields['r']}"
        signed = ",".join([bare, server_first, without_proof]).encode()
        client_key = hmac.digest(salted, b"Client Key", hash_name)
        signature = hmac.digest(hashlib.new(hash_name, client_key).digest(), signed, hash_name)
        proof = bytes(left ^ right for left, right in zip(client_key, signature))
        final = self._authenticate(f"{without_proof},p={base64.b64encode(proof).decode()}".encode(), 2).decode()
        expected = hmac.digest(hmac.digest(salted, b"Server Key", hash_name), signed, hash_name)
        if final.split(",")[0] != "v=" + base64.b64encode(expected).decode():
            raise ValueError("the server does not prove that it knows the password")
        return self
