"""Errors of the cart and of checkout."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "cart_not_found",
        404,
        "No cart",
        "There is no open cart for this buyer.",
        "Add a product to start a cart.",
        hindi(
            "कोई कार्ट नहीं है",
            "इस ख़रीदार का कोई खुला कार्ट नहीं है।",
            "कार्ट शुरू करने के लिए कोई सामान जोड़ें।",
        ),
    ),
    entry(
        "cart_item_not_found",
        404,
        "Not in the cart",
        "The cart has no such line.",
        "Reload the cart.",
        hindi(
            "यह कार्ट में नहीं है",
            "कार्ट में ऐसा कोई सामान नहीं है।",
            "कार्ट दोबारा लोड करें।",
        ),
    ),
    entry(
        "cart_gone",
        410,
        "Cart closed",
        "This guest cart was merged, ordered or abandoned.",
        "Start a new cart without the old X-Cart-Token.",
        hindi(
            "कार्ट बंद हो चुका है",
            "यह मेहमान कार्ट किसी खाते में मिला दिया गया, ऑर्डर हो गया या छोड़ दिया गया था।",
            "पुराने X-Cart-Token के बिना नया कार्ट शुरू करें।",
        ),
    ),
    entry(
        "cart_empty",
        409,
        "Cart empty",
        "The cart holds no products.",
        "Add a product first.",
        hindi(
            "कार्ट ख़ाली है",
            "कार्ट में कोई सामान नहीं है।",
            "पहले कोई सामान जोड़ें।",
        ),
    ),
    entry(
        "cart_full",
        422,
        "Cart full",
        "The cart holds as many different products as it can.",
        "Order these first, or remove a line.",
        hindi(
            "कार्ट भर गया है",
            "कार्ट में जितने अलग-अलग सामान आ सकते हैं, उतने आ चुके हैं।",
            "पहले इन्हें ऑर्डर करें, या कोई सामान हटाएँ।",
        ),
    ),
    entry(
        "line_limit_exceeded",
        422,
        "Too many of one product",
        "One order takes fewer pieces of a product than that.",
        "Lower the quantity to what one order takes.",
        hindi(
            "एक सामान की संख्या बहुत ज़्यादा",
            "एक ऑर्डर में किसी सामान की इतनी संख्या नहीं ली जा सकती।",
            "संख्या घटाकर उतनी करें जितनी एक ऑर्डर में ली जाती है।",
        ),
    ),
    entry(
        "version_conflict",
        409,
        "Changed meanwhile",
        "Somebody else changed this since it was read.",
        "Reload it and make the change again.",
        hindi(
            "इस बीच बदल गया",
            "आपके देखने के बाद किसी और ने इसे बदल दिया है।",
            "इसे दोबारा लोड करें और अपना बदलाव फिर से करें।",
        ),
    ),
    entry(
        "checkout_stale",
        409,
        "Checkout out of date",
        "The cart, its coupon, the address or the held stock changed since checkout began.",
        "Start checkout again.",
        hindi(
            "चेकआउट पुराना पड़ गया",
            "चेकआउट शुरू होने के बाद कार्ट, कूपन, पता या रोका गया सामान बदल गया है।",
            "चेकआउट दोबारा शुरू करें।",
        ),
    ),
    entry(
        "address_not_found",
        404,
        "Address not found",
        "This address does not exist or belongs to somebody else.",
        "Choose one of your addresses.",
        hindi(
            "पता नहीं मिला",
            "यह पता मौजूद नहीं है या किसी और का है।",
            "अपने पतों में से कोई एक चुनें।",
        ),
    ),
    entry(
        "cod_not_allowed",
        422,
        "No cash on delivery",
        "Cash on delivery is not offered for this address or account.",
        "Pay online.",
        hindi(
            "कैश ऑन डिलीवरी उपलब्ध नहीं",
            "इस पते या खाते के लिए डिलीवरी पर नक़द भुगतान की सुविधा नहीं है।",
            "ऑनलाइन भुगतान करें।",
        ),
    ),
    entry(
        "cod_limit_exceeded",
        422,
        "Too much for cash on delivery",
        "The total is above what may be paid in cash on delivery.",
        "Pay online, or lower the total to what may be paid in cash.",
        hindi(
            "कैश ऑन डिलीवरी के लिए रक़म ज़्यादा",
            "कुल रक़म उस सीमा से ज़्यादा है जो डिलीवरी पर नक़द दी जा सकती है।",
            "ऑनलाइन भुगतान करें, या कुल रक़म घटाकर नक़द की सीमा तक लाएँ।",
        ),
    ),
    entry(
        "quote_changed",
        409,
        "The total changed",
        "The total is no longer the one that was agreed to.",
        "Show the new total and ask the buyer again.",
        hindi(
            "कुल रक़म बदल गई",
            "कुल रक़म अब वह नहीं है जिस पर सहमति हुई थी।",
            "नई कुल रक़म दिखाएँ और ख़रीदार से दोबारा पूछें।",
        ),
    ),
    entry(
        "key_reused",
        422,
        "Idempotency key used before",
        "This Idempotency-Key came before with another request.",
        "Use a new key for a new request.",
        hindi(
            "Idempotency-Key पहले काम आ चुकी",
            "यह Idempotency-Key पहले किसी और अनुरोध के साथ आ चुकी है।",
            "नए अनुरोध के लिए नई Idempotency-Key भेजें।",
        ),
    ),
    entry(
        "items_unavailable",
        409,
        "Items no longer sold",
        "Some items in the cart are no longer sold.",
        "Remove these items, then check out again.",
        hindi(
            "कुछ सामान अब नहीं बिकता",
            "कार्ट का कुछ सामान अब बिक्री में नहीं है।",
            "यह सामान हटाएँ, फिर दोबारा चेकआउट करें।",
        ),
    ),
)
