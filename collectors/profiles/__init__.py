"""Device profiles as data: what to ask a family of devices, and what its numbers mean. README.md is the how-to."""

from collectors.profiles.loader import (
    ENTERPRISES,
    Profile,
    ProfileError,
    ProfileSet,
    load_form,
    load_profiles,
    maker_of,
    read_forms,
)
from collectors.profiles.spec import Choice, Count, FactSource, Join, Match, ProfileForm, Sample, ScalarSample, Table

__all__ = [
    "ENTERPRISES", "Choice", "Count", "FactSource", "Join", "Match", "Profile", "ProfileError", "ProfileForm",
    "ProfileSet", "Sample", "ScalarSample", "Table", "load_form", "load_profiles", "maker_of", "read_forms",
]  # fmt: skip
