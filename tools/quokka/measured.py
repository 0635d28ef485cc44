"""What Myelin answers over HTTP, fetched whole into one value, so that the oracle compares values and tests alter them."""
import base64
import json
import urllib.error
import urllib.parse
import urllib.request


class Server:
    def __init__(self, url, user=None, password=None):
        self.url = url.rstrip("/")
        self.headers = {"Accept": "application/json"}
        if user:
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def get(self, path, **query):
        address = f"{self.url}{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        with urllib.request.urlopen(urllib.request.Request(address, headers=self.headers), timeout=30) as answer:
            return json.load(answer)

    def post(self, path, body):
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), self.headers | {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def pages(self, path, cursor):
        items, query = [], {"limit": 1000}
        while True:
            page = self.get(path, **query)
            items += page["items"]
            if not page["next"]:
                return items
            query[cursor] = page["next"]


def collect(server, plan):
    """Usage, consumption, edges, groups, denials and who answers."""
    names = [("principal", entry["principal"]) for entry in plan["applications"]]
    names += [("topic", entry["topic"]) for entry in plan["topics"]]
    return {"usage": server.get("/api/v1/usage", group_by="principal,topic")["lines"],
            "consumed": server.get("/api/v1/usage", group_by="principal,topic,group,partition", measure="consumed_offsets")["lines"],
            "differences": server.get("/api/v1/usage/recomputed")["differences"],
            "lineage": server.get("/api/v1/lineage"),
            "groups": server.pages("/api/v1/groups", "after"),
            "audit": server.pages("/api/v1/audit", "before"),
            "who": {f"{kind} {name}": who(server, kind, name) for kind, name in names}}


def who(server, kind, name):
    """The answer's squad and application; None when Myelin knows nobody of that name."""
    try:
        answers = server.get(f"/api/v1/who/{kind}/{urllib.parse.quote(name, safe='')}")["answers"]
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise
    return {"squad": answers[0]["squad"], "application": answers[0]["application"]}
