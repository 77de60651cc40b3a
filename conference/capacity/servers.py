"""Whether a meeting system's trunk, bridges, visitor nodes and recorders carry the meetings of one time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conference.capacity.bandwidth import speed_text
from conference.capacity.figures import Figures
from conference.capacity.finding import Finding
from conference.capacity.load import SystemLimits, Weighed, peak, spread_over
from core import gettext as _
from core import ngettext as _n


@dataclass(frozen=True, slots=True)
class BridgeNeed:
    """Bridges needed at the worst moment, and one more to lose; `bps_each` is out of one bridge when all work."""

    receivers: int
    needed: int
    recommended: int
    available: int
    bps_each: int
    card_bps: int


@dataclass(frozen=True, slots=True)
class VisitorPlan:
    """Who is in the main room and who only receives, and the visitor nodes that takes. All None-free counts."""

    main: int
    visitors: int
    main_limit: int
    vnodes_needed: int
    vnodes: int | None
    vnode_limit: int


@dataclass(frozen=True, slots=True)
class TrunkNeed:
    """Bits per second out of and into the servers at the worst moment; `limit` None: nobody entered it."""

    out_bps: int
    in_bps: int
    limit: int | None


def trunk_need(own: Weighed, others: Sequence[Weighed], limits: SystemLimits) -> TrunkNeed:
    """What goes over the line of the servers."""
    return TrunkNeed(
        peak(own, others, lambda one: one.weight.out_bps), peak(own, others, lambda one: one.weight.in_bps),
        limits.trunk_bps,
    )


def bridges_for(receivers: int, bridge_limit: int | None, figures: Figures) -> int:
    """Bridges for so many receivers: 200 each, or what Jicofo puts on one at most."""
    return spread_over(receivers, min(figures.receivers_per_bridge, bridge_limit or figures.bridge_limit))


def bridge_need(own: Weighed, others: Sequence[Weighed], limits: SystemLimits, figures: Figures) -> BridgeNeed:
    """By receivers and by the network cards, whichever asks for more."""
    receivers = peak(own, others, lambda one: one.weight.receivers + one.weight.recorders)
    out = peak(own, others, lambda one: one.weight.out_bps)
    cards = [card or figures.bridge_bps for card in limits.bridges]
    card = min(cards, default=figures.bridge_bps)
    by_traffic = spread_over(out, int(card * figures.bridge_share))
    needed = max(bridges_for(receivers, limits.bridge_limit, figures), by_traffic)
    # Meetings split over bridges send each speaker once more to every other bridge; small beside the receivers
    return BridgeNeed(receivers, needed, needed + 1, len(cards), round(out / max(1, len(cards))), card)


def visitor_plan(own: Weighed, limits: SystemLimits, figures: Figures) -> VisitorPlan:
    """The main room holds the speakers and then listeners up to its limit; the rest are visitors."""
    main_limit = limits.main_limit or figures.main_limit
    total, speakers = own.weight.receivers, own.weight.speakers
    main = total if not limits.has_visitors else min(total, max(speakers, main_limit))
    vnode_limit = limits.vnode_limit or figures.vnode_limit
    visitors = total - main
    return VisitorPlan(main, visitors, main_limit, spread_over(visitors, vnode_limit), limits.vnode_count, vnode_limit)


def trunk_findings(trunk: TrunkNeed, figures: Figures) -> list[Finding]:
    """The line of the servers."""
    need = max(trunk.out_bps, trunk.in_bps)
    if trunk.limit is None or need * figures.headroom_good <= trunk.limit:
        return []
    values = {"need": speed_text(need), "limit": speed_text(trunk.limit)}
    advice = _("Lower the size of the picture or the number of pictures, or move one of the meetings of that time.")
    if need > trunk.limit:
        return [Finding("trunk", "critical", _(
            "The meetings of that time need %(need)s on the line of the servers, which carries %(limit)s.", **values),
            advice)]
    return [Finding("trunk", "warning", _(
        "The meetings of that time take %(need)s of the %(limit)s of the line of the servers.", **values), advice)]


def bridge_findings(need: BridgeNeed, limits: SystemLimits, figures: Figures) -> list[Finding]:
    """Bridges: too few, none to spare, a limit of Jicofo that asks for more than the machines do."""
    found: list[Finding] = []
    if not limits.bridges:
        return [Finding("bridge", "info", _n(
            "%(num)d bridge is needed; nobody entered the bridges of this meeting system.",
            "%(num)d bridges are needed; nobody entered the bridges of this meeting system.", need.needed),
            _("Enter the servers of the meeting system."))]
    if need.needed > need.available:
        found.append(Finding("bridge", "critical", _(
            "%(receivers)d connections at one time need %(needed)d bridges; there are %(available)d.",
            receivers=need.receivers, needed=need.needed, available=need.available),
            _("Add bridges, lower the quality, or move one of the meetings of that time.")))
        by_machine = bridges_for(need.receivers, figures.receivers_per_bridge, figures)
        if (limits.bridge_limit or figures.bridge_limit) < figures.receivers_per_bridge and by_machine < need.needed:
            found.append(Finding("bridge", "info", _(
                "Jicofo puts at most %(limit)d on one bridge. With %(usual)d, which a bridge of 8 cores carries,"
                " %(fewer)d bridges are enough.", limit=limits.bridge_limit or figures.bridge_limit,
                usual=figures.receivers_per_bridge, fewer=by_machine),
                _("Set max-bridge-participants in jicofo.conf, and enter it in the meeting system.")))
    elif need.recommended > need.available:
        found.append(Finding("bridge", "warning", _(
            "%(needed)d bridges are needed and there is none to spare: when one fails, the others are overloaded.",
            needed=need.needed), _("Have one bridge more ready, or lower the quality.")))
    return found


def visitor_findings(own: Weighed, plan: VisitorPlan, limits: SystemLimits, figures: Figures) -> list[Finding]:
    """The main room and the listeners."""
    found: list[Finding] = []
    if own.weight.speakers > plan.main_limit:
        found.append(Finding("visitors", "critical", _(
            "%(speakers)d endpoints speak, but the main room takes %(limit)d.", speakers=own.weight.speakers,
            limit=plan.main_limit), _("Let only those speak that stand in the agenda; the others listen.")))
    if not limits.has_visitors and plan.main > plan.main_limit:
        severity = "critical" if plan.main > figures.room_limit else "warning"
        found.append(Finding("visitors", severity, _(
            "%(count)d take part, and this meeting system has no visitors mode: all of them stand in one room.",
            count=plan.main), _("Switch visitors on in Jicofo and Prosody, or divide the meeting.")))
    if not plan.visitors:
        return found
    if plan.vnodes_needed > figures.vnodes_a_room:
        found.append(Finding("visitors", "critical", _(
            "%(visitors)d listeners need %(needed)d visitor nodes; a meeting can have %(most)d.",
            visitors=plan.visitors, needed=plan.vnodes_needed, most=figures.vnodes_a_room),
            _("Allow more listeners a visitor node, or divide the meeting.")))
    elif plan.vnodes is not None and plan.vnodes_needed > plan.vnodes:
        found.append(Finding("visitors", "critical", _(
            "%(visitors)d listeners need %(needed)d visitor nodes of %(each)d; there are %(available)d.",
            visitors=plan.visitors, needed=plan.vnodes_needed, each=plan.vnode_limit, available=plan.vnodes),
            _("Add visitor nodes in Prosody, or allow more listeners on each.")))
    found.append(Finding("visitors", "info", _(
        "%(main)d are in the main room, %(visitors)d listen as visitors. No lobby and no breakout rooms: with a lobby"
        " nobody is led to the visitors.", main=plan.main, visitors=plan.visitors),
        _("Keep the lobby off in this meeting.")))
    return found


def recorder_findings(needed: int, limits: SystemLimits) -> list[Finding]:
    """One Jibri is one recording or one stream."""
    if not needed:
        return []
    if limits.recorders is None:
        return [Finding("recorder", "info", _("Nobody entered the recorders (Jibri) of this meeting system."),
                        _("Enter the servers of the meeting system."))]
    if needed <= limits.recorders:
        return []
    return [Finding("recorder", "critical", _(
        "Recordings and streams of that time need %(needed)d recorders (Jibri); there are %(available)d.",
        needed=needed, available=limits.recorders),
        _("Leave out a recording or a stream, move a meeting, or add a recorder."))]
