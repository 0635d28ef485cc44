"""The file of answers: one line for the versions in which a case has the same outcome."""

from baselines import request_name


class Answers:
    """(baseline, case, version) → outcome, in the order in which they came."""

    def __init__(self, origin):
        self.origin, self.found = origin, {}

    def __getitem__(self, key):
        return self.found.get(key)

    def __setitem__(self, key, outcome):
        self.found[key] = outcome

    def ranges(self):
        """The versions of each API that were asked."""
        versions = {}
        for name, _, version in self.found:
            versions.setdefault(request_name(name), set()).add(version)
        return {name: (min(found), max(found)) for name, found in versions.items()}

    def write(self, path):
        lines, last = [], None
        rows = sorted(self.found.items(), key=lambda entry: (entry[0][0], entry[0][1], entry[0][2]))
        for (name, case, version), outcome in rows:
            if last and last[:2] == (name, case) and last[3] == outcome and lines[-1][1] == version - 1:
                lines[-1][1] = version
            else:
                lines.append([version, version, name, case, outcome])
            last = (name, case, version, outcome)
        body = "".join(f"{name} | {low if low == high else f'{low}-{high}'} | {case} | {outcome}\n" for low, high, name, case, outcome in lines)
        path.write_text(f"{self.origin}\n{body}", encoding="utf-8")

    @classmethod
    def read(cls, path):
        origin, *lines = path.read_text(encoding="utf-8").splitlines()
        answers = cls(origin)
        for line in lines:
            name, versions, case, outcome = line.split(" | ")
            low, _, high = versions.partition("-")
            for version in range(int(low), int(high or low) + 1):
                answers[name, case, version] = outcome
        return answers
