"""Approvals by signature: a person signs a plan's tree with the key they have, and whoever applies brings it."""
import json
import subprocess

import company
from company import CONTRACT, GRANT, apply, changed, folder_of, plan
from suite import Suite, check_equal, check_in

suite = Suite()
REFUSED, WRONG = 4, 2
MORE = changed(GRANT, "purpose: Write invoices.", "purpose: Write invoices and reminders.")


def key_of(bench, kind="ed25519"):
    """A key pair as people make it: (private key, line of the .pub file)."""
    path = bench.fresh() / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "olga@shop", "-f", path], check=True, capture_output=True)
    return path, path.with_suffix(".pub").read_text().strip()


def fingerprint(key):
    return subprocess.run(["ssh-keygen", "-l", "-f", key], check=True, capture_output=True, text=True).stdout.split()[1]


def people_with(**keys):
    text = company.DOCUMENTS["org/people.yaml"]
    for name, line in keys.items():
        text = text.replace(f"metadata: {{name: {name}}}", f"metadata:\n  name: {name}\n  annotations:\n    myelin.dev/signing-keys: |\n      {line}")
    return {"org/people.yaml": text}


def with_keys(bench, **keys):
    """A server with the company in force, where these people have these keys."""
    server = company.founded(bench)
    apply(server, folder_of(bench, people_with(**{name: line for name, (_, line) in keys.items()})))
    return server


def to_sign(bench, server, folder, *more, user="bert"):
    path = bench.fresh() / "plan.txt"
    server.tool("plan", folder, "--to-sign", path, *more, user=user, check=False)
    return path


def signed(path, key, namespace="myelin-plan"):
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, path], check=True, capture_output=True)
    return path.with_suffix(".txt.sig").rename(path.with_suffix(f".{namespace}.sig"))


def head(server):
    return server.http("/api/v1/revisions", user="petra")[2]["items"][0]


@suite.test
def a_signature_is_the_consent_of_its_keys_holder(bench):
    olga = key_of(bench)
    server = with_keys(bench, olga=olga)
    folder = company.write(bench.fresh() / "more", MORE)
    before = plan(server, folder, user="bert")
    check_in("needs the consent of squad orders", before.stdout, "the plan without a signature")
    check_in("ssh-keygen -Y sign -f KEY -n myelin-plan FILE", before.stdout, "how to sign")
    signature = signed(to_sign(bench, server, folder), olga[0])
    check_equal(plan(server, folder, "--signature", signature, user="bert").returncode, 3, "exit code of the plan with it")
    check_in("revision 2 is in force", apply(server, folder, "--signature", signature, user="bert").stdout, "the apply")
    revision = head(server)
    check_equal((revision["author"], revision["signed_by"]),
                ("bert", [{"principal": "olga", "key": fingerprint(olga[0]), "squads": ["orders"]}]), "who applied and who signed")
    said = [one for one in server.http("/api/v1/audit", user="petra")[2]["items"] if one["action"] == "approve"]
    check_equal({one["principal"] for one in said}, {"olga"}, "who approved, in the audit log")
    check_in(f"signed with key {fingerprint(olga[0])}, brought by bert", said[0]["resource"], "the record")
    server.kill()
    server.start()
    check_equal(head(server), revision, "the revision after a kill")


@suite.test
def a_signature_is_good_for_one_plan_once(bench):
    olga = key_of(bench)
    server = with_keys(bench, olga=olga)
    folder = company.write(bench.fresh() / "more", MORE)
    signature = signed(to_sign(bench, server, folder), olga[0])
    other = company.write(bench.fresh() / "other", changed(GRANT, "purpose: Write invoices.", "purpose: Anything."))
    refused = apply(server, other, "--signature", signature, user="bert", check=False)
    check_equal(refused.returncode, REFUSED, "exit code of another change")
    check_in("is not over this plan, whose tree is", refused.stderr, "the refusal")
    apply(server, company.write(bench.fresh() / "between", changed(CONTRACT, "1.0.0", "1.1.0")))
    late = apply(server, folder, "--signature", signature, user="bert", check=False)
    check_equal(late.returncode, REFUSED, "exit code after another apply")
    again = signed(to_sign(bench, server, folder), olga[0])
    apply(server, folder, "--signature", again, user="bert")
    apply(server, folder_of(bench, people_with(olga=olga[1]) | changed(CONTRACT, "1.0.0", "1.1.0")))
    check_equal(apply(server, folder, "--signature", again, user="bert", check=False).returncode, REFUSED, "exit code once it was taken back")
    check_equal(head(server)["revision"], 4, "the last revision")


