"""Errors of the protocol itself: they can come from any endpoint."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "bad_request",
        400,
        "Bad request",
        "The request could not be understood.",
        "Check the request against the API description.",
    ),
    entry(
        "malformed_json",
        400,
        "Malformed JSON",
        "The body is not valid JSON in UTF-8.",
        "Send a well-formed JSON object.",
    ),
    entry(
        "json_too_deep",
        400,
        "JSON nested too deeply",
        "The body nests arrays or objects deeper than any request here needs.",
        "Send the flat structure of the API description.",
    ),
    entry(
        "validation_failed",
        400,
        "Some fields are not valid",
        "One or more fields are missing, unknown or not acceptable.",
        "Correct the fields listed in errors and send the request again.",
    ),
    entry(
        "invalid_text",
        400,
        "Text that cannot be stored",
        "A text holds a NUL character or half of a surrogate pair.",
        "Remove the character from the field named in errors.",
    ),
    entry(
        "invalid_uuid",
        400,
        "Not an identifier",
        "A field that names something by its id does not hold a UUID.",
        "Send the id exactly as the API answered it.",
    ),
    entry(
        "number_out_of_range",
        400,
        "Number out of range",
        "A number is larger or smaller than the shop can store.",
        "Send a number within the limits of the API description.",
    ),
    entry(
        "not_authenticated",
        401,
        "Login needed",
        "The request carries no valid access token.",
        "Log in, or refresh the access token, and send the request again.",
    ),
    entry(
        "permission_denied",
        403,
        "Not allowed",
        "This account may not do that.",
        "Use an account with the permission.",
    ),
    entry(
        "not_found",
        404,
        "Not found",
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the address and the id in it.",
    ),
    entry(
        "method_not_allowed",
        405,
        "Method not allowed",
        "This address does not answer that method.",
        "Use one of the methods in the Allow header.",
    ),
    entry(
        "not_acceptable",
        406,
        "Not acceptable",
        "The Accept header asks for a format this address does not produce.",
        "Accept application/json.",
    ),
    entry(
        "body_too_large",
        413,
        "Body too large",
        "The request body is larger than the shop accepts.",
        "Send a smaller body; upload files by the uploads endpoint.",
    ),
    entry(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "The body is in a format this address does not read.",
        "Send application/json.",
    ),
    entry(
        "rate_limited",
        429,
        "Too many requests",
        "This account or address has sent too many requests of this kind.",
        "Wait for the seconds in Retry-After, then try again.",
    ),
    entry(
        "internal_error",
        500,
        "Something went wrong here",
        "The shop met a fault of its own; it has been recorded.",
        "Try again later; write requests are safe to repeat with the same Idempotency-Key.",
    ),
    entry(
        "temporarily_unavailable",
        503,
        "Busy for a moment",
        "The shop could not get to this request in time; nothing was changed.",
        "Send the same request again after the seconds in Retry-After.",
    ),
    entry(
        "outcome_unknown",
        503,
        "Outcome not yet known",
        "The connection to the database broke while the change was being made.",
        "Repeat the request with the same Idempotency-Key after the seconds in Retry-After.",
    ),
)
