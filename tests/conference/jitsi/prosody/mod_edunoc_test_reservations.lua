-- Asks the reservation API before a room is made (jitsi.md section 3). For EduNOC's tests; loaded into the MUC component.
-- Jitsi's own module hooks Jicofo's request; there is no Jicofo here, so the room's making is held up instead.
local async = require "util.async";
local formencode = require "util.http".formencode;
local http = require "net.http";
local json = require "util.json";
local split = require "util.jid".split;
local bare = require "util.jid".bare;
local st = require "util.stanza";

local prefix = module:get_option_string("reservations_api_prefix");
local headers = module:get_option("reservations_api_headers", {});

local function ask(method, path, body)
	local wait, done = async.waiter();
	local found, status;
	local sent = { ["Content-Type"] = body and "application/x-www-form-urlencoded;charset=utf-8" or nil };
	for name, value in pairs(headers) do sent[name] = value; end
	http.request(prefix .. path, { method = method, headers = sent, body = body }, function (text, code)
		found, status = text, code;
		done();
	end);
	wait();
	return status, json.decode(found or "") or {};
end

local function is_whole(told, name)
	return told.id and told.mail_owner and told.start_time and told.duration and type(told.name) == "string"
		and told.name:lower() == name:lower();
end

module:hook("muc-room-pre-create", function (event)
	local name = split(event.room.jid);
	local status, told = ask("POST", "/conference", formencode({
		{ name = "name", value = name }, { name = "start_time", value = os.date("!%Y-%m-%dT%H:%M:%S.000Z") },
		{ name = "mail_owner", value = bare(event.stanza.attr.from) },
	}));
	if status == 409 and told.conflict_id then
		status, told = ask("GET", "/conference/" .. tostring(told.conflict_id));
	end
	if (status == 200 or status == 201) and is_whole(told, name) then
		event.room._data.edunoc_reservation = tostring(told.id);
		return;
	end
	local message = status == 200 and "Invalid response from reservation server" or told.message;
	event.origin.send(st.error_reply(event.stanza, "cancel", "service-unavailable", tostring(status) .. " " ..
		(message or "")));
	return true;
end, 98);

module:hook("muc-room-destroyed", function (event)
	local id = event.room._data.edunoc_reservation;
	if id then
		http.request(prefix .. "/conference/" .. id, { method = "DELETE", headers = headers }, function () end);
	end
end);
