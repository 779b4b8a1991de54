"""Labels that senders and labelling products put into headers."""

from base64 import b64encode

import pytest

from tests.ingest.reading import read_bytes

FIRST, SECOND = "9f2f9c0e-1111-4222-8333-444455556666", "0a1b2c3d-1111-4222-8333-444455556666"
TITUS = '{"Metadata":{"props":[{"n":"AcmeClassification","vals":[{"value":"Internal"}]}]}}'


def labels(*fields: str) -> tuple[str, ...]:
    return read_bytes("\n".join((*fields, "", "Hello.")).encode()).sensitivity


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Sensitivity: Company-Confidential", ("company-confidential",)),
        ("Sensitivity: Normal", ()),
        ('X-Sensitivity: "Private"', ("private",)),
        ("Classification: Protected B / Protégé B", ("protected b / protégé b",)),
        ("X-Classification: UNCLASSIFIED", ("unclassified",)),
        (f"MSIP_Labels: MSIP_Label_{FIRST}_Enabled=True; MSIP_Label_{FIRST}_Name=Secret", ("secret",)),
        (f"MSIP_Labels: MSIP_Label_{FIRST}_Enabled=False; MSIP_Label_{FIRST}_Name=Secret", ()),
        (f"MSIP_Labels: MSIP_Label_{FIRST}_Enabled=true; MSIP_Label_{FIRST}_SiteId=1", (f"label {FIRST}",)),
        (
            f"MSIP_Labels: MSIP_Label_{FIRST}_Name=General;\n MSIP_Label_{SECOND}_Name=Staff only;",
            ("general", "staff only"),
        ),
        ('SIO-Label: marking="RESTRICTED"; fgcolor=black; type="x"', ("restricted",)),
        ("SIO-Label: type=x", ("type=x",)),
        (
            "X-Protective-Marking: VER=2018.4, NS=gov.example, SEC=PROTECTED, CAVEAT=SH:CABINET, ORIGIN=a",
            ("protected", "sh:cabinet"),
        ),
        ("X-TitusLabs-Classifications-30: TLPropertyRoot=Acme;Classification=Restricted;", ("restricted",)),
        (f"X-Titus-Metadata-40: {b64encode(TITUS.encode()).decode()}", ("internal",)),
        ("X-Titus-Metadata-40: ?", ("?",)),
        ("bjDocumentSecurityLabel: This item's classification is Internal. It was created", ("internal",)),
        ("Subject: sensitivity: private", ()),
    ],
)
def test_a_label_is_found_in_the_fields_of_products(field: str, found: tuple[str, ...]) -> None:
    assert labels(field) == found


def test_all_labels_count_each_once() -> None:
    assert labels("Sensitivity: Private", "X-Sensitivity: private", "X-Classification: Internal") == (
        "private",
        "internal",
    )
