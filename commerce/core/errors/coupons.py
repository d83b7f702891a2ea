"""Errors of coupons."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "coupon_not_found",
        404,
        "Unknown coupon",
        "There is no coupon with this code.",
        "Check the spelling of the code.",
        hindi(
            "कूपन नहीं मिला",
            "इस कोड का कोई कूपन नहीं है।",
            "कोड की वर्तनी जाँच लें।",
        ),
    ),
    entry(
        "coupon_not_active",
        422,
        "Coupon not active",
        "This coupon is paused or has ended.",
        "Use another coupon.",
        hindi(
            "कूपन चालू नहीं है",
            "यह कूपन अभी रुका हुआ है या ख़त्म हो चुका है।",
            "कोई दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_not_started",
        422,
        "Coupon not valid yet",
        "This coupon's time has not begun.",
        "Use it once its time has begun.",
        hindi(
            "कूपन अभी शुरू नहीं हुआ",
            "इस कूपन का समय अभी शुरू नहीं हुआ है।",
            "इसका समय शुरू होने पर इसे लगाएँ।",
        ),
    ),
    entry(
        "coupon_expired",
        422,
        "Coupon expired",
        "This coupon's time is over.",
        "Use another coupon.",
        hindi(
            "कूपन का समय बीत गया",
            "इस कूपन का समय पूरा हो चुका है।",
            "कोई दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_minimum",
        422,
        "Cart below the coupon's minimum",
        "The cart is worth less than this coupon asks for.",
        "Add products until the cart is worth that much.",
        hindi(
            "कार्ट कूपन की न्यूनतम रक़म से कम",
            "यह कूपन जितनी ख़रीदारी माँगता है, कार्ट की रक़म उससे कम है।",
            "कार्ट में और सामान जोड़ें, जब तक उसकी रक़म उतनी न हो जाए।",
        ),
    ),
    entry(
        "coupon_not_applicable",
        422,
        "Coupon does not fit the cart",
        "No product in the cart takes part in this coupon.",
        "Add a product that takes part, or use another coupon.",
        hindi(
            "कूपन इस कार्ट पर लागू नहीं",
            "कार्ट का कोई सामान इस कूपन में शामिल नहीं है।",
            "इस कूपन में शामिल कोई सामान जोड़ें, या दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_first_order_only",
        422,
        "For the first order only",
        "This coupon is for customers who have not ordered yet.",
        "Use another coupon.",
        hindi(
            "सिर्फ़ पहले ऑर्डर के लिए",
            "यह कूपन उन ग्राहकों के लिए है जिन्होंने अब तक ऑर्डर नहीं किया है।",
            "कोई दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_limit_reached",
        409,
        "Coupon used up",
        "This coupon has been used as often as it allows.",
        "Use another coupon.",
        hindi(
            "कूपन पूरा इस्तेमाल हो चुका",
            "यह कूपन जितनी बार लग सकता था, उतनी बार लग चुका है।",
            "कोई दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_user_limit_reached",
        409,
        "Coupon already used",
        "You have used this coupon as often as it allows.",
        "Use another coupon.",
        hindi(
            "आप यह कूपन लगा चुके हैं",
            "यह कूपन जितनी बार आप लगा सकते थे, उतनी बार लगा चुके हैं।",
            "कोई दूसरा कूपन लगाएँ।",
        ),
    ),
    entry(
        "coupon_slot_lost",
        409,
        "Coupon no longer held",
        "The coupon's place in this checkout has expired.",
        "Start checkout again; the coupon is tried anew.",
        hindi(
            "कूपन अब रुका हुआ नहीं है",
            "इस चेकआउट में कूपन के लिए रखी गई जगह का समय बीत गया।",
            "चेकआउट दोबारा शुरू करें; कूपन फिर से आज़माया जाएगा।",
        ),
    ),
)
