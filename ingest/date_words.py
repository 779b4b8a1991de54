"""Names of months and of time zones as Date fields have them. Not for dates inside texts."""

# By their first letters: English, French, German, Spanish, Italian, Portuguese, Dutch, Swedish, Danish,
# Norwegian, Finnish, Polish, Czech, Hungarian, Romanian, Turkish, Russian.
_NAMES = (
    "jan jän ene gen ian sty led oca tammi янв",
    "feb fév fev fevr únor lut şub helmi фев",
    "mar mär marc mrt maa bře már maalis мар",
    "apr avr abr kwi dub ápr nis huhti апр",
    "may mai mag maj maio mei kvě máj touko май мая",
    "jun juin giu cze červen čvn jún iun haz kesä июн",
    "jul juil lug lip červenec čvc júl iul tem heinä июл",
    "aug août aout ago sie srp ağu elo авг",
    "sep sept set wrz zář szep eyl syys сен",
    "oct okt out ott paź říj eki loka окт",
    "nov noi lis kas marras ноя",
    "dec déc dez dic des gru pro ara joulu дек",
)
MONTHS = {name[:6]: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
MONTHS["červen"], MONTHS["marras"] = 6, 11

# Minutes east of Greenwich. Of names with several meanings the one that mail systems write most.
ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0),
    **dict.fromkeys(("CET", "MET", "MEZ", "BST", "WEST", "WEDT"), 60),
    **dict.fromkeys(("CEST", "MEST", "MESZ", "METDST", "EET", "SAST"), 120),
    **dict.fromkeys(("EEST", "MSK"), 180),
    **dict.fromkeys(("HKT", "SGT", "AWST"), 480),
    **dict.fromkeys(("JST", "KST"), 540),
    **{"MSD": 240, "IST": 330, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780},
    **{"NDT": -150, "NST": -210, "ADT": -180, "BRT": -180, "ART": -180, "AST": -240, "EDT": -240},
    **{"EST": -300, "CDT": -300, "CST": -360, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480},
    **{"AKDT": -480, "AKST": -540, "HST": -600},
}
