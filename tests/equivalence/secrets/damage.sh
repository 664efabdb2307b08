echo x >/srv/eq/secrets/secret
