#!/bin/sh
# Starts a program with the API keys that lie as files under /run/secrets, such as /run/secrets/OPENAI_API_KEY. In the
# environment of a container they would be shown to whoever may inspect it; read here they are only the program's.
set -eu
for file in /run/secrets/*_API_KEY /run/secrets/*_BASE_URL; do
  [ -r "$file" ] || continue
  name=$(basename "$file")
  case $name in
    *[!A-Z0-9_]* | [0-9]*) continue ;;
  esac
  value=$(cat "$file")
  export "$name=$value"
done
exec "$@"
