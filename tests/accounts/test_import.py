"""`manage.py import`: a file goes in, its odd rows come back, and all of it can be taken back."""

import datetime as dt
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.csvformat import LONGEST_CELL
from accounts.models import Account, Job, License, Source, StreamSync, UserDay
from support.models import TicketEvent
from tests.accounts.build import (
    Fingerprint,
    account,
    attribute,
    company,
    count_every_table,
    everything_known,
    known,
    noon,
    record_of,
    send,
    source,
)

pytestmark = pytest.mark.django_db

Import = Callable[..., str]
ACCOUNTS = "external_id,name\nA-1,One\nA-2,Two\n"
LICENSES = "external_id,account,starts_on,seats\nL-1,A-1,2024-01-01,5\nL-2,A-2,2024-02-01,7\n"


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Import a text as a file at noon of a day, and return what the command says."""

    def run(
        kind: str, text: str | bytes, *options: str, at: str = "2024-06-03", mapping: str = "", by: str = "crm"
    ) -> str:
        file = tmp_path / f"{kind}.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        more = ["--rejected", str(tmp_path / "rejected.csv")]
        if mapping:
            (tmp_path / "mapping.toml").write_text(mapping)
            more += ["--mapping", str(tmp_path / "mapping.toml")]
        said = StringIO()
        with time_machine.travel(noon(at), tick=True):
            call_command("import", kind, str(file), "--source", by, *more, *options, stdout=said)
        return said.getvalue()

    return run


def undo(job: Job | None = None, at: str = "2024-06-20") -> str:
    said = StringIO()
    job = job or Job.objects.latest("id")
    with time_machine.travel(noon(at), tick=True):
        call_command("import", "--undo", str(job.pk), stdout=said)
    return said.getvalue()


def past(*days: str) -> list[Fingerprint]:
    return [everything_known(noon(on)) for on in days]


class TestReport:
    def test_it_counts_the_rows_by_what_became_of_them(self, run: Import) -> None:
        run("accounts", ACCOUNTS)
        said = run("licenses", LICENSES + "L-3,A-9,2024-01-01,1\nL-4,A-1,soon,1\n")
        assert re.findall(r"(\d+) (created|updated|unmatched|rejected)", said) == [
            ("2", "created"),
            ("1", "unmatched"),
            ("1", "rejected"),
        ]
        assert "line 5, starts_on: “soon” is not a day like 2024-03-31." in said

    def test_a_second_run_reports_every_row_unchanged_and_adds_none(self, run: Import) -> None:
        run("accounts", ACCOUNTS)
        run("licenses", LICENSES)
        before = everything_known()
        counts = count_every_table()
        assert "2 unchanged" in run("licenses", LICENSES, at="2024-06-04")
        after = everything_known()
        assert {**after, "streams": 0} == {**before, "streams": 0}
        changed = {table for table, number in count_every_table().items() if number != counts[table]}
        assert changed == {"accounts_job", "accounts_streamsync"}

    def test_rejected_rows_come_back_with_line_field_and_reason(self, run: Import, tmp_path: Path) -> None:
        run("accounts", ACCOUNTS)
        run("licenses", LICENSES.replace("2024-02-01", "soon") + "L-3,A-1,2024-01-01,1,extra\n")
        header, *rows = (tmp_path / "rejected.csv").read_text().splitlines()
        assert header == "rejected_line,rejected_field,rejected_reason,external_id,account,starts_on,seats"
        assert rows[0] == "3,starts_on,“soon” is not a day like 2024-03-31.,L-2,A-2,soon,7"
        assert rows[1].startswith("4,,")
        job = Job.objects.latest("id")
        assert [(rejection["line"], rejection["field"]) for rejection in job.rejections] == [(3, "starts_on"), (4, "")]
        assert (job.state, job.rows) == ("done", 3)

    def test_the_mended_file_goes_in(self, run: Import, tmp_path: Path) -> None:
        run("accounts", ACCOUNTS)
        run("licenses", LICENSES.replace("2024-02-01", "soon"))
        mended = (tmp_path / "rejected.csv").read_text().replace(",soon,", ",2024-02-01,")
        assert "1 created" in run("licenses", mended)

    def test_a_dry_run_reports_and_changes_nothing_at_all(self, run: Import) -> None:
        run("accounts", ACCOUNTS)
        send("licenses", {"external_id": "L-9", "account": "A-8", "starts_on": "2024-01-01"})
        before = count_every_table()
        said = run("accounts", "external_id,name\nA-8,Eight\nA-1,Uno\n", "--dry-run", by="erp")
        assert "Dry run, nothing changed" in said
        assert "2 created" in said
        said = run("accounts", "external_id,name\nA-8,Eight\nA-1,Uno\n", "--dry-run")
        assert ("1 created" in said, "1 updated" in said, "1 that had waited are joined" in said) == (True, True, True)
        assert "2 created" in run(
            "usage", "external_id,account,event,day,count\n1,A-1,e,2024-05-01,1\n2,A-2,e,2031-01-01,1\n", "--dry-run"
        )
        assert count_every_table() == before


class TestKnown:
    """When the rows of a file were learned."""

    USAGE = "external_id,account,event,day,count\nN-1,A-1,run,2024-03-04,3\n"

    @staticmethod
    def received() -> tuple[str, bool]:
        version = known("usage", "N-1")
        return f"{version.received_at:%Y-%m-%d}", version.receipt_assumed

    @pytest.fixture(autouse=True)
    def accounts(self) -> None:
        company("A-1", "A-2")

    def test_a_first_import_is_history_known_as_it_occurred(self, run: Import) -> None:
        run("usage", self.USAGE)
        assert self.received() == ("2024-03-04", True)

    def test_a_later_one_is_news(self, run: Import) -> None:
        run("usage", self.USAGE.replace("N-1", "N-0"))
        run("usage", self.USAGE, at="2024-06-05")
        assert self.received() == ("2024-06-05", False)

    @pytest.mark.parametrize(
        ("choice", "received"),
        [("now", ("2024-06-03", False)), ("occurred", ("2024-03-04", True)), ("2024-04-01", ("2024-04-01", True))],
    )
    def test_it_can_be_said(self, run: Import, choice: str, received: tuple[str, bool]) -> None:
        run("usage", self.USAGE, "--known", choice)
        assert self.received() == received

    def test_rows_that_do_not_say_when_happened_on_the_day_given(self, run: Import) -> None:
        run("products", "external_id,name\nP-1,Atlas\n", "--occurred", "2024-02-02")
        version = known("products", "P-1")
        assert (version.received_at, version.receipt_assumed) == (dt.datetime(2024, 2, 2, tzinfo=dt.UTC), True)

    def test_after_an_undo_the_next_import_is_the_first_again(self, run: Import) -> None:
        run("usage", self.USAGE)
        undo(at="2024-06-04")
        run("usage", self.USAGE, at="2024-06-05")
        assert self.received() == ("2024-03-04", True)

    def test_a_word_that_is_no_day_is_refused(self, run: Import) -> None:
        with pytest.raises(CommandError, match="later"):
            run("usage", self.USAGE, "--known", "later")


class TestMapping:
    def test_columns_become_members(self, run: Import) -> None:
        company("A-1")
        mapping = """
            [fields]
            external_id = { columns = ["teacher", "week"], join = ":" }
            end_user = "teacher"
            account = { column = "teacher", of = "end-users", take = "account" }
            event = "what"
            day = { column = "week", format = "%d/%m/%Y" }
            grain = { constant = "week" }
            count = { column = "times", number = "1.234,56" }
        """
        text = "teacher;week;what;times\nU-1;04/03/2024;viewed;1.200\nU-9;04/03/2024;viewed;1\n"
        run("end-users", "external_id,account\nU-1,A-1\n")
        said = run("usage", text, mapping=mapping)
        assert ("1 created" in said, "1 unmatched" in said) == (True, True)
        rolled = UserDay.objects.get()
        assert (rolled.day, rolled.grain, rolled.events) == (dt.date(2024, 3, 4), 7, 1200)
        assert known("usage", "U-1:04/03/2024").account == account()

    def test_words_are_translated_and_others_refused(self, run: Import) -> None:
        company("A-1")
        mapping = """
            [fields]
            external_id = "id"
            account = { constant = "A-1" }
            due_on = "due"
            outcome = { column = "result", values = { churned = "lost" } }
        """
        said = run("renewals", "id,due,result\nR-1,2024-01-01,churned\nR-2,2024-01-01,unsure\n", mapping=mapping)
        assert known("renewals", "R-1").outcome == "lost"
        assert "line 3, outcome: 'unsure' is not among the values of the mapping: 'churned'" in said

    def test_an_account_may_be_named_by_another_sources_id(self, run: Import) -> None:
        company("A-1")
        mapping = '[fields]\nexternal_id = "id"\nstarts_on = "from"\naccount = { column = "school", source = "crm" }\n'
        run("licenses", "id,from,school\nL-1,2024-01-01,A-1\n", mapping=mapping, by="billing")
        assert known("licenses", "L-1", by="billing").account == account()

    def test_custom_attributes_have_columns(self, run: Import) -> None:
        run("accounts", "external_id,attributes.plan type,attributes.size\nA-1,district,7\n")
        assert (attribute("size"), attribute("plan_type")) == ("7", "district")

    @pytest.mark.parametrize(
        ("mapping", "complaint"),
        [
            ('[fields]\nexternal_id = "id"\ncolour = "id"', "colour is not a member"),
            ('[fields]\nexternal_id = "nothing"', "column nothing is not in the header"),
            ('[fields]\nname = "id"', "nothing gives the external_id"),
            ("[fields", "cannot be read as TOML"),
        ],
    )
    def test_a_mapping_that_cannot_be_used_is_refused_in_words(self, run: Import, mapping: str, complaint: str) -> None:
        before = count_every_table()
        with pytest.raises(CommandError, match=complaint):
            run("products", "id\n1\n", mapping=mapping)
        assert count_every_table() == before


class TestFiles:
    """Any usual CSV gives its rows; what is none gives a clear error."""

    @pytest.mark.parametrize(
        ("delimiter", "quote"), [(",", ""), (",", '"'), (";", ""), ("\t", ""), ("|", ""), ("^", ""), ("`", "")]
    )
    def test_seven_ways_to_write_a_table_give_the_same_rows(self, run: Import, delimiter: str, quote: str) -> None:
        lines = [line.split(",") for line in ACCOUNTS.splitlines()]
        run("accounts", "\r\n".join(delimiter.join(f"{quote}{cell}{quote}" for cell in line) for line in lines))
        assert list(Account.objects.values_list("name", flat=True)) == ["One", "Two"]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            (b"\xef\xbb\xbfexternal_id,name\r\nA-1,\xc3\x89cole\r\n", "École"),
            ("external_id,name\nA-1,École\n".encode("latin-1"), "École"),
            ("external_id,name\nA-1,École\n".encode("utf-16"), "École"),
            (b'external_id,name\nA-1,"two\nlines, ""quoted"""\n', 'two\nlines, "quoted"'),
            (b"external_id,name\nA-1,no newline", "no newline"),
        ],
        ids=["BOM", "latin-1", "utf-16", "quoted newline", "no last newline"],
    )
    def test_the_cells_are_read_as_they_were_written(self, run: Import, text: bytes, name: str) -> None:
        run("accounts", text)
        assert account().name == name

    def test_four_hundred_columns_are_no_hindrance(self, run: Import) -> None:
        header = ["external_id", "name", *(f"c{number}" for number in range(398))]
        said = run("products", ",".join(header) + "\n" + ",".join(["P-1", "Atlas"] + ["x"] * 398) + "\n")
        assert "Columns that nothing takes: c0, c1" in said
        assert known("products", "P-1").name == "Atlas"

    def test_four_hundred_attributes_are_none_either(self, run: Import) -> None:
        names = [f"attributes.c{number}" for number in range(400)]
        run("accounts", ",".join(["external_id", *names]) + "\n" + ",".join(["A-1", *"7" * 400]) + "\n")
        assert attribute("c399") == "7"

    def test_a_header_alone_has_no_rows(self, run: Import) -> None:
        assert "No rows: the file has a header only." in run("accounts", "external_id,name\n")

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (b"", "The file is empty"),
            (b"\n\n", "The file is empty"),
            (b"name\nOne\n", "nothing gives the external_id"),
            (b"external_id,name,name\n1,2,3\n", "repeats"),
            (b'external_id,name\nA-1,"never closed\n', "never closes"),
            (b"PK\x03\x04\x00\x00\x00", "ZIP archive"),
        ],
    )
    def test_what_is_no_table_is_refused_in_words(self, run: Import, text: bytes, complaint: str) -> None:
        with pytest.raises(CommandError, match=complaint):
            run("accounts", text)

    def test_a_row_with_a_nul_byte_is_refused_and_the_others_go_in(self, run: Import) -> None:
        said = run("accounts", b"external_id,name\nA-1,One\nA-2,T\0wo\n")
        assert ("1 created" in said, "1 rejected" in said, "NUL byte" in said) == (True, True, True)

    def test_a_cell_of_ten_megabytes_is_refused_or_kept_whole(self, run: Import) -> None:
        company("A-1")
        notes = "x" * 10_000_000
        said = run(
            "touchpoints", f"external_id,account,at,notes\nM-1,A-1,2024-05-01,{notes}\nM-2,A-1,2024-05-01,short\n"
        )
        assert known("touchpoints", "M-2").notes == "short"
        if len(notes) > LONGEST_CELL:
            assert "1 rejected" in said
        else:
            assert known("touchpoints", "M-1").notes == notes

    @pytest.mark.parametrize("name", ["", "two words", "ünï", "x" * 61])
    def test_a_source_has_a_plain_name(self, run: Import, name: str) -> None:
        with pytest.raises(CommandError):
            run("accounts", ACCOUNTS, by=name)
        assert not Source.objects.exists()

    def test_an_unknown_kind_is_refused_with_the_kinds_there_are(self, run: Import) -> None:
        with pytest.raises(CommandError, match="There is no kind “unicorns”"):
            run("unicorns", ACCOUNTS)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError):
            call_command("import", "accounts", str(tmp_path / "none.csv"), "--source", "crm")


