"""What exists: units, sites, rooms, devices, lines, credentials, assets and the school calendar."""

from __future__ import annotations

from inventory.addresses import (
    parse_address,
    parse_endpoint,
    parse_mac,
)
from inventory.assets import (
    age_years,
    depreciates_on,
    is_under_warranty,
    remaining_value,
)
from inventory.calendar import (
    CalendarLine,
    CalendarView,
    calendar_of,
)
from inventory.check_targets import (
    DnsTarget,
    MediaTarget,
    check_target,
    dns_target,
    media_target,
)
from inventory.credentials import (
    CREDENTIAL_FIELDS,
    CREDENTIAL_TITLES,
    AnyCredential,
    HttpCredential,
    PjlinkCredential,
    SnmpCredential,
    SshCredential,
    check_credential,
)
from inventory.exchange import (
    MEDIA_TYPES,
    ImportOptions,
    ImportReport,
    ReadLimits,
    RowChange,
    export_table,
    import_table,
    template,
)
from inventory.fields import (
    Field,
    Subject,
)
from inventory.folding import (
    fold,
    sort_key,
)
from inventory.kinds import (
    ASSET_KINDS,
    AUTH_KINDS,
    CALENDAR_KINDS,
    CHECK_KINDS,
    CHECK_SECURITIES,
    CREDENTIAL_KINDS,
    DEVICE_KINDS,
    ENDPOINT_KINDS,
    PRIV_KINDS,
    ROOM_KINDS,
    SERVICE_HOURS,
    SERVICE_IMPORTANCES,
    SERVICE_KINDS,
    SERVICE_NEEDED,
    UNIT_KINDS,
    WEEKDAYS,
)
from inventory.meeting_fields import (
    MEETING_PROVIDERS,
    MEETING_SERVER_KINDS,
    SERVER,
    SYSTEM,
    SYSTEM_SECRETS,
    TOKEN_ALGORITHMS,
    least_secret_length,
)
from inventory.meeting_secrets import (
    CONTROL_TOKEN_LIFE,
    KeyPair,
    SystemSecrets,
    key_file_name,
    new_key_pair,
    sha256_hex,
    sign_system_token,
)
from inventory.models import (
    ENDPOINTS_FROM,
    MEETING_SERVERS_FROM,
    SERVICES_FROM,
    AddressSighting,
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    DeviceVlan,
    Endpoint,
    Fact,
    FactChange,
    InventoryStamp,
    Link,
    MacSighting,
    MeetingServer,
    MeetingSystem,
    Neighbour,
    Part,
    RatedLife,
    Room,
    RoomUse,
    SavedEdge,
    SavedNode,
    SavedUplink,
    Service,
    ServiceNeed,
    Site,
    TopologyState,
    Unit,
    endpoint_number,
    endpoint_of_number,
    meeting_server_number,
    meeting_server_of_number,
    service_number,
    service_of_number,
)
from inventory.occupation import (
    ROOM_PURPOSES,
    Occupation,
    occupation_of,
)
from inventory.parsing import (
    local_moment,
)
from inventory.problems import (
    FieldProblem,
    InvalidInput,
    NotFound,
)
from inventory.settings import (
    InventorySettings,
)
from inventory.store.calendars import (
    calendar_view,
    calendar_views,
)
from inventory.store.credentials import (
    anonymous_snmp,
    create_credential,
    credential_uses,
    describe_credential,
    find_credential,
    forget_secrets,
    open_credential,
    open_credentials,
    update_credential,
)
from inventory.store.devices import (
    MonitoredDevice,
    PartChanges,
    PartSpec,
    complete_device,
    device_ids,
    fact_history,
    facts_of,
    free_device_name,
    monitored_devices,
    record_facts,
    sync_parts,
    watch_parts,
)
from inventory.store.drawing import (
    forget_map_places,
    keep_map_places,
    map_places,
)
from inventory.store.lists import (
    ListQuery,
    Page,
    UnknownFilter,
    distinct_values,
    list_records,
    names_of,
    parts_of,
)
from inventory.store.meetings import (
    change_key,
    delete_server,
    delete_system,
    get_meeting_server,
    get_system,
    known_secrets,
    meeting_servers,
    meeting_systems,
    note_told,
    open_system,
    save_server,
    save_system,
)
from inventory.store.records import (
    DeletePreview,
    create_record,
    delete_record,
    get_record,
    preview_delete,
    update_record,
)
from inventory.store.search import (
    Hit,
    search,
)
from inventory.store.services import (
    STARTING_LIST,
    MonitoredCheck,
    MonitoredService,
    Need,
    add_need,
    add_usual_services,
    checks_of_services,
    missing_kinds,
    monitored_checks,
    monitored_services,
    needed_devices,
    needs_of,
    numbers_beside_devices,
    remove_need,
    service_numbers,
    services_in,
)
from inventory.store.tree import (
    Summary,
    TreeNode,
    ancestors,
    scope_of_unit,
    site_summary,
    unit_children,
    unit_paths_of_sites,
    unit_summary,
)
from inventory.store.uses import (
    occupations,
    rated_lives,
    set_rated_life,
)
from inventory.store.visibility import (
    inventory_version,
    touch_inventory,
)
from inventory.subjects import (
    EXCHANGED,
    SUBJECTS,
)
from inventory.topology import (
    EVIDENCE,
    HOW_WORDS,
    AddressSeen,
    Evidence,
    Layer2Change,
    Layer2Report,
    Location,
    MacSeen,
    NeighbourSeen,
    SiteTopology,
    StationSeen,
    TopologyEdge,
    TopologyNode,
    VlanSeen,
    due_sites,
    edited_sites,
    locate,
    mac_history,
    mark_edited_sites,
    prune_layer2,
    rebuild_sites,
    rebuild_topology,
    record_layer2,
    save_rebuilt,
    say_evidence,
    site_topology,
    topology_entries,
    topology_version,
    uplink_peers,
    uplink_ports,
    uplinks,
)

