#!/bin/sh
# Makes the secrets that docker-compose.yml needs, each once, from the system's random source:
#
#   docker/secrets/community.key    the key under which every message is stored
#   .env                            the database's password, and as whom the servers run
#
# What is there already is never changed, so it is safe to run this again. Keep a copy of the key
# apart from the copies of the database: without it nobody can ever read a message again.
set -eu
umask 077
cd "$(dirname "$0")/.."

KEY=docker/secrets/community.key
# The key is readable by its owner only, so the servers run as that owner: whoever runs this, or
# the user of the image in place of root.
owner="$(id -u):$(id -g)"
if [ "$(id -u)" -eq 0 ]; then
  owner=10001:10001
fi

# put_once FILE TEXT OWNER: make the file as a whole, unless there is one.
put_once() {
  draft=$(mktemp "$1.XXXXXX")
  printf '%s\n' "$2" >"$draft"
  if [ "$3" != "$(id -u):$(id -g)" ]; then
    chown "$3" "$draft"
  fi
  if ln "$draft" "$1" 2>/dev/null; then
    echo "Made $1."
  else
    echo "$1 is there already; left as it is."
  fi
  rm -f "$draft"
}

# check_length NAME VALUE LENGTH: a random source that fails must not leave a weak secret.
check_length() {
  if [ "${#2}" -ne "$3" ]; then
    echo "The $1 could not be made: is /dev/urandom readable, and is base64 installed?" >&2
    exit 1
  fi
}

mkdir -p docker/secrets
echo '*' >docker/secrets/.gitignore

key=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')
check_length 'community key' "$key" 44
put_once "$KEY" "$key" "$owner"

password=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
check_length 'password' "$password" 64
put_once .env "# Read by docker compose. Keep it to yourself.
POSTGRES_PASSWORD=$password
# As whom the servers run: the owner of $KEY. With rootless Docker
# write 0:0, which is you there.
SERVER_USER=$owner
# Where people reach the community: links, and the marks on cookies, follow from it.
PUBLIC_URL=http://localhost:8080
# Where the proxy listens on this machine; how many proxies a request passes, that one included.
PROXY_LISTEN=127.0.0.1:8080
TRUSTED_PROXIES=1" "$(id -u):$(id -g)"

for name in POSTGRES_PASSWORD SERVER_USER; do
  if ! grep -q "^$name=." .env; then
    echo ".env sets no $name, which docker-compose.yml needs." >&2
    exit 1
  fi
done
