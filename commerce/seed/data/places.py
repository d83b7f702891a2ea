"""Where the shop delivers: real pincodes with their cities and states, and the warehouses."""

from __future__ import annotations

# state: {city: pincodes}; the largest cities come first, since more customers live there.
PINCODES: dict[str, dict[str, str]] = {
    "Karnataka": {
        "Bengaluru": "560001 560011 560034 560037 560038 560066 560076 560085 560095 560102",
        "Mysuru": "570001 570009 570017",
        "Mangaluru": "575001 575003",
        "Hubballi": "580020 580031",
    },
    "Maharashtra": {
        "Mumbai": "400001 400014 400050 400053 400064 400076 400092",
        "Pune": "411001 411004 411014 411038 411045",
        "Nagpur": "440001 440010",
        "Nashik": "422001 422009",
        "Thane": "400601 400607",
        "Aurangabad": "431001",
    },
    "Delhi": {"New Delhi": "110001 110016 110019 110024 110034 110048 110070 110085 110092"},
    "Haryana": {
        "Gurugram": "122001 122002 122018",
        "Faridabad": "121001 121003",
        "Panipat": "132103",
        "Hisar": "125001",
    },
    "Uttar Pradesh": {
        "Noida": "201301 201304",
        "Ghaziabad": "201001 201010",
        "Lucknow": "226001 226010 226016",
        "Kanpur": "208001 208012",
        "Varanasi": "221001 221005",
        "Agra": "282001",
    },
    "Tamil Nadu": {
        "Chennai": "600001 600017 600020 600040 600096",
        "Coimbatore": "641001 641018",
        "Madurai": "625001 625020",
        "Tiruchirappalli": "620001",
        "Salem": "636001",
    },
    "Telangana": {"Hyderabad": "500001 500032 500034 500072 500081", "Warangal": "506002"},
    "Andhra Pradesh": {
        "Visakhapatnam": "530001 530016",
        "Vijayawada": "520001 520010",
        "Guntur": "522002",
        "Tirupati": "517501",
    },
    "Kerala": {
        "Kochi": "682001 682016 682024",
        "Thiruvananthapuram": "695001 695014",
        "Kozhikode": "673001",
        "Thrissur": "680001",
    },
    "West Bengal": {
        "Kolkata": "700001 700019 700029 700064 700091",
        "Howrah": "711101",
        "Siliguri": "734001",
        "Durgapur": "713201",
    },
    "Gujarat": {
        "Ahmedabad": "380001 380009 380015 380054",
        "Surat": "395001 395007",
        "Vadodara": "390001 390007",
        "Rajkot": "360001",
    },
    "Rajasthan": {
        "Jaipur": "302001 302017 302020",
        "Jodhpur": "342001",
        "Udaipur": "313001",
        "Kota": "324005",
    },
    "Punjab": {"Ludhiana": "141001 141008", "Amritsar": "143001", "Jalandhar": "144001"},
    "Chandigarh": {"Chandigarh": "160017 160022 160036"},
    "Madhya Pradesh": {
        "Indore": "452001 452010",
        "Bhopal": "462001 462016",
        "Gwalior": "474001",
        "Jabalpur": "482001",
    },
    "Bihar": {"Patna": "800001 800013", "Gaya": "823001", "Muzaffarpur": "842001"},
    "Jharkhand": {"Ranchi": "834001", "Jamshedpur": "831001", "Dhanbad": "826001"},
    "Odisha": {"Bhubaneswar": "751001 751024", "Cuttack": "753001"},
    "Assam": {"Guwahati": "781001 781005", "Dibrugarh": "786001"},
    "Chhattisgarh": {"Raipur": "492001", "Bilaspur": "495001"},
    "Uttarakhand": {"Dehradun": "248001 248009", "Haridwar": "249401"},
    "Himachal Pradesh": {"Shimla": "171001", "Dharamshala": "176215"},
    "Jammu and Kashmir": {"Jammu": "180001", "Srinagar": "190001"},
    "Goa": {"Panaji": "403001", "Margao": "403601"},
    "Puducherry": {"Puducherry": "605001"},
    "Meghalaya": {"Shillong": "793001"},
    "Manipur": {"Imphal": "795001"},
    "Tripura": {"Agartala": "799001"},
    "Sikkim": {"Gangtok": "737101"},
    "Ladakh": {"Leh": "194101"},
    "Andaman and Nicobar Islands": {"Port Blair": "744101"},
}

WITHOUT_COD = frozenset(
    {
        "Jammu and Kashmir",
        "Ladakh",
        "Meghalaya",
        "Manipur",
        "Tripura",
        "Sikkim",
        "Andaman and Nicobar Islands",
    }
)
PAUSED = frozenset({"744101"})  # known to the shop, not delivered to at present

# code: name, line, city, state, pincode, {first digit of a pincode: priority, lowest first}
WAREHOUSES: dict[str, tuple[str, str, str, str, str, dict[str, int]]] = {
    "BLR1": (
        "Bengaluru South",
        "Survey No. 41, Bommasandra Industrial Area",
        "Bengaluru",
        "Karnataka",
        "560099",
        {"5": 1, "6": 1, "4": 2, "7": 2, "1": 3, "2": 3, "3": 3, "8": 3},
    ),
    "BOM1": (
        "Bhiwandi",
        "Gala 7, Rajlaxmi Logistics Park, Mumbai-Nashik Highway",
        "Bhiwandi",
        "Maharashtra",
        "421302",
        {"4": 1, "3": 1, "5": 2, "6": 2, "2": 2, "1": 2, "7": 3, "8": 2},
    ),
    "DEL1": (
        "Gurugram",
        "Khasra 112, Pataudi Road",
        "Gurugram",
        "Haryana",
        "122503",
        {"1": 1, "2": 1, "8": 1, "7": 1, "3": 2, "4": 3, "5": 3, "6": 3},
    ),
}
