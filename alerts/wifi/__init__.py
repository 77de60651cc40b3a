"""Wi-Fi as one model, whether controllers or the points themselves tell: what is there, how it is, why it is slow."""

from alerts.wifi.diagnosis import CODES, TONES, WifiVerdicts, diagnose_wifi
from alerts.wifi.index import WifiIndex, build_index
from alerts.wifi.joining import Place, Told
from alerts.wifi.limits import WifiLimits, wifi_limits
from alerts.wifi.picture import WifiPicture, clients_by_network, read_wifi
from alerts.wifi.store import WifiCache, devices_of_points
from alerts.wifi.words import WifiDiagnosis, band_name, radio_diagnosis, wifi_diagnosis

__all__ = [
    "CODES", "TONES", "Place", "Told", "WifiCache", "WifiDiagnosis", "WifiIndex", "WifiLimits", "WifiPicture",
    "WifiVerdicts", "band_name", "build_index", "clients_by_network", "devices_of_points", "diagnose_wifi",
    "radio_diagnosis", "read_wifi", "wifi_diagnosis", "wifi_limits",
]
