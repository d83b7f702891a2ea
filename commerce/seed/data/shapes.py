"""Outlines of what the shop sells, on a canvas of 400 by 400, and which product has which."""

from __future__ import annotations

# Each is filled with the product's colour and pattern; lines drawn on top come after the bar.
SHAPES: dict[str, str] = {
    "dress": "M150 80 Q200 120 250 80 L290 130 262 165 250 150 240 205 320 335 Q200 370 80 335"
    " L160 205 150 150 138 165 110 130 Z|M160 205 Q200 218 240 205",
    "tunic": "M145 85 Q200 125 255 85 L320 150 290 190 262 165 285 330 Q200 345 115 330 L138 165"
    " 110 190 80 150 Z|M200 108 V175",
    "tee": "M140 90 Q200 135 260 90 L335 140 305 195 268 175 268 325 132 325 132 175 95 195"
    " 65 140 Z",
    "shirt": "M140 85 L200 125 260 85 335 150 310 260 275 250 270 175 270 335 130 335 130 175 125"
    " 250 90 260 65 150 Z|M200 125 V335 M140 85 L175 130 200 125 225 130 260 85",
    "kurta": "M150 60 Q200 90 250 60 L320 130 305 235 275 230 262 150 280 345 120 345 138 150 125"
    " 230 95 235 80 130 Z|M200 80 V190 M175 345 V290 M225 345 V290",
    "lehenga": "M155 70 Q200 105 245 70 L280 115 252 145 245 165 350 340 Q200 380 50 340 L155 165"
    " 148 145 120 115 Z|M155 165 Q200 180 245 165 M80 315 Q200 350 320 315",
    "trousers": "M140 65 H260 L290 345 222 345 200 160 178 345 110 345 Z|M140 90 H260",
    "shorts": "M115 120 H285 L320 290 225 290 200 200 175 290 80 290 Z|M115 148 H285",
    "skirt": "M145 110 H255 L335 310 Q200 350 65 310 Z|M145 135 H255",
    "hoodie": "M150 90 Q200 30 250 90 L335 150 315 290 275 285 270 180 270 335 130 335 130 180 125"
    " 285 85 290 65 150 Z|M165 100 Q200 140 235 100 M150 270 H250 L265 310 H135 Z",
    "romper": "M150 75 Q200 110 250 75 L310 140 285 175 262 160 262 250 290 345 225 345 200 285 175"
    " 345 110 345 138 250 138 160 115 175 90 140 Z|M200 100 V250",
    "blanket": "M80 120 Q80 100 100 100 H300 Q320 100 320 120 V300 Q320 320 300 320 H100 Q80 320 80"
    " 300 Z|M80 165 H320 M80 185 H320",
    "bottle": "M165 70 H235 V105 Q275 130 275 175 V310 Q275 340 245 340 H155 Q125 340 125 310 V175"
    " Q125 130 165 105 Z|M165 105 H235 M125 210 H275 M125 270 H275",
    "bowl": "M70 180 H330 Q325 310 200 315 Q75 310 70 180 Z|M95 180 Q200 215 305 180",
    "blocks": "M90 220 H190 V320 H90 Z M210 220 H310 V320 H210 Z M150 110 H250 V210 H150 Z|"
    "M110 240 H170 M230 240 H290 M170 130 H230",
    "puzzle": "M90 100 H180 Q170 60 200 60 Q230 60 220 100 H310 V185 Q350 175 350 205 Q350 235 310"
    " 225 V320 H90 V225 Q130 235 130 205 Q130 175 90 185 Z",
    "teddy": "M130 120 A35 35 0 1 1 165 85 Q200 72 235 85 A35 35 0 1 1 270 120 Q280 165 250 190"
    " Q320"
    " 215 285 320 Q200 370 115 320 Q80 215 150 190 Q120 165 130 120 Z|M180 140 V148 M220 140 V148"
    " M185 168 Q200 180 215 168 M160 250 Q200 290 240 250",
    "doll": "M158 118 A42 42 0 1 1 242 118 Q246 140 226 148 L292 196 276 220 230 188 286 302 H236"
    " V346 H208 V304 H192 V346 H164 V302 H114 L170 188 124 220 108 196 174 148 Q154 140 158 118 Z|"
    "M186 108 V114 M214 108 V114 M188 128 Q200 138 212 128 M160 96 Q200 84 240 96 M158 110 Q132 128"
    " 140 172 M242 110 Q268 128 260 172 M174 188 H226 M130 272 H270",
    "car": "M60 240 Q65 200 120 195 L160 140 H255 L300 195 Q345 205 345 240 V275 H60 Z M95 275 a35"
    " 35 0 1 0 70 0 Z M240 275 a35 35 0 1 0 70 0 Z|M150 195 H275 M208 140 V195",
    "game": "M75 130 L200 80 325 130 325 270 200 330 75 270 Z|M75 130 L200 185 325 130 M200"
    " 185 V330",
    "bat": "M180 60 H220 V140 H240 V330 Q200 355 160 330 V140 H180 Z M300 270 a32 32 0 1 0 1 0 Z|"
    "M180 80 H220 M180 100 H220",
    "backpack": "M110 170 Q110 90 200 85 Q290 90 290 170 V320 Q290 340 270 340 H130 Q110 340"
    " 110 320"
    " Z M165 85 Q165 50 200 50 Q235 50 235 85 Z|M140 235 H260 V315 H140 Z M110 180 H290",
    "box": "M85 150 Q85 130 105 130 H295 Q315 130 315 150 V290 Q315 310 295 310 H105 Q85 310 85 290"
    " Z|M85 195 H315 M180 185 H220 V210 H180 Z",
    "shoe": "M70 190 Q110 200 140 150 L185 175 Q215 225 300 235 Q345 245 340 285 H70 Z|M70 265 H340"
    " M165 190 L190 170 M185 210 L210 190",
    "sandal": "M70 270 Q70 240 130 240 L270 235 Q340 240 340 275 Q335 300 290 300 H110 Q75 300"
    " 70 270"
    " Z M120 245 Q160 165 200 245 Z M220 242 Q265 180 300 240 Z",
}
OF_KIND: dict[str, str] = {
    "Cotton Frock": "dress",
    "Tiered Dress": "dress",
    "Tulle Party Dress": "lehenga",
    "Printed Tunic": "tunic",
    "Graphic T-shirt": "tee",
    "Kurta and Palazzo Set": "kurta",
    "Lehenga Choli Set": "lehenga",
    "Stretch Leggings": "trousers",
    "Twirl Skirt": "skirt",
    "Casual Shirt": "shirt",
    "Mandarin Collar Shirt": "shirt",
    "Printed T-shirt": "tee",
    "Striped Polo": "tee",
    "Kurta Pyjama": "kurta",
    "Nehru Jacket Set": "kurta",
    "Stretch Jeans": "trousers",
    "Cargo Shorts": "shorts",
    "Quilted Jacket": "hoodie",
    "Fleece Hoodie": "hoodie",
    "Sleepsuit": "romper",
    "Bodysuit Pack of 3": "romper",
    "Jabla Set": "tunic",
    "Baby Dhoti Kurta Set": "kurta",
    "Hooded Towel": "blanket",
    "Muslin Swaddle Pack of 2": "blanket",
    "Cot Bedding Set": "blanket",
    "Sipper Cup": "bottle",
    "Feeding Bottle": "bottle",
    "Bib and Bowl Set": "bowl",
    "Wooden Puzzle": "puzzle",
    "Jigsaw Puzzle": "puzzle",
    "Building Blocks": "blocks",
    "Magnetic Tiles": "blocks",
    "Kitchen Set": "bowl",
    "Doctor Kit": "box",
    "Soft Toy": "teddy",
    "Rag Doll": "doll",
    "Pull-Back Car Set": "car",
    "Ride-On Car": "car",
    "Remote Control Racer": "car",
    "Plastic Cricket Set": "bat",
    "Badminton Set": "bat",
    "Board Game": "game",
    "Memory Card Game": "game",
    "School Backpack": "backpack",
    "Trolley Bag": "backpack",
    "Insulated Lunch Box": "box",
    "Steel Water Bottle": "bottle",
    "Art Set": "box",
    "Clay Kit": "box",
    "Pencil Case Set": "box",
    "Velcro Sneakers": "shoe",
    "Light-Up Sneakers": "shoe",
    "Clogs": "sandal",
    "Sports Sandals": "sandal",
    "School Shoes": "shoe",
    "Mojaris": "shoe",
    "Bellies": "shoe",
    "Knitted Booties": "shoe",
    "First Walker Shoes": "shoe",
}

