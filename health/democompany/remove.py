"""Taking the company away again, and nothing else."""

from django.apps import apps
from django.db import connection, models, transaction

from accounts.models import Account, AttributeDefinition, Merge, Source, User
from accounts.sources import OWN
from health import spreads
from health.democompany.build import SOURCES
from health.democompany.plans import CSMS
from health.models import Alert, Run, SavedView, Snapshot, Spread


def remove() -> int:
    """Delete everything that is marked as made up: accounts with all that is theirs, their sources, and the people who
    cannot sign in. Scorecards, settings and teams stay. Returns how many accounts went."""
    accounts = list(Account.objects.filter(demo=True).values_list("pk", flat=True))
    with transaction.atomic():
        with connection.cursor() as cursor:
            for model in _of_accounts():
                cursor.execute(f'delete from "{model._meta.db_table}" where account_id = any(%s)', [accounts])
            sources = list(Source.objects.filter(name__in=SOURCES).values_list("pk", flat=True))
            Alert.objects.filter(stream__source__in=sources).delete()
            for model in _of_sources():
                cursor.execute(f'delete from "{model._meta.db_table}" where source_id = any(%s)', [sources])
            Merge.objects.filter(survivor__in=accounts).delete()
            cursor.execute("update accounts_account set parent_id = null where id = any(%s)", [accounts])
            cursor.execute("delete from accounts_account where id = any(%s)", [accounts])
        AttributeDefinition.objects.filter(name="owner", master__name=OWN).update(master=None)
        Source.objects.filter(pk__in=sources).delete()
        SavedView.objects.filter(owner__email__in=_emails()).delete()
        for user in User.objects.filter(email__in=_emails(), accounts=None, tasks=None):
            if not user.has_usable_password():
                user.delete()
        Run.objects.exclude(day__in=Snapshot.objects.values("day")).delete()
        counted = set(Spread.objects.values_list("day", flat=True))
        Spread.objects.all().delete()
        for day in counted.intersection(Snapshot.objects.values_list("day", flat=True).distinct()):
            spreads.keep(day)
    return len(accounts)


def _emails() -> list[str]:
    return [email for email, _, _ in CSMS.values()]


def _models() -> list[type[models.Model]]:
    own = [
        model
        for name in ("health", "support", "surveys", "accounts")
        for model in apps.get_app_config(name).get_models()
    ]
    return [model for model in own if model._meta.managed and not model._meta.proxy]


def _of_accounts() -> list[type[models.Model]]:
    """Everything that belongs to an account; what points at such comes first."""
    return [model for model in _models() if any(field.attname == "account_id" for field in model._meta.concrete_fields)]


def _of_sources() -> list[type[models.Model]]:
    """What a source told, streams last."""
    found = [model for model in _models() if any(field.attname == "source_id" for field in model._meta.concrete_fields)]
    return sorted(found, key=lambda model: model.__name__ == "Stream")
