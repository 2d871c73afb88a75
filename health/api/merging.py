"""Merging two accounts over the interface, and undoing it.

The address names the account that is merged, the body the one that survives. The token sees both: it acts for a user or sees
the whole portfolio. Afterwards the id of the merged one leads on to its survivor, by a permanent redirect with the address
there; its scores are none of the survivor's.
"""

from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import merging, tokens
from accounts.door import ApiView, needs, token_of
from accounts.idempotency import idempotent
from accounts.kinds import Problem
from accounts.merging import UNDO_WITHIN, NotMerged
from accounts.models import Account, Merge, Scope
from accounts.openapi import errors
from accounts.problems import CONFLICT, INVALID, NOT_FOUND, Refused
from accounts.record_shapes import IDEMPOTENCY_KEY
from health import merges


class MergeBody(serializers.Serializer[Any]):
    into = serializers.UUIDField(help_text="The account that survives.")


class MergeShape(serializers.Serializer[Merge]):
    """What became of two accounts."""

    merged = serializers.UUIDField(source="loser.public_id", help_text="The account that was merged.")
    into = serializers.UUIDField(source="survivor.public_id", help_text="The account that survives.")
    moved = serializers.DictField(
        child=serializers.IntegerField(), source="counts", help_text="How many of what moved: only what there was."
    )
    at = serializers.DateTimeField()
    undo_until = serializers.SerializerMethodField()
    undone_at = serializers.DateTimeField(allow_null=True)

    def get_undo_until(self, merge: Merge) -> str:
        return (merge.at + UNDO_WITHIN).isoformat()


class MergeView(ApiView):
    """That an account turned out to be another one."""

    permission_classes = (needs(Scope.CRM_WRITE),)
    tags = ("accounts",)

    @extend_schema(
        operation_id="account_merge",
        summary="Merge an account into another",
        parameters=[IDEMPOTENCY_KEY],
        request=MergeBody,
        responses={200: MergeShape, **errors(409)},
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Merge the account into another. Its ids, records, open tasks and notes move; undoable for 30 days."""
        loser, survivor = _account(request, public_id), _account(request, into(request.data))
        try:
            made = merges.merge(loser, survivor, by=token_of(request).user, now=timezone.now())
        except NotMerged as error:
            raise refused(error) from error
        return Response(MergeShape(made).data)

    @extend_schema(
        operation_id="account_merge_undo",
        summary="Undo the merge of an account",
        responses={200: MergeShape, **errors(409)},
    )
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Undo the merge of the account: what moved goes back as it is by now, what is new since then stays."""
        loser = _account(request, public_id)
        made = Merge.objects.filter(loser=loser, undone_at=None).select_related("loser", "survivor").first()
        if made is None:
            raise Refused(CONFLICT, f"{loser} is not merged into another account.", code="not_merged")
        try:
            undone = merges.undo(made, by=token_of(request).user, now=timezone.now())
        except NotMerged as error:
            raise refused(error) from error
        return Response(MergeShape(undone).data)


def into(body: Any) -> UUID:
    """The account that a body names. Raises Refused, naming every member that cannot be used."""
    if not isinstance(body, dict):
        raise Refused(INVALID, errors=[Problem("", "invalid", "The body is an object with the member into.")])
    given = MergeBody(data=body)
    unknown = [Problem(name[:80], "unknown", "There is no such member.") for name in sorted(body.keys() - {"into"})]
    if unknown or not given.is_valid():
        wrong = [] if given.is_valid() else [
            Problem(name, str(one.code), str(one)) for name, found in given.errors.items() for one in found
        ]  # fmt: skip
        raise Refused(INVALID, errors=unknown + wrong)
    found: UUID = given.validated_data["into"]
    return found


def _account(request: Request, public_id: UUID) -> Account:
    """An account that the token sees, or one that was merged into such. Raises Refused: anything else is not there."""
    seen = tokens.accounts_seen_by(token_of(request))
    account: Account | None = Account.objects.filter(public_id=public_id).select_related("merged_into").first()
    if account is None or not seen.filter(pk=merging.follow(account).pk).exists():
        raise Refused(NOT_FOUND)
    return account


ITSELF: Final = "itself"


def refused(error: NotMerged) -> Refused:
    """The problem that tells it."""
    if error.code == ITSELF:
        return Refused(INVALID, errors=[Problem("into", ITSELF, str(error))])
    more: dict[str, Any] = {"merged_into": str(error.into.public_id)} if error.into else {}
    return Refused(CONFLICT, str(error), code=error.code, **more)
