"""Country facts that a synthetic world stands on: group, languages, time zone, size, line quality, habits.

General knowledge, rounded; the weights and habits are rough guesses and nobody's measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

# code, group, languages with their part of the viewers, time zone, weight of the market (US = 100), broadband
# class (1 slow - 4 fast), what viewers do with foreign titles (dub, sub, mix), first day of the weekend,
# national day, observances
_TABLE = """
US north-america  en:88,es-419:12    America/New_York               100 4 sub sat 07-04 christian
CA north-america  en:79,fr:21        America/Toronto                 24 4 sub sat 07-01 christian
MX latin-america  es-419:100         America/Mexico_City             38 2 mix sat 09-16 christian
BR latin-america  pt-BR:100          America/Sao_Paulo               48 3 mix sat 09-07 christian
AR latin-america  es-419:100         America/Argentina/Buenos_Aires  20 2 sub sat 07-09 christian
CO latin-america  es-419:100         America/Bogota                  18 2 mix sat 07-20 christian
CL latin-america  es-419:100         America/Santiago                11 3 sub sat 09-18 christian
PE latin-america  es-419:100         America/Lima                    10 2 mix sat 07-28 christian
EC latin-america  es-419:100         America/Guayaquil                6 2 mix sat 08-10 christian
UY latin-america  es-419:100         America/Montevideo               3 3 sub sat 08-25 christian
CR latin-america  es-419:100         America/Costa_Rica               3 2 sub sat 09-15 christian
GT latin-america  es-419:100         America/Guatemala                3 1 mix sat 09-15 christian
DO latin-america  es-419:100         America/Santo_Domingo            4 2 mix sat 02-27 christian
GB north-europe   en:100             Europe/London                   46 4 sub sat 04-23 christian
IE north-europe   en:100             Europe/Dublin                    5 4 sub sat 03-17 christian
SE north-europe   sv:94,en:6         Europe/Stockholm                 9 4 sub sat 06-06 christian
NO north-europe   no:94,en:6         Europe/Oslo                      6 4 sub sat 05-17 christian
DK north-europe   da:95,en:5         Europe/Copenhagen                6 4 sub sat 06-05 christian
FI north-europe   fi:93,sv:7         Europe/Helsinki                  5 4 sub sat 12-06 christian
NL north-europe   nl:94,en:6         Europe/Amsterdam                14 4 sub sat 04-27 christian
DE central-europe de:96,tr:4         Europe/Berlin                   44 3 dub sat 10-03 christian
AT central-europe de:100             Europe/Vienna                    6 3 dub sat 10-26 christian
CH central-europe de:66,fr:25,it:9   Europe/Zurich                    7 4 dub sat 08-01 christian
PL central-europe pl:100             Europe/Warsaw                   15 3 mix sat 11-11 christian
CZ central-europe cs:100             Europe/Prague                    5 3 dub sat 10-28 christian
HU central-europe hu:100             Europe/Budapest                  5 3 dub sat 08-20 christian
SK central-europe sk:85,cs:15        Europe/Bratislava                3 3 dub sat 09-01 christian
FR south-europe   fr:100             Europe/Paris                    38 4 dub sat 07-14 christian
BE south-europe   nl:58,fr:42        Europe/Brussels                  7 4 sub sat 07-21 christian
ES south-europe   es:100             Europe/Madrid                   26 4 dub sat 10-12 christian
PT south-europe   pt:100             Europe/Lisbon                    6 4 sub sat 06-10 christian
IT south-europe   it:100             Europe/Rome                     30 3 dub sat 06-02 christian
GR south-europe   el:100             Europe/Athens                    5 2 sub sat 03-25 christian
RO south-europe   ro:100             Europe/Bucharest                 6 4 sub sat 12-01 christian
TR middle-east    tr:100             Europe/Istanbul                 20 2 mix sat 10-29 muslim
EG middle-east    ar:100             Africa/Cairo                    12 1 sub fri 07-23 muslim
SA middle-east    ar:94,en:6         Asia/Riyadh                     13 3 sub fri 09-23 muslim
AE middle-east    ar:45,en:40,hi:15  Asia/Dubai                       7 4 sub sat 12-02 muslim
MA middle-east    ar:80,fr:20        Africa/Casablanca                4 2 sub sat 07-30 muslim
IL middle-east    he:85,en:9,ar:6    Asia/Jerusalem                   6 3 sub fri 04-22 none
JO middle-east    ar:100             Asia/Amman                       2 2 sub fri 05-25 muslim
KW middle-east    ar:85,en:15        Asia/Kuwait                      3 3 sub fri 02-25 muslim
NG africa         en:100             Africa/Lagos                     9 1 sub sat 10-01 christian
ZA africa         en:85,af:15        Africa/Johannesburg             10 2 sub sat 04-27 christian
KE africa         en:80,sw:20        Africa/Nairobi                   4 1 sub sat 12-12 christian
GH africa         en:100             Africa/Accra                     3 1 sub sat 03-06 christian
TZ africa         sw:75,en:25        Africa/Dar_es_Salaam             2 1 sub sat 12-09 christian
NA africa         en:80,af:20        Africa/Windhoek                  1 2 sub sat 03-21 christian
SN africa         fr:100             Africa/Dakar                     2 1 mix sat 04-04 muslim
IN south-asia     hi:58,te:20,ta:22  Asia/Kolkata                    60 2 mix sat 08-15 hindu
PK south-asia     ur:90,en:10        Asia/Karachi                    10 1 sub sat 08-14 muslim
BD south-asia     bn:100             Asia/Dhaka                       8 1 sub fri 03-26 muslim
LK south-asia     si:75,ta:25        Asia/Colombo                     3 1 sub sat 02-04 none
NP south-asia     ne:75,hi:25        Asia/Kathmandu                   2 1 sub sat 09-20 hindu
ID southeast-asia id:100             Asia/Jakarta                    26 2 sub sat 08-17 muslim
PH southeast-asia fil:72,en:28       Asia/Manila                     16 2 sub sat 06-12 christian
TH southeast-asia th:100             Asia/Bangkok                    14 4 mix sat 12-05 none
VN southeast-asia vi:100             Asia/Ho_Chi_Minh                11 3 sub sat 09-02 lunar
MY southeast-asia ms:70,zh:20,ta:10  Asia/Kuala_Lumpur               10 3 sub sat 08-31 muslim
SG southeast-asia en:60,zh:40        Asia/Singapore                   6 4 sub sat 08-09 lunar
JP east-asia      ja:100             Asia/Tokyo                      42 4 mix sat 02-11 none
KR east-asia      ko:100             Asia/Seoul                      32 4 sub sat 08-15 lunar
TW east-asia      zh-TW:100          Asia/Taipei                     12 4 sub sat 10-10 lunar
HK east-asia      yue:85,en:15       Asia/Hong_Kong                   7 4 sub sat 07-01 lunar
AU oceania        en:100             Australia/Sydney                20 3 sub sat 01-26 christian
NZ oceania        en:100             Pacific/Auckland                 5 4 sub sat 02-06 christian
"""


@dataclass(frozen=True)
class Country:
    """One row of the table; `languages` maps BCP-47 tags to parts of the viewers, which add up to 1."""

    code: str
    group: str
    languages: dict[str, float]
    timezone: str
    weight: float
    broadband: int
    habit: str
    weekend: int
    """First day of the weekend, Monday = 0."""
    national_day: str
    observance: str


@cache
def countries() -> tuple[Country, ...]:
    """All countries of the table, in its order."""
    return tuple(_country(line.split()) for line in _TABLE.strip().splitlines())


def _country(cell: list[str]) -> Country:
    code, group, languages, timezone, weight, broadband, habit, weekend, national_day, observance = cell
    spoken = {tag: float(part) / 100 for tag, part in (item.split(":") for item in languages.split(","))}
    first = {"fri": 4, "sat": 5}[weekend]
    return Country(code, group, spoken, timezone, float(weight), int(broadband), habit, first, national_day, observance)
