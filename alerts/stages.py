"""The stages of the pipeline, in the order of PIPELINE. Each looks at the case and the desk, and answers why."""

from __future__ import annotations

from datetime import timedelta

from alerts.finding import Finding
from alerts.outage import DOWN, SUSPECT, UNKNOWN
from alerts.pipeline import Act, Action, Answer, Case, Desk, Known, News, RouteView, Stage, WindowView

SERVICE_DOWN = "service_down"  # the rule that says that a service does not work
# and those that say the same of a meeting server: explained by an outage of the machine it runs on
DOWN_RULES = frozenset({
    SERVICE_DOWN, "bridge_down", "jicofo_down", "prosody_down", "recorder_down", "gateway_down", "turn_down",
})
LATE = timedelta(minutes=5)  # what explains an incident may begin so much later and still take it in
MOST_WAIT_S = 600.0  # a controller's word on an access point waits so long for the point's own incident


def reachability(case: Case, desk: Desk) -> Answer:
    """The ping plane first: values of a device that cannot be reached are no news."""
    finding = case.finding
    if finding.rule.outage is not None:
        return Answer(Act.GO, "ping_verdict")
    if case.news is News.RETURNED:
        return Answer(Act.GO, "device_reachable")
    if desk.has_lost_own_network:
        return Answer(Act.HOLD, "own_network_lost")
    device_id = finding.device_id
    if device_id is None:
        return Answer(Act.GO, "not_pinged")
    if device_id in desk.outage_of:
        return Answer(Act.HOLD, "device_unreachable", desk.outage_of[device_id])
    state = desk.state_of(device_id)
    if state in (SUSPECT, DOWN) or any(desk.state_of(one) == SUSPECT for one in _needed(finding, desk)):
        return Answer(Act.HOLD, "reachability_unclear")
    if case.news is News.FIRED and _will_speak_itself(finding, desk):
        return Answer(Act.HOLD, "reachability_unclear")
    return Answer(Act.GO, "not_pinged" if state == UNKNOWN else "device_reachable")


def fold(case: Case, desk: Desk) -> Answer:
    """One problem, one incident: what another open incident explains becomes a part of it."""
    finding = case.finding
    if case.news is News.FIRED and finding.device_id is not None:
        for rule_id in finding.rule.behind:
            into = desk.open_rules.get(finding.device_id, {}).get(rule_id)
            if into is not None and into != finding.cause:
                case.folds_into = into
                return Answer(Act.FOLD, "behind_incident", into)
        reason, into = explained(finding, desk)
        if into:
            case.folds_into = into
            return Answer(Act.FOLD, reason, into)
        if _may_follow(finding, desk):
            return Answer(Act.HOLD, "may_follow")
    is_device = finding.rule.outage == "device" and finding.device_id is not None
    return Answer(Act.GO, "is_cause", desk.labels.path_of(finding.device_id) if is_device else "")


def explained(finding: Finding, desk: Desk) -> tuple[str, str]:
    """(why, cause) of the open incident of another device or service that explains a finding; "" when there is none."""
    into = _broken_need(finding, desk)
    if into:
        return "needs_what_is_down", into
    return "behind_incident", _outage_beyond(finding, desk)


def folds_late(finding: Finding, known: Known, desk: Desk) -> str:
    """The cause of the incident that explains one which opened a little earlier, while nobody has taken it; or ""."""
    if known.state != "open" or known.opened_at is None:
        return ""
    if finding.rule.id not in DOWN_RULES and not _points(finding, desk):
        return ""
    into = desk.known.get(explained(finding, desk)[1])
    if into is None or into.started_at is None or abs(into.started_at - known.opened_at) > LATE:
        return ""
    return into.cause


def _may_follow(finding: Finding, desk: Desk) -> bool:
    """Whether what explained a service or access point ended so lately that it may still return by itself."""
    last = desk.explained_at.get(finding.cause)
    if last is None or not timedelta() <= desk.now - last < timedelta(seconds=desk.settings.grace_s):
        return False
    return finding.rule.id in DOWN_RULES or bool(_points(finding, desk))


