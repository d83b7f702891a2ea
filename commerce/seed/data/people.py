"""Names from many parts of India, first names apart from family names that go with them."""

from __future__ import annotations

PEOPLE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (  # Karnataka, Andhra Pradesh, Telangana
        ("Ananya", "Kavya", "Deepa", "Sowmya", "Lakshmi", "Harish", "Srinivas", "Pranav", "Manoj"),
        ("Rao", "Gowda", "Hegde", "Reddy", "Naidu", "Shetty", "Murthy", "Kulkarni"),
    ),
    (  # Tamil Nadu
        ("Meenakshi", "Divya", "Priya", "Janani", "Karthik", "Senthil", "Arun", "Vignesh"),
        ("Subramanian", "Iyer", "Raman", "Krishnan", "Sundaram", "Natarajan"),
    ),
    (  # Kerala
        ("Anjali", "Neethu", "Reshma", "Sneha", "Jithin", "Vishnu", "Thomas", "Rahul"),
        ("Nair", "Menon", "Pillai", "Varghese", "Kurian", "Panicker"),
    ),
    (  # Maharashtra, Goa
        ("Aditi", "Manasi", "Rutuja", "Sayali", "Omkar", "Rohan", "Ashwin", "Nikhil"),
        ("Deshpande", "Joshi", "Patil", "Kadam", "Sawant", "Naik", "Fernandes"),
    ),
    (  # Gujarat, Rajasthan
        ("Hetal", "Krupa", "Foram", "Pooja", "Jignesh", "Mehul", "Chirag", "Yash"),
        ("Patel", "Shah", "Mehta", "Trivedi", "Rathore", "Jain", "Bhandari"),
    ),
    (  # Delhi, Uttar Pradesh, Madhya Pradesh, Bihar
        ("Neha", "Shweta", "Ritu", "Swati", "Amit", "Vivek", "Saurabh", "Prakash"),
        ("Sharma", "Gupta", "Mishra", "Verma", "Singh", "Srivastava", "Yadav", "Tiwari"),
    ),
    (  # Punjab, Haryana, Himachal Pradesh
        ("Simran", "Harpreet", "Jasleen", "Gurleen", "Manpreet", "Karan", "Gagan"),
        ("Kaur", "Gill", "Sidhu", "Malhotra", "Chopra", "Thakur", "Bedi"),
    ),
    (  # West Bengal, Odisha, Assam
        ("Moumita", "Sreya", "Ishita", "Rituparna", "Arnab", "Sourav", "Debashish", "Abhijit"),
        ("Banerjee", "Chatterjee", "Ghosh", "Mukherjee", "Das", "Mohanty", "Bora", "Saikia"),
    ),
    (  # Muslim families from several states
        ("Ayesha", "Farah", "Nazia", "Zoya", "Imran", "Faisal", "Arshad", "Salman"),
        ("Khan", "Shaikh", "Ansari", "Qureshi", "Siddiqui", "Hussain"),
    ),
)

HOUSES = ("Flat", "House No.", "Villa", "Apartment", "Door No.", "Plot")
BUILDINGS = (
    "Shanti Niwas",
    "Green Meadows",
    "Lotus Enclave",
    "Sai Residency",
    "Brindavan Apartments",
    "Palm Grove",
    "Krishna Kunj",
    "Silver Oaks",
    "Gokul Heights",
    "Ashoka Towers",
    "Sunrise Layout",
    "Ganga Vihar",
)
STREETS = (
    "MG Road",
    "Station Road",
    "Temple Street",
    "Gandhi Nagar",
    "Nehru Marg",
    "Church Road",
    "Lake View Road",
    "Main Bazaar",
    "2nd Cross",
    "Civil Lines",
    "Model Town",
    "Shivaji Nagar",
)
LANDMARKS = (
    "",
    "",
    "Near Hanuman Mandir",
    "Opposite SBI",
    "Behind City Mall",
    "Next to Public School",
    "Near Metro Station",
    "Above Apollo Pharmacy",
)
