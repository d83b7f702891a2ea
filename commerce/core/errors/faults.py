"""What is told of a single field at fault: REST framework's texts and our own, in Hindi too.

REST framework has no Hindi. Its texts are known here by their templates, so that the figures in
them are carried over; one that nobody has translated stays as it is, which a test forbids.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from commerce.core.languages import HINDI

ENGLISH_INSTEAD = MappingProxyType(
    {'"{input}" is not a valid choice.': "This is not one of the choices."}
)  # told in place of texts that repeat what was sent, which may be anything

IN_HINDI = MappingProxyType(
    {
        # of a value that is missing or empty
        "This field is required.": "यह जानकारी देना ज़रूरी है।",
        "This field may not be null.": "यह null नहीं हो सकता।",
        "This field may not be blank.": "यह ख़ाली नहीं छोड़ा जा सकता।",
        "This list may not be empty.": "यह सूची ख़ाली नहीं हो सकती।",
        "This dictionary may not be empty.": "यह ऑब्जेक्ट ख़ाली नहीं हो सकता।",
        # of its kind
        "This has the wrong type.": "इसका प्रकार सही नहीं है।",
        "There is no such field.": "ऐसी कोई जानकारी यहाँ नहीं ली जाती।",
        "This is not one of the choices.": "यह दिए गए विकल्पों में से नहीं है।",
        "Must be a valid UUID.": "यहाँ सही UUID होना चाहिए।",
        "This is not a UUID.": "यह UUID नहीं है।",
        "Must be a valid boolean.": "यहाँ true या false होना चाहिए।",
        "Not a valid string.": "यह सही टेक्स्ट नहीं है।",
        "A valid integer is required.": "यहाँ पूर्ण संख्या होनी चाहिए।",
        "A valid number is required.": "यहाँ सही संख्या होनी चाहिए।",
        'Expected a list of items but got type "{input_type}".': "यहाँ सूची होनी चाहिए।",
        'Expected a dictionary of items but got type "{input_type}".': "यहाँ ऑब्जेक्ट होना चाहिए।",
        "Invalid data. Expected a dictionary, but got {datatype}.": "यहाँ ऑब्जेक्ट होना चाहिए।",
        "Value must be valid JSON.": "यहाँ सही JSON होना चाहिए।",
        # of its size
        "String value too large.": "यह मान बहुत लंबा है।",
        "Integer value too large to convert to float": "यह संख्या बहुत बड़ी है।",
        "The number is out of range.": "यह संख्या सीमा से बाहर है।",
        "Ensure this value is greater than or equal to {min_value}.": (
            "यह {min_value} या उससे ज़्यादा होना चाहिए।"
        ),
        "Ensure this value is less than or equal to {max_value}.": (
            "यह {max_value} या उससे कम होना चाहिए।"
        ),
        "Ensure this field has at least {min_length} characters.": (
            "इसमें कम से कम {min_length} अक्षर होने चाहिए।"
        ),
        "Ensure this field has no more than {max_length} characters.": (
            "इसमें {max_length} से ज़्यादा अक्षर नहीं हो सकते।"
        ),
        "Ensure this field has at least {min_length} elements.": (
            "इसमें कम से कम {min_length} चीज़ें होनी चाहिए।"
        ),
        "Ensure this field has no more than {max_length} elements.": (
            "इसमें {max_length} से ज़्यादा चीज़ें नहीं हो सकतीं।"
        ),
        "Ensure that there are no more than {max_digits} digits in total.": (
            "इसमें कुल {max_digits} से ज़्यादा अंक नहीं हो सकते।"
        ),
        "Ensure that there are no more than {max_decimal_places} decimal places.": (
            "दशमलव के बाद {max_decimal_places} से ज़्यादा अंक नहीं हो सकते।"
        ),
        "Ensure that there are no more than {max_whole_digits} digits before the decimal point.": (
            "दशमलव से पहले {max_whole_digits} से ज़्यादा अंक नहीं हो सकते।"
        ),
        # of its form
        "This value does not match the required pattern.": "यह तय किए गए रूप में नहीं है।",
        "Enter a valid value.": "सही मान भरें।",
        "Enter a valid email address.": "सही ईमेल पता भरें।",
        "Enter a valid URL.": "सही URL भरें।",
        'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.': (
            "इसमें केवल अंग्रेज़ी अक्षर, अंक, अंडरस्कोर या हाइफ़न हो सकते हैं।"
        ),
        'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.': (
            "इसमें केवल अक्षर, अंक, अंडरस्कोर या हाइफ़न हो सकते हैं।"
        ),
        "Null characters are not allowed.": "इसमें NUL अक्षर नहीं हो सकता।",
        "Holds a character that cannot be stored.": "इसमें ऐसा अक्षर है जो सहेजा नहीं जा सकता।",
        "Date has wrong format. Use one of these formats instead: {format}.": (
            "तारीख़ का रूप सही नहीं है। इस रूप में भेजें: {format}."
        ),
        "Datetime has wrong format. Use one of these formats instead: {format}.": (
            "तारीख़ और समय का रूप सही नहीं है। इस रूप में भेजें: {format}."
        ),
        'Invalid datetime for the timezone "{timezone}".': "यह समय इस टाइमज़ोन में नहीं होता।",
        "Datetime value out of range.": "यह तारीख़ सीमा से बाहर है।",
        "Expected a date but got a datetime.": "यहाँ केवल तारीख़ होनी चाहिए, समय नहीं।",
        "Expected a datetime but got a date.": "यहाँ तारीख़ के साथ समय भी होना चाहिए।",
        # of single fields
        "Give the number as +91 and ten digits, without spaces: +919845012345.": (
            "नंबर +91 और दस अंकों में, बिना ख़ाली जगह के लिखें: +919845012345."
        ),
        "A pincode has six digits, the first not 0.": ("पिनकोड में छह अंक होते हैं, और पहला 0 नहीं होता।"),
        "This is no cursor of this list and sort.": "यह cursor इस सूची और क्रम का नहीं है।",
        "Give items or an amount, not both.": "सामान या रक़म में से एक ही दें, दोनों नहीं।",
        "A capture must name it.": "भुगतान मिलने की सूचना में यह होना ज़रूरी है।",
    }
)


def told(detail: str, language: str) -> str:
    """A field's fault as a person is told it in a language; unknown texts stay as they are."""
    for template, instead in ENGLISH_INSTEAD.items():
        if _pattern(template).fullmatch(detail):
            detail = instead
    return _in_hindi(detail) if language == HINDI else detail


def _in_hindi(detail: str) -> str:
    if detail in IN_HINDI:
        return IN_HINDI[detail]
    for template, translation in IN_HINDI.items():
        if "{" in template and (match := _pattern(template).fullmatch(detail)):
            return translation.format(**match.groupdict())
    return detail


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a template becomes once its figures are filled in."""
    parts = re.split(r"\{(\w+)\}", template)
    names = parts[1::2]
    texts = [re.escape(one) for one in parts[::2]]
    groups = [f"(?P<{name}>.*)" for name in names]
    return re.compile("".join(a + b for a, b in zip(texts, [*groups, ""], strict=True)), re.DOTALL)
