"""Malformed and hostile requests: each is answered with its type of problem, and nothing is stored."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import connection

from accounts import tokens
from accounts.models import Token
from tests.accounts.build import count_every_table, source
from tests.accounts.interface import Program, problem_of

pytestmark = pytest.mark.django_db

ONE = "/api/v1/products/by-external-id/crm/P-1"
MANY = "/api/v1/products/batch"
LICENSE = "/api/v1/licenses/by-external-id/crm/L-1"
PULSE = "/api/v1/pulses/by-external-id/crm/U-1"
ACCOUNT = "/api/v1/accounts/by-external-id/crm/A-9"
USAGE = "/api/v1/usage/by-external-id/crm/C-1"
JSON = "application/json"
GOOD = {"external_id": "P-1", "name": "Atlas"}


class Case(NamedTuple):
    """A request, and the status and type of the answer."""

    name: str
    expected: tuple[int, str]
    method: str = "PUT"
    path: str = ONE
    body: bytes = b'{"name": "Atlas"}'
    type: str = JSON
    headers: dict[str, str] | None = None
    key: str = "server"


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def of_license(**members: Any) -> bytes:
    return said({"account": "A-1", "starts_on": "2024-01-01", **members})


def of_usage(**members: Any) -> bytes:
    return said({"account": "A-1", "event": "Report", "day": "2024-06-03", "count": 1, **members})


UNREADABLE = [
    Case(f"{name}, {where}", expected, method, path, body)
    for where, method, path in (("one", "PUT", ONE), ("many", "POST", MANY))
    for name, expected, body in (
        ("nothing but spaces", (400, "not-json"), b"  "),
        ("half an object", (400, "not-json"), b'{"name": "At'),
        ("XML", (400, "not-json"), b"<record/>"),
        ("a form", (400, "not-json"), b"name=Atlas"),
        ("two documents", (400, "not-json"), b"{}{}"),
        ("single quotes", (400, "not-json"), b"{'name': 'Atlas'}"),
        ("a comment", (400, "not-json"), b'{/* */"name": "Atlas"}'),
        ("a control character", (400, "not-json"), b'{"name": "At\x01las"}'),
        ("a raw NUL", (400, "not-json"), b'{"name": "At\x00las"}'),
        ("no UTF-8", (400, "not-json"), b'{"name": "\xc3\x28"}'),
        ("UTF-16", (400, "not-json"), '{"name": "Atlas"}'.encode("utf-16")),
        ("UTF-32", (400, "not-json"), '{"name": "Atlas"}'.encode("utf-32")),
        ("a byte order mark", (400, "not-json"), b'\xef\xbb\xbf{"name": "Atlas"}'),
        ("overlong UTF-8", (400, "not-json"), b'{"name": "\xc0\xaf"}'),
        ("a pickle", (400, "not-json"), b"\x80\x04\x95\x0b\x00\x00\x00"),
        ("NaN", (400, "bad-number"), b'{"name": NaN}'),
        ("Infinity", (400, "bad-number"), b'{"name": -Infinity}'),
        ("too large a float", (400, "bad-number"), b'{"name": 1e400}'),
        ("a number of a thousand digits", (400, "bad-number"), b'{"name": ' + b"9" * 1000 + b"}"),
        ("a number of a million digits", (400, "bad-number"), b'{"name": ' + b"9" * 1_000_000 + b"}"),
        ("a member twice", (400, "duplicate-member"), b'{"name": "Atlas", "name": "Borealis"}'),
        ("a member twice, spelled apart", (400, "duplicate-member"), b'{"name": "Atlas", "n\\u0061me": "Borealis"}'),
        ("nested too deeply", (400, "too-deep"), b'{"name": ' + b"[" * 20 + b"]" * 20 + b"}"),
        ("nested without end", (400, "too-deep"), b'{"name": ' + b"[" * 500_000),
        ("objects without end", (400, "too-deep"), b'{"a":' * 200_000),
        ("a NUL", (400, "bad-text"), b'{"name": "At\\u0000las"}'),
        ("half a surrogate pair", (400, "bad-text"), b'{"name": "\\ud800"}'),
        ("the wrong half first", (400, "bad-text"), b'{"name": "\\udc00\\ud800"}'),
        ("half a pair as a member", (400, "bad-text"), b'{"\\udfff": 1}'),
        ("a list", (422, "invalid"), b"[]"),
        ("text", (422, "invalid"), b'"record"'),
        ("a number", (422, "invalid"), b"1"),
        ("null", (422, "invalid"), b"null"),
        ("true", (422, "invalid"), b"true"),
    )
]

WRAPPED = [
    Case("plain text that says gzip", (400, "bad-compression"), headers={"Content-Encoding": "gzip"}),
    Case("zlib that says gzip", (400, "bad-compression"), body=zlib.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
    Case("half of a gzip", (400, "bad-compression"), body=gzip.compress(b'{"name": "Atlas"}')[:-6], headers={"Content-Encoding": "gzip"}),
    Case("gzip with a wrong checksum", (400, "bad-compression"), body=gzip.compress(b'{"name": "Atlas"}')[:-8] + bytes(8), headers={"Content-Encoding": "gzip"}),
    Case("gzip with a rest", (400, "bad-compression"), body=gzip.compress(b"{}") + b"rest", headers={"Content-Encoding": "gzip"}),
    Case("gzip in gzip", (400, "not-json"), body=gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": "gzip"}),
    Case("a bomb", (413, "too-large"), body=gzip.compress(bytes(200_000_000)), headers={"Content-Encoding": "gzip"}),
    Case("a bomb of many members", (413, "too-large"), body=gzip.compress(bytes(1_000_000)) * 50, headers={"Content-Encoding": "gzip"}),
    Case("six megabytes", (413, "too-large"), body=b'{"name": "' + b"a" * 6_000_000 + b'"}'),
    Case("six megabytes of spaces", (413, "too-large"), body=b" " * 6_000_000),
    Case("deflate", (415, "media-type"), headers={"Content-Encoding": "deflate"}),
    Case("brotli", (415, "media-type"), headers={"Content-Encoding": "br"}),
    Case("two codings", (415, "media-type"), headers={"Content-Encoding": "gzip, gzip"}),
    Case("a form's type", (415, "media-type"), type="application/x-www-form-urlencoded"),
    Case("several parts", (415, "media-type"), type="multipart/form-data; boundary=x"),
    Case("text", (415, "media-type"), type="text/plain"),
    Case("XML's type", (415, "media-type"), type="application/xml"),
    Case("no type", (415, "media-type"), type=""),
    Case("a type that is none", (415, "media-type"), type="json"),
    Case("JSON in Latin-1", (415, "media-type"), type="application/json; charset=iso-8859-1"),
    Case("JSON in UTF-7", (415, "media-type"), type="application/json; charset=utf-7"),
    Case("a thousand and one", (413, "too-large"), "POST", MANY, said({"records": [GOOD] * 1001})),
]  # fmt: skip

KEYS = [
    Case("no token", (401, "unauthenticated"), key="none"),
    Case("a token of nobody", (401, "unauthenticated"), key="vdt_" + "a" * 43),
    Case("a token a megabyte long", (401, "unauthenticated"), key="vdt_" + "a" * 1_000_000),
    Case("the digest for the secret", (401, "unauthenticated"), key="digest"),
    Case("the prefix for the secret", (401, "unauthenticated"), key="prefix"),
    Case("a revoked token", (401, "unauthenticated"), key="revoked"),
    Case("a browser key as a server key", (403, "browser-key"), key="browser"),
    Case("a browser key with another mark", (401, "unauthenticated"), key="disguised"),
    Case("the wrong scope", (403, "missing-scope"), key="reader"),
    Case("the wrong scope, many", (403, "missing-scope"), "POST", MANY, said({"records": [GOOD]}), key="reader"),
    Case("the wrong scope, delete", (403, "missing-scope"), "DELETE", key="reader"),
    Case("another scope of writing", (403, "missing-scope"), key="support"),
    Case("no scope to read", (403, "missing-scope"), "GET", "/api/v1/products", key="support"),
    Case("another's source", (403, "other-source"), path="/api/v1/products/by-external-id/billing/P-1"),
    Case("a source of nobody", (403, "other-source"), path="/api/v1/products/by-external-id/nobody/P-1"),
    Case("Verdant's own source", (403, "other-source"), path="/api/v1/products/by-external-id/verdant/P-1"),
    Case("another's source, delete", (403, "other-source"), "DELETE", "/api/v1/products/by-external-id/billing/P-1"),
    Case("another's source in the body", (403, "other-source"), body=said({"source": "billing", "name": "Atlas"})),
    Case("another's source in a batch", (403, "other-source"), "POST", MANY, said({"source": "billing", "records": [GOOD]})),
    Case("a source that is a list", (403, "other-source"), "POST", MANY, said({"source": ["crm"], "records": [GOOD]})),
    Case("a source in other letters", (403, "other-source"), path="/api/v1/products/by-external-id/CRM/P-1"),
]  # fmt: skip

PATHS = [
    Case("a kind that is none", (404, "not-found"), path="/api/v1/planets/by-external-id/crm/P-1"),
    Case("a kind in other letters", (404, "not-found"), path="/api/v1/Products/by-external-id/crm/P-1"),
    Case("a final slash", (404, "not-found"), "POST", MANY + "/"),
    Case("a slash too many", (404, "not-found"), "POST", "/api/v1//products/batch"),
    Case("out of the folder", (404, "not-found"), path="/api/v1/products/../../admin/"),
    Case("out of the folder, spelled", (404, "not-found"), path="/api/v1/products/%2e%2e/%2e%2e/admin/"),
    Case("no id", (404, "not-found"), path="/api/v1/products/by-external-id/crm/"),
    Case("no source", (404, "not-found"), path="/api/v1/products/by-external-id//P-1"),
    Case("a NUL in the path", (400, "bad-request"), path="/api/v1/products/by-external-id/crm/P%00"),
    Case("a NUL in the question", (400, "bad-request"), "GET", "/api/v1/products?cursor=%00"),
    Case("an id of 256 characters", (422, "invalid"), path="/api/v1/products/by-external-id/crm/" + "x" * 256),
    Case("an id of a hundred thousand", (422, "invalid"), path="/api/v1/products/by-external-id/crm/" + "x" * 100_000),
    Case("another id in the body", (422, "invalid"), body=said({"external_id": "P-2", "name": "Atlas"})),
    Case("POST to one", (405, "method-not-allowed"), "POST"),
    Case("PATCH of one", (405, "method-not-allowed"), "PATCH"),
    Case("GET of one", (405, "method-not-allowed"), "GET"),
    Case("PUT of many", (405, "method-not-allowed"), "PUT", MANY),
    Case("DELETE of all", (405, "method-not-allowed"), "DELETE", "/api/v1/products"),
    Case("TRACE", (405, "method-not-allowed"), "TRACE"),
    Case("OPTIONS", (405, "method-not-allowed"), "OPTIONS"),
    Case("a method in disguise", (405, "method-not-allowed"), "POST", headers={"X-HTTP-Method-Override": "PUT"}),
    Case("a limit of SQL", (400, "bad-parameter"), "GET", "/api/v1/products?limit=1;drop%20table%20accounts_product"),
    Case("a cursor of SQL", (400, "bad-parameter"), "GET", "/api/v1/products?cursor=%27%20or%201=1--"),
    Case(
        "a key of 256 characters",
        (400, "bad-request"),
        "POST",
        MANY,
        said({"records": []}),
        headers={"Idempotency-Key": "k" * 256},
    ),
]

MEMBERS = [
    Case("a text that is an object", (422, "invalid"), body=said({"name": {"$gt": ""}})),
    Case("a text that is a list", (422, "invalid"), body=said({"name": ["Atlas"]})),
    Case("a text that is true", (422, "invalid"), body=said({"name": True})),
    Case("a text that is null where it is needed", (422, "invalid"), body=said({"name": None})),
    Case("a blank where it is needed", (422, "invalid"), body=said({"name": ""})),
    Case("a text that is too long", (422, "invalid"), body=said({"name": "a" * 256})),
    Case("an unknown member", (422, "invalid"), body=said({"name": "Atlas", "record": 1})),
    Case("a member of the class", (422, "invalid"), body=said({"name": "Atlas", "__class__": "Token"})),
    Case("a column that is no member", (422, "invalid"), body=said({"name": "Atlas", "changed_in": 0})),
    Case("deleted neither yes nor no", (422, "invalid"), body=said({"name": "Atlas", "deleted": "perhaps"})),
    Case("a time that is none", (422, "invalid"), body=said({"name": "Atlas", "source_updated_at": "soon"})),
    Case("a time without a zone", (422, "invalid"), body=said({"name": "Atlas", "source_updated_at": "2024-06-01T12:00:00"})),
    Case("a time as a number", (422, "invalid"), body=said({"name": "Atlas", "source_updated_at": 1717243200})),
    Case("the thirteenth month", (422, "invalid"), "PUT", LICENSE, of_license(starts_on="2024-13-01")),
    Case("the thirtieth of February", (422, "invalid"), "PUT", LICENSE, of_license(starts_on="2024-02-30")),
    Case("the year zero", (422, "invalid"), "PUT", LICENSE, of_license(starts_on="0000-01-01")),
    Case("the year 9999", (422, "invalid"), "PUT", LICENSE, of_license(starts_on="9999-12-31")),
    Case("the year 10000", (422, "invalid"), "PUT", LICENSE, of_license(starts_on="10000-01-01")),
    Case("a day that is a list", (422, "invalid"), "PUT", LICENSE, of_license(starts_on=["2024-01-01"])),
    Case("an end before the start", (422, "invalid"), "PUT", LICENSE, of_license(ends_on="2023-01-01")),
    Case("seats below none", (422, "invalid"), "PUT", LICENSE, of_license(seats=-1)),
    Case("seats past what is kept", (422, "invalid"), "PUT", LICENSE, of_license(seats=2**31)),
    Case("half a seat", (422, "invalid"), "PUT", LICENSE, of_license(seats=1.5)),
    Case("seats in words", (422, "invalid"), "PUT", LICENSE, of_license(seats="many")),
    Case("seats with an underscore", (422, "invalid"), "PUT", LICENSE, of_license(seats="1_0")),
    Case("money past what is kept", (422, "invalid"), "PUT", LICENSE, of_license(amount="1000000000000", currency="EUR")),
    Case("money that is no number", (422, "invalid"), "PUT", LICENSE, of_license(amount="NaN", currency="EUR")),
    Case("money without end", (422, "invalid"), "PUT", LICENSE, of_license(amount="1e39", currency="EUR")),
    Case("money without a currency", (422, "invalid"), "PUT", LICENSE, of_license(amount="1.00")),
    Case("a currency that is none", (422, "invalid"), "PUT", LICENSE, of_license(amount="1.00", currency="€€€")),
    Case("a word that is none", (422, "invalid"), "PUT", LICENSE, of_license(interval="fortnight")),
    Case("a word that is a list", (422, "invalid"), "PUT", LICENSE, of_license(interval=["year"])),
    Case("an account that is a number", (422, "invalid"), "PUT", LICENSE, of_license(account=1)),
    Case("an account that is null", (422, "invalid"), "PUT", LICENSE, of_license(account=None)),
    Case("an account with more to it", (422, "invalid"), "PUT", LICENSE, of_license(account={"external_id": "A-1", "id": 1})),
    Case("an account of no source", (422, "invalid"), "PUT", LICENSE, of_license(account={"source": "x", "external_id": "A-1"})),
    Case("an account with a blank id", (422, "invalid"), "PUT", LICENSE, of_license(account="")),
    Case("an account with too long an id", (422, "invalid"), "PUT", LICENSE, of_license(account="x" * 256)),
    Case("a rating of six", (422, "invalid"), "PUT", PULSE, said({"account": "A-1", "at": "2024-06-01", "rating": 6})),
    Case("a count below none", (422, "invalid"), "PUT", USAGE, of_usage(count=-1)),
    Case("a count of 39 digits", (422, "invalid"), "PUT", USAGE, of_usage(count=10**38)),
    Case("a grain that is none", (422, "invalid"), "PUT", USAGE, of_usage(grain="year")),
    Case("an event without a name", (422, "invalid"), "PUT", USAGE, of_usage(event="")),
    Case("attributes that are a list", (422, "invalid"), "PUT", ACCOUNT, said({"attributes": ["a"]})),
    Case("an attribute that is an object", (422, "invalid"), "PUT", ACCOUNT, said({"attributes": {"a": {"b": 1}}})),
    Case("an attribute without a name", (422, "invalid"), "PUT", ACCOUNT, said({"attributes": {"": 1}})),
    Case("an attribute with too long a name", (422, "invalid"), "PUT", ACCOUNT, said({"attributes": {"a" * 81: 1}})),
    Case("an attribute that is built in", (422, "invalid"), "PUT", ACCOUNT, said({"attributes": {"owner": "x"}})),
    Case("further ids past a hundred", (422, "invalid"), "PUT", ACCOUNT, said({"external_ids": [f"x{n}" for n in range(101)]})),
    Case("a further id that is taken", (422, "invalid"), "PUT", ACCOUNT, said({"external_ids": ["A-1"]})),
]  # fmt: skip

CASES = [*UNREADABLE, *WRAPPED, *KEYS, *PATHS, *MEMBERS]


@pytest.fixture
def crm() -> Iterator[Program]:
    program = Program()
    program.put("accounts", "A-1", name="Calloway")
    yield program
    connection.check_constraints()


def secret_of(program: Program, key: str) -> str:
    own = source("crm")
    if key in ("browser", "disguised"):
        _, secret = tokens.issue("Web", source=own, kind=Token.Kind.BROWSER, scopes=["usage:write"], allowed_origins=["https://a.example"])  # fmt: skip
        return secret if key == "browser" else f"vdt_{secret[4:]}"
    if key == "revoked":
        token, secret = tokens.issue("Old", source=own, scopes=["crm:write"])
        Token.objects.filter(pk=token.pk).update(revoked_at=token.created_at)
        return secret
    scopes = {"reader": ["health:read"], "support": ["support:write"]}.get(key)
    if scopes:
        return tokens.issue(key, source=own, scopes=scopes, whole_portfolio=True)[1]
    told = {"server": program.secret, "none": "", "digest": program.token.digest, "prefix": program.token.prefix}
    return told.get(key, key)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_hostile_request_is_answered_with_its_problem_and_stores_nothing(case: Case, crm: Program) -> None:
    crm.secret = secret_of(crm, case.key)
    before = stored()
    answer = crm.raw(case.method, case.path, data=case.body, content_type=case.type, headers=case.headers)
    assert problem_of(answer) == case.expected
    assert stored() == before


def stored() -> dict[str, int]:
    """Rows by table. That a stream was heard, be it of nothing that can be used, is noted."""
    return {table: rows for table, rows in count_every_table().items() if not table.startswith("accounts_stream")}


GOOD_ONES = {
    "products": {"name": "Atlas"},
    "accounts": {"name": "Jade"},
    "licenses": json.loads(of_license()),
    "pulses": {"account": "A-1", "at": "2024-06-01", "rating": 3},
    "usage": json.loads(of_usage()),
}


@pytest.mark.parametrize("case", MEMBERS, ids=[case.name for case in MEMBERS])
def test_in_a_batch_it_costs_the_good_records_nothing(case: Case, crm: Program) -> None:
    kind, _, _, external_id = case.path.removeprefix("/api/v1/").split("/")
    bad = {**json.loads(case.body), "external_id": external_id}
    answer = crm.batch(kind, bad, {**GOOD_ONES[kind], "external_id": "good"}, bad)
    assert answer.status_code == 207
    assert [result["status"] for result in answer.json()["results"]] == ["rejected", "created", "rejected"]


def test_there_are_many_of_them() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80
