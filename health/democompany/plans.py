"""Who the customers are, and what becomes of each."""

import datetime as dt
from dataclasses import dataclass
from random import Random

# History begins so many days before the day on which the company is looked at.
HORIZON = 548

CSMS = {
    "dana": ("csm@example.com", "Dana Whitfield", "Mid-market and enterprise"),
    "marco": ("marco@loomline.example", "Marco Reyes", "Mid-market and enterprise"),
    "priya": ("priya@loomline.example", "Priya Raman", "Europe and digital"),
    "jonas": ("jonas@loomline.example", "Jonas Lindqvist", "Europe and digital"),
}

# name | industry | tier | region | currency | seats | price of a seat and year | CSM | days to renewal | terms before | fit
# | story. `fit` is how well the customer does with the product, from 0 to 100. A new customer has a negative number of
# terms: the days since its start.
_TABLE = """
Calloway Group       | Logistics   | enterprise | Americas | USD | 12 | 1800 | dana  | 190 | 2 | 70 | parent
Calloway Freight     | Logistics   | enterprise | Americas | USD | 80 | 2300 | dana  |  85 | 2 | 76 | champion_left
Calloway Cold Chain  | Logistics   | enterprise | Americas | USD | 42 | 2290 | dana  | 120 | 1 | 82 | steady
Calloway Last Mile   | Logistics   | mid-market | Americas | USD | 30 | 2030 | dana  | 160 | 1 | 74 | steady
Northgate Casinos    | Hospitality | enterprise | Americas | USD | 60 | 2040 | dana  | 290 | 2 | 66 | stopped
Saltmarsh Seafood    | Food        | mid-market | Americas | USD | 44 | 2510 | dana  |  26 | 2 | 60 | fading
Quillfeather Retail  | Retail      | enterprise | Americas | USD | 60 | 2300 | dana  | 118 | 1 | 74 | steady
Brightwater Transit  | Logistics   | enterprise | Americas | USD | 70 | 2620 | dana  |  19 | 2 | 55 | angry
Juniper Row Cafés    | Food        | mid-market | Americas | USD | 52 | 4150 | dana  | 131 | 2 | 84 | steady
Marlowe Senior Care  | Healthcare  | enterprise | Americas | USD | 68 | 3970 | dana  | 166 | 2 | 82 | steady
Amberley Stores      | Retail      | enterprise | Americas | USD | 55 | 3920 | dana  | 305 | 1 | 80 | steady
Osterhaus Medical    | Healthcare  | enterprise | Americas | USD | 75 | 5370 | dana  | 104 | 2 | 86 | outgrowing
Harborline Clinics   | Healthcare  | enterprise | Americas | USD | 40 | 3360 | dana  |  73 | 2 | 88 | steady
Bluestem Grocers     | Retail      | mid-market | Americas | USD | 48 | 3750 | dana  |  58 | 1 | 74 | steady
Halcyon Facilities   | Facilities  | mid-market | Americas | USD | 46 | 4010 | dana  | 152 | 1 | 80 | steady
Westlake Parcel      | Logistics   | mid-market | Americas | USD | 50 | 4600 | dana  |  66 | 2 | 78 | late_data
Oakhurst Schools     | Education   | mid-market | Americas | USD | 36 | 4530 | dana  | 360 | -5 | 70 | unknown
Fenwick & Sable      | Retail      | mid-market | Americas | USD | 40 | 4200 | dana  |  26 | 2 | 58 | steady
Pinehollow Foods     | Food        | mid-market | Americas | USD | 34 | 3600 | dana  | 152 | 1 | 86 | steady
Kestrel Air Cargo    | Logistics   | enterprise | Americas | USD | 72 | 4250 | dana  | 270 | 1 | 80 | recovered
Stonebridge Dental   | Healthcare  | mid-market | Americas | USD | 44 | 4180 | dana  | 305 | 1 | 62 | divergent
Ironwood Logistics   | Logistics   | enterprise | Americas | USD | 78 | 4520 | dana  |  41 | 2 | 30 | failing
Larkspur Hotels      | Hospitality | mid-market | Americas | USD | 50 | 4680 | dana  |  19 | 2 | 60 | rising
Redfern Security     | Facilities  | enterprise | Americas | USD | 74 | 5220 | dana  |  26 | 2 | 76 | steady
Tamarack Health      | Healthcare  | enterprise | Americas | USD | 38 | 3790 | marco | 152 | 2 | 88 | steady
Vantage Arenas       | Hospitality | mid-market | Americas | USD | 50 | 4320 | marco | 255 | 1 | 80 | steady
Copperfield Labs     | Healthcare  | mid-market | Americas | USD | 36 | 4200 | marco | 131 | 2 | 87 | steady
Sagebrush Markets    | Retail      | mid-market | Americas | USD | 34 | 2100 | marco |  44 | 1 | 72 | steady
Granite Peak Resorts | Hospitality | enterprise | Americas | USD | 66 | 3300 | marco |  12 | 2 | 64 | overdue
Cedar & Vine         | Food        | mid-market | Americas | USD | 28 | 2300 | marco | 210 | 1 | 78 | steady
Millrace Textiles    | Manufacturing | mid-market | Americas | USD | 40 | 1900 | marco | 97 | 1 | 68 | steady
Beacon Home Care     | Healthcare  | mid-market | Americas | USD | 46 | 2150 | marco | 180 | -76 | 40 | stalled
Thornbury Foundry    | Manufacturing | enterprise | Americas | USD | 58 | 2700 | marco | 225 | 2 | 71 | steady
Prairie Star Dairy   | Food        | mid-market | Americas | USD | 32 | 1850 | marco | 330 | 1 | 81 | won
Summit Trail Outfitters | Retail   | mid-market | Americas | USD | 26 | 1800 | marco | 62 | 1 | 76 | steady
Blue Heron Ferries   | Logistics   | mid-market | Americas | USD | 38 | 2400 | marco |   0 | 1 | 74 | silent_churn
Cobalt Fitness       | Hospitality | mid-market | Americas | USD | 30 | 1750 | marco |   0 | 1 | 35 | lost
Old Mill Bakery      | Food        | smb | Americas | USD | 14 | 1200 | jonas | 140 | 1 | 80 | steady
Rosewood Day Spa     | Hospitality | smb | Americas | USD | 12 | 1150 | jonas | 77 | 1 | 70 | steady
Quarry Lane Vets     | Healthcare  | smb | Americas | USD | 15 | 1250 | jonas | 201 | 1 | 77 | steady
Lakeside Cinemas     | Hospitality | smb | Americas | USD | 18 | 1100 | jonas | 33 | 1 | 57 | fading
Ferndale Pharmacy    | Retail      | smb | Americas | USD | 12 | 1300 | jonas | 260 | -140 | 82 | steady
Hillcrest Nurseries  | Retail      | smb | Americas | USD | 13 | 1150 | jonas | 119 | 1 | 66 | steady
Bramble Books        | Retail      | smb | Americas | USD | 12 | 1050 | jonas | 301 | -64 | 73 | steady
Nordlicht Kliniken   | Healthcare  | enterprise | EMEA | EUR | 64 | 3400 | priya | 112 | 2 | 84 | steady
Hafenkontor Spedition | Logistics  | enterprise | EMEA | EUR | 56 | 2900 | priya | 47 | 2 | 70 | steady
Brasserie Lumière    | Hospitality | mid-market | EMEA | EUR | 30 | 2100 | priya | 173 | 1 | 79 | steady
Van der Meer Flora   | Retail      | mid-market | EMEA | EUR | 34 | 2250 | priya | 88 | 1 | 75 | steady
Olivares Alimentación | Food       | mid-market | EMEA | EUR | 38 | 2000 | priya | 230 | 1 | 68 | angry
Tessitura Bianchi    | Manufacturing | mid-market | EMEA | EUR | 28 | 2300 | priya | 9 | 1 | 62 | notice
Skogheim Bygg        | Facilities  | mid-market | EMEA | EUR | 36 | 2600 | priya | 195 | 2 | 81 | steady
Alpenhof Hotels      | Hospitality | enterprise | EMEA | EUR | 52 | 2800 | priya | 140 | 1 | 77 | steady
Maison Verdier       | Retail      | smb | EMEA | EUR | 14 | 1200 | jonas | 55 | 1 | 74 | steady
Kaffeerösterei Brand | Food        | smb | EMEA | EUR | 12 | 1150 | jonas | 222 | 1 | 83 | steady
Studio Ferri         | Hospitality | smb | EMEA | EUR | 12 | 1100 | jonas | 15 | 1 | 51 | stopped
Holm & Sønner        | Manufacturing | smb | EMEA | EUR | 16 | 1250 | jonas | 281 | -95 | 76 | steady
Bakkerij De Gouden Korenaar | Food | smb | EMEA | EUR | 13 | 1150 | jonas | 68 | 1 | 69 | steady
Clínica del Mar      | Healthcare  | smb | EMEA | EUR | 15 | 1300 | jonas | 331 | -34 | 72 | steady
Riverbend Printing   | Manufacturing | smb | Americas | USD | 12 | 1100 | jonas | 175 | 1 | 64 | steady
Evergreen Car Wash   | Facilities  | smb | Americas | USD | 12 | 1050 | jonas | 249 | -180 | 71 | steady
"""


