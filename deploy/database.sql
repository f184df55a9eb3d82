-- Makes the empty database and its roles on a PostgreSQL 16 or newer of your own. Run it once, as
-- a superuser, with a password for each role; then `flask db upgrade` makes everything in it:
--
--   psql --set=owner=… --set=app=… --set=staff=… --set=relay=… --file=deploy/database.sql
--
-- sheaf_owner migrates, backs up and restores. sheaf_app owns nothing and is held to one shop by
-- row security. sheaf_staff reads every shop for the console and changes nothing. sheaf_relay sees
-- only which jobs are due.
\set ON_ERROR_STOP on

CREATE ROLE sheaf_owner LOGIN CREATEROLE BYPASSRLS PASSWORD :'owner';
SET ROLE sheaf_owner;
CREATE ROLE sheaf_app LOGIN PASSWORD :'app';
CREATE ROLE sheaf_staff LOGIN BYPASSRLS PASSWORD :'staff';
CREATE ROLE sheaf_relay LOGIN PASSWORD :'relay';
RESET ROLE;

CREATE DATABASE sheaf OWNER sheaf_owner TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER libc LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE sheaf FROM PUBLIC;
GRANT CONNECT ON DATABASE sheaf TO sheaf_app, sheaf_staff, sheaf_relay;
