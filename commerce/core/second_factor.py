"""The second factor of the admin: a code that a person's own device makes anew every 30 seconds.

`manage.py second_factor PHONE` makes a person's first device. With `ADMIN_SELF_ENROLMENT`, which is
for the demo and which production refuses, whoever has no device sets one up after their password:
the key stays in the session until a code proves that the device has it. From then on only
`manage.py second_factor PHONE --forget` or a superuser's page takes the device away.
"""

from __future__ import annotations

import logging
from base64 import b32encode
from dataclasses import dataclass
from typing import Any

import django_otp
import segno
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

logger = logging.getLogger("commerce.admin")

SESSION_KEY = "second_factor_key"
DIGITS = 6
TOLERANCE = 1  # steps of 30 seconds that a device's clock may be off
WRONG = "That is not the code that your device shows now."
NO_DEVICE = "There is no device of yours yet."
PAUSED = "Too many wrong codes. Wait a moment, then try the next one."


@dataclass(frozen=True)
class Enrolment:
    """What a person needs to set a device up: a picture of the key, and the key to type."""

    picture: str
    key: str


def shown(request: HttpRequest) -> bool:
    """Whether this session has shown the second factor, or needs none here."""
    if not settings.ADMIN_SECOND_FACTOR:
        return True
    user: Any = request.user
    return bool(user.is_verified())


def device_of(user: Any) -> TOTPDevice | None:
    """The device that the user has proved to have."""
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return found


def waits_for_a_device(request: HttpRequest) -> bool:
    """Whether somebody else has to make a device for the person first."""
    return not settings.ADMIN_SELF_ENROLMENT and device_of(request.user) is None


def enrolment(request: HttpRequest) -> Enrolment | None:
    """The key to set a device up with; None for who has one, or may not."""
    if not settings.ADMIN_SELF_ENROLMENT or device_of(request.user) is not None:
        return None
    key = request.session.setdefault(SESSION_KEY, default_key())
    device = TOTPDevice(user=request.user, key=key)
    code = segno.make(device.config_url, error="m")
    return Enrolment(code.svg_data_uri(scale=5, border=2, light="white"), _spelled(device))


def show(request: HttpRequest, code: str) -> str:
    """Let the session in by a right code; else the reason why not."""
    if waits_for_a_device(request):
        return NO_DEVICE
    code = "".join(code.split())
    device = device_of(request.user)
    if device is None:
        device = _enrolled(request, code)
    else:
        allowed, _ = device.verify_is_allowed()
        if not allowed:
            return PAUSED
        device = django_otp.verify_token(request.user, device.persistent_id, code)
    if device is None:
        logger.warning("second factor refused", extra={"user_id": str(request.user.pk)})
        return WRONG
    request.session.pop(SESSION_KEY, None)
    request.session.cycle_key()
    django_otp.login(request, device)
    return ""


def _enrolled(request: HttpRequest, code: str) -> TOTPDevice | None:
    """A device of the user's with the session's key, if the code comes from that key."""
    key = request.session.get(SESSION_KEY)
    if key is None or not (code.isascii() and code.isdecimal()):
        return None
    totp = TOTP(bytes.fromhex(key))
    if not totp.verify(int(code), tolerance=TOLERANCE):
        return None
    with transaction.atomic():
        people = get_user_model()._default_manager.select_for_update()
        user: Any = people.get(pk=str(request.user.pk))  # one device, however many tabs are open
        if device_of(user) is not None:
            return None
        device: TOTPDevice = TOTPDevice.objects.create(
            user=user, name="Authenticator", key=key, last_t=totp.t()
        )
    logger.warning("second factor set up", extra={"user_id": str(user.pk)})
    return device


def _spelled(device: TOTPDevice) -> str:
    """The key as authenticators take it from the keyboard."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))
