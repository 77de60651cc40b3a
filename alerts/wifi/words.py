"""The one-line diagnosis and what to do about it, in the language of the moment, with its numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.wifi.diagnosis import CODES, TONES, WifiVerdicts, free_channel
from alerts.wifi.index import BAND_24
from alerts.wifi.picture import WifiPicture
from core import gettext as _
from core import ngettext as _n

BAND_NAMES = {2: "2,4 GHz", 5: "5 GHz", 6: "6 GHz"}


@dataclass(frozen=True, slots=True)
class WifiDiagnosis:
    """One line, its evidence in numbers, and the one thing to do."""

    code: str
    tone: str
    line: str
    action: str = ""
    where: str = ""


def band_name(band: int) -> str:
    """"2,4 GHz"; empty when unknown. The comma is Vietnamese; English has a point."""
    return _("2.4 GHz") if band == BAND_24 else BAND_NAMES.get(band, "")


def wifi_diagnosis(picture: WifiPicture, verdicts: WifiVerdicts, group: int) -> WifiDiagnosis:
    """The diagnosis of a group."""
    code = int(verdicts.group[group])
    name = CODES[code]
    radio, point = int(verdicts.worst_radio[group]), int(verdicts.worst_point[group])
    total, dead = int(verdicts.total[group]), int(verdicts.total[group] - verdicts.up[group] - verdicts.unread[group])
    if name == "no_points":
        return WifiDiagnosis(name, TONES[code], _("no access point is known here"))
    if name == "all_down":
        line = _n("the only access point is down", "all %(num)d access points are down", total)
        action = _("See whether the school has power and its line works, then the switch that feeds them.")
        return WifiDiagnosis(name, TONES[code], line, action)
    if name == "no_data":
        unread = int(verdicts.unread[group])
        line = _("%(n)s of %(all)s access points give no Wi-Fi figures", n=unread, all=total)
        action = _("Give these points an SNMP credential, or enter their controller.")
        return WifiDiagnosis(name, TONES[code], line, action)
    if name == "good":
        return WifiDiagnosis(name, TONES[code], _good(picture, verdicts, group))
    if name == "point_down":
        line = _("%(n)s of %(all)s access points are down", n=max(dead, 1), all=total)
        action = _("Check the cable and the power of this point.")
        return WifiDiagnosis(name, TONES[code], line, action, picture.index.points.names[point])
    if name in ("crowded", "only_24"):
        return _of_point(picture, name, point, TONES[code])
    return radio_diagnosis(picture, verdicts, radio)


def radio_diagnosis(picture: WifiPicture, verdicts: WifiVerdicts, radio: int) -> WifiDiagnosis:
    """The diagnosis of one radio."""
    code = int(verdicts.radio[radio])
    name, tone = CODES[code], TONES[code]
    where = picture.index.points.names[int(picture.index.radios.point[radio])]
    line = _line(picture, verdicts, radio, name)
    return WifiDiagnosis(name, tone, line, _action(picture, radio, name), where)


def _of_point(picture: WifiPicture, name: str, point: int, tone: str) -> WifiDiagnosis:
    where, clients = picture.index.points.names[point], int(picture.clients[point])
    if name == "crowded":
        line = _("%(n)s clients on one access point", n=clients)
        return WifiDiagnosis(name, tone, line, _("Add an access point near this room."), where)
    line = _("%(n)s clients on an access point that sends 2.4 GHz only", n=clients)
    return WifiDiagnosis(name, tone, line, _("Switch its 5 GHz on, or replace it by one that has it."), where)


def _good(picture: WifiPicture, verdicts: WifiVerdicts, group: int) -> str:
    radio = int(verdicts.busiest[group])
    if radio < 0:
        return _n("the access point works", "all %(num)d access points work", int(verdicts.total[group]))
    return _("nothing stands out; the busiest channel is busy %(busy)s", busy=_percent(picture.busy[radio]))


def _line(picture: WifiPicture, verdicts: WifiVerdicts, radio: int, name: str) -> str:
    busy, overlap = _percent(picture.busy[radio]), int(verdicts.overlap[radio])
    channel, clients = picture.channel[radio], picture.radio_clients[radio]
    head = _("channel %(channel)s", channel=int(channel)) if channel == channel else _("the radio channel")
    if name in ("jam_overlap", "busy_overlap"):
        return _("%(channel)s busy %(busy)s, %(n)s access points overlap on it", channel=head, busy=busy, n=overlap)
    if name in ("jam_crowded", "busy_crowded"):
        return _("%(channel)s busy %(busy)s by %(n)s clients", channel=head, busy=busy, n=int(clients))
    if name in ("jam_outside", "busy_outside"):
        return _("%(channel)s busy %(busy)s without points of our own in the way", channel=head, busy=busy)
    if name == "noisy":
        return _("noise of %(n)s dBm on %(channel)s", n=round(float(picture.noise[radio])), channel=head)
    if name == "overlap":
        return _("%(n)s access points overlap on %(channel)s, which still has room", n=overlap, channel=head)
    return _("no Wi-Fi figures") if name == "no_data" else _("%(channel)s busy %(busy)s", channel=head, busy=busy)


def _action(picture: WifiPicture, radio: int, name: str) -> str:
    if name in ("jam_overlap", "busy_overlap", "overlap"):
        channel, used = free_channel(picture, radio)
        own = picture.channel[radio]
        if channel and abs(channel - own) > (4 if picture.band[radio] == BAND_24 else 0) and not used:
            return _("Move some of these points to channel %(channel)s, which is free.", channel=channel)
        if channel and channel != own:
            text = _("Spread the points evenly: channel %(channel)s has the fewest (%(n)s).", channel=channel, n=used)
            return text if picture.band[radio] != BAND_24 else text + " " + _("Lower their power.")
        return _("Switch 2.4 GHz off on every second point so that devices use 5 GHz, and lower the power.")
    if name in ("jam_crowded", "busy_crowded"):
        return _("Add an access point for this room, or let devices prefer 5 GHz.")
    if name in ("jam_outside", "busy_outside"):
        channel, _used = free_channel(picture, radio)
        if channel and channel != picture.channel[radio]:
            return _("Try channel %(channel)s; look for foreign hotspots nearby.", channel=channel)
        return _("Look for foreign hotspots, cameras or microwave ovens nearby.")
    return _("Look for what disturbs: microwave ovens, wireless cameras, foreign hotspots.") if name == "noisy" else ""


def _percent(ratio: float) -> str:
    return "–" if ratio != ratio else f"{round(float(ratio) * 100)} %"
