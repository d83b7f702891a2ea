"""Errors of stock."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "insufficient_stock",
        409,
        "Not enough in stock",
        "The shop has fewer pieces than were asked for.",
        "Lower the quantity to what is available, or remove the line.",
        hindi(
            "इतना सामान उपलब्ध नहीं",
            "जितना माँगा गया, दुकान में उससे कम सामान है।",
            "संख्या घटाकर उतनी करें जितनी उपलब्ध है, या इसे कार्ट से हटाएँ।",
        ),
    ),
    entry(
        "stock_reserved",
        409,
        "Not so much stock is free",
        "The change would take away more than lies there unheld by buyers.",
        "Write off less, or wait until the holds have ended.",
        hindi(
            "इतना स्टॉक ख़ाली नहीं है",
            "यह बदलाव उस स्टॉक से ज़्यादा घटाएगा जो ख़रीदारों के लिए रोका नहीं गया है।",
            "कम स्टॉक घटाएँ, या रोके गए सामान के छूटने तक रुकें।",
        ),
    ),
    entry(
        "sku_not_found",
        404,
        "Unknown SKU",
        "No variant has this SKU.",
        "Check how the SKU is written.",
        hindi(
            "SKU नहीं मिला",
            "इस SKU का कोई सामान नहीं है।",
            "SKU ठीक से लिखा है या नहीं, जाँच लें।",
        ),
    ),
    entry(
        "warehouse_not_found",
        404,
        "Unknown warehouse",
        "No warehouse has this code.",
        "Check how the warehouse's code is written.",
        hindi(
            "गोदाम नहीं मिला",
            "इस कोड का कोई गोदाम नहीं है।",
            "गोदाम का कोड ठीक से लिखा है या नहीं, जाँच लें।",
        ),
    ),
    entry(
        "bad_quantity",
        422,
        "Quantity not possible",
        "A quantity is zero, negative or otherwise not possible here.",
        "Send a whole number above zero in each line.",
        hindi(
            "यह संख्या संभव नहीं",
            "कोई संख्या शून्य या ऋणात्मक है, या यहाँ संभव नहीं है।",
            "हर पंक्ति में शून्य से बड़ी पूर्ण संख्या भेजें।",
        ),
    ),
    entry(
        "bad_document_kind",
        422,
        "Unknown kind of document",
        "Stock arrives by a receipt or is counted anew by a correction.",
        "Send receipt or correction as the kind.",
        hindi(
            "दस्तावेज़ का प्रकार अज्ञात",
            "स्टॉक या तो receipt से आता है या correction से दोबारा गिना जाता है।",
            "दस्तावेज़ का प्रकार receipt या correction रखें।",
        ),
    ),
    entry(
        "reference_reused",
        409,
        "Reference used before",
        "Another stock document with other lines carries this reference.",
        "Use a new reference, or repeat the first document exactly.",
        hindi(
            "यह संदर्भ पहले काम आ चुका",
            "दूसरी पंक्तियों वाला एक और स्टॉक दस्तावेज़ यही संदर्भ रखता है।",
            "नया संदर्भ दें, या पहला दस्तावेज़ ज्यों का त्यों दोबारा भेजें।",
        ),
    ),
)
