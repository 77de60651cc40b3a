"""The closed lists of words in alerts, each with the text that pages and messages show for it."""

from __future__ import annotations

from core import N_

SEVERITY_LABELS = {"critical": N_("Critical"), "major": N_("Major"), "minor": N_("Minor"), "info": N_("Information")}

# kinds of a Notification; the words in a subject
STATUS_LABELS = {
    "opened": N_("TROUBLE"), "reopened": N_("TROUBLE AGAIN"), "flapping": N_("COMES AND GOES"), "recovered": N_("OVER"),
    "digest": N_("SEVERAL"), "test": N_("TEST"),
}
