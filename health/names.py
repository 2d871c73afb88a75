"""Who somebody is: facts name users by their e-mail addresses, pages by their names."""

from django.db.models import F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from accounts.models import User


def named(field: str) -> Coalesce:
    """The name of the user whose address a field holds, within the query; else what the field says."""
    user = User.objects.filter(email=Lower(OuterRef(field))).values(said=NullIf(F("name"), Value("")))
    return Coalesce(Subquery(user[:1]), F(field), output_field=TextField())
