"""Threads that the archive labels name are found in an mbox again, whole, and nothing else is read."""

import re
from pathlib import Path

from classify.labelled import read_labels
from classify.training import ARCHIVE_LABELS
from unchain.archived_threads import archived_threads, thread_id

MBOX = """\
From a@lists.example Mon Jan  5 10:00:00 2015
From: Ana <ana@lists.example>
To: talk@lists.example
Subject: Freeze
Date: Mon, 5 Jan 2015 10:00:00 +0000
Message-ID: <one@lists.example>

No commits until Friday, please.

From b@lists.example Mon Jan  5 11:00:00 2015
From: Bo <bo@lists.example>
To: talk@lists.example
Subject: Lunch
Date: Mon, 5 Jan 2015 11:00:00 +0000
Message-ID: <other@lists.example>

Who is hungry?

From b@lists.example Mon Jan  5 12:00:00 2015
From: Bo <bo@lists.example>
To: talk@lists.example
Subject: Re: Freeze
Date: Mon, 5 Jan 2015 12:00:00 +0000
Message-ID: <two@lists.example>
In-Reply-To: <one@lists.example>

Fine with me.

From a@lists.example Mon Jan  5 13:00:00 2015
From: Ana <ana@lists.example>
To: talk@lists.example
Subject: Re: Freeze
Date: Mon, 5 Jan 2015 13:00:00 +0000
Message-ID: <three@lists.example>
In-Reply-To: <two@lists.example>

Thanks.

"""


def test_a_named_thread_is_found_with_the_answers_to_its_answers(tmp_path: Path) -> None:
    archive = tmp_path / "talk.mbox"
    archive.write_text(MBOX)
    wanted = thread_id(b"one@lists.example")

    found = list(archived_threads([archive], {wanted}.__contains__))

    assert [(id_, thread.subject) for id_, thread in found] == [(wanted, "Freeze")]
    assert [each.message.own_words for each in found[0][1].messages] == [
        "No commits until Friday, please.",
        "Fine with me.",
        "Thanks.",
    ]


def test_the_shipped_archive_labels_hold_digests_and_no_text() -> None:
    labels = read_labels(ARCHIVE_LABELS)

    assert len(labels) > 400
    assert all(re.fullmatch(r"archive:[0-9a-f]{16}", id_) for id_ in labels)
    assert not any(label.sensitive for label in labels.values())
