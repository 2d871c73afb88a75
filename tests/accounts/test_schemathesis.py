"""Whatever the OpenAPI document promises holds for requests that schemathesis thinks of, good and bad ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from accounts.api import openapi_document
from tests.accounts.examples import everything
from tests.accounts.interface import Program, bearer

EXAMPLES = 20

# A schema cannot say what two members have to do with each other, nor which ids are known (422), nor what a cursor is (400);
# and a batch answers 207 for records that break a rule.
CONFIG = SchemathesisConfig.from_dict(
    {
        # One by one, what each member can be is asked of the serializers themselves, in a fraction of the time.
        "phases": {"coverage": {"enabled": False}},
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "400", "401", "403", "404", "409", "410", "422", "429"]
            },
            "negative_data_rejection": {
                "expected-statuses": ["207", "400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
            },
        },
    }
)
schema = schemathesis.openapi.from_dict(json.loads(openapi_document()), config=CONFIG)
schema.app = get_wsgi_application()


@pytest.fixture
def crm(db: None, settings: Any) -> Iterator[Program]:
    """Whose connection is not closed after a request, as Django's own client sees to: what a test writes is rolled back."""
    settings.API_REQUESTS_PER_MINUTE = 0
    program = Program()
    everything(program)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield program
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.django_db
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_interface_keeps_what_its_document_promises(case: Any, crm: Program) -> None:
    # It takes answers as they come, without unpacking them.
    case.call_and_validate(headers={**bearer(crm.secret), "Accept-Encoding": "identity"})