def key(number: int) -> str:
    return f"LL-{1000 + number}"


KEYS = {line.split("|")[0].strip(): key(number) for number, line in enumerate(_TABLE.strip().splitlines())}
PARENTS = dict.fromkeys(("Calloway Freight", "Calloway Cold Chain", "Calloway Last Mile"), "Calloway Group")


@dataclass(frozen=True)
class Plan:
    """One customer: who it is, and how its story goes. Days are counted back from `today`."""

    number: int
    name: str
    industry: str
    tier: str
    region: str
    currency: str
    seats: int
    price: int
    csm: str
    renews: int
    terms: int
    fit: float
    story: str
    today: dt.date

    @property
    def key(self) -> str:
        return key(self.number)

    @property
    def parent(self) -> str | None:
        """The key of the account that it belongs to."""
        return KEYS.get(PARENTS.get(self.name, ""))

    @property
    def age(self) -> int:
        """Days since its first license began."""
        return -self.terms if self.terms < 0 else 365 - self.renews + 365 * self.terms

    @property
    def ended(self) -> int | None:
        """How many days ago it stopped being a customer, if it did."""
        return {"silent_churn": 34, "lost": 96}.get(self.story)

    @property
    def email_domain(self) -> str:
        letters = "".join(letter for letter in self.name.lower() if letter.isascii() and letter.isalnum())
        return f"{letters}.example"

    def day(self, ago: int) -> dt.date:
        return self.today - dt.timedelta(days=ago)

    def dice(self, what: str) -> Random:
        """Chance that is the same whenever the same company is made."""
        return Random(f"{self.name}: {what}")  # noqa: S311 – nothing here is a secret

    @property
    def first_ago(self) -> int:
        """How many days ago its history begins."""
        return min(self.age, HORIZON)


def plans(today: dt.date) -> list[Plan]:
    """The customers as they are on `today`."""
    made = []
    for number, line in enumerate(_TABLE.strip().splitlines()):
        name, industry, tier, region, currency, *rest = [cell.strip() for cell in line.split("|")]
        seats, price, csm, renews, terms, fit, story = rest
        made.append(
            Plan(
                number, name, industry, tier, region, currency, int(seats), int(price), csm, int(renews), int(terms),
                int(fit) / 100, story, today,
            )
        )  # fmt: skip
    return made