class TestUndo:
    """Taking an import back leaves everything that is known as it was before."""

    PAST = ("2024-01-20", "2024-03-20", "2024-05-20", "2024-06-10")

    @pytest.fixture(autouse=True)
    def before(self) -> None:
        company("A-1", "A-2", at="2024-01-10")
        send(
            "surveys", {"external_id": "V-1", "name": "N", "kind": "nps", "minimum": 0, "maximum": 10}, at="2024-01-10"
        )
        send("tickets", {"external_id": "T-1", "account": "A-1", "opened_at": "2024-01-09"}, at="2024-01-10")
        send("end-users", {"external_id": "U-1", "account": "A-1"}, at="2024-01-10")
        send(
            "usage",
            {"external_id": "N-1", "end_user": "U-1", "event": "e", "day": "2024-01-08", "count": 2},
            at="2024-01-10",
        )
        send(
            "licenses", {"external_id": "L-1", "account": "A-1", "starts_on": "2024-01-01", "seats": 5}, at="2024-01-10"
        )

    FILES = {
        "accounts": "external_id,name,tier,attributes.size,parent\nA-1,Uno,gold,5,A-2\nA-3,Three,,7,A-1\n",
        "products": "external_id,name\nP-1,Atlas\n",
        "licenses": "external_id,account,starts_on,seats\nL-1,A-1,2024-01-01,9\nL-2,A-1,2024-02-01,7\nL-1,A-1,2024-01-01,11\n",
        "renewals": "external_id,license,due_on\nR-1,L-1,2024-02-28\n",
        "stakeholders": "external_id,account,name\nS-1,A-1,Ada\n",
        "end-users": "external_id,account,name\nU-1,A-1,Bob\nU-2,A-2,Eve\n",
        "touchpoints": "external_id,account,at\nM-1,A-1,2024-02-01\n",
        "pulses": "external_id,account,at,rating\nX-1,A-1,2024-02-01,3\n",
        "objectives": "external_id,account,name,set_on\nO-1,A-1,Live,2024-02-01\n",
        "invoices": "external_id,account,issued_on,due_on,amount,currency\nI-1,A-1,2024-02-01,2024-03-01,5.00,EUR\n",
        "messages": "external_id,account,delivered_at,opened_at\nB-1,A-1,2024-02-01,2024-02-02\n",
        "reach": "external_id,account,platform,day,reach,interactions\nC-1,A-1,forum,2024-02-01,90,3\n",
        "opt-outs": "external_id,account,channel,at\nD-1,A-1,email,2024-02-01\n",
        "usage": "external_id,end_user,event,day,count\nN-1,U-1,e,2024-01-08,9\nN-2,U-1,f,2024-02-01,3\nN-3,U-1,e,2024-01-08,1\n",
        "tickets": "external_id,account,opened_at,status,solved_at\nT-1,A-1,2024-01-09,solved,2024-02-01\nT-2,A-2,2024-02-01,open,\n",
        "ticket-events": "external_id,ticket,kind,at\nE-1,T-1,opened,2024-02-01\nE-2,T-1,solved,2024-03-01\n",
        "surveys": "external_id,name,kind,minimum,maximum\nV-2,CSAT,csat,1,5\n",
        "survey-requests": "external_id,account,survey,sent_at\nQ-1,A-1,V-1,2024-02-01\n",
        "survey-responses": "external_id,account,survey,at,value\nW-1,A-1,V-1,2024-02-01,9\n",
    }

    @pytest.mark.parametrize("mode", ["now", "occurred", "2024-02-15"])
    @pytest.mark.parametrize("kind", FILES)
    def test_everything_is_as_it_was(self, run: Import, kind: str, mode: str) -> None:
        before, earlier = everything_known(), past(*self.PAST[:3])
        run(kind, self.FILES[kind], "--known", mode, "--occurred", "2024-02-15")
        changed = everything_known()
        assert changed != before
        during = everything_known(noon("2024-06-10"))
        undo(at="2024-06-20")
        assert everything_known() == before
        assert past(*self.PAST[:3]) == earlier
        if mode == "now":
            assert everything_known(noon("2024-06-10")) == during
        else:
            assert everything_known(noon("2024-06-10")) == everything_known(noon("2024-06-30"))
        run(kind, self.FILES[kind], "--known", mode, "--occurred", "2024-02-15", at="2024-06-25")
        assert {**everything_known(), "streams of accounts": 0} == {**changed, "streams of accounts": 0}

    def test_a_deletion(self, run: Import) -> None:
        before = everything_known()
        run("licenses", "external_id,deleted\nL-1,yes\n", at="2024-06-03")
        assert known("licenses", "L-1") is None
        undo(at="2024-06-20")
        assert everything_known() == before
        assert known("licenses", "L-1", noon("2024-06-10")) is None

    def test_the_deletion_of_an_account(self, run: Import) -> None:
        before = everything_known()
        run("accounts", "external_id,deleted\nA-1,yes\n")
        assert Account.objects.existing().count() == 1
        undo()
        assert everything_known() == before

    def test_an_account_that_goes_with_it_counts_as_changed_though_nothing_was_told_of_it(self, run: Import) -> None:
        run("accounts", "external_id\nA-3\n")
        Account.objects.update(dirty_since=None)
        undo()
        gone = Account.objects.get(deleted_at__isnull=False)
        assert gone.dirty_since is not None

    def test_a_deletion_and_a_return(self, run: Import) -> None:
        before = everything_known()
        run("licenses", "external_id,deleted,account,starts_on,seats\nL-1,yes,,,\nL-1,,A-1,2024-01-01,99\n")
        assert known("licenses", "L-1").seats == 99
        undo()
        assert everything_known() == before

    def test_a_person_who_moved_is_back_where_they_were(self, run: Import) -> None:
        before = everything_known()
        run("end-users", "external_id,account\nU-1,A-2\n")
        assert record_of("end-users", "U-1") == known("end-users", "U-1").record
        undo()
        assert everything_known() == before
        assert known("end-users", "U-1").account == account("A-1")

    def test_further_ids_mean_nothing_again(self, run: Import) -> None:
        source("billing")
        before = everything_known()
        mapping = '[fields]\nexternal_id = "id"\nexternal_ids = "also"\nname = "name"\n'
        run("accounts", "id,also,name\nA-1,A-1b,Uno\nA-4,A-4b,Four\n", mapping=mapping)
        undo()
        assert everything_known() == before
        assert "1 created" in run("accounts", "id,also,name\nA-5,A-1b,Five\n", mapping=mapping)
        assert account("A-1b") == account("A-5")

    def test_what_the_sources_say_of_an_account_is_handed_back(self, run: Import) -> None:
        send("accounts", {"external_id": "A-1", "external_ids": [{"source": source("erp").name, "external_id": "A-1"}]})
        run("accounts", "external_id,tier\nA-1,gold\n", at="2024-06-04")
        first = Job.objects.latest("id")
        run("accounts", "external_id,tier\nA-1,silver\n", at="2024-06-05", by="erp")
        second = Job.objects.latest("id")
        assert attribute("tier") == "gold"
        undo(first, at="2024-06-06")
        assert attribute("tier") == "silver"
        undo(second, at="2024-06-07")
        assert attribute("tier") is None

    def test_a_deletion_that_handed_over_is_taken_back(self, run: Import) -> None:
        send("accounts", {"external_id": "A-1", "external_ids": [{"source": source("erp").name, "external_id": "A-1"}]})
        send("accounts", {"external_id": "A-1", "tier": "gold"})
        send("accounts", {"external_id": "A-1", "tier": "silver"}, by="erp")
        before = everything_known()
        run("accounts", "external_id,deleted\nA-1,yes\n", at="2024-06-04")
        assert attribute("tier") == "silver"
        undo()
        assert everything_known() == before
        assert attribute("tier") == "gold"

    def test_records_that_wait_are_forgotten(self, run: Import) -> None:
        before = everything_known()
        run("licenses", "external_id,account,starts_on\nL-9,A-9,2024-01-01\n")
        assert "waiting" in everything_known()
        undo()
        assert everything_known() == before

    @pytest.mark.parametrize(
        "modes", [("occurred", "occurred"), ("occurred", "now"), ("now", "now"), ("now", "occurred")]
    )
    def test_one_import_after_the_other_backwards(self, run: Import, modes: tuple[str, str]) -> None:
        fingerprints, jobs = [everything_known()], []
        for seats, mode, at in ((8, modes[0], "2024-06-03"), (9, modes[1], "2024-06-05")):
            rows = f"L-1,A-1,2024-01-01,{seats}\nL-2,A-2,2024-02-01,{seats}\n"
            run("licenses", f"external_id,account,starts_on,seats\n{rows}", "--known", mode, at=at)
            fingerprints.append(everything_known())
            jobs.append(Job.objects.latest("id"))
        undo(jobs[1], at="2024-06-20")
        assert everything_known() == fingerprints[1]
        undo(jobs[0], at="2024-06-21")
        assert everything_known() == fingerprints[0]
        for at in (*self.PAST, "2024-06-04", "2024-06-20", "2024-06-22"):
            assert known("licenses", "L-1", noon(at)) is not None or at < "2024-01-10"
        assert License.objects.known().count() == 1

    def test_not_while_a_later_import_changed_its_records(self, run: Import) -> None:
        run("licenses", LICENSES)
        first = Job.objects.latest("id")
        run("licenses", LICENSES.replace(",7", ",8"), at="2024-06-04")
        second = Job.objects.latest("id")
        before = everything_known()
        with pytest.raises(CommandError, match=f"Undo these first: {second.pk}"):
            undo(first)
        assert everything_known() == before

    def test_not_while_later_imports_refer_to_its_records(self, run: Import) -> None:
        run("accounts", "external_id,name\nA-7,Seven\n")
        first = Job.objects.latest("id")
        run("licenses", "external_id,account,starts_on\nL-7,A-7,2024-01-01\n")
        second = Job.objects.latest("id")
        send("pulses", {"external_id": "X-1", "account": "A-7", "at": "2024-05-01", "rating": 3})
        with pytest.raises(CommandError, match=f"records that came by themselves, {second.pk}"):
            undo(first)

    def test_what_came_by_itself_since_has_the_last_word(self, run: Import) -> None:
        run("licenses", LICENSES)
        send("licenses", {"external_id": "L-1", "seats": 77}, at="2024-06-04")
        undo()
        assert known("licenses", "L-1").seats == 77
        assert known("licenses", "L-2") is None

    def test_not_twice(self, run: Import) -> None:
        run("licenses", LICENSES)
        undo()
        before = everything_known()
        with pytest.raises(CommandError, match="has been undone already"):
            undo()
        assert everything_known() == before

    def test_not_what_is_no_import(self) -> None:
        with pytest.raises(CommandError, match="There is no import with the number 999999"):
            call_command("import", "--undo", "999999")

    def test_usage_is_rolled_up_as_before(self, run: Import) -> None:
        before = sorted(UserDay.objects.known().values_list("day", "events"))
        run("usage", self.FILES["usage"])
        assert sorted(UserDay.objects.known().values_list("day", "events")) != before
        undo()
        assert sorted(UserDay.objects.known().values_list("day", "events")) == before

    def test_derived_steps_of_tickets_stand_again(self, run: Import) -> None:
        before = TicketEvent.objects.known().count()
        run("ticket-events", self.FILES["ticket-events"])
        assert not TicketEvent.objects.known().filter(derived=True).exists()
        undo()
        assert TicketEvent.objects.known().filter(derived=True).count() == before

    def test_a_stream_is_no_longer_complete(self, run: Import) -> None:
        run("pulses", self.FILES["pulses"])
        assert StreamSync.objects.known().exists()
        undo()
        assert not StreamSync.objects.known().exists()


def test_a_job_that_fails_says_why(run: Import) -> None:
    text = b"external_id,name\n" + b"".join(b"A-%d,x\n" % n for n in range(10_050)) + b'A-x,"never closed\n'
    with pytest.raises(CommandError, match="never closes"):
        run("products", text)
    job = Job.objects.get()
    assert (job.state, job.counts) == ("failed", {"created": 10_000})
    assert "never closes" in job.error
