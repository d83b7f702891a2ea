"""Errors of logging in and of accounts."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "otp_cooldown",
        429,
        "Code sent a moment ago",
        "A code was sent to this number less than a moment ago.",
        "Wait for the seconds in Retry-After, then ask for a new code.",
    ),
    entry(
        "otp_phone_limit",
        429,
        "Too many codes for this number",
        "This number has been sent as many codes as an hour allows.",
        "Use the latest code, or try again after the seconds in Retry-After.",
    ),
    entry(
        "otp_ip_limit",
        429,
        "Too many codes from this network",
        "Too many codes were asked for from this network within an hour.",
        "Try again after the seconds in Retry-After, or from another network.",
    ),
    entry(
        "otp_locked",
        429,
        "Too many wrong codes",
        "Too many wrong codes were entered for this number.",
        "Wait for the seconds in Retry-After before trying again.",
    ),
    entry(
        "otp_invalid",
        422,
        "Code not right",
        "The code is not the one that was sent to this number last.",
        "Check the latest message and enter its code, or ask for a new one.",
    ),
    entry(
        "otp_expired",
        410,
        "Code expired",
        "The code was right once, but its time is over.",
        "Ask for a new code.",
    ),
    entry(
        "user_deactivated",
        403,
        "Account closed",
        "This account has been deactivated.",
        "Write to customer care.",
    ),
    entry(
        "token_invalid",
        401,
        "Login no longer valid",
        "The token is not ours, has expired, or belongs to a user who can no longer log in.",
        "Ask the customer to log in again.",
    ),
    entry(
        "token_reused",
        401,
        "Refresh token already used",
        "Each refresh token works once, and this one has been spent.",
        "Use the newest refresh token, or ask the customer to log in again.",
    ),
    entry(
        "erasure_blocked",
        409,
        "Orders still under way",
        "An account can be erased only when none of its orders is under way.",
        "Wait for the orders named in context to arrive, or cancel them, then try again.",
    ),
)
