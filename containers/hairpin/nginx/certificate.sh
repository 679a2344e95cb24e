#!/bin/sh
# The nginx image runs this before nginx: a certificate for the external address, made anew at each start.
set -eu
mkdir -p /run/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=203.0.113.80 \
    -addext subjectAltName=IP:203.0.113.80 -keyout /run/tls/key.pem -out /run/tls/certificate.pem 2>/dev/null
