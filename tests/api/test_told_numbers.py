"""Whoever sends a phone number or a pincode in another form is told which form is wanted."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.shop.builder import Shop

ADDRESS = {
    "name": "Asha Rao",
    "line1": "12 Lake Road",
    "city": "Bengaluru",
    "state": "Karnataka",
}
TOLD = {
    "en": "Give the number as +91 and ten digits, without spaces: +919845012345.",
    "hi": "नंबर +91 और दस अंकों में, बिना ख़ाली जगह के लिखें: +919845012345.",
}
PINCODE = {
    "en": "A pincode has six digits, the first not 0.",
    "hi": "पिनकोड में छह अंक होते हैं, और पहला 0 नहीं होता।",
}


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("path", ["send", "verify"])
def test_login_says_which_number_it_wants(shop: Shop, api: Api, path: str, language: str) -> None:
    code = {} if path == "send" else {"code": "123456"}

    answer = api().post(
        f"/api/v1/auth/otp/{path}",
        {"phone": "9845012345", **code},
        format="json",
        headers={"Accept-Language": language},
    )

    faults = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert (answer.status_code, faults) == (400, {"/phone": TOLD[language]})


@pytest.mark.parametrize("language", ["en", "hi"])
def test_address_says_which_numbers_it_wants(shop: Shop, api: Api, language: str) -> None:
    answer = api(shop.user()).post(
        "/api/v1/addresses",
        {**ADDRESS, "phone": "98450 12345", "pincode": "056000"},
        format="json",
        headers={"Accept-Language": language, "Idempotency-Key": "an-address"},
    )

    faults = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert answer.status_code == 400
    assert faults == {"/phone": TOLD[language], "/pincode": PINCODE[language]}
