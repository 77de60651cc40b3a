"""What is asked before a search starts, and into which site its finds go. Knows no request and no template."""

from __future__ import annotations

from wtforms import IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from collectors import CollectorSettings, DiscoveryOrder, TargetError, expand, seal_communities
from core import Scope, Secret, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.forms import Form, choices, refuse, strip
from dashboards.services import Services
from inventory import Credential, FieldProblem, InvalidInput, ListQuery, Site, Unit, create_record, list_records

SITES_OFFERED = 2000
COMMUNITIES = 5
USUAL_COMMUNITY = "public"  # tried when a person names nothing, as `app.py discover` does


class SearchForm(Form):
    """Which addresses to ask, and as whom."""

    targets = TextAreaField(_l("Networks or addresses"), [InputRequired(), Length(max=4000)], filters=[strip])
    communities = StringField(_l("SNMP communities to try"), [Length(max=300)], filters=[strip])
    credentials = SelectMultipleField(
        _l("Saved credentials to try"), coerce=int, widget=ListWidget(), option_widget=CheckboxInput()
    )
    port = IntegerField(_l("SNMP port"), [Optional(), NumberRange(1, 65535)], default=161)

    def validate_targets(self, field: TextAreaField) -> None:
        """Networks that can be searched, and not too many addresses."""
        try:
            expand(field.data or "", self.limit, self.port.data or 161)
        except TargetError as error:
            refuse(" ".join(error.problems))

    def validate_communities(self, field: StringField) -> None:
        """A few words, no more: a device may lock out who tries many."""
        if len(words_of(field.data)) > COMMUNITIES:
            refuse(_("Enter at most %(n)d communities, separated by blanks.", n=COMMUNITIES))

    limit: int = 4096


def words_of(text: str | None) -> list[str]:
    """The communities typed into one line."""
    return list(dict.fromkeys((text or "").split()))


def search_form(session: Session, scope: Scope, services: Services) -> SearchForm:
    """The form with the credentials that can be offered."""
    form = SearchForm()
    form.limit = services.settings[CollectorSettings].discovery_addresses
    found = list_records(session, scope, Credential, ListQuery(page_size=500)).rows
    form.credentials.choices = choices((one.id, one.name) for one in found if one.kind.startswith("snmp"))
    return form


def order_of(form: SearchForm, services: Services) -> DiscoveryOrder:
    """The order that a checked form gives; typed communities leave here sealed."""
    words = words_of(form.communities.data) or ([] if form.credentials.data else [USUAL_COMMUNITY])
    sealed = seal_communities(services.vault, (Secret(word) for word in words))
    return DiscoveryOrder(
        targets=form.targets.data, port=form.port.data or 161, credential_ids=tuple(form.credentials.data or ()),
        sealed=sealed,
    )


def offered_sites(session: Session, scope: Scope) -> list[tuple[int, str]]:
    """(id, name and code) of the sites that finds can go to."""
    found = list_records(session, scope, Site, ListQuery(page_size=SITES_OFFERED, sort="name")).rows
    return [(site.id, f"{site.name} ({site.code})") for site in found]


def chosen_site(session: Session, scope: Scope, site_text: str, new_name: str) -> int:
    """The id of the site that a person chose or named anew. Raises InvalidInput naming the field."""
    if site_text.isdecimal():
        return int(site_text)
    name = new_name.strip()
    if not name:
        message = _("Choose the site where these devices stand, or name a new one.")
        raise InvalidInput([FieldProblem(None, "site", message)])
    unit = create_record(session, scope, Unit, {"name": name, "code": _free_code(session, Unit), "kind": "department"})
    site = create_record(session, scope, Site, {"name": name, "code": _free_code(session, Site), "unit_id": unit.id})
    return site.id


def _free_code(session: Session, model: type[Unit] | type[Site]) -> str:
    prefix = {Unit: "DV", Site: "DT"}[model]
    number = list_records(session, Scope.everything(), model, ListQuery(page_size=1)).total + 1
    while list_records(session, Scope.everything(), model, ListQuery(filters={"code": f"{prefix}-{number:03d}"})).total:
        number += 1
    return f"{prefix}-{number:03d}"