__all__ = [
    "ASSET_KINDS", "AUTH_KINDS", "CALENDAR_KINDS", "CHECK_KINDS", "CHECK_SECURITIES", "CONTROL_TOKEN_LIFE",
    "CREDENTIAL_FIELDS", "CREDENTIAL_KINDS", "CREDENTIAL_TITLES", "DEVICE_KINDS", "ENDPOINTS_FROM", "ENDPOINT_KINDS",
    "EVIDENCE", "EXCHANGED", "HOW_WORDS", "MEDIA_TYPES", "MEETING_PROVIDERS", "MEETING_SERVERS_FROM",
    "MEETING_SERVER_KINDS", "PRIV_KINDS", "ROOM_KINDS", "ROOM_PURPOSES", "SERVER", "SERVICES_FROM", "SERVICE_HOURS",
    "SERVICE_IMPORTANCES", "SERVICE_KINDS", "SERVICE_NEEDED", "STARTING_LIST", "SUBJECTS", "SYSTEM", "SYSTEM_SECRETS",
    "TOKEN_ALGORITHMS", "UNIT_KINDS", "WEEKDAYS", "AddressSeen", "AddressSighting", "AnyCredential", "Asset",
    "CalendarEntry", "CalendarLine", "CalendarView", "Check", "Credential", "DeletePreview", "Device", "DeviceVlan",
    "DnsTarget", "Endpoint", "Evidence", "Fact", "FactChange", "Field", "FieldProblem", "Hit", "HttpCredential",
    "ImportOptions", "ImportReport", "InvalidInput", "InventorySettings", "InventoryStamp", "KeyPair", "Layer2Change",
    "Layer2Report", "Link", "ListQuery", "Location", "MacSeen", "MacSighting", "MediaTarget", "MeetingServer",
    "MeetingSystem", "MonitoredCheck", "MonitoredDevice", "MonitoredService", "Need", "Neighbour", "NeighbourSeen",
    "NotFound", "Occupation", "Page", "Part", "PartChanges", "PartSpec", "PjlinkCredential", "RatedLife",
    "ReadLimits", "Room", "RoomUse", "RowChange", "SavedEdge", "SavedNode", "SavedUplink", "Service", "ServiceNeed",
    "Site", "SiteTopology", "SnmpCredential", "SshCredential", "StationSeen", "Subject", "Summary", "SystemSecrets",
    "TopologyEdge", "TopologyNode", "TopologyState", "TreeNode", "Unit", "UnknownFilter", "VlanSeen", "add_need",
    "add_usual_services", "age_years", "ancestors", "anonymous_snmp", "calendar_of", "calendar_view",
    "calendar_views", "change_key", "check_credential", "check_target", "checks_of_services", "complete_device",
    "create_credential", "create_record", "credential_uses", "delete_record", "delete_server", "delete_system",
    "depreciates_on", "describe_credential", "device_ids", "distinct_values", "dns_target", "due_sites",
    "edited_sites", "endpoint_number", "endpoint_of_number", "export_table", "fact_history", "facts_of",
    "find_credential", "fold", "forget_map_places", "forget_secrets", "free_device_name", "get_meeting_server",
    "get_record", "get_system", "import_table", "inventory_version", "is_under_warranty", "keep_map_places",
    "key_file_name", "known_secrets", "least_secret_length", "list_records", "local_moment", "locate", "mac_history",
    "map_places", "mark_edited_sites", "media_target", "meeting_server_number", "meeting_server_of_number",
    "meeting_servers", "meeting_systems", "missing_kinds", "monitored_checks", "monitored_devices",
    "monitored_services", "names_of", "needed_devices", "needs_of", "new_key_pair", "note_told",
    "numbers_beside_devices", "occupation_of",
    "occupations", "open_credential", "open_credentials", "open_system", "parse_address", "parse_endpoint",
    "parse_mac", "parts_of", "preview_delete", "prune_layer2", "rated_lives", "rebuild_sites", "rebuild_topology",
    "record_facts", "record_layer2", "remaining_value", "remove_need", "save_rebuilt", "save_server", "save_system",
    "say_evidence", "scope_of_unit", "search", "service_number", "service_numbers", "service_of_number",
    "services_in", "set_rated_life", "sha256_hex", "sign_system_token", "site_summary", "site_topology", "sort_key",
    "sync_parts", "template", "topology_entries", "topology_version", "touch_inventory", "unit_children",
    "unit_paths_of_sites", "unit_summary", "update_credential", "update_record", "uplink_peers", "uplink_ports",
    "uplinks", "watch_parts",
]
