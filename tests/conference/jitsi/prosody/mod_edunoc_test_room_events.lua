-- Tells of rooms and occupants as event_sync does (jitsi.md section 5.1). For EduNOC's tests; loaded into the component.
local http = require "net.http";
local json = require "util.json";
local split = require "util.jid".split;

local prefix = module:get_option_string("event_sync_api_prefix");
local bearer = module:get_option_string("event_sync_authorization");

local function tell(path, room, name, extra)
	local body = { event_name = name, room_name = split(room.jid), room_jid = room.jid, is_breakout = false };
	for key, value in pairs(extra) do body[key] = value; end
	http.request(prefix .. "/events/" .. path, {
		method = "POST", body = json.encode(body),
		headers = { ["Content-Type"] = "application/json", Authorization = bearer },
	}, function () end);
end

local function describe(event)
	local claims = event.origin and event.origin.edunoc_claims or {};
	local user = claims.context and claims.context.user or {};
	event.occupant.edunoc = event.occupant.edunoc or
		{ occupant_jid = event.occupant.jid, id = user.id, name = user.name, joined_at = os.time() };
	return event.occupant.edunoc;
end

module:hook("muc-room-created", function (event)
	tell("room/created", event.room, "muc-room-created", { created_at = os.time() });
end);
module:hook("muc-occupant-joined", function (event)
	event.room._data.edunoc_people = event.room._data.edunoc_people or {};
	local person = describe(event);
	event.room._data.edunoc_people[event.occupant.nick] = person;
	tell("occupant/joined", event.room, "muc-occupant-joined", { occupant = person });
end);
module:hook("muc-occupant-left", function (event)
	local person = (event.room._data.edunoc_people or {})[event.occupant.nick] or describe(event);
	person.left_at = os.time();
	tell("occupant/left", event.room, "muc-occupant-left", { occupant = person });
end, 10);
module:hook("muc-room-destroyed", function (event)
	tell("room/destroyed", event.room, "muc-room-destroyed", { destroyed_at = os.time() });
end);
