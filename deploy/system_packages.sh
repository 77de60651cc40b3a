#!/usr/bin/env bash
# The real daemons that tests and benchmarks start. Installs what is missing when run as root, else names it in one line.
set -euo pipefail
declare -A package_of=(
  [snmpd]=snmpd [snmpget]=snmp [sshd]=openssh-server [chromium]=chromium [chromedriver]=chromium-driver [ip]=iproute2
  [bridge]=iproute2 [ping]=iputils-ping [lldpd]=lldpd [lldpcli]=lldpd [nft]=nftables [fping]=fping
  [slapd]=slapd [dovecot]=dovecot-imapd [prosody]=prosody [turnserver]=coturn
  [prometheus-snmp-exporter]=prometheus-snmp-exporter [victoria-metrics]=victoria-metrics
)
PATH=$PATH:/usr/sbin:/sbin
missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
ls /usr/share/lua/*/openssl/pkey.lua >/dev/null 2>&1 || missing+=(lua-luaossl)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing what the tests need: ${missing[*]} ..."
  # The tests start these daemons themselves, on ports of their own: Debian must not start them now.
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.edunoc && chmod +x /usr/sbin/policy-rc.d.edunoc
  [ -e /usr/sbin/policy-rc.d ] && had_policy=1 || { had_policy=0; cp /usr/sbin/policy-rc.d.edunoc /usr/sbin/policy-rc.d; }
  trap 'rm -f /usr/sbin/policy-rc.d.edunoc; [ "$had_policy" = 1 ] || rm -f /usr/sbin/policy-rc.d' EXIT
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "The tests need these Debian packages: apt install ${missing[*]}"
  exit 2
fi
