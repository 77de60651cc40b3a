-- Check of a join token for EduNOC's tests, written after the behaviour that jitsi.md section 2 describes.
-- This is not Jitsi's luajwtjitsi or token/util: see docs/jitsi.md, "How it is tried".
local async = require "util.async";
local base64 = require "util.encodings".base64;
local equals = require "util.hashes".equals;
local http = require "net.http";
local json = require "util.json";
local sha256 = require "util.hashes".sha256;
local openssl_digest = require "openssl.digest";
local openssl_hmac = require "openssl.hmac";
local openssl_pkey = require "openssl.pkey";

local algorithm = module:get_option_string("signature_algorithm", "HS256");
local app_secret = module:get_option_string("app_secret");
local key_server = module:get_option_string("asap_key_server");
local issuers = module:get_option_set("asap_accepted_issuers", {});
local audiences = module:get_option_set("asap_accepted_audiences", {});
local keys = {};

local function unbase64url(text)
	local padded = text:gsub("-", "+"):gsub("_", "/") .. ("="):rep(-#text % 4);
	return base64.decode(padded);
end

local function fetch(url)
	local wait, done = async.waiter();
	local found, status;
	http.request(url, nil, function (body, code)
		found, status = body, code;
		done();
	end);
	wait();
	return status == 200 and found or nil;
end

local function public_key(kid)
	if not keys[kid] then
		keys[kid] = fetch(key_server .. "/" .. sha256(kid, true) .. ".pem");
	end
	return keys[kid];
end

local function is_signed(header, signed, signature)
	local bits = header.alg:sub(3);
	if header.alg:sub(1, 2) == "HS" then
		return equals(openssl_hmac.new(app_secret, "sha" .. bits):final(signed), signature);
	end
	if type(header.kid) ~= "string" then return false, "no kid"; end
	local pem = public_key(header.kid);
	if not pem then return false, "no public key for this kid"; end
	local ok, good = pcall(function ()
		local hash = openssl_digest.new("sha" .. bits):update(signed);
		return openssl_pkey.new(pem):verify(signature, hash);
	end);
	return ok and good;
end

-- claims of a good token, or nil and why not
local function check(token)
	if not token then return nil, "no token"; end
	local head, body, tail = token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]*)$");
	if not head then return nil, "malformed"; end
	local header = json.decode(unbase64url(head) or "");
	local claims = json.decode(unbase64url(body) or "");
	if type(header) ~= "table" or type(claims) ~= "table" then return nil, "malformed"; end
	if header.typ ~= "JWT" then return nil, "invalid typ"; end
	if header.alg ~= algorithm then return nil, "invalid or unsupported alg"; end
	local good, why = is_signed(header, head .. "." .. body, unbase64url(tail) or "");
	if not good then return nil, why or "invalid signature"; end
	local now = os.time();
	if type(claims.exp) ~= "number" or now >= claims.exp then return nil, "not acceptable by exp"; end
	if type(claims.nbf) ~= "number" or now < claims.nbf then return nil, "not acceptable by nbf"; end
	if not issuers:contains(claims.iss) then return nil, "invalid issuer"; end
	if not audiences:contains(claims.aud) then return nil, "invalid audience"; end
	if type(claims.room) ~= "string" then return nil, "room claim is missing"; end
	for _, value in pairs(claims.context and claims.context.user or {}) do
		if type(value) ~= "string" then return nil, "a value of context.user is no string"; end
	end
	return claims;
end

return { check = check };
