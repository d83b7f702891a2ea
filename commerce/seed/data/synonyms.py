"""What shoppers of this shop type for the same thing: in English, in Hindi, and Hindi in Latin."""

from __future__ import annotations

# In the singular; plurals and cases are found by themselves (commerce.catalog.splitting).
SYNONYMS: tuple[tuple[str, ...], ...] = (
    # who it is for
    ("girl", "daughter", "लड़की", "बेटी", "बच्ची", "ladki", "beti"),
    ("boy", "son", "लड़का", "बेटा", "ladka", "beta"),
    ("baby", "infant", "newborn", "toddler", "शिशु", "नवजात", "bachcha"),
    # clothes
    ("frock", "dress", "gown", "फ्रॉक", "फ़्रॉक", "ड्रेस", "पोशाक"),
    ("lehenga", "lehnga", "ghagra", "लहंगा", "लहँगा", "घाघरा", "chaniya"),
    ("kurta", "kurti", "kameez", "कुर्ता", "कुर्ती", "kurtha"),
    ("pyjama", "pajama", "पायजामा", "पजामा", "churidar"),
    ("sherwani", "nehru", "शेरवानी", "bandhgala"),
    ("shirt", "कमीज़", "कमीज", "शर्ट"),
    ("tshirt", "tee", "टीशर्ट"),
    ("jean", "denim", "जींस", "जीन्स"),
    ("trouser", "pant", "पैंट", "पतलून"),
    ("shorts", "knicker", "निक्कर", "nikkar"),
    ("legging", "jegging", "लेगिंग्स", "लेगिंग"),
    ("skirt", "स्कर्ट"),
    ("hoodie", "sweatshirt", "sweater", "स्वेटर", "हुडी"),
    ("jacket", "coat", "जैकेट", "कोट"),
    ("romper", "sleepsuit", "onesie", "bodysuit", "बॉडीसूट", "nightsuit"),
    ("jabla", "jhabla", "झबला"),
    ("dhoti", "veshti", "धोती"),
    ("clothing", "clothes", "garment", "कपड़ा", "kapde", "kapda"),
    ("ethnic", "festive", "traditional", "त्योहार", "शादी", "wedding", "diwali", "दिवाली"),
    ("winter", "warm", "woollen", "सर्दी", "गरम", "गर्म", "ऊनी"),
    # shoes
    ("shoe", "sneaker", "trainer", "जूता", "जूते", "joota", "juta", "joote"),
    ("sandal", "chappal", "slipper", "clog", "चप्पल", "सैंडल"),
    ("mojari", "jutti", "juti", "मोजड़ी", "जूती"),
    ("bellies", "belly", "ballerina", "बेली"),
    ("bootie", "bootees", "मोज़ा", "मोजा"),
    # toys
    ("toy", "plaything", "खिलौना", "khilona", "khilauna"),
    ("doll", "गुड़िया", "gudiya"),
    ("puzzle", "jigsaw", "पहेली", "paheli"),
    ("block", "lego", "ब्लॉक"),
    ("car", "गाड़ी", "कार", "gadi", "gaadi"),
    ("teddy", "plush", "भालू", "टेडी"),
    ("cricket", "bat", "क्रिकेट", "बल्ला"),
    ("game", "खेल", "khel"),
    ("kitchen", "rasoi", "रसोई"),
    # school
    ("school", "स्कूल", "पाठशाला"),
    ("bag", "backpack", "satchel", "basta", "बैग", "बस्ता"),
    ("lunch", "tiffin", "टिफ़िन", "टिफिन", "dabba", "डिब्बा"),
    ("bottle", "बोतल", "botal"),
    ("pencil", "पेंसिल"),
    ("art", "craft", "colouring", "crayon", "चित्रकला"),
    # for babies
    ("towel", "तौलिया", "tauliya"),
    ("swaddle", "blanket", "कंबल", "कम्बल", "razai", "रज़ाई"),
    ("bib", "बिब"),
    ("sipper", "सिपर"),
    # colours
    ("red", "लाल", "laal", "coral", "maroon", "wine"),
    ("blue", "नीला", "नीली", "neela", "navy", "indigo"),
    ("green", "हरा", "हरी", "hara", "mint", "olive", "emerald"),
    ("yellow", "पीला", "पीली", "peela", "mustard"),
    ("pink", "गुलाबी", "gulabi", "blush"),
    ("orange", "नारंगी", "saffron", "marigold", "rust"),
    ("purple", "बैंगनी", "lavender"),
    ("black", "काला", "काली", "kala", "charcoal"),
    ("white", "सफ़ेद", "सफेद", "safed", "ivory"),
    ("gold", "सुनहरा", "sunehra"),
)
