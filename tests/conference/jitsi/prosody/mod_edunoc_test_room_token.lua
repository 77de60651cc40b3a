-- A room is entered with a token for it alone, whatever the case and the tenant (jitsi.md section 2, point b).
-- For EduNOC's tests; loaded into the MUC component.
local st = require "util.stanza";
local split = require "util.jid".split;

local function verify(event)
	local node = split(event.room.jid);
	local room = node:match("^%[[^%]]*%](.*)$") or node;
	local claims = event.origin.edunoc_claims;
	if claims and claims.room:lower() == room:lower() then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "Room and token mismatched"));
	return true;
end

module:hook("muc-room-pre-create", verify, 99);
module:hook("muc-occupant-pre-join", verify, 99);

-- Owners are who the token says (mod_token_affiliation)
module:hook("muc-occupant-pre-join", function (event)
	local claims = event.origin.edunoc_claims;
	local user = claims and claims.context and claims.context.user or {};
	local is_owner = user.affiliation == "owner" or user.moderator == "true";
	event.room:set_affiliation(true, event.occupant.bare_jid, is_owner and "owner" or "member");
end, 50);
