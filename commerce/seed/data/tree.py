"""The category tree, three levels deep, and the brands."""

from __future__ import annotations

TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "Girls": {
        "Dresses & Frocks": ("Casual Dresses", "Party Dresses"),
        "Girls' Tops": ("Tops & Tunics", "Girls' T-shirts"),
        "Girls' Ethnic Wear": ("Girls' Kurta Sets", "Lehenga Sets"),
        "Girls' Bottoms": ("Leggings & Jeggings", "Skirts & Shorts"),
    },
    "Boys": {
        "Shirts & T-shirts": ("Boys' Shirts", "Boys' T-shirts"),
        "Boys' Ethnic Wear": ("Kurta Pyjamas", "Nehru Jacket Sets"),
        "Boys' Bottoms": ("Jeans & Trousers", "Boys' Shorts"),
        "Winter Wear": ("Jackets", "Sweatshirts & Hoodies"),
    },
    "Baby": {
        "Baby Clothing": ("Rompers & Bodysuits", "Baby Sets"),
        "Bath & Nursery": ("Towels & Wraps", "Swaddles & Bedding"),
        "Feeding": ("Bottles & Sippers", "Bibs & Bowls"),
    },
    "Toys": {
        "Learning Toys": ("Puzzles", "Blocks & Building Sets"),
        "Pretend Play": ("Role Play Sets", "Soft Toys & Dolls"),
        "Outdoor & Vehicles": ("Cars & Ride-ons", "Outdoor Games"),
        "Games": ("Board Games", "Card Games"),
    },
    "School": {
        "Bags & Bottles": ("School Bags", "Lunch Boxes & Bottles"),
        "Stationery": ("Art & Craft", "Pencil Cases & Sets"),
    },
    "Footwear": {
        "Everyday Footwear": ("Sneakers", "Sandals & Clogs"),
        "School & Festive Footwear": ("School Shoes", "Mojaris & Bellies"),
        "Baby Footwear": ("Booties", "First Walkers"),
    },
}

CLOTHING_BRANDS = (
    "Chhota Chanda",
    "Gulmohar Kids",
    "Mithu & Me",
    "Tiny Tamarind",
    "Nanhe Kadam",
    "Bulbul Lane",
    "Pico Peacock",
    "Kapas Kids",
    "Olive & Imli",
    "Titli Threads",
    "Banyan Babies",
    "Little Monsoon",
    "Jhoola",
    "Saanvi & Sons",
    "Dhaaga Junior",
    "Mango Mitti",
)
BABY_BRANDS = (
    "Soft Sitara",
    "Malmal Baby",
    "Goodnight Gauri",
    "Chutki Care",
    "Laddoo Love",
    "First Firefly",
)
TOY_BRANDS = (
    "Kathputli Toys",
    "Lattoo Works",
    "Bright Beetle",
    "Channapatna Corner",
    "Jugnu Labs",
    "Puzzle Panda",
    "Gilli & Co",
    "Rocket Roti",
)
SCHOOL_BRANDS = ("Basta Brothers", "Inky Imp", "Tiffin Trail", "Rang Rekha", "Slate & Star")
FOOTWEAR_BRANDS = ("Chappal Chums", "Paon Paon", "Hop Hiran", "Tikdum Shoes", "Walkabout Wren")

BRANDS: dict[str, tuple[str, ...]] = {
    "clothing": CLOTHING_BRANDS,
    "baby": BABY_BRANDS,
    "toys": TOY_BRANDS,
    "school": SCHOOL_BRANDS,
    "footwear": FOOTWEAR_BRANDS,
}

# A large shop has more makers than anybody can think up: these two words together name one.
BRAND_FIRSTS = (
    *("Anokhi", "Bachpan", "Chanda", "Chutki", "Dilli", "Gudiya", "Jhilmil", "Kaku", "Khushi"),
    *("Lalla", "Mishti", "Motu", "Nanha", "Pari", "Pihu", "Rangoli", "Sitara", "Tara", "Tuktuk"),
)
BRAND_SECONDS = ("& Co", "Kids", "Lane", "Loom", "Junior", "Studio", "Works", "House", "Club")
