"""What devices tell of the network around them: neighbours, forwarding tables, ARP, VLANs, Wi-Fi clients, over SNMP."""

from collectors.layer2.fetch import TABLES, Layer2Limits, Layer2Order, read_layer2
from collectors.layer2.ports import Port, Ports
from collectors.layer2.reading import Layer2Reading
from collectors.layer2.show import ports_of, print_topology, read_network_of, with_topology

__all__ = ["TABLES", "Layer2Limits", "Layer2Order", "Layer2Reading", "Port", "Ports", "ports_of", "print_topology",
           "read_layer2", "read_network_of", "with_topology"]  # fmt: skip
