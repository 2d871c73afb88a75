"""A record of every kind, sent over the interface."""

from typing import Any

from tests.accounts.interface import Program

OF_A1 = {"account": "A-1"}
EVERYTHING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accounts", {"external_id": "A-1", "name": "Calloway", "stage": "live", "attributes": {"industry": "Freight"}}),
    ("products", {"external_id": "P-1", "name": "Atlas"}),
    ("stakeholders", {**OF_A1, "external_id": "S-1", "name": "Ada", "email": "ada@calloway.example", "role": "champion"}),
    ("end-users", {**OF_A1, "external_id": "U-1", "name": "Bob", "stakeholder": "S-1", "attributes": {"plan": "pro"}}),
    ("licenses", {**OF_A1, "external_id": "L-1", "product": "P-1", "starts_on": "2024-01-01", "amount": "9.50",
                  "currency": "EUR"}),
    ("touchpoints", {**OF_A1, "external_id": "T-1", "at": "2024-06-01T12:00:00Z", "kind": "call", "participants": ["S-1"]}),
    ("pulses", {**OF_A1, "external_id": "X-1", "at": "2024-06-01T12:00:00Z", "rating": 4}),
    ("objectives", {**OF_A1, "external_id": "O-1", "name": "Go live", "due_on": "2024-12-01"}),
    ("invoices", {**OF_A1, "external_id": "I-1", "issued_on": "2024-06-01", "due_on": "2024-07-01", "amount": "10",
                  "currency": "USD"}),
    ("renewals", {**OF_A1, "external_id": "R-1", "license": "L-1", "due_on": "2024-12-31"}),
    ("usage", {**OF_A1, "external_id": "C-1", "end_user": "U-1", "event": "Report", "day": "2024-06-03", "count": 3}),
    ("tickets", {**OF_A1, "external_id": "K-1", "subject": "Broken", "opened_at": "2024-06-01T12:00:00Z"}),
    ("ticket-events", {"external_id": "E-1", "account": {"ticket": "K-1"}, "ticket": "K-1", "kind": "escalated",
                       "at": "2024-06-02T12:00:00Z"}),
    ("surveys", {"external_id": "V-1", "name": "Quarterly", "kind": "nps", "minimum": 0, "maximum": 10}),
    ("survey-requests", {**OF_A1, "external_id": "Q-1", "survey": "V-1", "sent_at": "2024-06-01T12:00:00Z"}),
    ("survey-responses", {**OF_A1, "external_id": "N-1", "survey": "V-1", "request": "Q-1", "value": 9,
                          "at": "2024-06-02T12:00:00Z"}),
    ("opt-outs", {**OF_A1, "external_id": "D-1", "stakeholder": "S-1", "channel": "email", "at": "2024-06-02T12:00:00Z"}),
    ("messages", {**OF_A1, "external_id": "M-1", "end_user": "U-1", "channel": "email", "campaign": "News",
                  "delivered_at": "2024-06-01T12:00:00Z", "opened_at": "2024-06-01T13:00:00Z"}),
    ("reach", {**OF_A1, "external_id": "H-1", "platform": "LinkedIn", "day": "2024-06-01", "reach": 900, "interactions": 30}),
)  # fmt: skip


def everything(program: Program) -> None:
    for kind, record in EVERYTHING:
        answer = program.batch(kind, record)
        assert answer.status_code == 200, answer.content
