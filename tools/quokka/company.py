"""The applications of Quokka Incorporated as processes: start, drain, restart, stop."""
import json
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


class Client:
    """How applications reach the platform; passwords are files of a directory, named after the principal."""

    def __init__(self, bootstrap, authority=None, passwords=None):
        self.bootstrap, self.authority, self.passwords = bootstrap, authority, passwords

    def arguments(self, principal):
        listed = ["--bootstrap", self.bootstrap]
        if self.authority:
            listed += ["--ca", str(self.authority)]
        if self.passwords:
            listed += ["--user", principal, "--password-file", str(self.passwords / principal)]
        return listed


class Application:
    def __init__(self, company, entry, instance="", plan_path=None):
        self.company, self.entry, self.instance, self.plan_path = company, entry, instance, plan_path or company.plan_path
        self.principal = entry["principal"]
        self.log = company.logs / f"{self.principal}{'-' + instance if instance else ''}.jsonl"
        self.process, self.read_to, self.status = None, 0, {"drained": False, "caught_up": False}
        self.produced, self.received, self.errors = 0, 0, []
        self.held = {}  # partitions by group, as last assigned

    def start(self):
        arguments = ["--plan", str(self.plan_path), "--application", self.principal, "--log", str(self.log),
                     "--seed", str(self.company.seed), "--pace", str(self.company.pace)]
        arguments += self.company.client.arguments(self.principal)
        if "outdated_client_library" in self.entry["plants"]:
            command = [sys.executable, str(HERE / "kcat_app.py")]
        else:
            command = [str(self.company.binary)]
            arguments += ["--instance", self.instance, "--reads-only"] if self.instance else []
        self.status = {"drained": False, "caught_up": False}
        output = open(self.log.with_suffix(".err"), "ab")
        self.process = subprocess.Popen(command + arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                        start_new_session=True)
        output.close()

    def signal(self, number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -1

    def refresh(self):
        """Takes in the truth lines written since the last call."""
        if not self.log.exists():
            return
        with self.log.open("rb") as file:
            file.seek(self.read_to)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read_to += len(whole)
        for line in map(json.loads, whole.splitlines()):
            if line["event"] == "status":
                self.status = line
            elif line["event"] == "acked":
                self.produced += line["records"]
            elif line["event"] == "received":
                self.received += line["records"]
            elif line["event"] == "assigned":
                self.held[line["group"]] = line["partitions"]
            elif line["event"] == "error":
                self.errors.append(line["what"])


class Company:
    def __init__(self, plan_path, logs, binary, client, seed=1, pace=1):
        self.plan_path, self.logs, self.binary, self.client = pathlib.Path(plan_path), pathlib.Path(logs), binary, client
        self.seed, self.pace = seed, pace
        self.plan = json.loads(self.plan_path.read_text())
        self.logs.mkdir(parents=True, exist_ok=True)
        self.applications = [Application(self, entry) for entry in self.plan["applications"]]
        self.extra = []

    def everybody(self):
        return self.applications + self.extra

    def start(self):
        for application in self.applications:
            application.start()

    def entry_of(self, principal):
        return next(entry for entry in self.plan["applications"] if entry["principal"] == principal)

    def start_second_instance(self, principal):
        """A second process of a reading application: its group rebalances."""
        return self._start_another(self.entry_of(principal), self.plan_path)

    def start_reader(self, principal, read):
        """A second process of an application, which reads something else: {"topic", "group"}."""
        entry = self.entry_of(principal) | {"reads": [read]}
        path = self.logs.parent / f"{principal}-reads.json"
        path.write_text(json.dumps(self.plan | {"applications": [entry]}))
        return self._start_another(entry, path)

    def _start_another(self, entry, plan_path):
        number = 2 + sum(application.principal == entry["principal"] for application in self.extra)
        application = Application(self, entry, str(number), plan_path)
        self.extra.append(application)
        application.start()
        return application

    def restart(self, principal):
        """Stops one application in order and starts it again; it goes on with its next sequence."""
        application = next(application for application in self.applications if application.principal == principal)
        application.signal(signal.SIGTERM)
        code = application.wait(60)
        application.start()
        return code

    def refresh(self):
        for application in self.everybody():
            application.refresh()

    def running(self):
        return [application for application in self.everybody() if application.process.poll() is None]

    def unread(self):
        """Groups with a partition that no running member holds: a member that is gone holds it until its session ends."""
        partitions = {entry["topic"]: entry["partitions"] for entry in self.plan["topics"]}
        wanted = {(read["group"], f'{read["topic"]}-{number}') for application in self.running() for read in application.entry["reads"]
                  for number in range(partitions[read["topic"]])}
        held = {(group, name) for application in self.running() for group, names in application.held.items() for name in names}
        return sorted({f"group {group}" for group, _ in wanted - held})

    def wait_until(self, what, seconds):
        """Waits until every running application says so in its status; returns those that did not."""
        deadline = time.monotonic() + seconds
        while True:
            self.refresh()
            missing = [application.principal for application in self.running() if not application.status[what]]
            if what == "caught_up":
                missing += self.unread()
            if not missing or time.monotonic() > deadline:
                return missing
            time.sleep(0.2)

    def drain(self, seconds=60):
        """Producers finish; then readers read to the end. Returns complaints."""
        for application in self.everybody():
            application.signal(signal.SIGUSR1)
        complaints = [f"{name} did not drain" for name in self.wait_until("drained", seconds)]
        # The last records wake the readers, whose status then changes; and what some of them answer wakes others.
        for _ in range(2):
            time.sleep(1)
            late = self.wait_until("caught_up", seconds)
        return complaints + [f"{name} did not read to the end" for name in late]

    def stop(self, seconds=45):
        """Returns complaints about applications that did not end well."""
        for application in self.everybody():
            application.signal(signal.SIGTERM)
        complaints = []
        for application in self.everybody():
            if application.process and (code := application.wait(seconds)) != 0:
                complaints.append(f"{application.principal} ended with code {code}")
        self.refresh()
        return complaints

    def kill(self):
        for application in self.everybody():
            if application.process and application.process.poll() is None:
                application.process.kill()
                application.process.wait()
