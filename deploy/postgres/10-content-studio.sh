#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is empty: a user that owns its database and is no superuser.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE content_studio LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE content_studio OWNER content_studio;
SQL
