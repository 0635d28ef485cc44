"""Documents that are no model: what is wrong, where, all of it at once, and nothing is changed."""
import company
from company import CONTRACT, GRANT, apply, changed, folder_of, plan
from suite import Suite, check_equal, check_in

suite = Suite()


def check_refused(server, folder, *reasons, code=2):
    refused = apply(server, folder, check=False)
    check_equal(refused.returncode, code, "exit code")
    for reason in reasons:
        check_in(reason, refused.stderr, "the error")
    check_equal(server.http("/api/v1/revisions", user="petra")[2]["items"][0]["revision"], 1, "the last revision")


@suite.test
def every_problem_is_told_with_file_line_and_column(bench):
    server = company.started(bench)
    wrong = changed(CONTRACT, "kind: DataContract", "kind: DataContrct") | changed(GRANT, "status: approved", "status: aproved")
    check_refused(server, folder_of(bench, wrong), 'contracts/order.odcs.yaml:2:7: kind "DataContrct" is unknown; use DataContract',
                  'grants/orders-for-billing.yaml:4:9: status "aproved" is unknown', "nothing was changed")


@suite.test
def a_part_that_does_not_fit_the_whole_is_refused(bench):
    server = company.started(bench)
    second = company.DOCUMENTS["org/checkout.yaml"]
    check_refused(server, company.write(bench.fresh() / "part", {"org/again.yaml": second + "---\n" + company.DOCUMENTS["org/invoicer.yaml"]
                                                                  .replace("name: invoicer", "name: billing-2")}),
                  'principal "invoicer"')
    check_refused(server, company.write(bench.fresh() / "part", changed(GRANT, "dataProductId: orders", "dataProductId: order")),
                  'grants/orders-for-billing.yaml', "orders")


@suite.test
def bytes_that_are_no_text_and_bombs_are_refused(bench):
    server = company.started(bench)
    folder = folder_of(bench)
    (folder / GRANT).write_bytes(b"id: \xff\xfe\n")
    check_refused(server, folder, code=2)
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    check_refused(server, folder_of(bench, {GRANT: bomb}), GRANT)


@suite.test
def a_folder_that_is_none_and_one_that_is_too_large_are_told(bench):
    server = company.started(bench)
    nowhere = plan(server, bench.fresh() / "nowhere")
    check_equal(nowhere.returncode, 2, "exit code without a folder")
    check_in("no such folder", nowhere.stderr, "the error")
    check_refused(server, folder_of(bench, {f"org/{n}.yaml": "# " + "x" * 900_000 for n in range(75)}), "a model holds at most 5000 files and 67108864 bytes", code=2)


@suite.test
def a_body_that_is_no_folder_is_refused(bench):
    server = company.started(bench)
    for body in ({}, {"files": []}, {"files": "x"}, {"files": [{"file": "../org/x.yaml", "text": ""}]}, {"files": [{"file": "org/x.yaml"}]},
                 {"files": [{"file": "org/x.yaml", "text": ""}], "allow_delete": 1}, {"files": [{"file": "org/x.yaml", "text": ""}], "more": 1}):
        status, _, answer = server.http("/api/v1/plan", user="petra", method="POST", body=body)
        check_equal(status, 400, f"status for {body}")
        check_in("body", answer["detail"] + "the file body" * ("file '" in answer["detail"]), "the detail")
    check_equal(server.http("/api/v1/revisions/9", user="petra")[0], 404, "status of a revision that is none")
    check_equal(server.http("/api/v1/revisions/x", user="petra")[0], 400, "status of no number")
