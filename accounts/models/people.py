"""Who works with Verdant: users with a role, and the teams they belong to."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class Team(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a user may do: a CSM works a book, a manager sees every book, an admin also configures."""

    CSM = "csm", "CSM"
    MANAGER = "manager", "Manager"
    ADMIN = "admin", "Admin"


class Sees(models.TextChoices):
    """Whose accounts a user sees, where that is set apart from the role."""

    OWN = "own", "Own accounts"
    TEAM = "team", "Accounts of the team"
    ALL = "all", "All accounts"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who signs in with `email`, kept in lower case. Raises ValueError without one."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMIN, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in by e-mail. What they may do follows from their role; whose accounts they see can be set apart."""

    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.CSM)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="users")
    sees = models.CharField(
        max_length=4,
        choices=Sees.choices,
        blank=True,
        default="",
        help_text="Blank: a CSM sees their own accounts, a manager all. An admin always sees all.",
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def scope(self) -> Sees:
        """Whose accounts they see: as set for them, else as their role says."""
        if self.role == Role.ADMIN:
            return Sees.ALL
        return Sees(self.sees) if self.sees else Sees.ALL if self.role == Role.MANAGER else Sees.OWN

    @property
    def sees_every_account(self) -> bool:
        return self.is_active and self.scope == Sees.ALL

    def get_full_name(self) -> str:
        """What the admin site greets with."""
        return self.name

    # The admin site asks for these; here the role answers.
    @property
    def is_staff(self) -> bool:
        return self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_admin