# What is strewn over the fabric, on a tile of 60 by 60
PATTERNS: dict[str, str] = {
    "garden": "M30 18a7 7 0 1 1 .1 0M20 30a7 7 0 1 1 .1 0M40 30a7 7 0 1 1 .1 0M30 38a7 7 0 1"
    " 1 .1 0",
    "adventure": "M30 12l5 12 13 1-10 8 3 13-11-7-11 7 3-13-10-8 13-1z",
    "festive": "M30 10q16 16 0 40q-16-24 0-40M8 30h4M48 30h4",
    "sleepy": "M36 14a15 15 0 1 0 8 24a12 12 0 1 1-8-24",
    "plain": "M0 14h60v5H0z",
    "learning": "M14 46l12-32h6l12 32h-6l-3-8H22l-3 8zM24 33h9l-4-11z",
    "animals": "M22 30a6 6 0 1 1 .1 0M38 30a6 6 0 1 1 .1 0M30 46a9 9 0 1 1 .1 0",
    "dolls": "M0 20l15 10 15-10 15 10 15-10M30 44a4 4 0 1 1 .1 0M0 44a4 4 0 1 1 .1 0",
    "toys": "M20 20a8 8 0 1 1 .1 0M44 44a5 5 0 1 1 .1 0",
    "school": "M10 40l10-14 10 14 10-14 10 14v7l-10-14-10 14-10-14-10 14z",
}
SHADES: dict[str, str] = {
    "Coral": "#ff7f6b",
    "Mustard": "#e3b02f",
    "Teal": "#1f9e97",
    "Raspberry": "#d4286c",
    "Sky Blue": "#63b8ea",
    "Leaf Green": "#67b44c",
    "Marigold": "#f9a11b",
    "Powder Pink": "#f6bfcb",
    "Mint": "#a6e0c4",
    "Lavender": "#c4b2ea",
    "Peach": "#fcc5a0",
    "Butter Yellow": "#fae69a",
    "Baby Blue": "#b0d8f5",
    "Ivory": "#f3ead4",
    "Navy": "#27386b",
    "Olive": "#7a7f3a",
    "Charcoal": "#474b54",
    "Maroon": "#7d1f34",
    "Bottle Green": "#14594a",
    "Rust": "#b5532a",
    "Indigo": "#3e3f8f",
    "Rani Pink": "#e0177f",
    "Royal Blue": "#2a4fc0",
    "Emerald": "#0f9960",
    "Saffron": "#f7921e",
    "Wine": "#6a1b3a",
    "Gold": "#cda434",
    "Turquoise": "#22b8b5",
    "Light Wash": "#a9c4de",
    "Mid Blue": "#5b83b5",
    "Dark Indigo": "#2c3a63",
    "Black": "#2b2b30",
    "White": "#f4f4f2",
    "Blush": "#eec3bf",
    "Red": "#d8342f",
    "Grey": "#9a9fa6",
    "Black with Velcro": "#34343b",
    "Multicolour": "#f0803c",
    "Natural Wood": "#d9ab74",
    "Painted Wood": "#dd6f5b",
}