def _needed(finding: Finding, desk: Desk) -> frozenset[int]:
    """The devices that a service does not work without, or the access points of which a controller tells."""
    service = desk.labels.services.get(finding.device_id or 0)
    return service.devices if service is not None else _points(finding, desk)


def _will_speak_itself(finding: Finding, desk: Desk) -> bool:
    """Whether the access point that a controller tells of is an outage whose incident has yet to open."""
    if desk.now.timestamp() - finding.since >= MOST_WAIT_S:
        return False  # no rule speaks of it
    causes = (desk.outage_of.get(one) for one in _points(finding, desk))
    incidents = [desk.known.get(cause) for cause in causes if cause is not None]
    return any(known is None or not known.is_open for known in incidents)


def _points(finding: Finding, desk: Desk) -> frozenset[int]:
    """The devices that a controller's parts are."""
    points = desk.labels.points
    found = (points.get((finding.device_id or 0, part)) for _series, part in finding.parts) if points else ()
    return frozenset(one for one in found if one is not None)


def _broken_need(finding: Finding, desk: Desk) -> str:
    """The cause of an open incident that explains why a service is down: its server, its line or a service below it."""
    service = desk.labels.services.get(finding.device_id or 0)
    if service is None or finding.rule.id not in DOWN_RULES:
        return ""
    causes = [desk.outage_of.get(one, "") for one in sorted(service.devices)]
    causes += [desk.open_rules.get(one, {}).get(SERVICE_DOWN, "") for one in sorted(service.services)]
    for cause in causes:
        known = desk.known.get(cause)
        if known is not None and known.is_open:
            return cause
    return ""


def _outage_beyond(finding: Finding, desk: Desk) -> str:
    """The open incident of what is at the other end of a found uplink's port, or of the access point that a controller
    tells of: it and the part are one trouble."""
    peers: list[int | None] = list(_points(finding, desk))
    if finding.rule.selector.is_uplink:
        peers = [desk.labels.peers.get((finding.device_id or 0, part)) for _series, part in finding.parts]
    causes = {desk.outage_of.get(peer, "") if peer is not None else "" for peer in peers}
    cause = next(iter(causes)) if len(causes) == 1 else ""
    known = desk.known.get(cause)
    return cause if known is not None and known.is_open else ""


def maintenance(case: Case, desk: Desk) -> Answer:
    """Planned work is marked, not announced."""
    return _by_window(case, desk, desk.maintenances, ("maintenance", "no_maintenance"))


def calendar(case: Case, desk: Desk) -> Answer:
    """Some rules matter in lessons only."""
    if case.news is News.RETURNED:
        return Answer(Act.GO, "end_is_told")
    if case.finding.rule.hours == "always":
        return Answer(Act.GO, "always")
    if desk.is_teaching(case.finding.unit_path):
        return Answer(Act.GO, "teaching_hours")
    return Answer(Act.QUIET, "outside_teaching_hours")


def silence(case: Case, desk: Desk) -> Answer:
    """Somebody asked for quiet."""
    return _by_window(case, desk, desk.silences, ("silenced", "not_silenced"))


def _by_window(case: Case, desk: Desk, windows: tuple[WindowView, ...], words: tuple[str, str]) -> Answer:
    inside, outside = words
    if case.news is News.RETURNED:
        return Answer(Act.GO, "end_is_told")
    for window in windows:
        if window.covers(case.finding) or window.device_id in _needed(case.finding, desk):
            return Answer(Act.QUIET, inside, window.reason)
    return Answer(Act.GO, outside)


def dedupe(case: Case, desk: Desk) -> Answer:
    """One open incident a cause; what returns soon is the same one; what comes and goes is told once."""
    if case.news is News.FIRED:
        return _dedupe_fired(case, desk)
    if case.news is News.STANDS:
        return _dedupe_standing(case)
    return _dedupe_returned(case, desk)


