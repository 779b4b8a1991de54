"""The clients by the name that the company's files use."""

from unchain.demo.clients.apple import AppleMail, Phone
from unchain.demo.clients.gmail import Gmail
from unchain.demo.clients.letter import Client
from unchain.demo.clients.outlook import ClassicOutlook, Outlook
from unchain.demo.clients.plain import Mutt, Thunderbird
from unchain.demo.clients.robots import Bounce, Calendar, Newsletter, Robot

CLIENTS: dict[str, Client] = {
    "outlook-en": Outlook("FW: "),
    "outlook-fr": Outlook("TR: "),
    "outlook-classic-en": ClassicOutlook("FW: "),
    "outlook-classic-fr": ClassicOutlook("TR: "),
    "gmail": Gmail("quoted-printable"),
    "gmail-base64": Gmail("base64"),
    "apple-mail": AppleMail(),
    "iphone": Phone(),
    "thunderbird": Thunderbird(),
    "mutt": Mutt(),
    "robot": Robot(),
    "newsletter": Newsletter(),
    "calendar": Calendar(),
    "bounce": Bounce(),
}
