"""Device profiles as data: what to ask a family of devices, and what its numbers mean. README.md is the how-to."""

from collectors.profiles.loader import Profile, ProfileError, ProfileSet, load_form, load_profiles, read_forms
from collectors.profiles.spec import Choice, FactSource, Match, ProfileForm, Sample, ScalarSample, Table

__all__ = [
    "Choice", "FactSource", "Match", "Profile", "ProfileError", "ProfileForm", "ProfileSet", "Sample", "ScalarSample",
    "Table", "load_form", "load_profiles", "read_forms",
]  # fmt: skip
