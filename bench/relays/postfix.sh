# Postfix (Debian package), private instance under BENCH_DIR. Variants: "" (defaults), tuned, nolog, and with TLS on both
# sides: tls, tuned-tls
set -e
d=$BENCH_DIR
chmod 755 "$d"; mkdir -p "$d"/{etc,spool,data}; chown postfix "$d/data"
cp /etc/postfix/master.cf.proto "$d/etc/master.cf"
cp /etc/postfix/dynamicmaps.cf "$d/etc/"
cat > "$d/etc/main.cf" <<C
compatibility_level = 3.6
queue_directory = $d/spool
data_directory = $d/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = relay.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:$BENCH_SINK_PORT
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 52428800
alias_maps =
alias_database =
maillog_file = $d/mail.log
maillog_file_prefixes = $d
C
case $BENCH_VARIANT in
tuned*) cat >> "$d/etc/main.cf" <<C
default_process_limit = 100
default_destination_concurrency_limit = 50
initial_destination_concurrency = 20
in_flow_delay = 0
C
;;
nolog) sed -i /^maillog_file/d "$d/etc/main.cf";;
esac
case $BENCH_VARIANT in
*tls)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=relay.test -keyout "$d/key.pem" -out "$d/cert.pem" 2>/dev/null
  cat >> "$d/etc/main.cf" <<C
smtpd_tls_cert_file = $d/cert.pem
smtpd_tls_key_file = $d/key.pem
smtpd_tls_security_level = may
smtp_tls_security_level = encrypt
C
;;
esac
postconf -c "$d/etc" -F '*/*/chroot = n'
sed -Ei "s/^smtp +inet/127.0.0.1:$BENCH_PORT inet/" "$d/etc/master.cf"
exec postfix -c "$d/etc" start-fg