@suite.test
def whoever_signs_must_be_known_and_have_a_say(bench):
    olga, bert, nobody = key_of(bench), key_of(bench), key_of(bench)
    server = with_keys(bench, olga=olga, bert=bert)
    folder = company.write(bench.fresh() / "more", MORE)
    text = to_sign(bench, server, folder)
    for key, namespace, why in ((nobody, "myelin-plan", "belongs to nobody in the model that is in force"), (olga, "git", 'was made for "git"'),
                                (bert, "myelin-plan", "is by bert, who has no say in what this plan changes")):
        refused = apply(server, folder, "--signature", signed(text, key[0], namespace), user="bert", check=False)
        check_equal(refused.returncode, REFUSED, f"exit code: {why}")
        check_in(why, refused.stderr, "the refusal")
    both = people_with(olga=olga[1], bert=f"{bert[1]}\n      {nobody[1]}") | MORE
    brought = company.write(bench.fresh() / "brought", both)
    signature = signed(to_sign(bench, server, brought), nobody[0])
    check_in("belongs to nobody", apply(server, brought, "--signature", signature, user="bert", check=False).stderr, "a key that the plan brings")
    refused = apply(server, company.write(bench.fresh() / "key", people_with(olga=olga[1], bert=f"{bert[1]}\n      {nobody[1]}")), user="bert", check=False)
    check_in("needs the consent of the platform group: only the platform group changes a user", refused.stdout, "a key by its holder alone")
    check_equal(head(server)["revision"], 1, "the last revision")


@suite.test
def what_is_no_signature_is_named(bench):
    server = company.started(bench)
    folder = company.write(bench.fresh() / "more", MORE)
    text = to_sign(bench, server, folder)
    other = signed(text, key_of(bench, "ecdsa")[0])
    path = bench.fresh() / "text.sig"
    for content, why in (("", "does not begin with"), ("-----BEGIN SSH SIGNATURE-----\n", "does not end with"), ("x" * 100_000, "longer than 4096 bytes"),
                         (other.read_text(), 'of type "ecdsa-sha2-nistp256"; expected ssh-ed25519'), (text.read_text(), "does not begin with")):
        path.write_text(content)
        refused = apply(server, folder, "--signature", path, user="bert", check=False)
        check_equal(refused.returncode, WRONG, f"exit code: {why}")
        check_in(why, refused.stderr, "the error")
        status, _, answer = server.http("/api/v1/plan", user="bert", method="POST", body={
            "files": [{"file": GRANT, "text": MORE[GRANT]}], "signatures": [content]})
        check_equal(status, 413 if len(content) > 4096 else 400, f"status: {why}")
        check_in(why, answer["detail"], "the answer")
    status, _, answer = server.http("/api/v1/plan", user="bert", method="POST", body={
        "files": [{"file": GRANT, "text": MORE[GRANT]}], "signatures": [""] * 65})
    check_equal(status, 413, "status of too many")
    check_equal(head(server)["revision"], 1, "the last revision")


@suite.test
def a_platform_member_signs_for_everybody_and_offline_the_tree_is_the_same(bench):
    petra = key_of(bench)
    server = with_keys(bench, petra=petra)
    theft = company.write(bench.fresh() / "theft", MORE | changed("org/invoicer.yaml", "principals: invoicer", "principals: invoicer invoicer-2"))
    state = bench.fresh() / "state.json"
    server.tool("state", "--out", state, user="petra")
    offline = json.loads(server.tool("plan", theft, "--against", state, "--as", "bert", "--output", "json", check=False).stdout)
    asked = json.loads(plan(server, theft, "--output", "json", user="bert").stdout)
    check_equal((offline["tree"], offline["to_sign"]), (asked["tree"], asked["to_sign"]), "tree offline")
    text = bench.fresh() / "plan.txt"
    server.tool("plan", theft, "--against", state, "--as", "bert", "--to-sign", text, check=False)
    check_equal(text.read_text(), f"myelin plan {asked['tree']}\n", "what is signed")
    check_in(f"Tree `{asked['tree']}`", asked["markdown"], "the Markdown")
    applied = apply(server, theft, "--signature", signed(text, petra[0]), user="bert")
    check_in("signed by petra", applied.stdout, "the plan")
    check_equal([one["squads"] for one in head(server)["signed_by"]], [[""]], "for whom she spoke")


@suite.test
def a_key_that_is_none_is_an_error_at_its_line(bench):
    server = company.started(bench)
    _, line = key_of(bench, "rsa")
    refused = plan(server, folder_of(bench, people_with(olga=line)))
    check_equal(refused.returncode, WRONG, "exit code")
    check_in('org/people.yaml:7:7: key of User "olga" is of type "ssh-rsa"; expected ssh-ed25519', refused.stderr, "the error")
