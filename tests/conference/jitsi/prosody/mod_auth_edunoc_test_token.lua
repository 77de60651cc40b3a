-- SASL ANONYMOUS that wants a token in the query of the BOSH address (jitsi.md section 2, point a). For EduNOC's tests.
local formdecode = require "util.http".formdecode;
local generate_uuid = require "util.uuid".generate;
local check = module:require "token_check".check;

module:hook_global("bosh-session", function (event)
	local query = event.request.url.query;
	event.session.edunoc_token = query and formdecode(query).token;
end);

local provider = {};

function provider.get_sasl_handler(session)
	local handler = {};
	function handler.mechanisms() return { ANONYMOUS = true }; end
	function handler:select(mechanism)
		self.selected = mechanism;
		return mechanism == "ANONYMOUS";
	end
	function handler.clean_clone() return provider.get_sasl_handler(session); end
	function handler:process()
		local claims, why = check(session.edunoc_token);
		if not claims then
			module:log("info", "token refused: %s", why);
			return "failure", "not-authorized", why;
		end
		session.edunoc_claims = claims;
		self.username = generate_uuid();
		return "success";
	end
	return handler;
end

function provider.user_exists() return true; end

module:provides("auth", provider);