def _dedupe_fired(case: Case, desk: Desk) -> Answer:
    known, settings = case.known, desk.settings
    if known is not None and known.is_open:
        return Answer(Act.STOP, "already_announced")
    if known is not None and known.close_reason == "person" and known.is_cause_active:
        return Answer(Act.STOP, "closed_by_person")
    is_recent = (
        known is not None and known.closed_at is not None and known.close_reason in ("returned", "person")
        and desk.now - known.closed_at <= timedelta(seconds=settings.reopen_s)
    )
    if known is None or not is_recent:
        case.action, case.message = Action.OPEN, "opened"
        return Answer(Act.GO, "new")
    case.action = Action.REOPEN
    case.is_flapping = known.is_flapping or known.reopen_count + 1 >= settings.flap_count
    if known.is_flapping:
        return Answer(Act.QUIET, "already_flapping")
    case.message = "flapping" if case.is_flapping else "reopened"
    return Answer(Act.GO, "flapping" if case.is_flapping else "reopened")


def _dedupe_standing(case: Case) -> Answer:
    known = case.known
    if known is None or known.announced_at is not None:
        return Answer(Act.STOP, "already_announced")
    if known.state == "acknowledged":
        return Answer(Act.STOP, "acknowledged")
    case.action, case.message = Action.ANNOUNCE, "opened"
    return Answer(Act.GO, "still_standing")


def _dedupe_returned(case: Case, desk: Desk) -> Answer:
    known = case.known
    if known is None or not known.is_open:
        case.action = Action.FORGET
        return Answer(Act.STOP, "closed_by_person")
    if known.is_flapping and case.end_reason == "returned":
        since = known.returned_at
        if since is None or desk.now - since < timedelta(seconds=desk.settings.flap_hold_s):
            case.action = Action.MARK_RETURNED
            return Answer(Act.HOLD, "flapping_hold")
    case.action = Action.CLOSE
    if case.end_reason != "returned":
        return Answer(Act.STOP, case.end_reason)
    if known.announced_at is None:
        return Answer(Act.QUIET, "never_announced")
    case.message = "recovered"
    return Answer(Act.GO, "over")


def route(case: Case, desk: Desk) -> Answer:
    """Who is told: by unit, severity, device kind, rule and hour."""
    if case.quiet_reason or not case.message:
        return Answer(Act.GO, "quiet")
    case.routes = tuple(one for one in desk.routes if _takes(one, case, desk))
    if not case.routes:
        return Answer(Act.QUIET, "no_route")
    return Answer(Act.GO, "routed", str(len(case.routes)))


def _takes(one: RouteView, case: Case, desk: Desk) -> bool:
    finding = case.finding
    if case.message == "recovered" and not one.has_recovery:
        return False
    if finding.rank > one.min_rank or (one.rule_ids and finding.rule.id not in one.rule_ids):
        return False
    # A wide outage reaches those who look after a unit inside it, too.
    sites = (desk.labels.sites.get(site) for site in finding.sites)
    paths = {finding.unit_path, *(site.unit_path for site in sites if site is not None)}
    if not any(path.startswith(one.unit_path) for path in paths):
        return False
    if one.device_kinds:
        device = desk.labels.named(finding.device_id)
        if device is None or device.kind not in one.device_kinds:
            return False
    if one.hours == "teaching":
        return desk.is_teaching(finding.unit_path)
    return one.hours != "working" or desk.is_working(finding.unit_path)


def send(case: Case, desk: Desk) -> Answer:
    """Messages are written to the queue with the incident, in one transaction; the sender takes them from there."""
    if case.routes and not case.quiet_reason:
        return Answer(Act.GO, "queued", str(len(case.routes)))
    return Answer(Act.GO, "nothing_to_send")


def remember(case: Case, desk: Desk) -> Answer:
    """The last word: everything said before goes into the incident's story."""
    return Answer(Act.GO, "remembered")


PIPELINE: tuple[Stage, ...] = (
    reachability, fold, maintenance, calendar, silence, dedupe, route, send, remember,
)
