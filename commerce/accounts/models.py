"""People, their login codes and their addresses."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from commerce.core.models import Row, SoftDeleted, one_of

PHONE_PATTERN = r"^\+[1-9][0-9]{7,14}$"
PINCODE_PATTERN = r"^[1-9][0-9]{5}$"
PHONE_WANTED = "Give the number as +91 and ten digits, without spaces: +919845012345."
PINCODE_WANTED = "A pincode has six digits, the first not 0."


class Users(BaseUserManager["User"]):
    """Creates users for the shell and the tests; shoppers are created by `verify_otp`."""

    def create_user(self, phone: str, password: str | None = None, **extra: object) -> User:
        """Create a user who logs in by code, or by password too when one is given."""
        user = self.model(phone=phone, **extra)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, phone: str, password: str | None = None, **extra: object) -> User:
        """Create an administrator of the Django admin."""
        return self.create_user(
            phone, password, **{"is_staff": True, "is_superuser": True, **extra}
        )


class UserStatus(models.TextChoices):
    """An erased user keeps the row, so that orders keep their owner, but no personal data."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


class User(Row, AbstractBaseUser, PermissionsMixin):
    """A shopper or a member of staff, known by a phone number in E.164."""

    phone = models.CharField(
        max_length=16,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(PHONE_PATTERN)],
    )
    name = models.CharField(max_length=120, blank=True, default="", db_default="")
    email = models.EmailField(blank=True, default="", db_default="")
    password = models.CharField(max_length=128, blank=True, default="", db_default="")
    status = models.CharField(
        max_length=20, choices=UserStatus, default=UserStatus.ACTIVE, db_default="active"
    )
    is_staff = models.BooleanField(default=False, db_default=False)
    is_superuser = models.BooleanField(default=False, db_default=False)
    cod_allowed = models.BooleanField(default=True, db_default=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        constraints: ClassVar = [one_of("status", UserStatus, "users_status")]

    def __str__(self) -> str:
        return self.name or self.phone or str(self.id)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether this user may log in; a column would say the same thing twice."""
        return self.status == UserStatus.ACTIVE


class OtpPhone(Row):
    """What one phone number has asked for and got wrong; locked by `send_otp` and `verify_otp`."""

    phone = models.CharField(max_length=16, unique=True)
    window_started_at = models.DateTimeField()
    sends = models.PositiveIntegerField(default=0, db_default=0)
    last_sent_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    failures_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "otp_phones"


class OtpIpCounter(Row):
    """How many codes one address has asked for in the current hour."""

    ip = models.GenericIPAddressField(unique=True)
    window_started_at = models.DateTimeField()
    sends = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "otp_ip_counters"


class OtpStatus(models.TextChoices):
    """Only the newest code of a phone is `pending`."""

    PENDING = "pending"
    VERIFIED = "verified"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class OtpVerification(Row):
    """A login code that was sent; only its keyed hash is kept."""

    phone = models.CharField(max_length=16)
    code_hash = models.CharField(max_length=64)
    status = models.CharField(
        max_length=20, choices=OtpStatus, default=OtpStatus.PENDING, db_default="pending"
    )
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    ip = models.GenericIPAddressField(null=True)
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "otp_verifications"
        constraints: ClassVar = [
            one_of("status", OtpStatus, "otp_verifications_status"),
            models.UniqueConstraint(
                fields=["phone"],
                condition=models.Q(status="pending"),
                name="otp_verifications_one_pending",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="otp_verifications_age")]


class SessionEnd(models.TextChoices):
    """Why a login is over."""

    LOGGED_OUT = "logged_out"
    ENDED_ELSEWHERE = "ended_elsewhere"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason
    DEACTIVATED = "deactivated"
    ERASED = "erased"
    BY_STAFF = "by_staff"


class LoginSession(Row):
    """One login on one device: all tokens that descend from it stand and fall with this row.

    `generation` counts the rotations of its refresh token; only the token of the newest works.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    device_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    device_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    network = models.CharField(max_length=43, blank=True, default="", db_default="")
    generation = models.PositiveBigIntegerField(default=1, db_default=1)
    rotated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=20, choices=SessionEnd, blank=True, default="", db_default=""
    )

    current = False  # set on the one that asks, where logins are listed

    class Meta:
        db_table = "login_sessions"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | models.Q(ended_at__isnull=False, end_reason__in=SessionEnd.values),
                name="login_sessions_end",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                name="login_sessions_living",
                condition=models.Q(ended_at=None),
            ),
            models.Index(fields=["expires_at"], name="login_sessions_age"),
        ]

    def __str__(self) -> str:
        return self.device_name or str(self.id)


class AddressKind(models.TextChoices):
    """Where the parcel goes; the courier plans the hour by it."""

    HOME = "home"
    WORK = "work"
    OTHER = "other"


class Address(Row, SoftDeleted):
    """A delivery address in a customer's address book."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="addresses")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=16, validators=[RegexValidator(PHONE_PATTERN)])
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True, default="", db_default="")
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=60)
    pincode = models.CharField(max_length=6, validators=[RegexValidator(PINCODE_PATTERN)])
    kind = models.CharField(
        max_length=10, choices=AddressKind, default=AddressKind.HOME, db_default="home"
    )

    class Meta:
        db_table = "addresses"
        verbose_name_plural = "addresses"
        constraints: ClassVar = [one_of("kind", AddressKind, "addresses_kind")]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                name="addresses_of_user",
                condition=models.Q(is_deleted=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.line1}, {self.city} {self.pincode}"
