"""Errors of logging in and of accounts."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "otp_cooldown",
        429,
        "Code sent a moment ago",
        "A code was sent to this number less than a moment ago.",
        "Wait a moment, then ask for a new code.",
        hindi(
            "कोड अभी-अभी भेजा गया है",
            "इस नंबर पर कुछ ही पल पहले एक कोड भेजा गया है।",
            "थोड़ा रुकें, फिर नया कोड मँगाएँ।",
        ),
    ),
    entry(
        "otp_phone_limit",
        429,
        "Too many codes for this number",
        "This number has been sent as many codes as an hour allows.",
        "Use the latest code, or try again later.",
        hindi(
            "इस नंबर पर बहुत ज़्यादा कोड",
            "एक घंटे में जितने कोड भेजे जा सकते हैं, उतने इस नंबर पर भेजे जा चुके हैं।",
            "सबसे नया कोड डालें, या कुछ देर बाद फिर कोशिश करें।",
        ),
    ),
    entry(
        "otp_ip_limit",
        429,
        "Too many codes from this network",
        "Too many codes were asked for from this network within an hour.",
        "Try again later, or from another network.",
        hindi(
            "इस नेटवर्क से बहुत ज़्यादा कोड",
            "इस नेटवर्क से एक घंटे में बहुत ज़्यादा कोड मँगाए गए हैं।",
            "कुछ देर बाद या किसी दूसरे नेटवर्क से फिर कोशिश करें।",
        ),
    ),
    entry(
        "otp_locked",
        429,
        "Too many wrong codes",
        "Too many wrong codes were entered for this number.",
        "Wait a while before trying again.",
        hindi(
            "बहुत बार ग़लत कोड",
            "इस नंबर के लिए बहुत बार ग़लत कोड डाला गया है।",
            "कुछ देर रुककर फिर कोशिश करें।",
        ),
    ),
    entry(
        "otp_invalid",
        422,
        "Code not right",
        "The code is not the one that was sent to this number last.",
        "Check the latest message and enter its code, or ask for a new one.",
        hindi(
            "कोड सही नहीं है",
            "यह वह कोड नहीं है जो इस नंबर पर सबसे बाद में भेजा गया था।",
            "सबसे नया संदेश देखकर उसका कोड डालें, या नया कोड मँगाएँ।",
        ),
    ),
    entry(
        "otp_expired",
        410,
        "Code expired",
        "The code was right once, but its time is over.",
        "Ask for a new code.",
        hindi(
            "कोड का समय बीत गया",
            "यह कोड सही था, पर इसका समय पूरा हो चुका है।",
            "नया कोड मँगाएँ।",
        ),
    ),
    entry(
        "user_deactivated",
        403,
        "Account closed",
        "This account has been deactivated.",
        "Write to customer care.",
        hindi(
            "खाता बंद है",
            "यह खाता बंद कर दिया गया है।",
            "कृपया ग्राहक सेवा को लिखें।",
        ),
    ),
    entry(
        "token_invalid",
        401,
        "Login no longer valid",
        "The token is not ours, has expired, or belongs to a user who can no longer log in.",
        "Ask the customer to log in again.",
        hindi(
            "लॉगिन अब मान्य नहीं",
            "यह टोकन हमारा नहीं है, इसका समय बीत चुका है, या यह ऐसे उपयोगकर्ता का है जो "
            "अब लॉगिन नहीं कर सकता।",
            "ग्राहक से दोबारा लॉगिन करने को कहें।",
        ),
    ),
    entry(
        "token_reused",
        401,
        "Refresh token already used",
        "Each refresh token works once, and this one has been spent.",
        "Use the newest refresh token, or ask the customer to log in again.",
        hindi(
            "रिफ़्रेश टोकन पहले ही काम आ चुका",
            "हर रिफ़्रेश टोकन एक ही बार काम करता है, और यह काम आ चुका है।",
            "सबसे नया रिफ़्रेश टोकन भेजें, या ग्राहक से दोबारा लॉगिन करने को कहें।",
        ),
    ),
    entry(
        "erasure_blocked",
        409,
        "Orders still under way",
        "An account can be erased only when none of its orders is under way.",
        "Wait for these orders to arrive, or cancel them, then try again.",
        hindi(
            "कुछ ऑर्डर अभी पूरे नहीं हुए",
            "खाता तभी मिटाया जा सकता है जब उसका कोई ऑर्डर रास्ते में या अधूरा न हो।",
            "इन ऑर्डरों को पहुँचने दें या रद्द करें, फिर दोबारा कोशिश करें।",
        ),
    ),
)
