"""Errors of payments and refunds."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "order_not_payable",
        409,
        "Order cannot be paid",
        "The order is paid, cancelled, expired or not ready for payment.",
        "Reload the order; order again if it was cancelled.",
        hindi(
            "इस ऑर्डर का भुगतान नहीं हो सकता",
            "ऑर्डर का भुगतान हो चुका है, वह रद्द है, उसका समय बीत गया है, या वह भुगतान के लिए तैयार नहीं है।",
            "ऑर्डर दोबारा लोड करें; अगर वह रद्द हो गया हो तो फिर से ऑर्डर करें।",
        ),
    ),
    entry(
        "payment_method_mismatch",
        422,
        "Other payment method",
        "The order was placed with another payment method.",
        "Pay in the way that was chosen at checkout.",
        hindi(
            "भुगतान का तरीक़ा अलग है",
            "यह ऑर्डर भुगतान के किसी दूसरे तरीक़े से किया गया था।",
            "उसी तरीक़े से भुगतान करें जो चेकआउट में चुना गया था।",
        ),
    ),
    entry(
        "payment_not_found",
        404,
        "Payment not found",
        "This payment does not exist or belongs to somebody else.",
        "Reload the order and use its payment.",
        hindi(
            "भुगतान नहीं मिला",
            "यह भुगतान मौजूद नहीं है या किसी और का है।",
            "ऑर्डर दोबारा लोड करें और उसी के भुगतान का इस्तेमाल करें।",
        ),
    ),
    entry(
        "payment_not_captured",
        409,
        "Nothing was paid",
        "This payment has no captured amount that could be refunded.",
        "Check the order's payments.",
        hindi(
            "कोई भुगतान नहीं हुआ",
            "इस भुगतान में ऐसी कोई रक़म नहीं मिली है जो लौटाई जा सके।",
            "ऑर्डर के भुगतान जाँच लें।",
        ),
    ),
    entry(
        "event_kind_unknown",
        422,
        "Unknown event",
        "The payment provider sent an event of a kind the shop does not know.",
        "Send one of the kinds in the API description.",
        hindi(
            "घटना का प्रकार अज्ञात",
            "भुगतान सेवा ने ऐसी घटना भेजी है जिसे दुकान नहीं पहचानती।",
            "API के विवरण में दी गई घटनाओं में से कोई एक भेजें।",
        ),
    ),
    entry(
        "event_not_found",
        404,
        "Event not found",
        "This payment event was never recorded.",
        "Record the event first.",
        hindi(
            "घटना नहीं मिली",
            "भुगतान की यह घटना कभी दर्ज नहीं हुई।",
            "पहले घटना दर्ज करें।",
        ),
    ),
    entry(
        "refund_exceeds_capture",
        409,
        "More than was paid",
        "The refund and the ones before it would exceed the captured amount.",
        "Refund at most what is left of the payment.",
        hindi(
            "चुकाई गई रक़म से ज़्यादा",
            "यह रिफ़ंड और पहले के रिफ़ंड मिलकर चुकाई गई रक़म से ज़्यादा हो जाएँगे।",
            "ज़्यादा से ज़्यादा उतना ही लौटाएँ जितना उस भुगतान में बचा है।",
        ),
    ),
    entry(
        "refund_quantity_exceeded",
        422,
        "More than was sold",
        "The refund names more pieces of a line than were sold and not yet refunded.",
        "Lower the quantity of that line.",
        hindi(
            "बिकी हुई संख्या से ज़्यादा",
            "रिफ़ंड में किसी सामान की संख्या उससे ज़्यादा है जितनी बिकी और जिसका पैसा अब तक नहीं लौटाया गया।",
            "उस सामान की संख्या घटाएँ।",
        ),
    ),
    entry(
        "bad_amount",
        422,
        "Amount not possible",
        "The amount is zero, negative or finer than a paisa.",
        "Send an amount above zero with two decimals.",
        hindi(
            "यह रक़म संभव नहीं",
            "रक़म शून्य या ऋणात्मक है, या एक पैसे से भी बारीक है।",
            "शून्य से बड़ी रक़म दो दशमलव अंकों के साथ भेजें।",
        ),
    ),
    entry(
        "provider_not_found",
        404,
        "No such payment provider",
        "The shop does not use a payment provider of this name.",
        "Choose one of the providers that the app offers.",
        hindi(
            "ऐसी कोई भुगतान सेवा नहीं",
            "दुकान इस नाम की किसी भुगतान सेवा का इस्तेमाल नहीं करती।",
            "ऐप में दी गई भुगतान सेवाओं में से कोई एक चुनें।",
        ),
    ),
    entry(
        "signature_invalid",
        422,
        "Payment not confirmed",
        "The signature does not belong to this payment.",
        "Check the payment in your bank or wallet; if money was taken the order follows by itself.",
        hindi(
            "भुगतान की पुष्टि नहीं हुई",
            "यह हस्ताक्षर इस भुगतान का नहीं है।",
            "अपने बैंक या वॉलेट में भुगतान देख लें; अगर पैसा कट गया है तो ऑर्डर अपने आप पक्का हो जाएगा।",
        ),
    ),
    entry(
        "webhook_signature_invalid",
        401,
        "Webhook not signed by the provider",
        "The signature header does not fit the body.",
        "Sign the raw body with the secret that was agreed.",
        hindi(
            "वेबहुक पर भुगतान सेवा का हस्ताक्षर नहीं",
            "हेडर का हस्ताक्षर भेजे गए डेटा से मेल नहीं खाता।",
            "तय किए गए गोपनीय शब्द से मूल डेटा पर हस्ताक्षर करें।",
        ),
    ),
    entry(
        "event_id_missing",
        400,
        "Event id missing",
        "The webhook carries no usable event id header.",
        "Send the event id header with each event, the same one for each repetition.",
        hindi(
            "घटना का id नहीं है",
            "वेबहुक के साथ घटना के id वाला सही हेडर नहीं आया।",
            "हर घटना के साथ उसके id का हेडर भेजें, और दोहराने पर वही id भेजें।",
        ),
    ),
    entry(
        "nothing_to_refund",
        409,
        "Nothing left to pay back",
        "All that was paid for this order has been paid back or is on its way.",
        "Look at the refunds of the order.",
        hindi(
            "लौटाने को कुछ नहीं बचा",
            "इस ऑर्डर की पूरी रक़म लौटाई जा चुकी है या लौटाई जा रही है।",
            "ऑर्डर के रिफ़ंड देख लें।",
        ),
    ),
)
