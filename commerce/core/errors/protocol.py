"""Errors of the protocol itself: they can come from any endpoint."""

from __future__ import annotations

from commerce.core.errors.entries import entry, hindi

ENTRIES = (
    entry(
        "bad_request",
        400,
        "Bad request",
        "The request could not be understood.",
        "Check the request against the API description.",
        hindi(
            "अनुरोध सही नहीं",
            "यह अनुरोध समझा नहीं जा सका।",
            "अनुरोध को API के विवरण से मिलाकर जाँचें।",
        ),
    ),
    entry(
        "malformed_json",
        400,
        "Malformed JSON",
        "The body is not valid JSON in UTF-8.",
        "Send a well-formed JSON object.",
        hindi(
            "JSON सही नहीं",
            "भेजा गया डेटा UTF-8 में सही JSON नहीं है।",
            "सही ढंग से बना JSON ऑब्जेक्ट भेजें।",
        ),
    ),
    entry(
        "json_too_deep",
        400,
        "JSON nested too deeply",
        "The body nests arrays or objects deeper than any request here needs.",
        "Send the flat structure of the API description.",
        hindi(
            "JSON बहुत गहरा है",
            "डेटा में सूचियाँ या ऑब्जेक्ट एक-दूसरे के भीतर इतने गहरे हैं जितनी यहाँ कभी ज़रूरत नहीं होती।",
            "API के विवरण जैसी सीधी बनावट भेजें।",
        ),
    ),
    entry(
        "validation_failed",
        400,
        "Some fields are not valid",
        "One or more fields are missing, unknown or not acceptable.",
        "Correct what is at fault and send the request again.",
        hindi(
            "कुछ जानकारी सही नहीं है",
            "एक या ज़्यादा जानकारियाँ छूटी हुई, अनजान या अमान्य हैं।",
            "जिन जानकारियों में कमी है, उन्हें ठीक करें और दोबारा भेजें।",
        ),
    ),
    entry(
        "invalid_text",
        400,
        "Text that cannot be stored",
        "A text holds a NUL character or half of a surrogate pair.",
        "Remove the character and send the request again.",
        hindi(
            "यह अक्षर सहेजा नहीं जा सकता",
            "किसी टेक्स्ट में NUL या अधूरा सरोगेट अक्षर है।",
            "वह अक्षर हटाएँ और दोबारा भेजें।",
        ),
    ),
    entry(
        "invalid_uuid",
        400,
        "Not an identifier",
        "A field that names something by its id does not hold a UUID.",
        "Send the id exactly as the API answered it.",
        hindi(
            "यह पहचान सही नहीं",
            "जहाँ किसी चीज़ का id होना चाहिए, वहाँ UUID नहीं है।",
            "id ठीक वैसा ही भेजें जैसा API ने दिया था।",
        ),
    ),
    entry(
        "number_out_of_range",
        400,
        "Number out of range",
        "A number is larger or smaller than the shop can store.",
        "Send a number within the limits of the API description.",
        hindi(
            "संख्या सीमा से बाहर",
            "कोई संख्या इतनी बड़ी या छोटी है कि दुकान उसे सहेज नहीं सकती।",
            "API के विवरण में दी गई सीमा के भीतर की संख्या भेजें।",
        ),
    ),
    entry(
        "not_authenticated",
        401,
        "Login needed",
        "The request carries no valid access token.",
        "Log in, or refresh the access token, and send the request again.",
        hindi(
            "लॉगिन ज़रूरी है",
            "अनुरोध के साथ मान्य एक्सेस टोकन नहीं आया।",
            "लॉगिन करें या एक्सेस टोकन नया लें, फिर अनुरोध दोबारा भेजें।",
        ),
    ),
    entry(
        "permission_denied",
        403,
        "Not allowed",
        "This account may not do that.",
        "Use an account with the permission.",
        hindi(
            "अनुमति नहीं है",
            "इस खाते को यह करने की अनुमति नहीं है।",
            "ऐसे खाते से करें जिसे अनुमति हो।",
        ),
    ),
    entry(
        "not_found",
        404,
        "Not found",
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the address and the id in it.",
        hindi(
            "नहीं मिला",
            "इस पते पर कुछ नहीं है, या जो है वह किसी और का है।",
            "पता और उसमें दिया गया id जाँच लें।",
        ),
    ),
    entry(
        "method_not_allowed",
        405,
        "Method not allowed",
        "This address does not answer that method.",
        "Use one of the methods in the Allow header.",
        hindi(
            "यह मेथड नहीं चलेगा",
            "यह पता इस मेथड का जवाब नहीं देता।",
            "Allow हेडर में दिए गए मेथड में से कोई एक चुनें।",
        ),
    ),
    entry(
        "not_acceptable",
        406,
        "Not acceptable",
        "The Accept header asks for a format this address does not produce.",
        "Accept application/json.",
        hindi(
            "इस रूप में जवाब नहीं मिल सकता",
            "Accept हेडर ऐसा रूप माँगता है जो यह पता नहीं देता।",
            "जवाब application/json में माँगें।",
        ),
    ),
    entry(
        "body_too_large",
        413,
        "Body too large",
        "The request body is larger than the shop accepts.",
        "Send a smaller body.",
        hindi(
            "डेटा बहुत बड़ा है",
            "भेजा गया डेटा उससे बड़ा है जितना दुकान लेती है।",
            "छोटा डेटा भेजें।",
        ),
    ),
    entry(
        "uri_too_long",
        414,
        "Address too long",
        "The address of the request is longer than the shop reads.",
        "Send fewer parameters in the query string, or what is long in the body.",
        hindi(
            "पता बहुत लंबा है",
            "अनुरोध का पता उससे लंबा है जितना दुकान पढ़ती है।",
            "पते में कम जानकारी भेजें, और जो लंबा हो उसे पते के बजाय अनुरोध के भीतर भेजें।",
        ),
    ),
    entry(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "The body is in a format this address does not read.",
        "Send application/json.",
        hindi(
            "यह फ़ॉर्मैट पढ़ा नहीं जाता",
            "डेटा ऐसे फ़ॉर्मैट में है जिसे यह पता नहीं पढ़ता।",
            "डेटा application/json में भेजें।",
        ),
    ),
    entry(
        "rate_limited",
        429,
        "Too many requests",
        "This account or address has sent too many requests of this kind.",
        "Wait a little, then try again.",
        hindi(
            "बहुत ज़्यादा अनुरोध",
            "इस खाते या पते से इस तरह के बहुत ज़्यादा अनुरोध आए हैं।",
            "थोड़ा रुकें, फिर कोशिश करें।",
        ),
    ),
    entry(
        "internal_error",
        500,
        "Something went wrong here",
        "The shop met a fault of its own; it has been recorded.",
        "Try again later; write requests are safe to repeat with the same Idempotency-Key.",
        hindi(
            "हमारी ओर से कुछ गड़बड़ हुई",
            "दुकान में अपनी ही कोई गड़बड़ हुई है; वह दर्ज कर ली गई है।",
            "थोड़ी देर बाद फिर कोशिश करें; बदलाव वाला अनुरोध उसी Idempotency-Key के साथ "
            "दोहराना सुरक्षित है।",
        ),
    ),
    entry(
        "temporarily_unavailable",
        503,
        "Busy for a moment",
        "The shop could not get to this request in time; nothing was changed.",
        "Try the same again in a moment.",
        hindi(
            "पल भर के लिए व्यस्त",
            "दुकान समय पर इस अनुरोध तक नहीं पहुँच सकी; कुछ भी नहीं बदला है।",
            "कुछ पल बाद यही फिर से करके देखें।",
        ),
    ),
    entry(
        "outcome_unknown",
        503,
        "Outcome not yet known",
        "The connection to the database broke while the change was being made.",
        "Repeat the request with the same Idempotency-Key in a moment.",
        hindi(
            "नतीजा अभी पता नहीं",
            "बदलाव करते समय डेटाबेस से संपर्क टूट गया।",
            "कुछ पल बाद उसी Idempotency-Key के साथ अनुरोध दोहराएँ।",
        ),
    ),
    entry(
        "idempotency_key_required",
        400,
        "Idempotency-Key needed",
        "This request acts once per key, and no Idempotency-Key header came with it.",
        "Make a fresh UUID for the header, and send the same one when you repeat the request.",
        hindi(
            "Idempotency-Key ज़रूरी है",
            "यह अनुरोध हर Idempotency-Key पर एक ही बार काम करता है, और यह हेडर साथ नहीं आया।",
            "हेडर के लिए नया UUID बनाएँ, और अनुरोध दोहराते समय वही भेजें।",
        ),
    ),
    entry(
        "idempotency_key_invalid",
        400,
        "Idempotency-Key not usable",
        "The key is empty, longer than 200 characters or holds other than visible ASCII.",
        "Send a UUID as the Idempotency-Key.",
        hindi(
            "Idempotency-Key काम की नहीं",
            "Idempotency-Key ख़ाली है, 200 अक्षरों से लंबी है, या उसमें दिखने वाले "
            "ASCII अक्षरों के सिवा कुछ और है।",
            "Idempotency-Key में एक UUID भेजें।",
        ),
    ),
    entry(
        "request_in_progress",
        409,
        "Still at work on the first",
        "A request with this Idempotency-Key came before and has not been answered yet.",
        "Repeat the request with the same Idempotency-Key in a moment.",
        hindi(
            "पहला अनुरोध अभी चल रहा है",
            "इसी Idempotency-Key वाला एक अनुरोध पहले आ चुका है और उसका जवाब अभी बाक़ी है।",
            "कुछ पल बाद उसी Idempotency-Key के साथ अनुरोध दोहराएँ।",
        ),
    ),
)
